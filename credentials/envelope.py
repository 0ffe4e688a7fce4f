"""Envelopes: every form in which a credential travels, opened to one `Credential`.

Nothing here is verified. A form that is not understood is refused; whatever else is wrong is kept
as a problem, so that a report can name all of it at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from credentials.checks import CheckId
from credentials.credential import Credential, Problem
from credentials.errors import MalformedCredentialError
from credentials.reading import BASE_CONTEXT, entries, read_credential
from credentials.sources import DEFAULT_LIMITS, Limits
from resolver.errors import ResolverError, UnsupportedProofError
from resolver.instant import BEGINNING, END, SECOND, Instant
from resolver.proofs.data_integrity import Proof, proofs_of
from resolver.proofs.jose import Jws, parse_compact
from resolver.strict_json import Json, parse_json

_MEDIA_TYPE = "application/vc+jwt"
# VC-JOSE-COSE 3.1.1: typ SHOULD be vc+jwt and cty SHOULD be vc. RFC 7515 4.1.9 lets both be written
# with "application/". What is of another kind (at+jwt, vp+jwt, trust-act+jws) is refused, so that a
# token signed for another purpose never passes as a credential (RFC 8725 section 3.11). "JWT" and
# the names of earlier drafts are still written by UNTP issuers.
_TYPES = frozenset({"vc+jwt", "jwt", "vc+ld+jwt", "vc-ld+jwt", "vc+ld+json+jwt"})
_CONTENTS = frozenset({"vc", "vc+ld+json"})
_WRAPPER = "verifiableCredential"
_ENVELOPED = "EnvelopedVerifiableCredential"
_PRESENTATIONS = frozenset({"VerifiablePresentation", "EnvelopedVerifiablePresentation"})


class Form(StrEnum):
    """How the credential travels."""

    JWT = "vc+jwt"
    ENVELOPED = "enveloped"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class UnreadProof:
    """An embedded proof of a kind that is not understood.

    Attributes:
        raw: the proof itself.
        method: the verification method it names, or None.
        reason: what is not understood.
    """

    raw: Mapping[str, Json]
    method: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened envelope; nothing in it is believed yet.

    Attributes:
        form: how the credential travels.
        credential: its document.
        jws: the signature around it, or None where the proofs stand inside.
        proofs: the Data Integrity proofs inside; a signed JWT may hold some too.
        unread: the proofs inside that are of a kind that is not understood.
        not_before: the signature's own `nbf`, or None.
        expires: the signature's own `exp`, or None.
        problems: everything that is wrong with envelope and document.
    """

    form: Form
    credential: Credential
    jws: Jws | None = None
    proofs: tuple[Proof, ...] = ()
    unread: tuple[UnreadProof, ...] = ()
    not_before: Instant | None = None
    expires: Instant | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def body(self) -> Mapping[str, Json]:
        """The credential's document."""
        return self.credential.body

    @property
    def signer(self) -> str:
        """The issuer's id, or an empty string."""
        return self.credential.issuer


def open_envelope(raw: str | bytes | Json, limits: Limits = DEFAULT_LIMITS) -> Envelope:
    """Open a credential in any form (VC-JOSE-COSE 3.1.1, VCDM 2.0 section 4.13).

    Args:
        raw: a compact JWT, a `data:` URI or JSON text; or a JSON object, whose size and depth the
            caller has bounded when it parsed it.
        limits: how much is looked at.

    Raises:
        MalformedCredentialError: it is no credential in a form that is understood.
    """
    if isinstance(raw, bytes):
        raw = _decoded(raw)
    if isinstance(raw, str):
        return _open_text(raw.strip(), limits)
    return _open_object(raw, limits)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedCredentialError("not UTF-8 text") from None


def _open_text(text: str, limits: Limits) -> Envelope:
    if len(text) > limits.max_bytes:
        raise MalformedCredentialError(f"longer than {limits.max_bytes} bytes")
    if text.startswith("{"):
        return _open_object(_json(text, limits, ""), limits)
    if text.startswith("data:"):
        return _open_jwt(_token(text, "", limits), Form.ENVELOPED, limits)
    return _open_jwt(text, Form.JWT, limits)


def _json(data: str | bytes, limits: Limits, pointer: str) -> Json:
    try:
        return parse_json(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except ResolverError as error:
        raise MalformedCredentialError(f"not acceptable JSON: {error}", pointer) from None


def _open_object(value: Json, limits: Limits) -> Envelope:
    if not isinstance(value, dict):
        raise MalformedCredentialError("neither a JSON object nor a compact JWT")
    if _WRAPPER in value and "type" not in value:
        return _open_wrapped(value[_WRAPPER], limits)
    types = _types(value)
    if _ENVELOPED in types:
        return _open_enveloped(value, limits)
    _refuse_presentation(types)
    if not types & {"VerifiableCredential"} and not value.keys() & {"@context", "issuer"}:
        raise MalformedCredentialError("a JSON object that is no credential")
    credential = read_credential(value)
    envelope = Envelope(Form.EMBEDDED, credential, problems=credential.problems)
    return _with_proofs(envelope, limits)


def _open_wrapped(value: Json, limits: Limits) -> Envelope:
    """Open what UNTP's reference implementation stores: `{"verifiableCredential": {...}}`."""
    if not isinstance(value, dict) or _WRAPPER in value:
        raise MalformedCredentialError("not one credential object", f"/{_WRAPPER}")
    return _open_object(value, limits)


def _types(value: Mapping[str, Json]) -> frozenset[str]:
    return frozenset(item for _, item in entries(value.get("type")) if isinstance(item, str))


def _refuse_presentation(types: frozenset[str]) -> None:
    if types & _PRESENTATIONS:
        raise MalformedCredentialError("a presentation; give the credential inside it", "/type")


def _open_enveloped(value: Mapping[str, Json], limits: Limits) -> Envelope:
    address = value.get("id")
    if not isinstance(address, str):
        raise MalformedCredentialError("an enveloped credential needs a data: URI as its id", "/id")
    if len(address) > limits.max_bytes:
        raise MalformedCredentialError(f"longer than {limits.max_bytes} bytes", "/id")
    envelope = _open_jwt(_token(address, "/id", limits), Form.ENVELOPED, limits)
    # The enveloping object is not signed. Its context only has to explain its own two terms.
    if any(item == BASE_CONTEXT for _, item in entries(value.get("@context"))):
        return envelope
    missing = Problem(CheckId.ENVELOPE, "/@context", f"{BASE_CONTEXT} is missing")
    return replace(envelope, problems=(*envelope.problems, missing))


def _token(address: str, pointer: str, limits: Limits) -> str:
    """Take the JWT out of a `data:` URI (RFC 2397)."""
    media_type, comma, token = address.removeprefix("data:").partition(",")
    media_type = media_type[: limits.max_depth].lower()
    if not address.startswith("data:") or not comma:
        raise MalformedCredentialError("not a data: URI", pointer)
    if media_type.endswith(";base64"):
        message = f"base64 is not used here: write data:{_MEDIA_TYPE},<token>"
        raise MalformedCredentialError(message, pointer)
    if media_type != _MEDIA_TYPE:
        message = f"holds {media_type or 'text/plain'}; only {_MEDIA_TYPE} is understood"
        raise MalformedCredentialError(message, pointer)
    return token


def _open_jwt(token: str, form: Form, limits: Limits) -> Envelope:
    try:
        jws = parse_compact(token, max_bytes=limits.max_bytes)
    except ResolverError as error:
        message = f"not an acceptable compact JWT: {error}"
        raise MalformedCredentialError(message) from None
    body = _json(jws.payload, limits, "")
    if not isinstance(body, dict):
        raise MalformedCredentialError("the JWT's payload is no JSON object")
    _refuse_other_payloads(body)
    credential = read_credential(body)
    not_before, expires, claim_problems = _claims(body, credential)
    problems = (*_header(jws), *credential.problems, *claim_problems)
    envelope = Envelope(
        form, credential, jws, not_before=not_before, expires=expires, problems=problems
    )
    return _with_proofs(envelope, limits)


def _refuse_other_payloads(body: Mapping[str, Json]) -> None:
    for member in ("vc", "vp"):
        if member in body:
            message = (
                f"a JWT with a `{member}` claim is the shape of version 1.1; in 2.0 the payload"
                " is the credential itself"
            )
            raise MalformedCredentialError(message, f"/{member}")
    types = _types(body)
    if _ENVELOPED in types:
        raise MalformedCredentialError("an envelope inside an envelope", "/type")
    _refuse_presentation(types)


def _header(jws: Jws) -> tuple[Problem, ...]:
    problems = []
    for member, known in (("typ", _TYPES), ("cty", _CONTENTS)):
        value = jws.header.get(member)
        if value is None:
            continue
        name = value.lower().removeprefix("application/") if isinstance(value, str) else ""
        if name not in known:
            message = f"{member} is not that of a credential ({min(known, key=len)})"
            problems.append(Problem(CheckId.ENVELOPE, f"(header)/{member}", message))
    return tuple(problems)


def _with_proofs(envelope: Envelope, limits: Limits) -> Envelope:
    """Add what is read of the proofs inside; each is read by itself, so that none hides another."""
    body = envelope.credential.body
    if "proof" not in body:
        return envelope
    found = list(entries(body["proof"]))
    problems = []
    if not 0 < len(found) <= limits.max_proofs:
        message = f"{len(found)} proofs; from 1 to {limits.max_proofs} are looked at"
        problems.append(Problem(CheckId.PROOF, "/proof", message))
        found = []
    proofs: list[Proof] = []
    unread: list[UnreadProof] = []
    for pointer, value in found:
        try:
            proofs += proofs_of({"proof": value})
        except UnsupportedProofError as error:
            raw = value if isinstance(value, dict) else {}
            unread.append(UnreadProof(raw, _method(raw), str(error)))
        except ResolverError as error:
            problems.append(Problem(CheckId.PROOF, f"/proof{pointer}", str(error)))
    return replace(
        envelope,
        proofs=tuple(proofs),
        unread=tuple(unread),
        problems=(*envelope.problems, *problems),
    )


def _method(proof: Mapping[str, Json]) -> str | None:
    method = proof.get("verificationMethod")
    return method if isinstance(method, str) else None


def _claims(
    body: Mapping[str, Json], credential: Credential
) -> tuple[Instant | None, Instant | None, tuple[Problem, ...]]:
    """Read the registered claims that speak of the signature (VC-JOSE-COSE 3.1.3).

    `iat` decides nothing and is not read: the official test inputs write it as a date.
    """
    problems = []
    if "iss" in body and body["iss"] != credential.issuer:
        problems.append(Problem(CheckId.ISSUER, "/iss", "iss differs from the issuer"))
    times: list[Instant | None] = []
    for member in ("nbf", "exp"):
        value = body.get(member)
        instant = _numeric_date(value)
        times.append(instant)
        if member in body and instant is None:
            problems.append(Problem(CheckId.VALIDITY, f"/{member}", "not a NumericDate"))
    return times[0], times[1], tuple(problems)


def _numeric_date(value: Json) -> Instant | None:
    """Read seconds since 1970 (RFC 7519 section 2); None where there are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not BEGINNING <= value * SECOND <= END:
        return None
    return Instant(int(value * SECOND))
