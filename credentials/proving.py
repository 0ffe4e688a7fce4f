"""Proving: whose key signed, may that key speak for the issuer, and does the signature hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from credentials.checks import (
    Check,
    CheckId,
    CheckOutcome,
    Finding,
    PresentationCheckId,
    combine,
    findings_of,
    of_problems,
)
from credentials.credential import Problem
from credentials.embedded import UnreadProof
from credentials.sources import DocumentSource
from credentials.values import entries
from policies.decision import SigningKey
from resolver.did import Did, DidUrl
from resolver.document import Relationship
from resolver.errors import (
    ErrorCode,
    InvalidDidError,
    InvalidDidUrlError,
    InvalidProofError,
    ResolutionError,
    ResolverError,
    UnsupportedProofError,
    UnverifiedDocumentError,
    VerificationMethodError,
)
from resolver.instant import Instant
from resolver.keys import PublicKey
from resolver.proofs.data_integrity import Proof, verify_proof
from resolver.proofs.jose import Jws, verify_jws
from resolver.strict_json import Json


@dataclass(frozen=True, slots=True)
class Role:
    """In what role a document is signed.

    Attributes:
        name: what the signer is called.
        check: the check that says who the signer is.
        relationship: what the signer's key must be published for.
    """

    name: str
    check: str
    relationship: Relationship


ISSUER = Role("issuer", CheckId.ISSUER, Relationship.ASSERTION_METHOD)
HOLDER = Role("holder", PresentationCheckId.HOLDER, Relationship.AUTHENTICATION)


class Secured(Protocol):
    """A document with what secures it: an opened credential or presentation."""

    @property
    def body(self) -> Mapping[str, Json]:
        """The document."""
        ...

    @property
    def signer(self) -> str:
        """The id of who has to have signed it; empty where it names nobody."""
        ...

    @property
    def jws(self) -> Jws | None:
        """The signature around it."""
        ...

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """The proofs inside."""
        ...

    @property
    def unread(self) -> tuple[UnreadProof, ...]:
        """The proofs inside that are of a kind that is not understood."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with it so far."""
        ...


@dataclass(frozen=True, slots=True)
class SignatureReading:
    """How one signature came out.

    Attributes:
        proof: the proof as it stands in the document, or the header of a JWT.
        finding: whether it holds, and why not.
    """

    proof: Mapping[str, Json]
    finding: Finding


@dataclass(frozen=True, slots=True)
class Proven:
    """What the signatures of a document prove.

    Attributes:
        issuer: the signer's DID, or None where it is none; of a presentation, the holder's.
        keys: the keys that signed, of signatures that hold and are bound to the signer.
        checks: signer, key binding and proof.
        signatures: each signature by itself.
    """

    issuer: Did | None
    keys: tuple[SigningKey, ...]
    checks: tuple[Check, ...]
    signatures: tuple[SignatureReading, ...] = ()


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature: its name in messages, the method it names, how to verify it with a key."""

    name: str
    method: str | None
    verify: Callable[[PublicKey], None]
    proof: Mapping[str, Json]


async def prove(
    document: Secured, documents: DocumentSource, now: Instant, role: Role = ISSUER
) -> Proven:
    """Bind every signature to the signer, and verify it; all of them have to hold.

    A signature by anybody else is refused, not ignored: what a countersignature would mean is not
    understood. A presentation may leave its holder out; then its signatures have to be of one DID.
    """
    signer, signer_check = _signer(document, role)
    bindings: list[Finding] = []
    proofs = findings_of(CheckId.PROOF, document.problems)
    readings: list[SignatureReading] = []
    keys: list[SigningKey] = []
    inputs: dict[str, str] = {}
    signatures = _signatures(document, now, role)
    if signer is None and role is HOLDER and not document.signer and signatures:
        signer = _named_by(signatures[0])
    for signature in signatures:
        binding, key = await _bind(signature, signer, role, documents, now, inputs)
        bindings.append(binding)
        proofs.append(_verify(signature, binding, key))
        readings.append(SignatureReading(signature.proof, proofs[-1]))
        if signer and key and proofs[-1].outcome is CheckOutcome.PASSED:
            keys.append(SigningKey(signer, key.thumbprint))
    if not signatures:
        message = f"there is no signature to bind to the {role.name}"
        bindings.append(Finding(CheckOutcome.SKIPPED, message))
        proofs = proofs or [Finding(CheckOutcome.FAILED, "it carries no signature and no proof")]
    checks = (
        signer_check,
        combine(CheckId.KEY_BINDING, bindings, inputs),
        combine(CheckId.PROOF, proofs),
    )
    return Proven(signer, tuple(dict.fromkeys(keys)), checks, tuple(readings))


def _signer(document: Secured, role: Role) -> tuple[Did | None, Check]:
    """Check that the signer is a DID, as UNTP asks of issuers, and that `iss` says the same."""
    text = document.signer
    inputs = {role.name: text} if text else {}
    good = f"the {role.name} is {text}" if text else f"it names no {role.name}"
    passed = of_problems(role.check, document.problems, good, inputs)
    if not text:
        return None, passed
    try:
        return Did.parse(text), passed
    except InvalidDidError:
        message = f"the {role.name} {text} is no DID, so that no key can be bound to it"
        wrong = [Finding(CheckOutcome.FAILED, message), *findings_of(role.check, document.problems)]
        return None, combine(role.check, wrong, inputs)


def _named_by(signature: _Signature) -> Did | None:
    try:
        return DidUrl.parse(signature.method or "").did
    except InvalidDidUrlError:
        return None


def _signatures(document: Secured, now: Instant, role: Role) -> list[_Signature]:
    found = []
    jws = document.jws
    if jws is not None:
        method = jws.kid
        claimed = document.body.get("iss")
        if method and method.startswith("#") and isinstance(claimed, str):
            method = claimed + method  # VC-JOSE-COSE 4.1: relative to `iss`, where it is present
        found.append(_Signature("the JWT", method, partial(verify_jws, jws), jws.header))
    for proof in document.proofs:
        verify = partial(_verify_embedded, document.body, proof, now, role)
        found.append(_Signature("the embedded proof", proof.verification_method, verify, proof.raw))
    found += [
        _Signature("the embedded proof", proof.method, partial(_refuse_unread, proof), proof.raw)
        for proof in document.unread
    ]
    return found


def _verify_embedded(
    body: Mapping[str, Json], proof: Proof, now: Instant, role: Role, key: PublicKey
) -> None:
    """Verify an embedded proof, which must be over all of the document's contexts.

    The cryptosuite lets contexts be appended after signing (Data Integrity EdDSA 1.0, 3.3.2). They
    would be nobody's word, and could say of which kind the credential is.
    """
    contexts = body.get("@context")
    signed = proof.raw.get("@context", contexts)
    if [item for _, item in entries(signed)] != [item for _, item in entries(contexts)]:
        raise InvalidProofError("contexts were appended after it was made")
    verify_proof(body, proof, key, now=now, purpose=role.relationship)


def _refuse_unread(proof: UnreadProof, _key: PublicKey) -> None:
    raise UnsupportedProofError(proof.reason)


async def _bind(
    signature: _Signature,
    signer: Did | None,
    role: Role,
    documents: DocumentSource,
    now: Instant,
    inputs: dict[str, str],
) -> tuple[Finding, PublicKey | None]:
    """Walk kid -> verification method -> its relationship -> controller == signer."""
    try:
        url = _method_of_signer(signature, signer, role)
        document = await documents.document(url.did)
        inputs["method"] = str(url)
        inputs["document_sha256"] = document.digest
        method = document.verification_method(url, role.relationship, at=now)
    except (_UnboundError, VerificationMethodError, InvalidDidUrlError) as error:
        return Finding(CheckOutcome.FAILED, f"{signature.name}: {error}"), None
    except ResolutionError as error:
        return _unresolved(signature, role, error), None
    if method.controller != url.did:
        message = (
            f"{signature.name}: {url} is controlled by {method.controller}, not the {role.name}"
        )
        return Finding(CheckOutcome.FAILED, message), None
    if method.key is None:
        message = f"{signature.name}: {url} holds a key of a kind that is not understood"
        return Finding(CheckOutcome.UNDETERMINED, message), None
    message = f"{url} is the {role.name}'s, for {role.relationship}"
    return Finding(CheckOutcome.PASSED, message), method.key


class _UnboundError(ResolverError):
    """A signature names no key of the signer."""


def _method_of_signer(signature: _Signature, signer: Did | None, role: Role) -> DidUrl:
    if signer is None:
        raise _UnboundError(f"there is no {role.name} to bind it to")
    if not signature.method:
        raise _UnboundError("it names no key")
    url = DidUrl.parse(signature.method)
    if url.did != signer:
        raise _UnboundError(f"its key belongs to {url.did}, the {role.name} is {signer}")
    if not url.fragment or url.path or url.query is not None:
        raise _UnboundError(f"{url} does not name one key of its document")
    return url


def _unresolved(signature: _Signature, role: Role, error: ResolutionError) -> Finding:
    """Tell what is known to be wrong from what could not be read."""
    if isinstance(error, UnverifiedDocumentError):
        message = f"{signature.name}: refused, because {error}"
        return Finding(CheckOutcome.UNDETERMINED, message)
    if error.deactivated:
        message = f"{signature.name}: the {role.name}'s DID is deactivated"
        return Finding(CheckOutcome.FAILED, message)
    certain = error.code == ErrorCode.INVALID_DID
    outcome = CheckOutcome.FAILED if certain else CheckOutcome.UNDETERMINED
    message = f"{signature.name}: the {role.name}'s DID document could not be read: {error}"
    return Finding(outcome, message)


def _verify(signature: _Signature, binding: Finding, key: PublicKey | None) -> Finding:
    if key is None:
        unknown = binding.outcome is CheckOutcome.UNDETERMINED
        outcome = CheckOutcome.UNDETERMINED if unknown else CheckOutcome.SKIPPED
        return Finding(outcome, f"{signature.name}: there is no key to verify it with")
    try:
        signature.verify(key)
    except UnsupportedProofError as error:
        return Finding(CheckOutcome.UNDETERMINED, f"{signature.name}: {error}")
    except ResolverError as error:
        return Finding(CheckOutcome.FAILED, f"{signature.name}: {error}")
    return Finding(CheckOutcome.PASSED, f"{signature.name} holds")
