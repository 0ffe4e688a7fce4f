"""The JWTs of version 1.1: a document in the claim `vc` or `vp`, parts of it in registered ones."""

from collections.abc import Mapping

from credentials.checks import CheckId, PresentationCheckId
from credentials.credential import Problem
from credentials.errors import MalformedCredentialError
from credentials.jwt import numeric_date
from credentials.reading import OLD_CONTEXT
from credentials.values import entries, refuse_overfull
from resolver.errors import InvalidInstantError
from resolver.instant import SECOND, Instant, format_instant, parse_instant
from resolver.strict_json import Json


def credential_of(claims: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """Put the credential of a `vc` claim together (VCDM 1.1 section 6.3.1).

    A registered claim fills in the member that it stands for. Where both are there they have to
    agree: what one verifier reads from the claim another must not read otherwise from the member.

    Raises:
        MalformedCredentialError: `vc` is no credential of version 1.1; in 2.0 the payload itself is
            the credential, and must have no such claim (VC-JOSE-COSE 3.1.3).
    """
    body = _inside(claims, "vc")
    problems = [
        *_same(claims, "iss", body, "issuer", CheckId.ISSUER),
        *_same(claims, "jti", body, "id", CheckId.STRUCTURE),
        *_time(claims, "nbf", body, "issuanceDate"),
        *_time(claims, "exp", body, "expirationDate"),
    ]
    if "sub" in claims:
        subject = body.get("credentialSubject", {})
        if isinstance(subject, dict):
            subject = dict(subject)
            problems += _same(claims, "sub", subject, "id", CheckId.STRUCTURE)
            body["credentialSubject"] = subject
        else:
            message = "sub speaks of one subject, the credential has several"
            problems.append(Problem(CheckId.STRUCTURE, "/sub", message))
    return body, tuple(problems)


def presentation_of(claims: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """Put the presentation of a `vp` claim together, as `credential_of` does.

    Raises:
        MalformedCredentialError: `vp` is no presentation of version 1.1.
    """
    body = _inside(claims, "vp")
    problems = (
        *_same(claims, "iss", body, "holder", PresentationCheckId.HOLDER),
        *_same(claims, "jti", body, "id", CheckId.STRUCTURE),
    )
    return body, problems


def _inside(claims: Mapping[str, Json], claim: str) -> dict[str, Json]:
    inner = claims[claim]
    contexts = entries(inner.get("@context") if isinstance(inner, dict) else None)
    if not isinstance(inner, dict) or not contexts or contexts[0][1] != OLD_CONTEXT:
        message = (
            f"a JWT with a `{claim}` claim is the shape of version 1.1; in 2.0 the payload is the"
            " document itself"
        )
        raise MalformedCredentialError(message, f"/{claim}")
    refuse_overfull(inner, f"/{claim}")
    return dict(inner)


def _same(
    claims: Mapping[str, Json], claim: str, body: dict[str, Json], member: str, check: str
) -> list[Problem]:
    """Fill a member in from its claim; tell where both are there and differ."""
    if claim not in claims:
        return []
    present = body.setdefault(member, claims[claim])
    named = present.get("id") if isinstance(present, dict) else present
    if named == claims[claim]:
        return []
    return [Problem(check, f"/{claim}", f"{claim} differs from {member}")]


def _time(
    claims: Mapping[str, Json], claim: str, body: dict[str, Json], member: str
) -> list[Problem]:
    """As `_same`, for a time in whole seconds. What is no NumericDate is told by its reader."""
    instant = numeric_date(claims.get(claim))
    if instant is None:
        return []
    if member not in body:
        body[member] = format_instant(instant)
        return []
    try:
        stated = parse_instant(str(body[member]))
    except InvalidInstantError:
        return []  # the member's own reader tells
    if _second(stated) == _second(instant):
        return []
    return [Problem(CheckId.VALIDITY, f"/{claim}", f"{claim} differs from {member}")]


def _second(instant: Instant) -> int:
    return instant // SECOND
