"""Whose signature it is: the key that `keyid` names, found in a DID document."""

from typing import Protocol

from resolver.did import Did, DidUrl
from resolver.document import DidDocument, Relationship
from resolver.errors import InvalidDidUrlError, MessageSignatureError
from resolver.instant import Instant
from resolver.proofs.http_signatures.fields import Signature
from resolver.proofs.http_signatures.signing import DocumentKey


class DocumentSource(Protocol):
    """Where DID documents come from, such as `resolver.resolution.Resolver`."""

    async def document(self, did: Did) -> DidDocument:
        """Return the document of a DID.

        Raises:
            ResolutionError: there is none.
        """
        ...


def method_of(signature: Signature) -> DidUrl:
    """Read which verification method is said to have signed.

    Raises:
        MessageSignatureError: `keyid` is no DID with a fragment.
    """
    named = signature.coverage.parameters.get("keyid")
    try:
        method = DidUrl.parse(named if isinstance(named, str) else "")
    except InvalidDidUrlError as error:
        raise MessageSignatureError(f"keyid is no DID URL: {error}") from None
    if not method.fragment or method.path or method.query is not None:
        raise MessageSignatureError("keyid is no DID with a fragment")
    return method


async def key_of(
    method: DidUrl, relationship: Relationship, documents: DocumentSource, now: Instant
) -> DocumentKey:
    """Find the key of a verification method in its DID's document.

    Args:
        method: as `method_of` read it.
        relationship: what the document must list the method for.
        documents: where DID documents come from.
        now: the present.

    Raises:
        ResolutionError: there is no document.
        VerificationMethodError: it does not list the method, or not for this.
        MessageSignatureError: the method has no key that is known, or another controller.
    """
    document = await documents.document(method.did)
    found = document.verification_method(method, relationship, at=now)
    if found.key is None or found.controller != method.did:
        raise MessageSignatureError(f"{method} has no key that is known, or another controller")
    return DocumentKey(found.key)
