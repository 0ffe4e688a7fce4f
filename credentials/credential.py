"""A credential as it was read: typed members, and a list of what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from credentials.problem_types import ProblemType
from credentials.status.entries import StatusEntry
from policies.claims import Claim
from policies.statements import Action
from resolver.instant import Instant
from resolver.strict_json import Json


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a credential that is not as it has to be.

    Attributes:
        check: the id of the check that it fails.
        pointer: JSON pointer (RFC 6901) to it.
        message: one plain sentence.
        type: what kind of problem, where it is another than the check's own.
    """

    check: str
    pointer: str
    message: str
    type: ProblemType | None = None


class DataModel(StrEnum):
    """By which rules a credential's document is read."""

    VCDM_2 = "VCDM 2.0"
    VCDM_1_1 = "VCDM 1.1"
    SD_JWT_VC = "SD-JWT VC"


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential's document, before anything is believed.

    Attributes:
        body: the whole document, as parsed.
        id: the credential's own identifier, or None.
        types: the values of `type`, in order; of an SD-JWT VC those of `vct` and `aka_vcts`.
        contexts: the URLs of `@context`, in order.
        issuer: the issuer's id, or an empty string where there is none.
        issuer_name: the issuer's own name for itself, or None.
        valid_from: the start of the validity period, or None.
        valid_until: the end of the validity period, or None.
        status: the entries of `credentialStatus`.
        problems: every member that could not be read; a member named here has no value above.
        model: by which rules it was read.
    """

    body: Mapping[str, Json]
    id: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    issuer: str = ""
    issuer_name: str | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    status: tuple[StatusEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    model: DataModel = DataModel.VCDM_2


@dataclass(frozen=True, slots=True)
class CredentialClaim:
    """One claim that a credential makes.

    Attributes:
        claim: the claim, single-valued.
        pointer: JSON pointer (RFC 6901) to where the credential makes it.
        attested: True where the issuer speaks of another; False where it is self-declared.
        text: the claim as one readable line.
        action: what the issuer does by it: `issue`, or `anchor` for an identity anchor.
    """

    claim: Claim
    pointer: str
    attested: bool
    text: str
    action: Action = Action.ISSUE
