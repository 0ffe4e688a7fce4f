"""Scopes: what a statement is good for, and how one meets a claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from policies.claims import DIMENSIONS, POSITION, Claim, ClaimValue, Dimension, Source
from policies.errors import InvalidScopeError

_WIDTH = len(DIMENSIONS)
_SCHEME, _ACHIEVEMENT = POSITION[Dimension.SCHEME], POSITION[Dimension.ACHIEVEMENT]
_ORDERED = frozenset(
    {Dimension.ACHIEVEMENT, Dimension.COUNTRY, Dimension.COMMODITY, Dimension.TOPIC}
)
Covering = str | frozenset[str]
Check = tuple[int, frozenset[str], frozenset[str], bool]
Checks = tuple[Check, ...]
_PLACES = {
    dimension: (position, dimension not in _ORDERED) for dimension, position in POSITION.items()
}
MAX_SEEN = 50_000
"""How many values of claims a vocabulary remembers the broader ones of."""


class Coverage(IntEnum):
    """How a scope meets a claim; ordered, the lowest of several dimensions holds."""

    NO = 0
    SILENT = 1
    YES = 2


_NO, _SILENT, _YES = Coverage.NO, Coverage.SILENT, Coverage.YES


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values of one dimension that a scope admits: these, or all but these."""

    values: frozenset[str]
    all_but: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What exactly was missing on one dimension.

    Attributes:
        dimension: where.
        claimed: the claim's value, or None where the claim is silent.
        allowed: what the scope admits there.
        coverage: NO, or SILENT where the claim does not say enough.
    """

    dimension: Dimension
    claimed: str | None
    allowed: Allowed
    coverage: Coverage


class PreparedClaim:
    """A claim made ready to be compared under a vocabulary.

    Attributes:
        claim: the claim itself.
        covering: one entry a dimension, in the order of `DIMENSIONS`: the claim's value where only
            that would cover it, else the set of all scope values that would; None where silent.
    """

    __slots__ = ("claim", "covering")

    def __init__(self, claim: Claim, covering: list[Covering | None]) -> None:
        self.claim = claim
        self.covering = covering

    def own(self, position: int) -> str | None:
        """Return the claim's own value on a dimension that it is not silent on."""
        value = self.claim.values.get(DIMENSIONS[position])
        return value.value if value and self.covering[position] is not None else None

    def vague(self, position: int) -> str | None:
        """Return the claim's own value where it may mean something narrower than it says.

        A level of achievement is such only as long as no scheme says where it stands.
        """
        if position == _ACHIEVEMENT and self.covering[_SCHEME] is not None:
            return None
        return self.own(position)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a framework says about values: which are broader than which.

    Attributes:
        commodities: a commodity to the next broader one.
        topics: a conformity topic to the next broader one.
        achievements: a scheme to its levels, lowest first.
        sources: the least source that suffices, for dimensions where the issuer's word does not.
    """

    commodities: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    achievements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[Dimension, Source] = field(default_factory=dict)
    _seen: tuple[dict[str, Covering], ...] = field(
        default_factory=lambda: tuple({} for _ in DIMENSIONS), init=False, compare=False, repr=False
    )

    def prepare(self, claim: Claim) -> PreparedClaim:
        """Make a claim ready; a value whose source does not suffice counts as silence."""
        covering: list[Covering | None] = [None] * _WIDTH
        sources, seen = self.sources, self._seen
        for dimension, (text, source, within) in claim.values.items():
            if sources and source < sources.get(dimension, Source.ISSUER):
                continue
            position, plain = _PLACES[dimension]
            if plain and not within:
                covering[position] = text
            elif position == _ACHIEVEMENT:
                covering[position] = frozenset(self._at_least(text, claim.get(Dimension.SCHEME)))
            elif within:
                covering[position] = self._covering(dimension, text, within)
            else:
                covering[position] = seen[position].get(text) or self._remembered(dimension, text)
        return PreparedClaim(claim, covering)

    def _remembered(self, dimension: Dimension, text: str) -> Covering:
        seen = self._seen[POSITION[dimension]]
        if len(seen) >= MAX_SEEN:
            seen.clear()
        seen[text] = covering = self._covering(dimension, text, ())
        return covering

    def _covering(self, dimension: Dimension, text: str, within: tuple[str, ...]) -> Covering:
        broader = {text, *within}
        for each in (text, *within):
            broader.update(self.broader(dimension, each))
        return frozenset(broader) if len(broader) > 1 else text

    def _at_least(self, level: str, scheme: ClaimValue | None) -> tuple[str, ...]:
        if scheme is None or scheme.source < self.sources.get(Dimension.SCHEME, Source.ISSUER):
            return (level,)
        for name in (scheme.value, *scheme.within):
            levels = self.achievements.get(name, ())
            if level in levels:
                return levels[levels.index(level) :]
        return (level,)

    def broader(self, dimension: Dimension, value: str) -> tuple[str, ...]:
        """Return every strictly broader value: taxonomy ancestors, code prefixes, countries."""
        if dimension is Dimension.COUNTRY:
            country, dash, _ = value.partition("-")
            return (country,) if dash else ()
        if dimension is Dimension.COMMODITY:
            if value.startswith("hs:"):
                return tuple(value[:end] for end in range(5, len(value), 2))
            return _ancestors(self.commodities, value)
        if dimension is Dimension.TOPIC:
            return _ancestors(self.topics, value)
        return ()

    def too_vague(self, dimension: Dimension, values: frozenset[str]) -> frozenset[str]:
        """Return the claimed values that may mean one of these, or may not.

        These are all broader ones; for achievements, the levels below one of them in some scheme.
        """
        if dimension is not Dimension.ACHIEVEMENT:
            return frozenset(each for value in values for each in self.broader(dimension, value))
        orders = self.achievements.values()
        return frozenset(
            level
            for value in values
            for levels in orders
            if value in levels
            for level in levels[: levels.index(value)]
        )


def _ancestors(parents: Mapping[str, str], value: str) -> tuple[str, ...]:
    found: list[str] = []
    while (parent := parents.get(value)) is not None and parent not in found:
        found.append(parent)
        value = parent
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a statement is good for: a set of values a dimension; a dimension not held is `any`.

    Build one with `scope_of`, which demands that every dimension is stated.
    """

    allowed: Mapping[Dimension, Allowed] = field(default_factory=dict)

    def compile(self, vocabulary: Vocabulary) -> "CompiledScope":
        """Make the scope ready to be compared under a vocabulary."""
        return CompiledScope(
            tuple(
                (
                    POSITION[dimension],
                    allowed.values,
                    vocabulary.too_vague(dimension, allowed.values),
                    allowed.all_but,
                )
                for dimension, allowed in self.allowed.items()
            )
        )


@dataclass(frozen=True, slots=True)
class CompiledScope:
    """A scope as a row of checks: position, values, values too vague to tell, all-but."""

    checks: Checks

    def covers(self, claim: PreparedClaim) -> Coverage:
        """Judge a claim.

        A claim that is silent, or that names something broader than the scope's values, does not
        say enough: SILENT, never YES. The same judgement serves for granting scopes (must be YES)
        and for adverse ones, such as a suspension's (anything above NO counts).
        """
        result, covering = _YES, claim.covering
        for position, values, vague, all_but in self.checks:
            stated = covering[position]
            if stated is None:
                result = _SILENT
            elif (
                stated in values if isinstance(stated, str) else not values.isdisjoint(stated)
            ) is all_but:
                if all_but or claim.vague(position) not in vague:
                    return _NO
                result = _SILENT
            elif all_but and claim.vague(position) in vague:
                result = _SILENT
        return result

    def gaps(self, claim: PreparedClaim) -> tuple[Gap, ...]:
        """Say on which dimensions, and how, the scope does not cover the claim."""
        found = []
        for check in self.checks:
            coverage = CompiledScope((check,)).covers(claim)
            if coverage is not Coverage.YES:
                position, values, _, all_but = check
                found.append(
                    Gap(
                        DIMENSIONS[position],
                        claim.own(position),
                        Allowed(values, all_but),
                        coverage,
                    )
                )
        return tuple(found)


def scope_of(stated: Mapping[str, str | Sequence[str] | Mapping[str, Sequence[str]]]) -> Scope:
    """Build a scope from its written form: `any`, a list of values, or `{"except": [values]}`.

    Every dimension must be stated, so that a later vocabulary widens nothing.

    Raises:
        InvalidScopeError: a dimension is missing, unknown, or written in another way.
    """
    for name in stated:
        if name not in POSITION:
            raise InvalidScopeError(name, f"unknown dimension {name!r}")
    allowed = {}
    for dimension in DIMENSIONS:
        written = stated.get(dimension)
        if written is None:
            raise InvalidScopeError(dimension, "not stated; write 'any' where every value is meant")
        if written == "any":
            continue
        all_but = isinstance(written, Mapping)
        values = written.get("except") if isinstance(written, Mapping) else written
        if isinstance(written, Mapping) and set(written) != {"except"}:
            raise InvalidScopeError(dimension, "an exception is written {'except': [values]}")
        if isinstance(values, str) or not values or not all(isinstance(v, str) for v in values):
            raise InvalidScopeError(dimension, "must be 'any', a list of values, or an exception")
        allowed[dimension] = Allowed(frozenset(values), all_but)
    return Scope(allowed)


def written_scope(scope: Scope) -> dict[str, str | list[str] | dict[str, list[str]]]:
    """Write a scope as `scope_of` reads it."""
    written: dict[str, str | list[str] | dict[str, list[str]]] = {}
    for dimension in DIMENSIONS:
        allowed = scope.allowed.get(dimension)
        if allowed is None:
            written[dimension] = "any"
        else:
            values = sorted(allowed.values)
            written[dimension] = {"except": values} if allowed.all_but else values
    return written
