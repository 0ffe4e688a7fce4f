"""Random acts of a small world: most are plausible, many are refused, and none is special."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.instant import DAY, Instant, format_instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    ORIGIN,
    PEOPLE,
    SEATS,
    START,
    Person,
    cosigners,
    framework_document,
    member,
    someone,
)
from trust_registry.documents import state_every_dimension
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError
from trust_registry.journal import Journal
from trust_registry.opening import open_act
from trust_registry.proposals import Status
from trust_registry.state import State
from trust_registry.stores import Store
from trust_registry.writing import cosign_act, sign_act, write_act

RECENT = 60
THUMBPRINT = re.compile(r"[\w-]{43,}")
OTHERS = tuple(f"party {number}" for number in range(40))
COMMODITIES = ("copper", "cobalt", "lithium", "nickel")
COUNTRIES = ("CA", "CA-BC", "CD", "CL")
WEIGHTS = {
    "register_party": 10,
    "amend_party": 6,
    "retire_party": 1,
    "declare_control_group": 1,
    "rotate_keys": 2,
    "recover_keys": 1,
    "compromise_key": 1,
    "add_anchor": 6,
    "rescope_anchor": 1,
    "remove_anchor": 1,
    "authorise": 14,
    "accredit": 8,
    "recognise": 2,
    "renew": 3,
    "narrow": 3,
    "correct": 2,
    "suspend": 6,
    "withdraw": 2,
    "reinstate": 4,
    "exclude": 1,
    "appeal": 4,
    "decide_appeal": 2,
    "approve": 60,
    "reject": 4,
    "take_back": 2,
    "object": 3,
    "execute": 6,
    "adopt_framework": 0.2,
}


class World:
    """A registry without a store, to which random acts are made; what it admits makes entries."""

    def __init__(self, seed: int, store: Store, acting: Sequence[str] = tuple(SEATS)) -> None:
        """`acting` are the members of the board who do anything at all."""
        self.acting = acting
        self.random = Random(seed)  # noqa: S311 - the same acts each time
        self.clock = FixedClock(START)
        self.journal = Journal(store, self.clock)
        self.state = State(self.journal.root_at)
        self.document = framework_document(applications=5)
        self.sent = 0
        self.refusals: dict[str, int] = {}
        self.effects: list[bytes] = []
        for name in OTHERS:
            someone(name)

    def entries(self, count: int) -> Iterator[bytes]:
        """Make so many entries."""
        irma = someone("irma")
        first: dict[str, Json] = {"type": "adopt_framework", "framework": self.document}
        yield self.admit(self.write(irma, first), irma, [])
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        while self.journal.size < count:
            self.clock.instant = Instant(self.clock.instant + self.random.randrange(DAY // 8))
            (kind,) = self.random.choices(kinds, weights)
            entry = self.attempt(kind)
            if entry is not None:
                yield entry

    def attempt(self, kind: str) -> bytes | None:
        by = self.signer(kind)
        try:
            payload = self.write(by, {**self.members(kind, by), "type": kind})
            also = self.random.random() > 0.1
            return self.admit(
                payload, by, cosigners(payload) + self.holders(payload) if also else []
            )
        except ActRefusedError as error:
            self.refusals[error.code] = self.refusals.get(error.code, 0) + 1
            return None

    def signer(self, kind: str) -> Person:
        board = kind in ("approve", "execute", "reject", "take_back", "adopt_framework")
        others = 0.05 if board else 0.6
        names = OTHERS if self.random.random() < others else self.acting
        return someone(self.random.choice(names))

    def write(self, by: Person, members: dict[str, Json]) -> bytes:
        self.sent += 1
        return write_act(
            members,
            by=by.did,
            origin=ORIGIN,
            genesis=self.state.genesis or None,
            base=(self.journal.size, self.journal.root.hex()) if self.journal.size else None,
            issued=self.clock.now(),
            nonce=f"nonce-number-{self.sent:08d}",
        )

    def admit(self, payload: bytes, by: Person, also: list[Person]) -> bytes:
        jws: dict[str, Json] = {**sign_act(payload, by.kid, by.key)}
        for other in dict.fromkeys(also):
            if other != by:
                jws = cosign_act(jws, other.kid, other.key)
        signed = open_act(jws)
        people = [PEOPLE[each.did.text] for each in signed.signatures]
        signers = [
            Signer(signature.method, person.key.public, "0" * 64)
            for signature, person in zip(signed.signatures, people, strict=True)
        ]
        outcome = self.state.admit(signed, signers, self.clock.now())
        entry = Entry(signed.written(), self.clock.now(), signers[0], tuple(signers[1:]))
        self.effects.append(self.state.effect(signed, outcome, entry))
        self.state.take(signed, outcome, entry)
        self.journal.take(entry)
        return entry.to_bytes()

    def holders(self, payload: bytes) -> list[Person]:
        """Whoever holds the new keys that an act names."""
        named = set(THUMBPRINT.findall(payload.decode()))
        return [each for each in PEOPLE.values() if each.thumbprint in named]

    # What acts say.

    def members(self, kind: str, by: Person) -> dict[str, Json]:
        making: Callable[[Person], dict[str, Json]] = getattr(self, f"_{kind}")
        members = making(by)
        if self.random.random() < 0.2:
            members["evidence"] = EVIDENCE
        return members

    def person(self) -> Person:
        return someone(self.random.choice((*OTHERS, *SEATS)))

    def one(self, ids: list[str]) -> str:
        recent = ids[-RECENT:]
        return self.random.choice(recent) if recent else "0" * 64

    def scope(self) -> Json:
        some = self.random.sample(COMMODITIES, self.random.randint(1, 2))
        scope: dict[str, Json] = {"commodity": [*some], "rest": "any"}
        if self.random.random() < 0.3:
            scope["country"] = [self.random.choice(COUNTRIES)]
        return state_every_dimension(scope)

    def when(self, chance: float = 0.3) -> Json:
        if self.random.random() > chance:
            return None
        days = self.random.randint(-20, 60)
        return format_instant(Instant(self.clock.now() + days * DAY))

    def statement(self) -> str:
        rows = self.state.index.ledger.statements
        return self.one([str(rows.id(row)) for row in range(len(rows))[-RECENT:]])

    def change(self) -> str:
        return self.one([*map(str, self.state.docket.makers)])

    def proposal(self) -> str:
        pending = (
            id_
            for id_, each in reversed(self.state.docket.proposals.items())
            if each.status is Status.PENDING and each.closes > self.clock.now()
        )
        return self.one([*islice(pending, 8)][::-1])

    def _register_party(self, by: Person) -> dict[str, Json]:
        person = by if self.random.random() < 0.2 else someone(self.random.choice(OTHERS))
        return {
            "name": person.name,
            "dids": [person.did],
            "keys": [person.thumbprint] if self.random.random() < 0.9 else [],
            "identifiers": [f"lei:{self.random.randint(0, 60)}"],
            "legal_basis": EVIDENCE if person == by else [],
        }

    def _amend_party(self, by: Person) -> dict[str, Json]:
        members: dict[str, Json] = {
            "party": (by if self.random.random() < 0.7 else self.person()).did
        }
        if self.random.random() < 0.4:
            members["name"] = f"name {self.random.randint(0, 99)}"
        if self.random.random() < 0.4:
            members["add_dids"] = [someone(f"spare {self.random.randint(0, 60)}").did]
        if self.random.random() < 0.2:
            members["remove_dids"] = [self._did_of(str(members["party"]))]
        if self.random.random() < 0.4:
            members["contacts"] = ["1" * 64]
        return members

    def _did_of(self, party: str) -> str:
        """One of a party's DIDs, most often the one that it had last."""
        found = self.state.index.party_of(Did.parse(party), self.state.size)
        return str(found.dids[-1]) if found and self.random.random() < 0.9 else party

    def _retire_party(self, by: Person) -> dict[str, Json]:
        return {"party": someone(self.random.choice(OTHERS)).did, "ground": "Gone"}

    def _declare_control_group(self, by: Person) -> dict[str, Json]:
        dids: list[Json] = [*{self.person().did for _ in range(2)}]
        group = f"group {self.random.randint(0, 9)}"
        return {"dids": sorted(map(str, dids)), "control_group": group, "ground": "Register"}

    def _rotate_keys(self, by: Person) -> dict[str, Json]:
        new = someone(f"spare {self.random.randint(0, 60)}")
        return {"party": by.did, "add": [new.thumbprint]}

    def _recover_keys(self, by: Person) -> dict[str, Json]:
        person = self.person()
        return {"party": person.did, "keys": [person.thumbprint], "ground": "Lost"}

    def _compromise_key(self, by: Person) -> dict[str, Json]:
        person = someone(self.random.choice(OTHERS[30:]))
        return {"did": person.did, "thumbprint": person.thumbprint, "from": format_instant(START)}

    def _grant(self, person: Person) -> dict[str, Json]:
        return {"entity": person.did, "scope": self.scope(), "valid_from": self.when()}

    def _add_anchor(self, by: Person) -> dict[str, Json]:
        powers: Json = {"actions": ["issue"], "depth": self.random.randint(0, 2)}
        return {**self._grant(self.person()), "action": "accredit", "passes_on": powers}

    def _authorise(self, by: Person) -> dict[str, Json]:
        return self._grant(self.person())

    def _accredit(self, by: Person) -> dict[str, Json]:
        powers: Json = {"actions": ["issue"], "depth": self.random.randint(0, 1)}
        return {**self._grant(self.person()), "passes_on": powers}

    _recognise = _authorise

    def _status(self, statement: str) -> dict[str, Json]:
        effect = self.random.choice(("nothing", "doubt", "void"))
        return {
            "statement": statement,
            "issued_credentials": effect,
            "ground": "Findings",
            "effective_from": self.when(0.2),
        }

    def _suspend(self, by: Person) -> dict[str, Json]:
        return self._status(self.statement())

    _withdraw = _remove_anchor = _suspend

    def _narrow(self, by: Person) -> dict[str, Json]:
        return {**self._status(self.statement()), "scope": self.scope()}

    _rescope_anchor = _narrow

    def _renew(self, by: Person) -> dict[str, Json]:
        return {"statement": self.statement(), "ground": "Re-assessed"}

    def _correct(self, by: Person) -> dict[str, Json]:
        return {"statement": self.statement(), "scope": self.scope(), "ground": "Misread"}

    def _reinstate(self, by: Person) -> dict[str, Json]:
        return {"change": self.change(), "ground": "Closed"}

    def _exclude(self, by: Person) -> dict[str, Json]:
        return {"entity": self.person().did, "scope": self.scope(), "ground": "Fraud"}

    def _appeal(self, by: Person) -> dict[str, Json]:
        return {"change": self.change(), "ground": "Wrong"}

    def _decide_appeal(self, by: Person) -> dict[str, Json]:
        appeal = self.one(list(self.state.docket.appeals))
        decision = self.random.choice(("upheld", "dismissed"))
        return {"appeal": appeal, "decision": decision, "ground": "Heard"}

    def _approve(self, by: Person) -> dict[str, Json]:
        return {"proposal": self.proposal(), "framework": self.state.framework.digest}

    _reject = _take_back = _execute = _approve

    def _object(self, by: Person) -> dict[str, Json]:
        return {"proposal": self.proposal(), "ground": "The river"}

    def _adopt_framework(self, by: Person) -> dict[str, Json]:
        version = self.state.framework.version + 1
        members: list[Json] = [member(name, seat) for name, seat in SEATS.items()]
        return {"framework": {**self.document, "version": version, "members": members}}
