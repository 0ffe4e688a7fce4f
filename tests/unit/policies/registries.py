"""Random registries and questions, small enough that most of their parts touch each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Final, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Basis, Question, SigningKey
from policies.framework import Framework, Reservation, Rule, ValidityModel
from policies.index import Index
from policies.scope import Allowed, Scope, Vocabulary
from policies.statements import (
    Action,
    Change,
    Exclusion,
    IssuedEffect,
    KeyCompromise,
    Kind,
    Lift,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant
from tests.unit.policies.naive_world import Entry, Reinstatement

T = TypeVar("T")

ROOT = PartyId("https://framework.example/v1")
STRANGER = Did.parse("did:web:stranger.example")
UNRECORDED = Recorded(0, Instant(0))
LAST = 24
"""The last instant that anything in a random registry speaks of."""

# What claims and scopes are made of.

VALUES = {
    Dimension.COMMODITY: ("copper", "copper-concentrate", "cobalt", "hs:26", "hs:2603", "hs:2605"),
    Dimension.COUNTRY: ("CA", "CA-BC", "CA-ON", "CD"),
    Dimension.TOPIC: ("environment", "water", "tailings", "labour"),
    Dimension.SCHEME: ("irma", "tsm"),
    Dimension.ACHIEVEMENT: ("irma-50", "irma-75", "irma-100"),
}
CLAIMED = VALUES | {Dimension.SCHEME: ("irma", "irma:1.0", "tsm")}
WITHIN = {"irma:1.0": ("irma",)}
VOCABULARY = Vocabulary(
    commodities={"copper-concentrate": "copper"},
    topics={"tailings": "water", "water": "environment"},
    achievements={"irma": ("irma-50", "irma-75", "irma-100")},
)
STRICT = replace(
    VOCABULARY,
    sources={Dimension.COUNTRY: Source.EVIDENCE, Dimension.SCHEME: Source.REGISTER},
)


def _allowed(values: tuple[str, ...]) -> list[Allowed]:
    """Every one and every two of the values, then everything but those."""
    some = [frozenset(c) for size in (1, 2) for c in combinations(values, size)]
    return [Allowed(v) for v in some] + [Allowed(v, all_but=True) for v in some]


ALLOWED = {dimension: _allowed(values) for dimension, values in VALUES.items()}
NARROW = [Scope({dimension: each}) for dimension in VALUES for each in ALLOWED[dimension]]
NARROWER = [
    Scope({**one.allowed, **other.allowed})
    for one, other in combinations(NARROW[::3], 2)
    if one.allowed.keys() != other.allowed.keys()
]
SCOPES = [Scope()] * 2 * len(NARROW) + NARROW + NARROWER[::4]
ADVERSE_SCOPES = [Scope()] * (len(NARROW) // 2) + NARROW
POWERS = [
    (Action.ACCREDIT, PassesOn(frozenset(actions), depth))
    for actions in (
        {Action.ISSUE},
        {Action.ISSUE, Action.ACCREDIT},
        {Action.ISSUE, Action.ACCREDIT, Action.ANCHOR},
        {Action.ANCHOR},
    )
    for depth in (1, 0, 2)
]
VALID = [(0, END)] * 12 + [(b, e) for b in (0, 4, 10) for e in (9, 16, 20, END) if b < e]
STATED = {
    dimension: [
        ClaimValue(value, source, WITHIN.get(value, ()))
        for source in (Source.REGISTER, Source.REGISTER, Source.EVIDENCE, Source.ISSUER)
        for value in CLAIMED[dimension]
    ]
    for dimension in CLAIMED
}


class Tape:
    """Choices read off random bytes.

    One draw for a whole case: a draw for each of its choices costs twenty times as much. Zeros
    choose the first option, and a tape that has run out is all zeros, so cases shrink.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read = 0

    def below(self, limit: int) -> int:
        taken = self._data[self._read : self._read + 2]
        self._read += 2
        return int.from_bytes(taken) % limit

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def rarely(self, one_in: int) -> bool:
        return self.below(one_in) == one_in - 1

    def moment(self, low: int = 0, high: int = LAST) -> Instant:
        return Instant(low + self.below(max(high - low, 0) + 1))

    def claim(self) -> Claim:
        """A claim that states most dimensions."""
        stated = {d: self.pick([*STATED[d], None, None]) for d in VALUES}
        return Claim({d: value for d, value in stated.items() if value is not None})

    def change(self, statement: Statement, number: int = 99) -> StatusChange:
        begins = self.moment()
        return StatusChange(
            id=StatementId(f"change-{number}"),
            statement=statement.id,
            change=self.pick(list(Change)),
            scope=self.pick(ADVERSE_SCOPES),
            effective_from=begins,
            effective_until=self.moment(begins) if self.rarely(2) else END,
            issued=self.pick(list(IssuedEffect)),
            recorded=UNRECORDED,
        )

    def exclusion(self, parties: Sequence[Party], number: int = 99) -> Exclusion:
        return Exclusion(
            id=StatementId(f"exclusion-{number}"),
            party=self.pick(parties).id,
            scope=self.pick(ADVERSE_SCOPES),
            effective_from=self.moment(),
            effective_until=self.pick((END, Instant(LAST))),
            recorded=UNRECORDED,
        )

    def compromise(self, parties: Sequence[Party], number: int = 99) -> KeyCompromise:
        return KeyCompromise(
            id=StatementId(f"compromise-{number}"),
            did=self.pick(self.pick(parties).dids),
            thumbprint=self.pick(("key-1", "key-2")),
            compromised_from=self.moment(),
            recorded=UNRECORDED,
        )

    def framework(self, parties: Sequence[Party], version: int = 1) -> Framework:
        reserved: tuple[Reservation, ...] = ()
        if self.rarely(4):
            anchors = frozenset({self.pick(parties).dids[0], self.pick(parties).dids[0]})
            reserved = (Reservation("state", self.pick(NARROW), anchors),)
        return Framework(
            id=ROOT,
            version=version,
            name="Random framework",
            digest=f"{version:064x}",
            members=(),
            rules={"exclude": Rule(Fraction(2, 3))},
            recorded=UNRECORDED,
            vocabulary=self.pick((VOCABULARY, VOCABULARY, STRICT)),
            reserved=reserved,
            model=self.pick(list(ValidityModel)),
            max_staleness_ms=self.pick((3, 300_000)),
            max_chain=self.pick((6, 6, 4, 3)),
            accept_asserted_after_expiry=self.pick((True, False)),
        )


# Registries.


@dataclass(frozen=True)
class Registry:
    """A journal's entries, in its order; the index of each is its position."""

    entries: tuple[Entry, ...]

    def of(self, kind: type[T]) -> list[T]:
        return [entry for entry in self.entries if isinstance(entry, kind)]

    def replaced(self, old: Entry, new: Entry) -> "Registry":
        return Registry(tuple(new if entry is old else entry for entry in self.entries))

    def without(self, gone: Statement) -> "Registry":
        """The same journal had a statement, and all that speaks of it, never been made."""
        changes = {c.id for c in self.of(StatusChange) if c.statement == gone.id}
        return Registry(
            tuple(
                entry
                for entry in self.entries
                if entry is not gone
                and not (isinstance(entry, StatusChange) and entry.id in changes)
                and not (isinstance(entry, Reinstatement) and entry.change in changes)
            )
        )

    def plus(self, entry: Entry) -> "Registry":
        """One entry more, recorded last."""
        last = self.entries[-1].recorded.at
        return Registry((*self.entries, recorded(entry, len(self.entries), last)))


def recorded(entry: Entry, position: int, at: int) -> Entry:
    """The same entry, at another place in the journal."""
    taken = Recorded(position, Instant(at))
    if isinstance(entry, Reinstatement):
        return Reinstatement(entry.change, Lift(entry.lift.effective_from, taken))
    return replace(entry, recorded=taken)


def index_of(entries: Sequence[Entry]) -> Index:
    """Fold entries into an index, as the journal does."""
    index = Index()
    for entry in entries:
        add(index, entry)
    return index


def add(index: Index, entry: Entry) -> None:
    match entry:
        case Framework():
            index.add_framework(entry)
        case Party():
            index.add_party(entry)
        case Statement():
            index.add_statement(entry)
        case StatusChange():
            index.add_change(entry)
        case Reinstatement():
            if index.exclusion(entry.change) is not None:
                index.lift_exclusion(entry.change, entry.lift)
            else:
                index.lift_change(entry.change, entry.lift)
        case Exclusion():
            index.add_exclusion(entry)
        case KeyCompromise():
            index.add_compromise(entry)


def _parties(tape: Tape, count: int) -> list[Party]:
    """Parties; every third has two DIDs, some are of one control group."""
    sharing = tape.pick([(), (), (), (0, 1), (1, 2), (1, 3, 4)])
    return [
        Party(
            id=PartyId(f"party-{n}"),
            name=f"Party {n}",
            dids=tuple(
                Did.parse(f"did:web:{name}p{n}.example")
                for name in (("", "other-") if n % 3 == 0 else ("",))
            ),
            control_group="holding" if n in sharing else "",
            recorded=UNRECORDED,
        )
        for n in range(count)
    ]


def _statement(tape: Tape, number: int, ids: list[PartyId], made: list[Statement]) -> Statement:
    """A statement, mostly by the framework or by somebody who was accredited before."""
    accredited = [s.entity for s in made if s.action is Action.ACCREDIT]
    kind, (action, passes_on) = Kind.AUTHORISATION, tape.pick(POWERS)
    if accredited and tape.rarely(7):
        kind, action, passes_on = Kind.RECOGNITION, Action.ACCREDIT, None
        authority = tape.pick(accredited + ids[:1])
    else:
        authority = tape.pick([ROOT, *accredited, *accredited, *ids[:1]] if made else [ROOT])
        if made and tape.below(2):
            action, passes_on = tape.pick((Action.ISSUE,) * 6 + (Action.ANCHOR,)), None
    others = [party for party in ids if party != authority] or ids
    begins, ends = tape.pick(VALID)
    return Statement(
        id=StatementId(f"statement-{number}"),
        kind=kind,
        authority=authority,
        entity=tape.pick(ids if tape.rarely(10) else others),
        action=action,
        scope=tape.pick(SCOPES),
        valid_from=Instant(begins),
        valid_until=Instant(ends),
        recorded=UNRECORDED,
        passes_on=passes_on,
    )


def _sparse(tape: Tape) -> tuple[list[Party], list[Statement]]:
    """Many parties and ways between them."""
    parties = _parties(tape, tape.pick((4, 2, 3, 5, 6, 7, 8, 1)))
    statements: list[Statement] = []
    for number in range(tape.pick((3, 1, 5, 8, 10, 12, 14, 0, 6))):
        made = _statement(tape, number, [party.id for party in parties], statements)
        statements.append(made)
    return parties, statements


def _crowded(tape: Tape) -> tuple[list[Party], list[Statement]]:
    """One way or two from one issuer, so that all that happens happens to it."""
    parties = _parties(tape, 3)
    accredited, issuer, other = (party.id for party in parties)
    first = replace(_statement(tape, 0, [accredited], []), passes_on=POWERS[3][1])
    second = _statement(tape, 1, [issuer], [])
    ways = [first, replace(second, authority=accredited, action=Action.ISSUE, passes_on=None)]
    if tape.below(2):
        direct = _statement(tape, 2, [issuer], [])
        ways.append(replace(direct, action=Action.ISSUE, passes_on=None))
    if tape.rarely(3):
        third = _statement(tape, 3, [accredited], [])
        ways.append(replace(third, authority=other, kind=Kind.RECOGNITION, passes_on=None))
        ways.append(replace(_statement(tape, 4, [other], []), passes_on=POWERS[0][1]))
    return parties, ways


def _amend(tape: Tape, entries: list[Entry], parties: list[Party]) -> None:
    """Put parties under one control or set them free, take DIDs from them, and give them others."""
    now, free = {party.id: party for party in parties}, list[Did]()
    first = max(entries.index(party) for party in parties) + 1
    places = sorted(first + tape.below(len(entries) - first + 1) for _ in range(3))
    for number, place in enumerate(places):
        party = now[tape.pick(parties).id]
        if tape.below(2) and free:
            party = replace(party, dids=(*party.dids, free.pop()))
        elif tape.below(2) and len(party.dids) > 1:
            free.append(tape.pick(party.dids))
            party = replace(party, dids=tuple(did for did in party.dids if did not in free))
        else:
            party = replace(party, control_group=tape.pick(("holding", "cartel", "")))
        now[party.id] = party
        entries.insert(place + number, party)


def _registry(tape: Tape) -> Registry:
    """A journal: a framework, parties, statements, then what befalls them."""
    crowded = tape.rarely(3)
    parties, statements = _crowded(tape) if crowded else _sparse(tape)
    entries: list[Entry] = [tape.framework(parties), *parties, *statements]
    for number in range(tape.below(4) if statements else 0):
        change = tape.change(tape.pick(statements), number)
        entries.append(change)
        if tape.rarely(3):
            lift = Lift(tape.moment(change.effective_from), UNRECORDED)
            entries.append(Reinstatement(change.id, lift))
    if tape.rarely(5):
        exclusion = tape.exclusion(parties, 0)
        entries.append(exclusion)
        if tape.rarely(2):
            lift = Lift(tape.moment(exclusion.effective_from), UNRECORDED)
            entries.append(Reinstatement(exclusion.id, lift))
    if tape.rarely(6):
        entries.append(tape.compromise(parties, 0))
    if tape.rarely(6):
        entries.insert(1 + tape.below(len(entries)), tape.framework(parties, version=2))
    if tape.rarely(3):
        _amend(tape, entries, parties)
    at, dated = 0, []
    for position, entry in enumerate(entries):
        at += tape.below(3)
        dated.append(recorded(entry, position, at))
    return Registry(tuple(dated))


def _question(tape: Tape, registry: Registry) -> Question:
    """A question that mostly asks about somebody whom a statement speaks of."""
    parties = registry.of(Party)
    held = [s for s in registry.of(Statement) if s.kind is Kind.AUTHORISATION]
    issuing = [s for s in held if s.action is Action.ISSUE]
    action, issuer = tape.pick(list(Action)), STRANGER
    if held and not tape.rarely(12):
        leaf = tape.pick(issuing * 4 + held)
        holder = next(party for party in parties if party.id == leaf.entity)
        action, issuer = leaf.action, tape.pick(holder.dids)
    elif not tape.rarely(3):
        issuer = tape.pick(parties).dids[0]
    basis = tape.pick(list(Basis))
    now = tape.moment(LAST // 2, LAST + 4)
    size = len(registry.entries)
    authorities = None
    if tape.rarely(6):
        accepted = [ROOT, *(p.id for p in parties)]
        authorities = frozenset({tape.pick(accepted), tape.pick(accepted)})
    key = None
    if basis in {Basis.ASSERTED, Basis.PROVED}:
        key = SigningKey(issuer, tape.pick(("key-1", "key-2")))
    return Question(
        issuer=issuer,
        claim=tape.claim(),
        at=now if basis is Basis.NOW else tape.moment(),
        now=now,
        known=size // 2 + 1 + tape.below(size // 2) if tape.rarely(6) else size,
        action=action,
        basis=basis,
        key=key,
        authorities=authorities,
    )


@dataclass(frozen=True)
class Case:
    """A registry, a question to it, and the rest of the tape for what a law adds to them."""

    registry: Registry
    question: Question
    rest: bytes

    def tape(self) -> Tape:
        return Tape(self.rest)


TAPE, REST = 600, 60


def _case(data: bytes) -> Case:
    tape = Tape(data[:TAPE])
    registry = _registry(tape)
    return Case(registry, _question(tape, registry), data[TAPE:])


OFTEN: Final = settings(max_examples=4 * settings().max_examples)
CASES = st.binary(min_size=TAPE + REST, max_size=TAPE + REST).map(_case)
