"""Proving: whose key signed, may that key speak for the issuer, and does the signature hold."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from credentials.checks import (
    Check,
    CheckId,
    CheckOutcome,
    Finding,
    combine,
    findings_of,
    of_problems,
)
from credentials.credential import Problem
from credentials.embedded import UnreadProof
from credentials.graph_proofs import verify_graph_proof
from credentials.key_binding import HOLDER, ISSUER, Role, bind
from credentials.problem_types import ProblemType
from credentials.rdf.errors import InvalidJsonLdError
from credentials.rdf.signed import Protection
from credentials.values import entries
from credentials.verifier import Verifier
from policies.decision import SigningKey
from resolver.did import Did, DidUrl
from resolver.errors import (
    InvalidChallengeError,
    InvalidDidError,
    InvalidDidUrlError,
    InvalidDomainError,
    InvalidProofError,
    NotCanonicalisableError,
    ResolverError,
    UnsupportedProofError,
)
from resolver.keys import PublicKey
from resolver.proofs.data_integrity import Proof, check_options, verify_proof
from resolver.proofs.jose import Jws, verify_jws
from resolver.proofs.suites import Transformation
from resolver.strict_json import Json

_MAX_WARNINGS, _MAX_WARNING = 50, 500
_TYPES = (
    (InvalidDomainError, ProblemType.INVALID_DOMAIN),
    (InvalidChallengeError, ProblemType.INVALID_CHALLENGE),
    (InvalidJsonLdError, ProblemType.PROOF_TRANSFORMATION),
    (NotCanonicalisableError, ProblemType.PROOF_TRANSFORMATION),
    (InvalidProofError, ProblemType.PROOF_VERIFICATION),
)
"""The first that fits counts."""


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
        protection: what of the JSON is protected, where only its graph is signed; None where a
            signature over the JSON holds, or none at all.
    """

    issuer: Did | None
    keys: tuple[SigningKey, ...]
    checks: tuple[Check, ...]
    signatures: tuple[SignatureReading, ...] = ()
    protection: Protection | None = None


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature: its name in messages, the method it names, how to verify it with a key.

    What verifying returns is what of the JSON it protects; None for all of it.
    """

    name: str
    method: str | None
    verify: Callable[[PublicKey], Awaitable[Protection | None]]
    proof: Mapping[str, Json]


async def prove(document: Secured, verifier: Verifier, role: Role = ISSUER) -> Proven:
    """Bind every signature to the signer, and verify it; all of them have to hold.

    A signature by anybody else is refused, not ignored: what a countersignature would mean is not
    understood. A presentation may leave its holder out; then its signatures have to be of one DID.

    Args:
        document: what is signed.
        verifier: by what it is judged.
        role: in what role it is signed.
    """
    signer, signer_check = _signer(document, role)
    bindings: list[Finding] = []
    proofs = findings_of(CheckId.PROOF, document.problems)
    readings: list[SignatureReading] = []
    keys: list[SigningKey] = []
    inputs: dict[str, str] = {}
    protections: list[Protection | None] = []
    signatures = _signatures(document, verifier, role)
    if signer is None and role is HOLDER and not document.signer and signatures:
        signer = _named_by(signatures[0])
    for signature in signatures:
        binding, key = await bind(signature.name, signature.method, signer, role, verifier, inputs)
        bindings.append(binding)
        finding, protection = await _verify(signature, binding, key)
        proofs.append(finding)
        readings.append(SignatureReading(signature.proof, finding))
        if signer and key and finding.outcome is CheckOutcome.PASSED:
            keys.append(SigningKey(signer, key.thumbprint))
            protections.append(protection)
    if not signatures:
        message = f"there is no signature to bind to the {role.name}"
        bindings.append(Finding(CheckOutcome.SKIPPED, message))
        proofs = proofs or [Finding(CheckOutcome.FAILED, "it carries no signature and no proof")]
    weakest = next(iter(protections), None) if all(protections) else None
    proof = combine(CheckId.PROOF, proofs)
    checks = (
        signer_check,
        combine(CheckId.KEY_BINDING, bindings, inputs),
        proof._replace(warnings=(*proof.warnings, *_warnings(weakest))),
    )
    return Proven(signer, tuple(dict.fromkeys(keys)), checks, tuple(readings), weakest)


def _warnings(protection: Protection | None) -> list[str]:
    """Name the parts of the JSON that could be otherwise under the same signature."""
    unprotected = protection.unprotected if protection else ()
    return [
        f"{each.pointer}: not protected: {each.reason}"[:_MAX_WARNING]
        for each in unprotected[:_MAX_WARNINGS]
    ]


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


def _signatures(document: Secured, verifier: Verifier, role: Role) -> list[_Signature]:
    found = []
    jws = document.jws
    if jws is not None:
        method = jws.kid
        claimed = document.body.get("iss")
        if method and method.startswith("#") and isinstance(claimed, str):
            method = claimed + method  # VC-JOSE-COSE 4.1: relative to `iss`, where it is present
        found.append(_Signature("the JWT", method, partial(_verify_jws, jws), jws.header))
    for proof in document.proofs:
        verify = partial(_verify_embedded, document.body, proof, verifier, role)
        found.append(_Signature("the embedded proof", proof.verification_method, verify, proof.raw))
    found += [
        _Signature("the embedded proof", proof.method, partial(_refuse_unread, proof), proof.raw)
        for proof in document.unread
    ]
    return found


async def _verify_jws(jws: Jws, key: PublicKey) -> None:
    verify_jws(jws, key)


async def _verify_embedded(
    body: Mapping[str, Json], proof: Proof, verifier: Verifier, role: Role, key: PublicKey
) -> Protection | None:
    """Verify an embedded proof, which must be over all of the document's contexts.

    The cryptosuite lets contexts be appended after signing (Data Integrity EdDSA 1.0, 3.3.2). They
    would be nobody's word, and could say of which kind the credential is.
    """
    contexts = body.get("@context")
    signed = proof.raw.get("@context", contexts)
    if [item for _, item in entries(signed)] != [item for _, item in entries(contexts)]:
        raise InvalidProofError("contexts were appended after it was made")
    if proof.suite.transformation is Transformation.JCS:
        verify_proof(body, proof, key, now=verifier.now, purpose=role.relationship)
        return None
    check_options(proof, now=verifier.now, purpose=role.relationship)
    return await verify_graph_proof(body, proof, key, verifier.graphs)


async def _refuse_unread(proof: UnreadProof, _key: PublicKey) -> None:
    raise UnsupportedProofError(proof.reason)


async def _verify(
    signature: _Signature, binding: Finding, key: PublicKey | None
) -> tuple[Finding, Protection | None]:
    if key is None:
        unknown = binding.outcome is CheckOutcome.UNDETERMINED
        outcome = CheckOutcome.UNDETERMINED if unknown else CheckOutcome.SKIPPED
        return Finding(outcome, f"{signature.name}: there is no key to verify it with"), None
    try:
        protection = await signature.verify(key)
    except UnsupportedProofError as error:
        return Finding(CheckOutcome.UNDETERMINED, f"{signature.name}: {error}"), None
    except ResolverError as error:
        message = f"{signature.name}: {error}"
        return Finding(CheckOutcome.FAILED, message, type=_type_of(error)), None
    return Finding(CheckOutcome.PASSED, f"{signature.name} holds"), protection


def _type_of(error: ResolverError) -> ProblemType | None:
    """Return what Data Integrity calls a problem; None leaves it to the check."""
    return next((type_ for kind, type_ in _TYPES if isinstance(error, kind)), None)
