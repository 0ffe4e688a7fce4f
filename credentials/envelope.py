"""Envelopes: every form in which a credential travels, opened to one `Credential`.

Nothing here is verified. A form that is not understood is refused; whatever else is wrong is kept
as a problem, so that a report can name all of it at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from credentials.checks import CheckId, Finding
from credentials.credential import Credential, DataModel, Problem
from credentials.data_uri import read_data_uri
from credentials.embedded import UnreadProof, read_proofs
from credentials.errors import MalformedCredentialError
from credentials.jwt import (
    CREDENTIAL,
    OLD_CREDENTIAL,
    SELECTIVE_CLAIMS,
    SELECTIVE_CREDENTIAL,
    Kind,
    Window,
    header_problems,
    read_json,
    read_jwt,
    window_of,
)
from credentials.reading import BASE_CONTEXT, read_credential
from credentials.sd_jwt import SdJwt, open_sd_jwt
from credentials.sd_jwt_vc import disclosure_notes, disclosure_problems, read_claims
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.values import entries, refuse_overfull
from credentials.vc_jwt import credential_of
from resolver.instant import Instant
from resolver.proofs.data_integrity import Proof
from resolver.proofs.jose import Jws
from resolver.strict_json import Json

_WRAPPER = "verifiableCredential"
_ENVELOPED = "EnvelopedVerifiableCredential"
_UNBOUNDED = Window()
_PRESENTATIONS = frozenset({"VerifiablePresentation", "EnvelopedVerifiablePresentation"})


class Form(StrEnum):
    """How the credential travels."""

    JWT = "vc+jwt"
    JWT_1_1 = "vc-jwt"
    SD_JWT = "vc+sd-jwt"
    SD_JWT_VC = "dc+sd-jwt"
    ENVELOPED = "enveloped"
    EMBEDDED = "embedded"


_MEDIA_TYPES: Mapping[str, frozenset[Form]] = MappingProxyType(
    {
        "application/vc+jwt": frozenset({Form.JWT}),
        # Until November 2024 drafts of SD-JWT VC called themselves so; `vct` tells.
        "application/vc+sd-jwt": frozenset({Form.SD_JWT, Form.SD_JWT_VC}),
        "application/dc+sd-jwt": frozenset({Form.SD_JWT_VC}),
    }
)
"""What a `data:` URI may hold, by its media type."""


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
        notes: what is worth knowing about the envelope though it breaks no rule.
        sd_jwt: the SD-JWT that it is, or None.
    """

    form: Form
    credential: Credential
    jws: Jws | None = None
    proofs: tuple[Proof, ...] = ()
    unread: tuple[UnreadProof, ...] = ()
    not_before: Instant | None = None
    expires: Instant | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Finding, ...] = ()
    sd_jwt: SdJwt | None = None

    @property
    def body(self) -> Mapping[str, Json]:
        """The credential's document."""
        return self.credential.body

    @property
    def signer(self) -> str:
        """The issuer's id, or an empty string."""
        return self.credential.issuer


def open_envelope(
    raw: str | bytes | Json, limits: Limits = DEFAULT_LIMITS, *, depth: int = 0
) -> Envelope:
    """Open a credential in any form (VC-JOSE-COSE 3, VCDM 2.0 section 4.13, RFC 9901).

    Args:
        raw: a compact JWT or SD-JWT, a `data:` URI or JSON text; or a JSON object, whose size and
            depth the caller has bounded when it parsed it.
        limits: how much is looked at.
        depth: how many `data:` URIs it lies in already.

    Raises:
        MalformedCredentialError: it is no credential in a form that is understood.
    """
    if isinstance(raw, bytes):
        raw = decoded(raw)
    if isinstance(raw, str):
        return _open_text(raw.strip(), limits, depth)
    return _open_object(raw, limits, depth)


def decoded(raw: bytes) -> str:
    """Decode UTF-8.

    Raises:
        MalformedCredentialError: it is not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedCredentialError("not UTF-8 text") from None


def _open_text(text: str, limits: Limits, depth: int) -> Envelope:
    if len(text) > limits.max_bytes:
        raise MalformedCredentialError(f"longer than {limits.max_bytes} bytes")
    if text.startswith("{"):
        return _open_object(read_json(text, limits), limits, depth)
    if text.startswith("data:"):
        return _open_data_uri(text, "", limits, depth)
    return _open_sd_jwt(text, limits) if "~" in text else _open_jwt(text, limits)


def _open_object(value: Json, limits: Limits, depth: int) -> Envelope:
    if not isinstance(value, dict):
        raise MalformedCredentialError("neither a JSON object nor a compact JWT")
    refuse_overfull(value)
    if _WRAPPER in value and "type" not in value:
        return _open_wrapped(value[_WRAPPER], limits, depth)
    types = types_of(value)
    if _ENVELOPED in types:
        return _open_enveloped(value, limits, depth)
    _refuse_presentation(types)
    if not types & {"VerifiableCredential"} and not value.keys() & {"@context", "issuer"}:
        raise MalformedCredentialError("a JSON object that is no credential")
    return _secured(Form.EMBEDDED, read_credential(value), limits)


def _open_wrapped(value: Json, limits: Limits, depth: int) -> Envelope:
    """Open what UNTP's reference implementation stores: `{"verifiableCredential": {...}}`."""
    if not isinstance(value, dict) or _WRAPPER in value:
        raise MalformedCredentialError("not one credential object", f"/{_WRAPPER}")
    return _open_object(value, limits, depth)


def types_of(value: Mapping[str, Json]) -> frozenset[str]:
    """Return the values of an object's `type` that are strings."""
    return frozenset(item for _, item in entries(value.get("type")) if isinstance(item, str))


def _refuse_presentation(types: frozenset[str]) -> None:
    if types & _PRESENTATIONS:
        raise MalformedCredentialError("a presentation; give the credential inside it", "/type")


def _open_enveloped(value: Mapping[str, Json], limits: Limits, depth: int) -> Envelope:
    envelope = _open_data_uri(value.get("id"), "/id", limits, depth)
    return replace(envelope, problems=(*envelope.problems, *enveloping_problems(value)))


def enveloping_problems(value: Mapping[str, Json]) -> tuple[Problem, ...]:
    """Return what is wrong with an enveloping object.

    It is not signed. Its context only has to explain its own two terms.
    """
    if any(item == BASE_CONTEXT for _, item in entries(value.get("@context"))):
        return ()
    return (Problem(CheckId.ENVELOPE, "/@context", f"{BASE_CONTEXT} is missing"),)


def _open_data_uri(address: Json, pointer: str, limits: Limits, depth: int) -> Envelope:
    """Open a `data:` URI; its media type, the signed header and the content have to agree."""
    known = frozenset(_MEDIA_TYPES)
    media_type, content = read_data_uri(address, known, limits, pointer=pointer, depth=depth + 1)
    open_ = _open_sd_jwt if "sd-jwt" in media_type else _open_jwt
    opened = open_(content, limits)
    if opened.form not in _MEDIA_TYPES[media_type]:
        message = f"the media type is {media_type}, the content is {opened.form}"
        raise MalformedCredentialError(message, pointer)
    return replace(opened, form=Form.ENVELOPED)


def _open_jwt(token: str, limits: Limits) -> Envelope:
    jws, body = read_jwt(token, limits)
    if "vp" in body:
        raise MalformedCredentialError("a presentation; give the credential inside it", "/vp")
    if "vc" not in body:
        return _signed(Form.JWT, jws, body, CREDENTIAL, limits)
    old, problems = credential_of(body)
    problems = (*header_problems(jws, OLD_CREDENTIAL), *problems)
    return _secured(Form.JWT_1_1, read_credential(old), limits, jws, window_of(body), problems)


def _open_sd_jwt(text: str, limits: Limits) -> Envelope:
    """Open an SD-JWT: a credential of the W3C data model by `@context`, other claims by `vct`."""
    sd_jwt = open_sd_jwt(text, limits)
    body = sd_jwt.body
    if "@context" in body and "vct" in body:
        raise MalformedCredentialError("both vct and @context: of which kind it is, is not clear")
    if "vct" in body:
        claims = read_claims(body)
        problems = (*header_problems(sd_jwt.jws, SELECTIVE_CLAIMS), *claims.problems)
        envelope = Envelope(Form.SD_JWT_VC, claims, sd_jwt.jws, problems=problems)
    elif "@context" in body:
        if "vc" in body or "vp" in body:
            raise MalformedCredentialError("an SD-JWT with a vc or vp claim is not understood")
        envelope = _signed(Form.SD_JWT, sd_jwt.jws, body, SELECTIVE_CREDENTIAL, limits)
    else:
        raise MalformedCredentialError("an SD-JWT with neither vct nor @context is no credential")
    model = envelope.credential.model
    return replace(
        envelope,
        problems=(*envelope.problems, *disclosure_problems(sd_jwt, model)),
        notes=tuple(disclosure_notes(sd_jwt, model)),
        sd_jwt=sd_jwt,
    )


def _signed(form: Form, jws: Jws, body: dict[str, Json], kind: Kind, limits: Limits) -> Envelope:
    """Open a credential that is itself the payload of a JWT (VC-JOSE-COSE 3.1)."""
    types = types_of(body)
    if _ENVELOPED in types:
        raise MalformedCredentialError("an envelope inside an envelope", "/type")
    _refuse_presentation(types)
    credential = read_credential(body)
    problems = [*header_problems(jws, kind)]
    if "iss" in body and body["iss"] != credential.issuer:
        problems.append(Problem(CheckId.ISSUER, "/iss", "iss differs from the issuer"))
    if credential.model is not DataModel.VCDM_2:
        message = "version 1.1 has the credential in a `vc` claim"
        problems.append(Problem(CheckId.ENVELOPE, "/@context/0", message))
    return _secured(form, credential, limits, jws, window_of(body), problems)


def _secured(
    form: Form,
    credential: Credential,
    limits: Limits,
    jws: Jws | None = None,
    window: Window = _UNBOUNDED,
    problems: Iterable[Problem] = (),
) -> Envelope:
    """Add what is read of the proofs inside a document, and of the signature around it."""
    read = read_proofs(credential.body, limits)
    return Envelope(
        form,
        credential,
        jws,
        read.proofs,
        read.unread,
        window.not_before,
        window.expires,
        (*credential.problems, *read.problems, *window.problems, *problems),
    )
