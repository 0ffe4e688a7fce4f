"""Where no path carries the claim: the best undetermined path, or else the nearest miss."""

from policies.chains import first_level
from policies.decision import Outcome, Reason
from policies.framework import ValidityModel
from policies.holders import Link
from policies.links import Case, Finding, joined, judge
from policies.paths import Judged, Path, admits, horizon_of, passes, roots_of
from policies.statements import Action, PartyId
from resolver.instant import END, Instant

MAX_LINKS_JUDGED = 5_000
"""Past this many links the answer is undetermined: no registry needs them, an attacker might.

The nearest miss, where the answer is no, is the nearest among as many.
"""
NEAREST = 16
"""How many links that do not carry the claim are followed at each level, for the nearest miss."""
_UNTOLD = Reason.AUTHORITY_WITHOUT_CHAIN
"""What is wanting above an issuer's statement, where there is too much to look at."""


class _TooManyLinksError(Exception):
    """More links than any registry needs were judged."""


class Misses:
    """The search among paths of which none carries the claim.

    Attributes:
        horizon: the next instant after now at which what was judged may change.
    """

    __slots__ = ("_case", "_found", "_judged", "_least", "_left", "_model", "horizon")

    def __init__(self, case: Case, model: ValidityModel) -> None:
        self._case = case
        self._model = model
        self._found: list[Path] = []
        self._judged: dict[tuple[int, Instant], Judged] = {}
        self._least = Outcome.UNDETERMINED
        self._left = MAX_LINKS_JUDGED
        self.horizon = END

    def best(self, issuer: PartyId, at: Instant, *, explain: bool = True) -> Path | None:
        """Return the best path, or None where there is none.

        Args:
            issuer: who is asked about.
            at: the instant asked about.
            explain: whether, where the answer is no, the nearest miss is wanted as well.
        """
        leaves = self._case.index.held(issuer, self._case.question.action).all
        try:
            self._climb_all(leaves, at)
            if self._found:
                return min(self._found, key=_shortness)
            if not explain:
                return None
        except _TooManyLinksError:
            return Path((), Finding(Outcome.UNDETERMINED, Reason.SOURCE_UNAVAILABLE))
        self._least, self._left = Outcome.NOT_AUTHORISED, MAX_LINKS_JUDGED
        try:
            self._climb_all(leaves, at)
        except _TooManyLinksError:
            if not self._found:
                known = (each for each in leaves if each.position < self._case.known)
                nearest = min((self._judge(each, at) for each in known), key=_promise)
                self._fail((nearest,), _UNTOLD)
        return min(self._found, key=_nearness, default=None)

    def _climb_all(self, leaves: list[Link], at: Instant) -> None:
        level = first_level(self._case.question.action)
        for judged in self._worthwhile(leaves, at):
            self._climb((judged,), (judged.link.entity_group,), level)

    def _worthwhile(self, links: list[Link], at: Instant) -> list[Judged]:
        """Judge links and keep those that may still lead to what is sought."""
        case = self._case
        self._left -= len(links)
        if self._left < 0:
            raise _TooManyLinksError
        judged = (self._judge(link, at) for link in links if link.position < case.known)
        kept = [each for each in judged if each.finding.outcome >= self._least]
        if self._least is Outcome.NOT_AUTHORISED and len(kept) > NEAREST:
            return sorted(kept, key=_promise)[:NEAREST]
        return kept

    def _judge(self, link: Link, at: Instant) -> Judged:
        """Judge a link once, however many paths lead over it."""
        found = self._judged.get((link.row, at))
        if found is None:
            found = self._judged[link.row, at] = Judged(link, at, judge(link, at, self._case))
            self.horizon = min(self.horizon, horizon_of(self._case, (link,)))
        return found

    def _climb(self, path: tuple[Judged, ...], groups: tuple[int, ...], level: int) -> None:
        """Follow a path upwards from its last link; `groups` are those of the entities on it."""
        last = path[-1].link
        if last.authority == self._case.framework.id:
            self._end(path, admits(self._case, last.entity, None))
            return
        if ending := self._ends(path, groups):
            self._fail(path, ending)
            return
        above = (*groups, last.authority_group)
        at = self._instant_above(path)
        accrediting = self._case.index.held(last.authority, Action.ACCREDIT).all
        recognising = self._case.index.recognised(last.authority).all
        if not any(each.position < self._case.known for each in (*accrediting, *recognising)):
            self._fail(path, Reason.AUTHORITY_WITHOUT_CHAIN)
        for judged in self._worthwhile(accrediting, at):
            if refusal := passes(judged.link, self._case.question.action, level):
                self._fail(path, refusal)
            else:
                self._climb((*path, judged), above, level + 1)
        for judged in self._worthwhile(recognising, at):
            self._recognise((*path, judged), above)

    def _recognise(self, path: tuple[Judged, ...], groups: tuple[int, ...]) -> None:
        """Close a path at a recognised peer: its recogniser must itself be an anchor."""
        if ending := self._ends(path, groups):
            self._fail(path, ending)
            return
        last = path[-1].link
        roots = roots_of(self._case, last.authority)
        if not any(each.position < self._case.known for each in roots):
            self._fail(path, Reason.AUTHORITY_WITHOUT_CHAIN)
        for judged in self._worthwhile(roots, self._instant_above(path)):
            if refusal := passes(judged.link, self._case.question.action, 0):
                self._fail(path, refusal)
            else:
                admitted = admits(self._case, judged.link.entity, last.entity)
                self._end((*path, judged), admitted)

    def _instant_above(self, path: tuple[Judged, ...]) -> Instant:
        return path[-1].at if self._model is ValidityModel.SHELL else path[-1].link.recorded_at

    def _ends(self, path: tuple[Judged, ...], groups: tuple[int, ...]) -> Reason | None:
        last = path[-1].link
        if last.authority_group == last.entity_group:
            return Reason.SELF_GRANT
        if last.authority_group in groups:
            return Reason.CYCLE
        if joined([each.link for each in path], path[-1].at, self._case):
            return Reason.COMMON_CONTROL
        if len(path) >= self._case.framework.max_chain:
            return Reason.CHAIN_TOO_LONG
        return None

    def _end(self, path: tuple[Judged, ...], ending: Finding | None) -> None:
        if ending is None or ending.outcome >= self._least:
            self._found.append(Path(path, ending))

    def _fail(self, path: tuple[Judged, ...], reason: Reason) -> None:
        self._end(path, Finding(Outcome.NOT_AUTHORISED, reason))


def _shortness(path: Path) -> tuple[int, ...]:
    return (len(path.links), *(each.link.position for each in path.links))


def _nearness(path: Path) -> tuple[tuple[int, ...], str]:
    """Order misses; those that differ only in what refused their last link by the reason."""
    bad = [finding.outcome is not Outcome.AUTHORISED for finding in path.findings]
    progress = bad.index(True) if True in bad else len(bad)
    last = path.ending.reason if path.ending else ""
    return (sum(bad), len(path.gaps), -progress, *_shortness(path)), last


def _promise(judged: Judged) -> tuple[int, int, int]:
    finding = judged.finding
    return (-finding.outcome, len(finding.gaps), judged.link.position)
