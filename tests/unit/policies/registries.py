"""Random registries and questions, small enough that most of them touch each other."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

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
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from policies.statements import Party as RegisteredParty
from resolver.did import Did
from resolver.instant import END, Instant
from tests.unit.policies.naive import Entry, Reinstatement

ROOT = PartyId("https://framework.example/v1")
STRANGER = Did.parse("did:web:stranger.example")
UNRECORDED = Recorded(0, Instant(0))
LAST = 24
"""The last instant that anything in a random registry speaks of."""

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
    sources={Dimension.COUNTRY: Source.EVIDENCE, Dimension.COMMODITY: Source.REGISTER},
)


@dataclass(frozen=True)
class Registry:
    """A journal's entries, in its order; the index of each is its position."""

    entries: tuple[Entry, ...]

    def of(self, kind):
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
        return Registry((*self.entries, entry))


def index_of(entries) -> Index:
    """Fold entries into an index, as the journal does."""
    index = Index()
    for entry in entries:
        add(index, entry)
    return index


def add(index: Index, entry: Entry) -> None:
    match entry:
        case Framework():
            index.add_framework(entry)
        case RegisteredParty():
            index.add_party(entry)
        case Statement():
            index.add_statement(entry)
        case StatusChange():
            index.add_change(entry)
        case Reinstatement():
            index.lift_change(entry.change, entry.lift)
        case Exclusion():
            index.add_exclusion(entry)
        case KeyCompromise():
            index.add_compromise(entry)


def rarely(one_in: int) -> st.SearchStrategy[bool]:
    """True once in so many times, and false when shrunk."""
    return st.integers(0, one_in - 1).map(lambda n: n == one_in - 1)


def moments(low: int = 0, high: int = LAST) -> st.SearchStrategy[Instant]:
    return st.integers(low, high).map(Instant)


def _allowed(values: tuple[str, ...]) -> list[Allowed]:
    """Every one and every two of the values, then everything but those."""
    some = [frozenset(c) for size in (1, 2) for c in combinations(values, size)]
    return [Allowed(v) for v in some] + [Allowed(v, all_but=True) for v in some]


# One choice from a ready pool costs far less than building a scope from its parts.
ALLOWED = {dimension: _allowed(values) for dimension, values in VALUES.items()}
NARROW = [Scope({dimension: each}) for dimension in VALUES for each in ALLOWED[dimension]]
NARROWER = [
    Scope({**one.allowed, **other.allowed})
    for one, other in combinations(NARROW[::3], 2)
    if one.allowed.keys() != other.allowed.keys()
]
CONSTRAINED = st.sampled_from(NARROW) | st.sampled_from(NARROWER)
SCOPES = st.sampled_from([Scope()] * len(NARROW) + NARROW) | st.sampled_from(NARROWER)
ADVERSE_SCOPES = st.sampled_from([Scope()] * (len(NARROW) // 2) + NARROW)
STATED = {
    dimension: [
        ClaimValue(value, source, WITHIN.get(value, ()))
        for source in (Source.REGISTER, Source.REGISTER, Source.EVIDENCE, Source.ISSUER)
        for value in CLAIMED[dimension]
    ]
    for dimension in CLAIMED
}


@st.composite
def claims(draw) -> Claim:
    """A claim that states most dimensions."""
    stated = {d: draw(st.sampled_from([*STATED[d], None, None])) for d in VALUES}
    return Claim({d: value for d, value in stated.items() if value is not None})


def _did(number: int, name: str = "") -> Did:
    return Did.parse(f"did:web:{name}p{number}.example")


@st.composite
def frameworks(draw, version: int = 1, parties: int = 8) -> Framework:
    anchors = st.frozensets(st.integers(0, parties - 1).map(_did), min_size=1, max_size=2)
    reserved = ()
    if draw(rarely(4)):
        reserved = (Reservation("state", draw(CONSTRAINED), draw(anchors)),)
    return Framework(
        id=ROOT,
        version=version,
        name="Random framework",
        digest=f"{version:064x}",
        members=(),
        rules={"exclude": Rule(Fraction(2, 3))},
        recorded=UNRECORDED,
        vocabulary=draw(st.sampled_from((VOCABULARY, VOCABULARY, STRICT))),
        reserved=reserved,
        model=draw(st.sampled_from(ValidityModel)),
        max_staleness_ms=draw(st.sampled_from((3, 300_000))),
        max_chain=draw(st.sampled_from((6, 6, 4, 3))),
        accept_asserted_after_expiry=draw(st.booleans()),
    )


ISSUES, ANCHORS = (Action.ISSUE, None), (Action.ANCHOR, None)
ACCREDITS = [
    (Action.ACCREDIT, PassesOn(frozenset(actions), depth))
    for actions in (
        {Action.ISSUE},
        {Action.ISSUE, Action.ACCREDIT},
        {Action.ISSUE, Action.ACCREDIT, Action.ANCHOR},
        {Action.ANCHOR},
    )
    for depth in (1, 0, 2)
]
POWERS = [ISSUES] * 6 + [ANCHORS] + ACCREDITS + [ISSUES] * 6
VALID = [(0, END)] * 12 + [(b, e) for b in (0, 4, 10) for e in (9, 16, 20, END) if b < e]


@st.composite
def _statement(draw, number: int, ids: list[PartyId], accredited: list[PartyId]) -> Statement:
    """A statement, mostly by the framework or by somebody who was accredited before."""
    kind = Kind.RECOGNITION if accredited and draw(rarely(7)) else Kind.AUTHORISATION
    if kind is Kind.RECOGNITION:
        authority = draw(st.sampled_from(accredited + ids[:1]))
        action, passes_on = Action.ACCREDIT, None
    else:
        authority = draw(st.sampled_from([ROOT, *accredited, *accredited, *ids[:1]]))
        action, passes_on = draw(st.sampled_from(ACCREDITS if number == 0 else POWERS))
    others = [party for party in ids if party != authority] or ids
    entity = draw(st.sampled_from(ids if draw(rarely(10)) else others))
    begins, ends = draw(st.sampled_from(VALID))
    return Statement(
        id=StatementId(f"statement-{number}"),
        kind=kind,
        authority=authority,
        entity=entity,
        action=action,
        scope=draw(SCOPES),
        valid_from=Instant(begins),
        valid_until=Instant(ends),
        recorded=UNRECORDED,
        passes_on=passes_on,
    )


@st.composite
def _statements(draw, ids: list[PartyId]) -> list[Statement]:
    made: list[Statement] = []
    for number in range(draw(st.sampled_from((3, 1, 5, 8, 10, 12, 14, 0, 6)))):
        accredited = [s.entity for s in made if s.action is Action.ACCREDIT]
        made.append(draw(_statement(number, ids, accredited)))
    return made


@st.composite
def changes(draw, statement: StatementId, number: int = 99) -> StatusChange:
    """A suspension, withdrawal or supersession of a statement."""
    begins = draw(moments())
    lapses = draw(rarely(2))
    return StatusChange(
        id=StatementId(f"change-{number}"),
        statement=statement,
        change=draw(st.sampled_from(Change)),
        scope=draw(ADVERSE_SCOPES),
        effective_from=begins,
        effective_until=draw(moments(begins, LAST)) if lapses else END,
        issued=draw(st.sampled_from(IssuedEffect)),
        recorded=UNRECORDED,
    )


@st.composite
def exclusions(draw, parties: list[PartyId], number: int = 99) -> Exclusion:
    return Exclusion(
        id=StatementId(f"exclusion-{number}"),
        party=draw(st.sampled_from(parties)),
        scope=draw(ADVERSE_SCOPES),
        effective_from=draw(moments()),
        effective_until=draw(st.sampled_from((END, Instant(LAST)))),
        recorded=UNRECORDED,
    )


@st.composite
def compromises(draw, parties: int, number: int = 99) -> KeyCompromise:
    return KeyCompromise(
        id=StatementId(f"compromise-{number}"),
        did=_did(draw(st.integers(0, parties - 1))),
        thumbprint=draw(st.sampled_from(("key-1", "key-2"))),
        compromised_from=draw(moments()),
        recorded=UNRECORDED,
    )


@st.composite
def registries(draw) -> Registry:
    """A journal: a framework, parties, then statements mixed with what befalls them."""
    count = draw(st.sampled_from((4, 2, 3, 5, 6, 7, 8, 1)))
    sharing = draw(st.sampled_from([(), (), (), (0, 1), (1, 2), (1, 3, 4)]))
    parties = [
        RegisteredParty(
            id=PartyId(f"party-{n}"),
            name=f"Party {n}",
            dids=(_did(n), _did(n, "other-")) if n % 3 == 0 else (_did(n),),
            control_group="holding" if n in sharing else "",
            recorded=UNRECORDED,
        )
        for n in range(count)
    ]
    ids = [party.id for party in parties]
    statements = draw(_statements(ids))
    entries: list[Entry] = [draw(frameworks(parties=count)), *parties, *statements]
    for number in range(draw(st.integers(0, 3)) if statements else 0):
        change = draw(changes(draw(st.sampled_from(statements)).id, number))
        entries.append(change)
        if draw(rarely(3)):
            entries.append(
                Reinstatement(change.id, Lift(draw(moments(change.effective_from)), UNRECORDED))
            )
    if draw(rarely(5)):
        entries.append(draw(exclusions(ids, 0)))
    if draw(rarely(6)):
        entries.append(draw(compromises(count, 0)))
    if draw(rarely(6)):
        later = draw(frameworks(version=2, parties=count))
        entries.insert(draw(st.integers(1, len(entries))), later)
    pauses = draw(st.binary(min_size=len(entries), max_size=len(entries)))
    at, dated = 0, []
    for position, (entry, pause) in enumerate(zip(entries, pauses, strict=True)):
        at += pause % 3
        dated.append(recorded(entry, position, at))
    return Registry(tuple(dated))


def recorded(entry: Entry, position: int, at: int) -> Entry:
    """The same entry, at another place in the journal."""
    taken = Recorded(position, Instant(at))
    if isinstance(entry, Reinstatement):
        return Reinstatement(entry.change, Lift(entry.lift.effective_from, taken))
    return replace(entry, recorded=taken)


@st.composite
def questions(draw, registry: Registry) -> Question:
    """A question that mostly asks about somebody whom a statement speaks of."""
    parties = registry.of(RegisteredParty)
    held = [s for s in registry.of(Statement) if s.kind is Kind.AUTHORISATION]
    issuing = [s for s in held if s.action is Action.ISSUE]
    action, issuer = draw(st.sampled_from(Action)), STRANGER
    if held and not draw(rarely(8)):
        leaf = draw(st.sampled_from(issuing * 4 + held))
        holder = next(party for party in parties if party.id == leaf.entity)
        action, issuer = leaf.action, draw(st.sampled_from(holder.dids))
    elif not draw(rarely(3)):
        issuer = draw(st.sampled_from(parties)).dids[0]
    basis = draw(st.sampled_from(Basis))
    now = draw(moments(LAST // 2, LAST + 4))
    at = now if basis is Basis.NOW else draw(moments())
    size = len(registry.entries)
    authorities = None
    if draw(rarely(4)):
        accepted = st.sampled_from([ROOT, *(p.id for p in parties)])
        authorities = draw(st.frozensets(accepted, min_size=1, max_size=2))
    key = None
    if basis in {Basis.ASSERTED, Basis.PROVED}:
        key = SigningKey(issuer, draw(st.sampled_from(("key-1", "key-2"))))
    return Question(
        issuer=issuer,
        claim=draw(claims()),
        at=at,
        now=now,
        known=draw(st.integers(size // 2 + 1, size)) if draw(rarely(5)) else size,
        action=action,
        basis=basis,
        key=key,
        authorities=authorities,
    )


@st.composite
def cases(draw) -> tuple[Registry, Question]:
    """A registry and a question to it."""
    registry = draw(registries())
    return registry, draw(questions(registry))
