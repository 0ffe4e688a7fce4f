"""A small board and a few parties with did:key identifiers, and acts by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

import pytest

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Outcome, Question, Reason
from policies.statements import Party, Statement, StatementId
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.instant import DAY, Instant, format_instant, parse_instant
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json
from trust_registry.documents import BOARD_ACTS, document_digest, load_framework
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.governance import Submission
from trust_registry.log.keys import SigningKey
from trust_registry.log.policies import Policy
from trust_registry.registry import Registry, open_registry
from trust_registry.writing import act_id, cosign_act, found, sign_act, vote_on, write_act

ORIGIN = "https://registry.test"
START = parse_instant("2026-01-01T00:00:00Z")
SEATS = {
    "bc": "state",
    "drc": "state",
    "irma": "scheme-owner",
    "mark": "scheme-owner",
    "maker": "industry",
    "watch": "civil-society",
}


@dataclass(frozen=True)
class Person:
    name: str

    @cached_property
    def key(self) -> PrivateKey:
        return PrivateKey.from_seed(sha256(f"test key of {self.name}".encode()).digest())

    @property
    def did(self) -> str:
        return f"did:key:{self.key.public.multikey}"

    @property
    def kid(self) -> str:
        return f"{self.did}#{self.key.public.multikey}"

    @cached_property
    def thumbprint(self) -> str:
        return self.key.public.thumbprint


PEOPLE: dict[str, Person] = {}


@cache
def someone(name: str) -> Person:
    person = Person(name)
    PEOPLE[person.did] = person
    return person


def framework_document(**changed: Json) -> dict[str, Json]:
    quorum: dict[str, Json] = {"share": "1/2", "minimum": {"civil-society": 1}}
    rules: dict[str, Json] = dict.fromkeys(BOARD_ACTS, quorum)
    rules["add_anchor"] = {**quorum, "waiting": "7d", "objected": "21d"}
    rules["adopt_framework"] = {"share": "2/3", "minimum": {"civil-society": 1}}
    return {
        "id": "https://registry.test/framework",
        "name": "Test framework",
        "version": 1,
        "members": [member(name, seat) for name, seat in SEATS.items()],
        "rules": rules,
        "emergency": "72h",
        **changed,
    }


def member(name: str, seat: str, **more: Json) -> dict[str, Json]:
    person = someone(name)
    return {
        "did": person.did,
        "name": name,
        "class": seat,
        "keys": [person.thumbprint],
        **more,
    }


def party(name: str, **more: Json) -> dict[str, Json]:
    person = someone(name)
    return {
        "type": "register_party",
        "name": name,
        "dids": [person.did],
        "keys": [person.thumbprint],
        **more,
    }


def grant(type_: str, entity: str, **more: Json) -> dict[str, Json]:
    scope: dict[str, Json] = {"commodity": ["copper"], "rest": "any"}
    payload: dict[str, Json] = {"type": type_, "entity": someone(entity).did, "scope": scope}
    if type_ in ("accredit", "add_anchor"):
        payload["passes_on"] = {"actions": ["issue"], "depth": 1}
    if type_ == "add_anchor":
        payload["action"] = "accredit"
    return {**payload, **more}


EVIDENCE: list[Json] = [{"uri": "https://evidence.test/1", "sha256": "0" * 64}]


def cosigners(payload: bytes) -> list[Person]:
    """Those whose DIDs an act binds."""
    act = parse_json(payload)
    assert isinstance(act, dict)
    named = (act.get(name) for name in ("dids", "add_dids"))
    registers = act["type"] in ("register_party", "amend_party")
    dids = [did for value in named if isinstance(value, list) for did in value if registers]
    return [PEOPLE[str(did)] for did in dids if did in PEOPLE]


def against(statement: str, type_: str = "suspend", **more: Json) -> dict[str, Json]:
    return {
        "type": type_,
        "statement": statement,
        "issued_credentials": "nothing",
        "ground": "Findings",
        **more,
    }


@dataclass
class Board:
    """A registry under test with its clock; acts are signed and submitted in one call."""

    registry: Registry
    clock: FixedClock
    document: dict[str, Json] = field(default_factory=framework_document)
    sent: int = 0

    def write(self, by: str, members: Mapping[str, Json], **given: object) -> bytes:
        self.sent += 1
        journal = self.registry.journal
        arguments: dict[str, object] = {
            "by": someone(by).did,
            "origin": ORIGIN,
            "genesis": self.registry.genesis,
            "base": (journal.size, journal.root.hex()),
            "issued": self.clock.now(),
            "nonce": f"nonce-number-{self.sent:08d}",
            **given,
        }
        return write_act(members, **arguments)

    def sign(self, by: str, payload: bytes, *also: str) -> dict[str, Json]:
        """Sign as somebody, and as others too; who is registered signs where it is not said."""
        person = someone(by)
        signed: dict[str, Json] = {**sign_act(payload, person.kid, person.key)}
        for other in map(someone, also) if also else cosigners(payload):
            if other.did != person.did:
                signed = cosign_act(signed, other.kid, other.key)
        return signed

    async def act(
        self, by: str, members: Mapping[str, Json], also: Sequence[str] = (), **given: object
    ) -> Submission:
        return await self.registry.submit(self.sign(by, self.write(by, members, **given), *also))

    async def vote(self, by: str, proposal: str, vote: str = "approve") -> Submission:
        framework = self.registry.index.frameworks()[-1].digest
        return await self.act(by, vote_on(proposal, framework, vote))

    async def decide(
        self,
        members: Mapping[str, Json],
        by: str = "irma",
        voters: Sequence[str] = ("maker", "watch"),
        after: int = 0,
    ) -> Submission:
        """Propose, wait, and let the voters approve; the last vote's receipt."""
        last = await self.act(by, members)
        proposal = last.id
        self.clock.instant = Instant(self.clock.instant + after)
        for voter in voters:
            last = await self.vote(voter, proposal)
        return last

    async def anchor(self, name: str, **more: Json) -> str:
        """Make a member an anchor; the statement's id."""
        voters = [each for each in ("mark", "maker", "watch") if each != name]
        payload = grant("add_anchor", name, **more)
        by = "irma" if name != "irma" else "bc"
        proposed = await self.act(by, payload)
        self.clock.instant = Instant(self.clock.instant + 8 * DAY)
        for voter in voters:
            if self.registry.state.status(proposed.id) == "pending":
                await self.vote(voter, proposed.id)
        return proposed.id

    async def refused(
        self, by: str, members: Mapping[str, Json], also: Sequence[str] = (), **given: object
    ) -> Refusal:
        """Why an act is refused; the journal stays as it is."""
        size = self.registry.journal.size
        with pytest.raises(ActRefusedError) as caught:
            await self.act(by, members, also, **given)
        assert self.registry.journal.size == size
        return caught.value.code

    async def settle(self, proposal: str, *voters: str) -> str:
        """Let members approve for as long as it is pending; what has become of it."""
        for voter in voters:
            if self.registry.state.status(proposal) == "pending":
                await self.vote(voter, proposal)
        return str(self.registry.state.status(proposal))

    def answer(self, issuer: str, at: Instant | None = None) -> tuple[Outcome, Reason]:
        claim = Claim({Dimension.COMMODITY: ClaimValue("copper")})
        now = self.clock.now()
        did, size = Did.parse(someone(issuer).did), self.registry.journal.size
        decision = decide(Question(did, claim, at or now, now, size), self.registry.index)
        return decision.outcome, decision.reason

    def party(self, name: str) -> Party:
        party = self.registry.index.party_of(
            Did.parse(someone(name).did), self.registry.journal.size
        )
        assert party is not None
        return party

    def statement(self, id_: str) -> Statement | None:
        return self.registry.index.statement(StatementId(id_))

    @property
    def now(self) -> str:
        return format_instant(self.clock.now())

    def later(self, milliseconds: int) -> str:
        return format_instant(Instant(self.clock.now() + milliseconds))

    def pass_time(self, milliseconds: int) -> None:
        self.clock.instant = Instant(self.clock.instant + milliseconds)


async def open_board(
    path: Path,
    document: dict[str, Json] | None = None,
    clock: FixedClock | None = None,
    log_keys: Sequence[SigningKey] = (),
    witnesses: Policy | None = None,
) -> Board:
    document = document or framework_document()
    clock = clock or FixedClock(START)
    founder = someone("irma")

    def genesis() -> Json:
        payload = found(document, by=founder.did, origin=ORIGIN, issued=START)
        return {**sign_act(payload, founder.kid, founder.key)}

    registry = await open_registry(
        path,
        clock=clock,
        resolver=Resolver({"key": KeyMethod()}, clock),
        origin=ORIGIN,
        genesis=genesis,
        log_keys=log_keys,
        witnesses=witnesses,
    )
    return Board(registry, clock, document)


__all__ = [
    "EVIDENCE",
    "ORIGIN",
    "START",
    "Board",
    "act_id",
    "against",
    "document_digest",
    "framework_document",
    "grant",
    "load_framework",
    "member",
    "open_board",
    "party",
    "someone",
]
