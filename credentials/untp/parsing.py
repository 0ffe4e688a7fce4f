"""From a UNTP credential of any version to one set of claims."""

from dataclasses import dataclass

from credentials.credential import Credential, CredentialClaim
from credentials.untp.anchor import anchor_claims
from credentials.untp.collecting import Claims
from credentials.untp.conformity import Attestation
from credentials.untp.errors import InvalidUntpError
from credentials.untp.event import event_claims
from credentials.untp.node import Node
from credentials.untp.passport import facility_claims, passport_claims
from credentials.untp.recognition import Generation, Kind, Recognised, recognise
from policies.claims import ClaimValue, Dimension
from policies.statements import Action


@dataclass(frozen=True, slots=True)
class UntpCredential:
    """A UNTP credential, read.

    Attributes:
        kind: its core type.
        version: as its context names it, such as `0.7.0` or `working`.
        claims: everything that it claims, single-valued, in the order of the document.
        warnings: where it is read more liberally than its version's schema.
    """

    kind: Kind
    version: str
    claims: tuple[CredentialClaim, ...]
    warnings: tuple[str, ...] = ()


def parse_untp(credential: Credential) -> UntpCredential:
    """Read a UNTP credential of version 0.5 (identity anchors 0.2.1), 0.6 or 0.7.

    Raises:
        UnsupportedUntpError: it is not a UNTP credential, or of a version that is not read.
        InvalidUntpError: it is not shaped like one, or makes more than `MAX_CLAIMS` claims.
    """
    recognised = recognise(credential)
    action = Action.ANCHOR if recognised.kind is Kind.DIA else Action.ISSUE
    claims = Claims({Dimension.CREDENTIAL_TYPE: _types(recognised)}, action)
    subjects = Node(credential.body, "").children("credentialSubject")
    if not subjects:
        raise InvalidUntpError("/credentialSubject", "is missing")
    for subject in subjects:
        _read(subject, recognised, credential.issuer, claims)
    warnings = _warnings(subjects, recognised)
    return UntpCredential(recognised.kind, recognised.version, claims.all(), warnings)


def _types(recognised: Recognised) -> tuple[ClaimValue, ...]:
    """Return the credential type; an extension lies within the core type that it extends."""
    core = recognised.kind.value
    return tuple(ClaimValue(t, within=(core,)) for t in recognised.extensions) or (
        ClaimValue(core),
    )


def _read(subject: Node, recognised: Recognised, issuer: str, claims: Claims) -> None:
    generation = recognised.generation
    match recognised.kind:
        case Kind.DCC:
            Attestation(subject, generation, issuer).claims(claims)
        case Kind.DPP:
            passport_claims(subject, generation, claims)
        case Kind.DFR:
            facility_claims(subject, generation, claims)
        case Kind.DTE:
            event_claims(subject, generation, claims)
        case Kind.DIA:
            anchor_claims(subject, generation, issuer, claims)


def _warnings(subjects: tuple[Node, ...], recognised: Recognised) -> tuple[str, ...]:
    found = []
    if recognised.version == "working":
        found.append("the context is that of a working draft, read as 0.6")
    if recognised.kind is Kind.DIA and recognised.generation is Generation.V07:
        for subject in subjects:
            if subject.states("schemeId"):
                found.append(f"{subject.at('schemeId')} is read as idScheme")
            if not subject.states("registrationScope"):
                found.append(f"{subject.at('registrationScope')} is missing (DIA-05)")
    return tuple(found[:10])
