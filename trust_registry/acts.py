"""Acts: the signed governance objects that alone change trust. Closed schemas, typed members."""

from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from policies.scope import Scope
from policies.statements import Action, IssuedEffect, PassesOn
from resolver.errors import InvalidJsonError, NotCanonicalisableError
from resolver.jcs import canonicalise
from resolver.strict_json import parse_json
from trust_registry.documents import FrameworkDocument
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.fields import (
    MAX_ITEMS,
    Closed,
    Country,
    DidMember,
    Digest,
    Domain,
    InstantMember,
    Plain,
    ScopeMember,
    Thumbprint,
)

MAX_PAYLOAD = 45_000
"""Bytes. In base64url, with its signature and signer, an entry then stays below 65,535."""
ACT_TYPE = "trust-act+jws"
"""The `typ` of an act's protected header."""

_Dids = Annotated[tuple[DidMember, ...], Field(min_length=1, max_length=MAX_ITEMS)]
_Names = Annotated[tuple[Plain, ...], Field(max_length=MAX_ITEMS)]


class Audience(Closed):
    """The registry that an act is meant for.

    Attributes:
        origin: its name.
        genesis: SHA-256 of its first entry, in hex; absent in that entry itself.
    """

    origin: Plain
    genesis: Digest | None = None


class Evidence(Closed):
    """A document that an act rests on: where it is, and its SHA-256 in hex."""

    uri: Plain
    sha256: Digest


class BaseState(Closed):
    """The journal that the signer looked at: its size and its root, in hex."""

    size: Annotated[int, Field(ge=1)]
    root: Digest


class SignedAct(Closed):
    """What every act says.

    Attributes:
        registry: whom it is meant for.
        by: the DID of the signer.
        issued: when it was signed.
        expires: after this it is not recorded any more, nor voted on.
        nonce: used once by this signer.
        evidence: documents it rests on.
        base: the state its signer looked at; demanded of everything that a board decides.
    """

    registry: Audience
    by: DidMember
    issued: InstantMember
    expires: InstantMember
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=MAX_ITEMS)] = ()
    base: BaseState | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires <= self.issued:
            raise ValueError("expires is not after issued")
        return self


class AdoptFramework(SignedAct):
    """Adopt a governance framework; the journal's first entry, and every change of it."""

    type: Literal["adopt_framework"]
    framework: FrameworkDocument


class RegisterParty(SignedAct):
    """Register a legal person, or restate one in full: the DIDs it had stay among its DIDs."""

    type: Literal["register_party"]
    name: Plain
    dids: _Dids
    keys: Annotated[tuple[Thumbprint, ...], Field(max_length=MAX_ITEMS)] = ()
    control_group: Plain | None = None
    trading_names: _Names = ()
    domains: Annotated[tuple[Domain, ...], Field(max_length=MAX_ITEMS)] = ()
    identifiers: _Names = ()
    kinds: _Names = ()
    jurisdiction: Country = ""


class PowersMember(Closed):
    """What an accreditation passes on: actions, and levels of accreditation below it."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    depth: Annotated[int, Field(ge=0, le=16)]

    def passes_on(self) -> PassesOn:
        """Return the powers."""
        return PassesOn(frozenset(self.actions), self.depth)


class Grant(SignedAct):
    """What every statement of authority says.

    Attributes:
        entity: whom it is about.
        scope: for which claims; every dimension is stated.
        valid_from: the first instant at which it holds; when it is recorded, where not said.
        valid_until: the first instant at which it no longer holds.
    """

    entity: DidMember
    scope: ScopeMember
    valid_from: InstantMember | None = None
    valid_until: InstantMember | None = None

    @model_validator(mode="after")
    def _holds_once(self) -> Self:
        if self.valid_until is not None and self.valid_until <= (self.valid_from or self.issued):
            raise ValueError("valid_until is not after valid_from")
        return self


class AddAnchor(Grant):
    """Make a party a trust anchor: the framework itself authorises it."""

    type: Literal["add_anchor"]
    action: Action
    passes_on: PowersMember | None = None

    @model_validator(mode="after")
    def _powers(self) -> Self:
        if (self.action is Action.ACCREDIT) is (self.passes_on is None):
            raise ValueError("passes_on belongs to the action accredit, and to no other")
        return self


class Authorise(Grant):
    """Authorise a party to do something itself."""

    type: Literal["authorise"]
    action: Literal[Action.ISSUE, Action.ANCHOR, Action.LINK] = Action.ISSUE


class Accredit(Grant):
    """Authorise a party to authorise others."""

    type: Literal["accredit"]
    passes_on: PowersMember


class Recognise(Grant):
    """Recognise a peer authority, one way and not transitively."""

    type: Literal["recognise"]


class StatusAct(SignedAct):
    """What every act against a statement says.

    Attributes:
        statement: the statement it touches.
        scope: which claims it touches; all, where not said.
        effective_from: the first instant of the change; when it is recorded, where not said.
        issued_credentials: what it means for credentials issued before.
        ground: why, in one sentence, without personal data.
    """

    statement: Digest
    scope: ScopeMember = Field(default_factory=Scope)
    effective_from: InstantMember | None = None
    issued_credentials: IssuedEffect
    ground: Plain


class Suspend(StatusAct):
    """Suspend a statement, whole or in part."""

    type: Literal["suspend"]
    effective_until: InstantMember | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        begins = self.effective_from or self.issued
        if self.effective_until is not None and self.effective_until <= begins:
            raise ValueError("effective_until is not after effective_from")
        return self


class Withdraw(StatusAct):
    """Withdraw a statement, whole or in part, for good."""

    type: Literal["withdraw"]


class Reinstate(SignedAct):
    """End a suspension, or take a withdrawal back.

    Attributes:
        change: the act that is ended.
        effective_from: from when; when it is recorded, where not said.
        ground: why.
    """

    type: Literal["reinstate"]
    change: Digest
    effective_from: InstantMember | None = None
    ground: Plain


class Exclude(SignedAct):
    """Shut a party out of some claims, whatever paths exist."""

    type: Literal["exclude"]
    entity: DidMember
    scope: ScopeMember = Field(default_factory=Scope)
    effective_from: InstantMember | None = None
    effective_until: InstantMember | None = None
    ground: Plain


class CompromiseKey(SignedAct):
    """Record that others may have used a key since an instant."""

    type: Literal["compromise_key"]
    did: DidMember
    thumbprint: Thumbprint
    since: InstantMember = Field(alias="from")


class Vote(SignedAct):
    """What every vote says: on which act, under which framework, having seen what.

    Attributes:
        proposal: the id of the act voted on.
        framework: the digest of the framework in force.
        base: the state the voter looked at; it contains the proposal.
    """

    proposal: Digest
    framework: Digest
    base: BaseState


class Approve(Vote):
    """Approve a pending act."""

    type: Literal["approve"]


class Reject(Vote):
    """Object to a pending act, or take an approval back; by its proposer, end it."""

    type: Literal["reject"]


class Execute(Vote):
    """Carry out an act that has its quorum and whose waiting period is over."""

    type: Literal["execute"]


Act = (
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
_ACT: TypeAdapter[Act] = TypeAdapter(Annotated[Act, Field(discriminator="type")])


def act_id(payload: bytes) -> str:
    """The id of an act: SHA-256 of its payload, in hex."""
    return sha256(payload).hexdigest()


def parse_act(payload: bytes) -> Act:
    """Read an act from its payload.

    Args:
        payload: its canonical bytes (RFC 8785); any other form of the same JSON is refused.

    Raises:
        ActRefusedError: too large, not canonical, or not what its type's schema says.
    """
    if len(payload) > MAX_PAYLOAD:
        raise ActRefusedError(Refusal.TOO_LARGE, f"an act has at most {MAX_PAYLOAD} bytes")
    try:
        value = parse_json(payload, max_bytes=MAX_PAYLOAD, max_depth=16)
        canonical = canonicalise(value)
    except (InvalidJsonError, NotCanonicalisableError) as error:
        raise ActRefusedError(Refusal.MALFORMED, str(error), "payload") from None
    if canonical != payload:
        raise ActRefusedError(
            Refusal.NOT_CANONICAL, "the payload is not its own canonical form (RFC 8785)", "payload"
        )
    try:
        return _ACT.validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        # The first part names the member of the union; a reader knows it from `type`.
        member = ".".join(path[1:]) if len(path) > 1 else "type"
        if not path and first["type"].startswith("union_tag"):
            member = "type"
        raise ActRefusedError(Refusal.MALFORMED, first["msg"], member) from None
