"""Presentations: every form in which a holder shows credentials, opened, and not yet believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from credentials.checks import CheckId, PresentationCheckId
from credentials.credential import Problem
from credentials.data_uri import read_data_uri
from credentials.embedded import EmbeddedProofs, UnreadProof, read_proofs
from credentials.envelope import decoded, enveloping_problems, types_of
from credentials.errors import MalformedCredentialError
from credentials.jwt import (
    OLD_PRESENTATION,
    PRESENTATION,
    Kind,
    Window,
    header_problems,
    read_json,
    read_jwt,
    window_of,
)
from credentials.naming import naming_problems
from credentials.reading import BASE_CONTEXT, OLD_CONTEXT
from credentials.sources import Limits
from credentials.values import entries, is_url, refuse_overfull
from credentials.vc_jwt import presentation_of
from resolver.proofs.data_integrity import Proof
from resolver.proofs.jose import Jws
from resolver.strict_json import Json

_TYPE = "VerifiablePresentation"
_ENVELOPED = "EnvelopedVerifiablePresentation"
_JWT = "application/vp+jwt"
_BOUND = frozenset({"application/vc+sd-jwt", "application/dc+sd-jwt"})


class PresentationForm(StrEnum):
    """How the presentation travels."""

    JWT = "vp+jwt"
    JWT_1_1 = "vp-jwt"
    SD_JWT = "sd-jwt+kb"
    ENVELOPED = "enveloped"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Meant:
    """What one signature says that it was made for.

    Attributes:
        challenge: the challenge it answers, or None.
        domains: whom it is for.
    """

    challenge: Json
    domains: frozenset[str]


@dataclass(frozen=True, slots=True)
class Presentation:
    """An opened presentation.

    Attributes:
        form: how it travels.
        body: its document; empty for an SD-JWT, which is presented as it is.
        holder: the holder's id, or an empty string where none is named.
        credentials: what stands in it, each with its JSON pointer.
        depth: how many `data:` URIs its credentials lie in already.
        jws: the signature around it, or None where the proofs stand inside.
        embedded: the proofs inside.
        claims: the claims of the signature around it.
        window: when that signature holds.
        problems: everything that is wrong with it.
    """

    form: PresentationForm
    body: Mapping[str, Json]
    holder: str = ""
    credentials: tuple[tuple[str, Json], ...] = ()
    depth: int = 0
    jws: Jws | None = None
    embedded: EmbeddedProofs = field(default_factory=EmbeddedProofs)
    claims: Mapping[str, Json] = field(default_factory=dict)
    window: Window = field(default_factory=Window)
    problems: tuple[Problem, ...] = ()

    @property
    def signer(self) -> str:
        """The holder's id, or else the one that the signature around it claims."""
        claimed = self.claims.get("iss")
        return self.holder or (claimed if isinstance(claimed, str) else "")

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """The proofs inside."""
        return self.embedded.proofs

    @property
    def unread(self) -> tuple[UnreadProof, ...]:
        """The proofs inside that are of a kind that is not understood."""
        return self.embedded.unread

    @property
    def meant(self) -> tuple[Meant, ...]:
        """What each of its signatures was made for: a proof's members, or a JWT's claims."""
        found = [Meant(proof.challenge, frozenset(proof.domains)) for proof in self.proofs]
        if self.jws is not None:
            audience = frozenset(
                a for _, a in entries(self.claims.get("aud")) if isinstance(a, str)
            )
            found.append(Meant(self.claims.get("nonce"), audience))
        return tuple(found)


def open_presentation(raw: str | bytes | Json, limits: Limits) -> Presentation:
    """Open a presentation in any form (VCDM 2.0 section 4.13, VC-JOSE-COSE 3.1.2, RFC 9901).

    Args:
        raw: a compact JWT or SD-JWT, a `data:` URI or JSON text; or a JSON object, whose size and
            depth the caller has bounded when it parsed it.
        limits: how much is looked at.

    Raises:
        MalformedCredentialError: it is no presentation in a form that is understood.
    """
    if isinstance(raw, bytes):
        raw = decoded(raw)
    if not isinstance(raw, str):
        return _open_object(raw, limits)
    text = raw.strip()
    if len(text) > limits.max_bytes:
        raise MalformedCredentialError(f"longer than {limits.max_bytes} bytes")
    if text.startswith("{"):
        return _open_object(read_json(text, limits), limits)
    if text.startswith("data:"):
        return _open_data_uri(text, "", limits)
    return _bound(text) if "~" in text else _open_jwt(text, limits)


def _open_object(value: Json, limits: Limits) -> Presentation:
    if not isinstance(value, dict):
        raise MalformedCredentialError(f"no {_TYPE}")
    refuse_overfull(value)
    types = types_of(value)
    if not types & {_TYPE, _ENVELOPED}:
        raise MalformedCredentialError(f"no {_TYPE}", "/type")
    if _ENVELOPED in types:
        opened = _open_data_uri(value.get("id"), "/id", limits)
        return replace(opened, problems=(*opened.problems, *enveloping_problems(value)))
    embedded = read_proofs(value, limits)
    opened = _read(PresentationForm.EMBEDDED, value)
    problems = (*opened.problems, *embedded.problems)
    return replace(opened, embedded=embedded, problems=problems)


def _open_data_uri(address: Json, pointer: str, limits: Limits) -> Presentation:
    media_type, content = read_data_uri(address, _BOUND | {_JWT}, limits, pointer=pointer)
    if media_type in _BOUND:
        return replace(_bound(content), form=PresentationForm.ENVELOPED)
    opened = _open_jwt(content, limits)
    if opened.form is not PresentationForm.JWT:
        message = f"the media type is {media_type}, the content is {opened.form}"
        raise MalformedCredentialError(message, pointer)
    return replace(opened, form=PresentationForm.ENVELOPED, depth=1)


def _bound(text: str) -> Presentation:
    """Take an SD-JWT for its own presentation; the credential's key binding is the holder's."""
    return Presentation(PresentationForm.SD_JWT, {}, credentials=(("", text),))


def _open_jwt(token: str, limits: Limits) -> Presentation:
    jws, claims = read_jwt(token, limits)
    if "vc" in claims:
        raise MalformedCredentialError("a credential, and no presentation", "/vc")
    if "vp" in claims:
        body, problems = presentation_of(claims)
        return _signed(PresentationForm.JWT_1_1, jws, claims, body, OLD_PRESENTATION, problems)
    if _TYPE not in types_of(claims):
        raise MalformedCredentialError(f"the JWT's payload is no {_TYPE}", "/type")
    return _signed(PresentationForm.JWT, jws, claims, claims, PRESENTATION)


def _signed(
    form: PresentationForm,
    jws: Jws,
    claims: dict[str, Json],
    body: dict[str, Json],
    kind: Kind,
    others: tuple[Problem, ...] = (),
) -> Presentation:
    """Read a presentation that a JWT secures; a proof inside it as well would be another's word."""
    opened = _read(form, body)
    problems = [*header_problems(jws, kind), *opened.problems, *others]
    if "iss" in claims and opened.holder and claims["iss"] != opened.holder:
        message = "iss differs from the holder"
        problems.append(Problem(PresentationCheckId.HOLDER, "/iss", message))
    if "proof" in body:
        message = "a proof inside a presentation that is signed as a whole is not understood"
        problems.append(Problem(CheckId.PROOF, "/proof", message))
    return replace(
        opened, jws=jws, claims=claims, window=window_of(claims), problems=tuple(problems)
    )


def _read(form: PresentationForm, body: Mapping[str, Json]) -> Presentation:
    """Read the members of a presentation (VCDM 2.0 section 4.13)."""
    problems = [*_context_problems(body), *naming_problems(body, "")]
    if _TYPE not in types_of(body):
        message = f"{_TYPE} is not among the types"
        problems.append(Problem(CheckId.TYPE, "/type", message))
    if "id" in body and not is_url(body["id"]):
        problems.append(Problem(CheckId.STRUCTURE, "/id", "not a single URL"))
    holder = body.get("holder")
    named = holder.get("id") if isinstance(holder, dict) else holder
    if "holder" in body and not is_url(named):
        message = "neither a URL nor an object with one as its id"
        problems.append(Problem(PresentationCheckId.HOLDER, "/holder", message))
    found = body.get("verifiableCredential")
    inside = entries(found) if "verifiableCredential" in body else ()
    credentials = tuple((f"/verifiableCredential{pointer}", each) for pointer, each in inside)
    objects = form is not PresentationForm.JWT_1_1
    problems += (
        Problem(CheckId.STRUCTURE, pointer, "not a credential, which is an object")
        for pointer, each in credentials
        if not isinstance(each, dict if objects else dict | str)
    )
    return Presentation(
        form,
        body,
        named if is_url(named) else "",
        credentials,
        problems=tuple(problems),
    )


def _context_problems(body: Mapping[str, Json]) -> list[Problem]:
    found = entries(body.get("@context"))
    problems = [
        Problem(CheckId.CONTEXT, f"/@context{pointer}", "not a context")
        for pointer, item in found
        if not is_url(item) and not isinstance(item, dict)
    ]
    if not found or found[0][1] not in (BASE_CONTEXT, OLD_CONTEXT):
        message = f"the first context is not {BASE_CONTEXT}"
        problems.append(Problem(CheckId.CONTEXT, "/@context/0", message))
    return problems
