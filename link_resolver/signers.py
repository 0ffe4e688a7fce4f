"""Who signed: the key behind a JWS, found in the DID document of whom its header names."""

from dataclasses import dataclass
from typing import Protocol

from link_resolver.errors import SignatureRefusedError
from resolver.did import Did, DidUrl
from resolver.document import DidDocument, Relationship
from resolver.errors import (
    ErrorCode,
    ResolutionError,
    ResolverError,
    VerificationMethodError,
)
from resolver.instant import Instant
from resolver.keys import PublicKey
from resolver.proofs.jose import InvalidJwsError, Jws, verify_jws
from resolver.proofs.signing_method import signing_method

_FINAL = frozenset(
    {ErrorCode.NOT_FOUND, ErrorCode.METHOD_NOT_SUPPORTED, ErrorCode.INVALID_DID_DOCUMENT}
)


class DocumentSource(Protocol):
    """Where DID documents come from, such as `resolver.resolution.Resolver`."""

    async def document(self, did: Did) -> DidDocument:
        """Return the document of a DID.

        Raises:
            ResolutionError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as it was found: the method and its key."""

    method: DidUrl
    key: PublicKey


def method_of(jws: Jws, kind: str) -> DidUrl:
    """Read which verification method is said to have signed; see `signing_method`.

    Raises:
        SignatureRefusedError: the header says more than that, less, or something else.
    """
    try:
        return signing_method(jws, kind)
    except InvalidJwsError as error:
        raise SignatureRefusedError("wrong-header", str(error), "protected") from None


async def find_signer(
    jws: Jws,
    method: DidUrl,
    relationship: Relationship,
    documents: DocumentSource,
    now: Instant,
) -> Signer:
    """Find the key of a verification method in its DID's document, and verify with it.

    Args:
        jws: the signature.
        method: as `signing_method` read it.
        relationship: what the document must list the method for.
        documents: where DID documents come from.
        now: the present.

    Raises:
        SignatureRefusedError: the document does not list the key, cannot be had, or the signature
            does not match.
    """
    try:
        document = await documents.document(method.did)
        found = document.verification_method(method, relationship, at=now)
    except ResolutionError as error:
        if error.deactivated or error.code in _FINAL:
            raise SignatureRefusedError("key-not-listed", str(error), "by") from None
        detail = f"the signer's DID document cannot be read now: {error}"
        raise SignatureRefusedError("did-unavailable", detail, "by", retryable=True) from None
    except VerificationMethodError as error:
        raise SignatureRefusedError("key-not-listed", str(error), "protected.kid") from None
    if found.key is None or found.controller != method.did:
        detail = "the verification method has no key that we know, or another controller"
        raise SignatureRefusedError("key-not-listed", detail, "protected.kid")
    try:
        verify_jws(jws, found.key)
    except ResolverError as error:
        raise SignatureRefusedError("bad-signature", str(error), "signature") from None
    return Signer(method, found.key)
