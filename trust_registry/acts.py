"""Acts: the signed objects that are the registry's only way to change (closed schemas)."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError
from resolver.proofs.jose import Jws, parse_flattened

from policies.statements import Action, IssuedEffect, PassesOn
from resolver.did import Did, DidUrl
from resolver.errors import ResolverError
from resolver.jcs import canonicalise
from resolver.strict_json import Json, parse_json
from trust_registry.errors import ActRefusedError
from trust_registry.fields import (
    Closed,
    DidField,
    DigestField,
    GroundField,
    InstantField,
    NameField,
    ScopeField,
    ThumbprintField,
    UriField,
)

ACT_TYPE = "trust-act+jws"
MAX_ACT_BYTES = 49_152
"""So that an entry, with the payload in base64, stays below the log's 65,535 bytes."""
_ALGORITHMS = ("Ed25519", "ES256")


class RegistryReference(Closed):
    """The registry an act is meant for: where it lives, and which history it has."""

    origin: UriField
    genesis: DigestField | None = None


class Evidence(Closed):
    """A document that an act rests on: where it is, and its digest."""

    uri: UriField
    sha256: DigestField


class Base(Closed):
    """The state of the journal that a signer had before them."""

    size: Annotated[int, Field(ge=1)]
    root: DigestField


class Act(Closed):
    """What every act carries.

    Attributes:
        registry: the audience.
        by: who signs.
        issued: when it was signed.
        expires: when it may no longer be taken, nor executed.
        nonce: never used again by the same signer.
        evidence: what it rests on.
        base: the state of the journal that the signer had before them.
    """

    registry: RegistryReference
    by: DidField
    issued: InstantField
    expires: InstantField
    nonce: Annotated[str, Field(min_length=16, max_length=128)]
    evidence: Annotated[tuple[Evidence, ...], Field(strict=False, max_length=32)] = ()
    base: Base | None = None


class PassesOnDocument(Closed):
    """What an accreditation lets its holder grant."""

    actions: Annotated[frozenset[Action], Field(strict=False, min_length=1)]
    depth: Annotated[int, Field(ge=0, le=8)]

    @property
    def value(self) -> PassesOn:
        """As the rules think of it."""
        return PassesOn(self.actions, self.depth)


class PartyDocument(Closed):
    """A legal person as the registry is told about it."""

    name: NameField
    dids: Annotated[tuple[DidField, ...], Field(strict=False, min_length=1, max_length=16)]
    control_group: Annotated[str, Field(max_length=200)] = ""
    keys: Annotated[tuple[ThumbprintField, ...], Field(strict=False, max_length=16)] = ()
    trading_names: Annotated[tuple[NameField, ...], Field(strict=False, max_length=16)] = ()
    domains: Annotated[tuple[NameField, ...], Field(strict=False, max_length=16)] = ()
    identifiers: Annotated[tuple[UriField, ...], Field(strict=False, max_length=16)] = ()
    kinds: Annotated[tuple[NameField, ...], Field(strict=False, max_length=8)] = ()
    jurisdiction: Annotated[str, Field(pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")] = ""


class AdoptFramework(Act):
    """The journal's first act: the governance framework."""

    type: Literal["adopt_framework"]
    framework: dict[str, object]


class RegisterParty(Act):
    """Make a party known."""

    type: Literal["register_party"]
    party: PartyDocument


class Grant(Act):
    """What the granting acts share; without `valid_from` they hold from their recording."""

    entity: DidField
    scope: ScopeField
    valid_from: InstantField | None = None
    valid_until: InstantField | None = None


class AddAnchor(Grant):
    """Make an entity a trust anchor of the framework."""

    type: Literal["add_anchor"]
    action: Annotated[Action, Field(strict=False)]
    passes_on: PassesOnDocument | None = None


class Authorise(Grant):
    """Let an entity act within a scope."""

    type: Literal["authorise"]
    action: Annotated[Literal[Action.ISSUE, Action.ANCHOR, Action.LINK], Field(strict=False)]


class Accredit(Grant):
    """Let an entity authorise others within a scope."""

    type: Literal["accredit"]
    passes_on: PassesOnDocument


class Recognise(Grant):
    """Recognise a peer authority within a scope."""

    type: Literal["recognise"]


class StatusAct(Act):
    """What suspensions and withdrawals share; without a scope they touch the whole statement."""

    statement: DigestField
    scope: ScopeField | None = None
    effective_from: InstantField
    issued_credentials: Annotated[IssuedEffect, Field(strict=False)]
    ground: GroundField


class Suspend(StatusAct):
    """Suspend a statement, whole or in part."""

    type: Literal["suspend"]
    effective_until: InstantField | None = None


class Withdraw(StatusAct):
    """Withdraw a statement, whole or in part, if need be from a time in the past."""

    type: Literal["withdraw"]


class Reinstate(Act):
    """Lift a suspension."""

    type: Literal["reinstate"]
    suspension: DigestField
    effective_from: InstantField
    ground: GroundField


class Exclude(Act):
    """Shut a party out of a scope, whatever authority it holds."""

    type: Literal["exclude"]
    entity: DidField
    scope: ScopeField
    effective_from: InstantField
    effective_until: InstantField | None = None
    ground: GroundField


class CompromiseKey(Act):
    """Say that others may have used a key."""

    type: Literal["compromise_key"]
    did: DidField
    thumbprint: ThumbprintField
    compromised_from: InstantField
    ground: GroundField


class Vote(Act):
    """What approvals and rejections share: bound to a proposal, a framework and a state."""

    proposal: DigestField
    framework: DigestField


class Approve(Vote):
    """Approve a proposal."""

    type: Literal["approve"]


class Reject(Vote):
    """Reject a proposal, or take an approval back."""

    type: Literal["reject"]


class Execute(Act):
    """Ask that a proposal whose waiting period is over take effect."""

    type: Literal["execute"]
    proposal: DigestField


AnyAct = (
    AdoptFramework
    | RegisterParty
    | AddAnchor
    | Authorise
    | Accredit
    | Recognise
    | Suspend
    | Withdraw
    | Reinstate
    | Exclude
    | CompromiseKey
    | Approve
    | Reject
    | Execute
)
_ACTS: TypeAdapter[AnyAct] = TypeAdapter(Annotated[AnyAct, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class SignedAct:
    """An act as it arrived, opened but not yet believed.

    Attributes:
        act: what it says.
        id: SHA-256 of its payload, in hex.
        jws: the signature over it.
        method: the verification method that signed, according to its header.
    """

    _FLATTENED: ClassVar[tuple[str, ...]] = ("payload", "protected", "signature")

    act: AnyAct
    id: str
    jws: Jws
    method: DidUrl


def act_id(payload: bytes) -> str:
    """Return the id of an act: SHA-256 of its payload, in hex."""
    return hashlib.sha256(payload).hexdigest()


def open_act(value: Json) -> SignedAct:
    """Open a flattened JWS over an act; its signature is not verified here.

    Raises:
        ActRefusedError: not such a JWS, another header, payload not its own canonical form, or not
            what the act's schema demands.
    """
    try:
        jws = parse_flattened(value)
    except ResolverError as error:
        raise ActRefusedError("MALFORMED_JWS", str(error)) from None
    if len(jws.payload) > MAX_ACT_BYTES:
        raise ActRefusedError("TOO_LARGE", f"an act has at most {MAX_ACT_BYTES} bytes")
    method = _header(jws)
    act = read_act(jws.payload)
    if method.did != act.by:
        raise ActRefusedError("NOT_THE_SIGNER", "signed by another DID than `by` names", "/by")
    return SignedAct(act, act_id(jws.payload), jws, method)


def _header(jws: Jws) -> DidUrl:
    header = jws.header
    if set(header) != {"alg", "kid", "typ"}:
        raise ActRefusedError("HEADER", "the protected header has exactly alg, kid and typ")
    if header["typ"] != ACT_TYPE:
        raise ActRefusedError("HEADER", f"typ must be {ACT_TYPE}", "/protected/typ")
    if header["alg"] not in _ALGORITHMS:
        raise ActRefusedError("HEADER", "alg must be Ed25519 or ES256", "/protected/alg")
    try:
        method = DidUrl.parse(str(header["kid"]))
    except ResolverError as error:
        raise ActRefusedError("HEADER", f"kid: {error}", "/protected/kid") from None
    if method.fragment is None or method.path or method.query:
        raise ActRefusedError("HEADER", "kid must be a DID with a fragment", "/protected/kid")
    return method


def read_act(payload: bytes) -> AnyAct:
    """Read an act from its payload.

    Raises:
        ActRefusedError: not JSON, not its own canonical form, or not what the schema demands.
    """
    try:
        value = parse_json(payload, max_bytes=MAX_ACT_BYTES)
        canonical = canonicalise(value)
    except ResolverError as error:
        raise ActRefusedError("MALFORMED_PAYLOAD", str(error), "/payload") from None
    if canonical != payload:
        raise ActRefusedError("NOT_CANONICAL", "the payload is not its own JCS form", "/payload")
    try:
        return _ACTS.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        steps = [str(step) for step in first["loc"]]
        if steps and isinstance(value, dict) and steps[0] == value.get("type"):
            del steps[0]
        raise ActRefusedError("SCHEMA", first["msg"], "/" + "/".join(steps)) from None


def author(act: AnyAct) -> Did:
    """Return who signs an act."""
    return act.by
