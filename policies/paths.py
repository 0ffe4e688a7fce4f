"""Paths: from a statement about the issuer, upwards, to a root of the framework."""

from collections.abc import Iterator
from typing import NamedTuple

from policies.decision import Outcome, Question, Reason
from policies.framework import Framework, ValidityModel
from policies.index import Bucket, Link
from policies.links import (
    ABOVE,
    GOOD,
    Circumstances,
    Finding,
    carries,
    judge,
    next_boundary,
    next_exclusion,
)
from policies.scope import Coverage, Gap
from policies.statements import Action, PartyId
from resolver.instant import END, Instant

MAX_LINKS_JUDGED = 20_000
"""Past this many links the answer is undetermined: no registry needs them, an attacker might."""
NEAREST = 16
"""How many links that do not carry the claim are followed at each level, for the nearest miss."""


class Judged(NamedTuple):
    """A link on a path: when it had to hold, and what was found."""

    link: Link
    at: Instant
    finding: Finding


class Path(NamedTuple):
    """A path with its judgement.

    Attributes:
        links: from the issuer upwards.
        ending: why the path as a whole fails although it may have good links, or None.
        carried: whether every link is known to carry the claim.
    """

    links: tuple[Judged, ...]
    ending: Finding | None = None
    carried: bool = False

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield what was found, from the issuer upwards, the ending last."""
        for position, each in enumerate(self.links):
            finding = each.finding
            reason = ABOVE.get(finding.reason, finding.reason) if position else finding.reason
            yield Finding(finding.outcome, reason, finding.gaps)
        if self.ending:
            yield self.ending

    @property
    def worst(self) -> Finding:
        """The lowest finding, the nearest to the issuer among equals: a path's own outcome."""
        if self.carried:
            return GOOD
        return min(self.findings, key=lambda finding: finding.outcome)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was missing on the links that do not carry the claim."""
        return tuple(gap for finding in self.findings for gap in finding.gaps)

    def nearness(self) -> tuple[int, int, int, int, tuple[str, ...]]:
        """Return a sort key: the nearest miss comes first."""
        bad = [finding.outcome is not Outcome.AUTHORISED for finding in self.findings]
        progress = bad.index(True) if True in bad else len(bad)
        ids = tuple(each.link.statement.id for each in self.links)
        return (sum(bad), len(self.gaps), -progress, len(self.links), ids)


class _BudgetSpentError(Exception):
    """More links than any registry needs were judged."""


class Search:
    """The search for the best path, under one validity model at one instant."""

    __slots__ = (
        "_budget",
        "_follow_misses",
        "_found",
        "_framework",
        "_given",
        "_model",
        "_question",
        "_reserved",
        "horizon",
    )

    def __init__(
        self,
        question: Question,
        framework: Framework,
        model: ValidityModel,
        given: Circumstances,
        reserved: tuple[tuple[Coverage, frozenset[PartyId]], ...],
    ) -> None:
        """Prepare a search.

        Args:
            question: what is asked.
            framework: the framework in force.
            model: which instants the links must hold at.
            given: the claim and the state it is judged in.
            reserved: the reservations that the claim meets or may meet, with their anchors.
        """
        self._question = question
        self._framework = framework
        self._model = model
        self._given = given
        self._reserved = reserved
        self._found: list[Path] = []
        self._follow_misses = False
        self._budget = MAX_LINKS_JUDGED
        self.horizon = END

    def best(self, issuer: PartyId, at: Instant) -> Path | None:
        """Return the best path at an instant, or None where the issuer holds no statement.

        An authorised path is sought first, alone; then an undetermined one; then the nearest miss.
        """
        held = self._given.index.held(issuer, self._question.action)
        try:
            return self._best(held, at)
        except _BudgetSpentError:
            spent = Finding(Outcome.UNDETERMINED, Reason.SOURCE_UNAVAILABLE)
            return Path((), spent)

    def holds(self, path: Path, at: Instant) -> bool:
        """Tell whether the links of a path that carries the claim also do so under this model."""
        exclusions = self._given.index.exclusions
        for link, _, _ in path.links:
            if not link.valid_from <= at < link.valid_until:
                return False
            if (link.changes or exclusions(link.entity)) and not carries(link, at, self._given):
                return False
            if self._model is ValidityModel.CHAIN:
                at = link.recorded_at
        return True

    def judge_again(self, path: Path, at: Instant) -> Path:
        """Judge the links of a path as if it were asked about another instant."""
        links: list[Judged] = []
        for each in path.links:
            if links and self._model is ValidityModel.CHAIN:
                at = links[-1].link.recorded_at
            links.append(Judged(each.link, at, judge(each.link, at, self._given)))
        return Path(tuple(links))

    def _best(self, held: Bucket, at: Instant) -> Path | None:
        groups: tuple[str, ...] = ()
        leaves = held.candidates(self._given.claim)
        carried = self._carry(leaves, at, None, groups, self._framework.max_chain)
        if carried:
            path = Path(tuple([Judged(link, when, GOOD) for link, when in carried]), carried=True)
            self.horizon = self._horizon_of(path.links)
            return path
        self._climb_all(held.all, at, Outcome.UNDETERMINED)
        if self._found:
            return min(self._found, key=_shortness)
        self._follow_misses = True
        self._climb_all(held.all, at, Outcome.NOT_AUTHORISED)
        return min(self._found, key=Path.nearness, default=None)

    def _carry(
        self,
        links: list[Link],
        at: Instant,
        level: int | None,
        groups: tuple[str, ...],
        most: int,
    ) -> tuple[tuple[Link, Instant], ...] | None:
        """Return the shortest chain of links that all carry the claim, from one of `links` up.

        This is the whole work of most answers, so it judges nothing that it does not need.

        Args:
            links: where the chain may begin, in journal order.
            at: the instant at which they must hold.
            level: how many accreditations stand below, or None for the issuer's own statements.
            groups: the control groups of the entities below.
            most: how many links the chain may have.
        """
        best = None
        root, given, above_level = self._framework.id, self._given, self._next_level(level)
        self._budget -= len(links)
        if self._budget < 0:
            raise _BudgetSpentError
        for link in links:
            if link.position >= given.known or (most <= 1 and link.authority != root):
                continue
            if level is not None and self._refusal(link, level) is not None:
                continue
            if not carries(link, at, given):
                continue
            if link.authority == root:
                if self._admits(link.entity, None):
                    return ((link, at),)
                continue
            if link.authority_group in (below := (*groups, link.entity_group)):
                continue
            up = at if self._model is ValidityModel.SHELL else link.recorded_at
            accrediting = given.index.held(link.authority, Action.ACCREDIT)
            above = self._carry(
                accrediting.candidates(given.claim), up, above_level, below, most - 1
            ) or self._recognised(link, up, below, most - 1)
            if above:
                best = ((link, at), *above)
                most = len(best) - 1
        return best

    def _next_level(self, level: int | None) -> int:
        if level is not None:
            return level + 1
        return 1 if self._question.action is Action.ACCREDIT else 0

    def _recognised(
        self, link: Link, at: Instant, groups: tuple[str, ...], most: int
    ) -> tuple[tuple[Link, Instant], ...] | None:
        """Return a recognition of the link's authority and its recogniser's root, if they carry."""
        recognitions = self._given.index.recognised(link.authority).all
        if not recognitions or most <= 1:
            return None
        given, root = self._given, self._framework.id
        below = (*groups, link.authority_group)
        for recognition in recognitions:
            if recognition.position >= given.known or recognition.authority_group in below:
                continue
            if not carries(recognition, at, given):
                continue
            up = at if self._model is ValidityModel.SHELL else recognition.recorded_at
            for anchor in given.index.held(recognition.authority, Action.ACCREDIT).all:
                if (
                    anchor.authority == root
                    and anchor.position < given.known
                    and self._refusal(anchor, 0) is None
                    and carries(anchor, up, given)
                    and self._admits(anchor.entity, recognition.entity)
                ):
                    return ((recognition, at), (anchor, up))
        return None

    def _admits(self, anchor: PartyId, peer: PartyId | None) -> bool:
        accepted = self._question.authorities
        if accepted is not None and accepted.isdisjoint((self._framework.id, anchor, peer)):
            return False
        return all(anchor in anchors for _, anchors in self._reserved)

    def _horizon_of(self, links: tuple[Judged, ...]) -> Instant:
        given, horizon = self._given, END
        exclusions = given.index.exclusions
        for link, _, _ in links:
            if link.changes or link.valid_until != END or link.valid_from > given.now:
                horizon = min(horizon, next_boundary(link, given))
            if found := exclusions(link.entity):
                horizon = min(horizon, next_exclusion(found, given))
        return horizon

    def _climb_all(self, leaves: list[Link], at: Instant, least: Outcome) -> None:
        level = self._next_level(None)
        for judged in self._worthwhile(leaves, at, least):
            self._climb((judged,), (judged.link.entity_group,), level, least)

    def _worthwhile(self, links: list[Link], at: Instant, least: Outcome) -> list[Judged]:
        """Judge links and keep those that may still lead to an outcome of at least `least`."""
        known, given = self._given.known, self._given
        self._budget -= len(links)
        if self._budget < 0:
            raise _BudgetSpentError
        judged = []
        for link in links:
            if link.position >= known:
                continue
            finding = judge(link, at, given)
            if finding.outcome >= least:
                judged.append(Judged(link, at, finding))
            self.horizon = min(self.horizon, self._horizon_of((Judged(link, at, finding),)))
        if self._follow_misses and len(judged) > NEAREST:
            judged.sort(key=_promise)
            del judged[NEAREST:]
        return judged

    def _climb(
        self, path: tuple[Judged, ...], groups: tuple[str, ...], level: int, least: Outcome
    ) -> None:
        """Follow a path upwards from its last link; `groups` are those of the entities on it."""
        last = path[-1].link
        if last.authority == self._framework.id:
            self._complete(path, last.entity, None, least)
            return
        ending = self._ends(path, groups)
        if ending:
            self._fail(path, ending, least)
            return
        at = path[-1].at if self._model is ValidityModel.SHELL else last.recorded_at
        above = (*groups, last.authority_group)
        grants = self._given.index.held(last.authority, Action.ACCREDIT)
        recognitions = self._given.index.recognised(last.authority)
        followed = False
        for judged in self._worthwhile(grants.all, at, least):
            followed = True
            refusal = self._refusal(judged.link, level)
            if refusal:
                self._fail(path, refusal, least)
            else:
                self._climb((*path, judged), above, level + 1, least)
        for judged in self._worthwhile(recognitions.all, at, least):
            followed = True
            self._recognise((*path, judged), above, least)
        if not followed:
            self._fail(path, Reason.AUTHORITY_WITHOUT_CHAIN, least)

    def _ends(self, path: tuple[Judged, ...], groups: tuple[str, ...]) -> Reason | None:
        last = path[-1].link
        if last.authority_group == last.entity_group:
            return Reason.SELF_GRANT
        if last.authority_group in groups:
            return Reason.CYCLE
        if len(path) >= self._framework.max_chain:
            return Reason.CHAIN_TOO_LONG
        return None

    def _refusal(self, link: Link, level: int) -> Reason | None:
        action, passes_on = self._question.action, link.passes_on
        if passes_on is None or (action is not Action.ACCREDIT and action not in passes_on.actions):
            return Reason.ACTION_NOT_PASSED_ON
        return Reason.DEPTH_EXCEEDED if passes_on.depth < level else None

    def _recognise(self, path: tuple[Judged, ...], groups: tuple[str, ...], least: Outcome) -> None:
        """Close a path at a recognised peer: its recogniser must itself be an anchor."""
        last = path[-1].link
        ending = self._ends(path, groups[:-1]) or (
            Reason.CYCLE if last.authority_group in groups else None
        )
        if ending:
            self._fail(path, ending, least)
            return
        at = path[-1].at if self._model is ValidityModel.SHELL else last.recorded_at
        held = self._given.index.held(last.authority, Action.ACCREDIT).all
        roots = [link for link in held if link.authority == self._framework.id]
        followed = False
        for judged in self._worthwhile(roots, at, least):
            followed = True
            refusal = self._refusal(judged.link, 0)
            if refusal:
                self._fail(path, refusal, least)
            else:
                self._complete((*path, judged), judged.link.entity, last.entity, least)
        if not followed:
            self._fail(path, Reason.AUTHORITY_WITHOUT_CHAIN, least)

    def _complete(
        self, path: tuple[Judged, ...], anchor: PartyId, peer: PartyId | None, least: Outcome
    ) -> None:
        """Take a path that reached a root, if the verifier and the reservations admit it."""
        if len(path) > self._framework.max_chain:
            self._fail(path, Reason.CHAIN_TOO_LONG, least)
            return
        accepted = self._question.authorities
        if accepted is not None and accepted.isdisjoint((self._framework.id, anchor, peer)):
            self._fail(path, Reason.AUTHORITY_NOT_ACCEPTED, least)
            return
        ending = None
        for touched, anchors in self._reserved:
            if anchor in anchors:
                continue
            if touched is Coverage.YES:
                self._fail(path, Reason.RESERVED_SCOPE, least)
                return
            ending = Finding(Outcome.UNDETERMINED, Reason.CLAIM_SILENT)
        self._found.append(Path(path, ending))

    def _fail(self, path: tuple[Judged, ...], reason: Reason, least: Outcome) -> None:
        if least is Outcome.NOT_AUTHORISED:
            self._found.append(Path(path, Finding(Outcome.NOT_AUTHORISED, reason)))


def _shortness(path: Path) -> tuple[int, tuple[str, ...]]:
    return len(path.links), tuple(each.link.statement.id for each in path.links)


def _promise(judged: Judged) -> tuple[int, int, str]:
    finding = judged.finding
    return (-finding.outcome, len(finding.gaps), judged.link.statement.id)
