"""Chains: whole ways from a statement up to a root, laid out once and asked many times.

Which chains exist depends on statements alone; whether one carries a claim at an instant depends on
the question. So the ways are found once for each statement, kept until the registry changes, and a
question only compares values.
"""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from policies.decision import Outcome, Reason, Step
from policies.framework import Framework, ValidityModel
from policies.holders import Bucket, Link
from policies.index import Index
from policies.scope import Check, Checks, CompiledScope
from policies.statements import Action, PartyId
from resolver.instant import END, Instant

_SHELL = ValidityModel.SHELL
MAX_LINKS = 500
"""Statements looked at on the ways from one statement to the roots, the nearest first.

Anybody who accredits can press accreditations on others, and many together can make ways without
end; no registry needs them. They are all farther away than the ways that were there before, and
among those at one distance a root's own statements come before others', the first recorded first.
"""


class TooManyChainsError(Exception):
    """A statement has more ways to the roots than are followed, and none of those carries."""


class Chain:
    """One way from a statement about an issuer, upwards, to a root.

    Attributes:
        links: the statements, the issuer's own first.
        scope: covers a claim exactly when every link's scope does.
        position: the last journal position among the links; known later, the chain exists.
        valid_from: the first instant at which all links are valid.
        valid_until: the first instant at which one of them no longer is.
        made_in_order: whether each link was valid when the one below it was recorded.
        watched: whether an act stands against one of the links.
        anchor: the trust anchor at its upper end.
        peer: the recognised peer that it ends at, or None.
        unending: whether nothing about it changes by itself from its validity on.
        order: shorter chains come before longer ones, then earlier recorded ones before later.
    """

    __slots__ = (
        "anchor",
        "links",
        "made_in_order",
        "order",
        "peer",
        "position",
        "scope",
        "unending",
        "valid_from",
        "valid_until",
        "watched",
    )

    def __init__(self, links: tuple[Link, ...], scope: CompiledScope, peer: PartyId | None) -> None:
        self.links = links
        self.anchor = links[-1].entity
        self.peer = peer
        self.order = (len(links), *(link.position for link in links))
        self.position = max(link.position for link in links)
        self.valid_from = max(link.valid_from for link in links)
        self.valid_until = min(link.valid_until for link in links)
        self.watched = any(link.watched for link in links)
        self.unending = self.valid_until == END and not self.watched
        self.scope = scope
        self.made_in_order = all(
            upper.valid_from <= lower.recorded_at < upper.valid_until
            for lower, upper in pairwise(links)
        )

    def valid(self, at: Instant, model: ValidityModel) -> bool:
        """Tell whether the links are valid at the instants that a model asks for."""
        if model is _SHELL:
            return self.valid_from <= at < self.valid_until
        leaf = self.links[0]
        return self.made_in_order and leaf.valid_from <= at < leaf.valid_until

    def instants(self, at: Instant, model: ValidityModel) -> Iterator[tuple[Link, Instant]]:
        """Yield each link with the instant at which it has to hold."""
        for link in self.links:
            yield link, at
            if model is ValidityModel.CHAIN:
                at = link.recorded_at

    def steps(self, at: Instant, model: ValidityModel) -> tuple[Step, ...]:
        """Return the links of a chain that carries a claim."""
        yes, why = Outcome.AUTHORISED, Reason.AUTHORISED
        return tuple(
            Step(link.statement, when, yes, why, (), when < link.recorded_at > link.valid_from)
            for link, when in self.instants(at, model)
        )


def _together(scopes: list[CompiledScope]) -> Checks:
    """Join scopes into the checks that pass where all of theirs do, leaving out idle ones."""
    checks: list[Check] = []
    for scope in scopes:
        for check in scope.checks:
            position, values, _, all_but = check
            idle = any(
                position == other[0] and not all_but and not other[3] and other[1] <= values
                for other in checks
            )
            if not idle and check not in checks:
                checks.append(check)
    return tuple(checks)


_Way = tuple[tuple[Link, ...], PartyId | None]


class Ways(NamedTuple):
    """The ways to the roots above a statement: links, and the recognised peer that each ends at.

    Attributes:
        found: those that were found.
        shortest: how many links the shortest chain over one of them has.
        cut: whether there may be others.
    """

    found: tuple[_Way, ...]
    shortest: int
    cut: bool


class Chains:
    """The chains of one index under one framework, kept until the index changes.

    Attributes:
        framework: the framework whose roots they end at.
        reserved: its reservations, with their scopes made ready.
    """

    __slots__ = (
        "_found_by",
        "_index",
        "_left",
        "_scopes",
        "_shared",
        "_version",
        "_ways",
        "framework",
        "reserved",
    )

    def __init__(self, index: Index, framework: Framework) -> None:
        self._index = index
        self.framework = framework
        self.reserved = tuple(
            (each, each.scope.compile(framework.vocabulary)) for each in framework.reserved
        )
        self._found_by = object()
        self._scopes: dict[Checks, CompiledScope] = {}
        self._ways: dict[tuple[PartyId, int, int, Action], Ways] = {}
        self._shared: dict[Ways, Ways] = {}
        self._left = 0
        self._version = -1

    def of(self, leaf: Link) -> tuple[Chain, ...]:
        """Return the chains from a statement about an issuer, the shortest first.

        They are not all of them where the ways `above` it are cut.
        """
        if self._version != self._index.version:
            self._forget()
        if leaf.chains_found_by is not self._found_by:
            leaf.chains = tuple(sorted(self._laid_out(leaf), key=_order))
            leaf.chains_found_by = self._found_by
        return leaf.chains

    def of_few(self, bucket: Bucket) -> tuple[Chain, ...]:
        """Return the chains from a few statements about an issuer, the shortest first; see `of`."""
        if self._version != self._index.version:
            self._forget()
        if bucket.chains_found_by is not self._found_by:
            found = [chain for leaf in bucket.all for chain in self._laid_out(leaf)]
            bucket.chains = tuple(sorted(found, key=_order))
            bucket.chains_found_by = self._found_by
        return bucket.chains

    def above(self, leaf: Link) -> Ways:
        """Return the ways to the roots above a statement about an issuer."""
        if self._version != self._index.version:
            self._forget()
        if leaf.ways is None or leaf.ways_found_by is not self._found_by:
            leaf.ways, leaf.ways_found_by = self._alike(leaf), self._found_by
        return leaf.ways

    def _forget(self) -> None:
        self._found_by = object()
        self._scopes.clear()
        self._ways.clear()
        self._shared.clear()
        self._version = self._index.version

    def _alike(self, leaf: Link) -> Ways:
        """Find the ways above a statement, once for all that are alike."""
        action = leaf.terms.action
        alike = (leaf.authority, leaf.authority_group, leaf.entity_group, action)
        ways = self._ways.get(alike)
        if ways is None:
            self._left = MAX_LINKS
            found = tuple((links[1:], peer) for links, peer in self._climb(leaf))
            shortest = 1 + min((len(links) for links, _ in found), default=MAX_LINKS)
            ways = Ways(found, shortest, self._left < 0)
            ways = self._ways[alike] = self._shared.setdefault(ways, ways)
        return ways

    def _looking_at(self, links: list[Link]) -> Iterator[Link]:
        """Yield links for as long as more may be looked at, those of the roots before others."""
        for link in sorted(links, key=self._is_not_a_root):
            self._left -= 1
            if self._left < 0:
                return
            yield link

    def _is_not_a_root(self, link: Link) -> bool:
        return link.authority != self.framework.id

    def _climb(self, leaf: Link) -> Iterator[_Way]:
        """Yield the ways above a statement, the shortest first."""
        action = leaf.terms.action
        started = (leaf,), (leaf.entity_group,), first_level(action)
        climbing: deque[tuple[tuple[Link, ...], tuple[int, ...], int]] = deque([started])
        while climbing:
            links, groups, level = climbing.popleft()
            last = links[-1]
            if last.authority == self.framework.id:
                yield links, None
                continue
            if _comes_back(last, groups) or len(links) >= self.framework.max_chain:
                continue
            above = (*groups, last.authority_group)
            holder = self._index.holder(last.authority)
            for upper in self._looking_at(holder.accredit.all):
                if upper.terms.depth >= level and action in upper.terms.actions:
                    climbing.append(((*links, upper), above, level + 1))
            for recognition in self._looking_at(holder.recognised.all):
                yield from self._recognised((*links, recognition), above)

    def _laid_out(self, leaf: Link) -> Iterator[Chain]:
        return (self._chain((leaf, *way), peer) for way, peer in self.above(leaf).found)

    def _chain(self, links: tuple[Link, ...], peer: PartyId | None) -> Chain:
        vocabulary = self.framework.vocabulary
        checks = _together([link.under(vocabulary) for link in links])
        # Many chains ask for the same: sharing keeps what is compared close together in memory.
        return Chain(links, self._scopes.setdefault(checks, CompiledScope(checks)), peer)

    def _recognised(self, links: tuple[Link, ...], groups: tuple[int, ...]) -> Iterator[_Way]:
        last = links[-1]
        if _comes_back(last, groups) or len(links) >= self.framework.max_chain:
            return
        for root in self._looking_at(self._index.held(last.authority, Action.ACCREDIT).all):
            if (
                root.authority == self.framework.id
                and root.terms.depth >= 0
                and links[0].terms.action in root.terms.actions
            ):
                yield (*links, root), last.entity


def _comes_back(last: Link, groups: tuple[int, ...]) -> bool:
    """Tell whether a link's authority granted to its own control group, or to one on the way.

    Its own is that of then, which its entity may have left before the link below was made.
    """
    return last.authority_group == last.entity_group or last.authority_group in groups


def first_level(action: Action) -> int:
    """Return how many accreditations stand below the authority of an issuer's own statement."""
    return 1 if action is Action.ACCREDIT else 0


def _order(chain: Chain) -> tuple[int, ...]:
    return chain.order
