"""Who signed: the key behind a JWS, found in the DID document of whom its header names."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from link_resolver.errors import SignatureRefusedError
from resolver.did import Did, DidUrl
from resolver.document import DidDocument, Relationship
from resolver.errors import (
    ErrorCode,
    InvalidDidUrlError,
    ResolutionError,
    ResolverError,
    VerificationMethodError,
)
from resolver.instant import Instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, verify_jws

_HEADER = frozenset({"alg", "kid", "typ"})
_ALGORITHMS: Collection[object] = frozenset({"Ed25519", "ES256"})
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


def signing_method(jws: Jws, kind: str) -> DidUrl:
    """Read which verification method is said to have signed.

    Args:
        jws: a signature that nobody believes yet.
        kind: the `typ` that its protected header must have.

    Raises:
        SignatureRefusedError: the header has other members than `alg` (Ed25519 or ES256), `kid`
            and `typ`, or a `kid` that is no DID URL of a method.
    """
    header = jws.header
    if header.keys() != _HEADER:
        raise _wrong_header("has exactly alg, kid and typ")
    if header["typ"] != kind:
        raise _wrong_header(f"has the typ {kind}")
    if header["alg"] not in _ALGORITHMS:
        raise _wrong_header("has the alg Ed25519 or ES256")
    try:
        method = DidUrl.parse(jws.kid or "")
    except InvalidDidUrlError as error:
        raise _wrong_header(f"has a kid that is a DID URL: {error}") from None
    if not method.fragment or method.path or method.query is not None:
        raise _wrong_header("has a kid that is a DID with a fragment")
    return method


def _wrong_header(demand: str) -> SignatureRefusedError:
    return SignatureRefusedError("wrong-header", f"the protected header {demand}", "protected")


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
