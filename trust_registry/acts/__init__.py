"""Acts: the signed governance objects that alone change trust. Closed schemas, typed members."""

from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from resolver.errors import InvalidJsonError, NotCanonicalisableError
from resolver.jcs import canonicalise
from resolver.strict_json import parse_json
from trust_registry.acts.grants import (
    Accredit,
    AddAnchor,
    Authorise,
    Correct,
    Grant,
    Narrow,
    PowersMember,
    Recognise,
    Renew,
    Replacement,
    RescopeAnchor,
)
from trust_registry.acts.parties import (
    AmendParty,
    CompromiseKey,
    DeclareControlGroup,
    RecoverKeys,
    RegisterParty,
    RetireParty,
    RotateKeys,
)
from trust_registry.acts.signed import Audience, BaseState, Evidence, SignedAct
from trust_registry.acts.status import (
    Appeal,
    DecideAppeal,
    Exclude,
    Reinstate,
    RemoveAnchor,
    StatusAct,
    Suspend,
    Withdraw,
)
from trust_registry.acts.votes import Approve, Execute, Object, Reject, TakeBack, Vote
from trust_registry.documents import FrameworkDocument
from trust_registry.errors import ActRefusedError, Refusal

MAX_PAYLOAD = 45_000
"""Bytes. In base64url, with its signatures and signers, an entry then stays below 65,535."""
ACT_TYPE = "trust-act+jws"
"""The `typ` of an act's protected header."""

__all__ = [
    "ACT_TYPE",
    "MAX_PAYLOAD",
    "Accredit",
    "Act",
    "AddAnchor",
    "AdoptFramework",
    "AmendParty",
    "Appeal",
    "Approve",
    "Audience",
    "Authorise",
    "BaseState",
    "CompromiseKey",
    "Correct",
    "DecideAppeal",
    "DeclareControlGroup",
    "Evidence",
    "Exclude",
    "Execute",
    "Grant",
    "Narrow",
    "Object",
    "PowersMember",
    "Recognise",
    "RecoverKeys",
    "RegisterParty",
    "Reinstate",
    "Reject",
    "RemoveAnchor",
    "Renew",
    "Replacement",
    "RescopeAnchor",
    "RetireParty",
    "RotateKeys",
    "SignedAct",
    "StatusAct",
    "Suspend",
    "TakeBack",
    "Vote",
    "Withdraw",
    "act_id",
    "parse_act",
]


class AdoptFramework(SignedAct):
    """Adopt a governance framework; the journal's first entry, and every amendment of it."""

    type: Literal["adopt_framework"]
    framework: FrameworkDocument


Act = (
    AdoptFramework
    | RegisterParty
    | AmendParty
    | RetireParty
    | DeclareControlGroup
    | RotateKeys
    | RecoverKeys
    | CompromiseKey
    | AddAnchor
    | RescopeAnchor
    | RemoveAnchor
    | Authorise
    | Accredit
    | Recognise
    | Renew
    | Narrow
    | Correct
    | Suspend
    | Withdraw
    | Reinstate
    | Exclude
    | Appeal
    | DecideAppeal
    | Approve
    | Reject
    | TakeBack
    | Object
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
