"""Binding: whether the key that a signature names may speak for who has to have signed."""

from dataclasses import dataclass

from credentials.checks import CheckId, CheckOutcome, Finding, PresentationCheckId
from credentials.verifier import Verifier
from resolver.did import Did, DidUrl
from resolver.document import Relationship
from resolver.errors import (
    ErrorCode,
    InvalidDidUrlError,
    ResolutionError,
    ResolverError,
    UnverifiedDocumentError,
    VerificationMethodError,
)
from resolver.keys import PublicKey


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


async def bind(
    name: str,
    method_url: str | None,
    signer: Did | None,
    role: Role,
    verifier: Verifier,
    inputs: dict[str, str],
) -> tuple[Finding, PublicKey | None]:
    """Walk kid -> verification method -> its relationship -> controller == signer.

    Args:
        name: what the signature is called in messages.
        method_url: the verification method that it names, or None.
        signer: who has to have signed.
        role: in what role.
        verifier: by what it is judged.
        inputs: where what was looked at is noted.

    Returns:
        How it came out, and the key where it is the signer's.
    """
    try:
        url = _method_of_signer(method_url, signer, role)
        document = await verifier.documents.document(url.did)
        inputs["method"] = str(url)
        inputs["document_sha256"] = document.digest
        method = document.verification_method(url, role.relationship, at=verifier.now)
    except (_UnboundError, VerificationMethodError, InvalidDidUrlError) as error:
        return Finding(CheckOutcome.FAILED, f"{name}: {error}"), None
    except ResolutionError as error:
        return _unresolved(name, role, error), None
    if method.controller != url.did:
        message = f"{name}: {url} is controlled by {method.controller}, not the {role.name}"
        return Finding(CheckOutcome.FAILED, message), None
    if method.key is None:
        message = f"{name}: {url} holds a key of a kind that is not understood"
        return Finding(CheckOutcome.UNDETERMINED, message), None
    message = f"{url} is the {role.name}'s, for {role.relationship}"
    return Finding(CheckOutcome.PASSED, message), method.key


class _UnboundError(ResolverError):
    """A signature names no key of the signer."""


def _method_of_signer(method: str | None, signer: Did | None, role: Role) -> DidUrl:
    if signer is None:
        raise _UnboundError(f"there is no {role.name} to bind it to")
    if not method:
        raise _UnboundError("it names no key")
    url = DidUrl.parse(method)
    if url.did != signer:
        raise _UnboundError(f"its key belongs to {url.did}, the {role.name} is {signer}")
    if not url.fragment or url.path or url.query is not None:
        raise _UnboundError(f"{url} does not name one key of its document")
    return url


def _unresolved(name: str, role: Role, error: ResolutionError) -> Finding:
    """Tell what is known to be wrong from what could not be read."""
    if isinstance(error, UnverifiedDocumentError):
        message = f"{name}: refused, because {error}"
        return Finding(CheckOutcome.UNDETERMINED, message)
    if error.deactivated:
        message = f"{name}: the {role.name}'s DID is deactivated"
        return Finding(CheckOutcome.FAILED, message)
    certain = error.code == ErrorCode.INVALID_DID
    outcome = CheckOutcome.FAILED if certain else CheckOutcome.UNDETERMINED
    message = f"{name}: the {role.name}'s DID document could not be read: {error}"
    return Finding(outcome, message)
