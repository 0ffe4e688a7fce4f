"""Proving: whose key signed, may that key speak for the issuer, and does the signature hold."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine, of_problems
from credentials.credential import Credential
from credentials.envelope import Envelope, UnreadProof
from credentials.reading import entries
from credentials.sources import DocumentSource
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
from resolver.proofs.jose import verify_jws

_NO_PROOF = Finding(CheckOutcome.FAILED, "the credential carries no signature and no proof")
_NOTHING_TO_BIND = Finding(CheckOutcome.SKIPPED, "there is no signature to bind to the issuer")


@dataclass(frozen=True, slots=True)
class Proven:
    """What the signatures of a credential prove.

    Attributes:
        issuer: the issuer's DID, or None where it is none.
        keys: the keys that signed, of signatures that hold and are bound to the issuer.
        checks: issuer, key binding and proof.
    """

    issuer: Did | None
    keys: tuple[SigningKey, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature: its name in messages, the method it names, how to verify it with a key."""

    name: str
    method: str | None
    verify: Callable[[PublicKey], None]


async def prove(envelope: Envelope, documents: DocumentSource, now: Instant) -> Proven:
    """Bind every signature to the issuer, and verify it; all of them have to hold.

    A signature by anybody else than the issuer is refused, not ignored: what a countersignature
    would mean is not understood.
    """
    issuer, issuer_check = _issuer(envelope)
    bindings: list[Finding] = []
    proofs = [
        Finding(CheckOutcome.FAILED, f"{problem.pointer}: {problem.message}")
        for problem in envelope.problems
        if problem.check == CheckId.PROOF
    ]
    keys: list[SigningKey] = []
    inputs: dict[str, str] = {}
    signatures = _signatures(envelope, now)
    for signature in signatures:
        binding, key = await _bind(signature, issuer, documents, now, inputs)
        bindings.append(binding)
        proofs.append(_verify(signature, binding, key))
        if issuer and key and proofs[-1].outcome is CheckOutcome.PASSED:
            keys.append(SigningKey(issuer, key.thumbprint))
    if not signatures:
        bindings.append(_NOTHING_TO_BIND)
        proofs = proofs or [_NO_PROOF]
    checks = (
        issuer_check,
        combine(CheckId.KEY_BINDING, bindings, inputs),
        combine(CheckId.PROOF, proofs),
    )
    return Proven(issuer, tuple(dict.fromkeys(keys)), checks)


def _issuer(envelope: Envelope) -> tuple[Did | None, Check]:
    """Check that the issuer is a DID, as UNTP asks, and that `iss` says the same."""
    text = envelope.credential.issuer
    inputs = {"issuer": text} if text else {}
    passed = of_problems(CheckId.ISSUER, envelope.problems, f"issued by {text}", inputs)
    if not text:
        return None, passed
    try:
        return Did.parse(text), passed
    except InvalidDidError:
        message = f"the issuer {text} is no DID, so that no key can be bound to it"
        finding = Finding(CheckOutcome.FAILED, message)
        others = [Finding(passed.outcome, passed.message)]
        return None, combine(CheckId.ISSUER, [finding, *others], inputs)


def _signatures(envelope: Envelope, now: Instant) -> list[_Signature]:
    found = []
    jws = envelope.jws
    if jws is not None:
        method = jws.kid
        claimed = envelope.credential.body.get("iss")
        if method and method.startswith("#") and isinstance(claimed, str):
            method = claimed + method  # VC-JOSE-COSE 4.1: relative to `iss`, where it is present
        found.append(_Signature("the JWT", method, partial(verify_jws, jws)))
    for proof in envelope.proofs:
        verify = partial(_verify_embedded, envelope.credential, proof, now)
        found.append(_Signature("the embedded proof", proof.verification_method, verify))
    found += [
        _Signature("the embedded proof", proof.method, partial(_refuse_unread, proof))
        for proof in envelope.unread
    ]
    return found


def _verify_embedded(credential: Credential, proof: Proof, now: Instant, key: PublicKey) -> None:
    """Verify an embedded proof, which must be over all of the document's contexts.

    The cryptosuite lets contexts be appended after signing (Data Integrity EdDSA 1.0, 3.3.2). They
    would be nobody's word, and could say of which kind the credential is.
    """
    contexts = credential.body.get("@context")
    signed = proof.raw.get("@context", contexts)
    if [item for _, item in entries(signed)] != [item for _, item in entries(contexts)]:
        raise InvalidProofError("contexts were appended after it was made")
    verify_proof(credential.body, proof, key, now=now)


def _refuse_unread(proof: UnreadProof, _key: PublicKey) -> None:
    raise UnsupportedProofError(proof.reason)


async def _bind(
    signature: _Signature,
    issuer: Did | None,
    documents: DocumentSource,
    now: Instant,
    inputs: dict[str, str],
) -> tuple[Finding, PublicKey | None]:
    """Walk kid -> verification method -> assertionMethod -> controller == issuer."""
    try:
        url = _method_of_issuer(signature, issuer)
        document = await documents.document(url.did)
        inputs["method"] = str(url)
        inputs["document_sha256"] = document.digest
        method = document.verification_method(url, Relationship.ASSERTION_METHOD, at=now)
    except (_UnboundError, VerificationMethodError, InvalidDidUrlError) as error:
        return Finding(CheckOutcome.FAILED, f"{signature.name}: {error}"), None
    except ResolutionError as error:
        return _unresolved(signature, error), None
    if method.controller != url.did:
        message = f"{signature.name}: {url} is controlled by {method.controller}, not by the issuer"
        return Finding(CheckOutcome.FAILED, message), None
    if method.key is None:
        message = f"{signature.name}: {url} holds a key of a kind that is not understood"
        return Finding(CheckOutcome.UNDETERMINED, message), None
    message = f"{url} is the issuer's, for assertions"
    return Finding(CheckOutcome.PASSED, message), method.key


class _UnboundError(ResolverError):
    """A signature names no key of the issuer."""


def _method_of_issuer(signature: _Signature, issuer: Did | None) -> DidUrl:
    if issuer is None:
        raise _UnboundError("there is no issuer to bind it to")
    if not signature.method:
        raise _UnboundError("it names no key")
    url = DidUrl.parse(signature.method)
    if url.did != issuer:
        raise _UnboundError(f"its key belongs to {url.did}, the issuer is {issuer}")
    if not url.fragment or url.path or url.query is not None:
        raise _UnboundError(f"{url} does not name one key of its document")
    return url


def _unresolved(signature: _Signature, error: ResolutionError) -> Finding:
    """Tell what is known to be wrong from what could not be read."""
    if isinstance(error, UnverifiedDocumentError):
        message = f"{signature.name}: refused, because {error}"
        return Finding(CheckOutcome.UNDETERMINED, message)
    if error.deactivated:
        message = f"{signature.name}: the issuer's DID is deactivated"
        return Finding(CheckOutcome.FAILED, message)
    certain = error.code == ErrorCode.INVALID_DID
    outcome = CheckOutcome.FAILED if certain else CheckOutcome.UNDETERMINED
    message = f"{signature.name}: the issuer's DID document could not be read: {error}"
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
