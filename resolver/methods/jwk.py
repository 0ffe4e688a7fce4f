"""did:jwk: the identifier is a JSON Web Key (did:jwk, quartzjer/did-jwk)."""

from functools import lru_cache

from resolver.did import Did
from resolver.document import DidDocument, Relationship, parse_document
from resolver.encodings import from_base64url
from resolver.errors import (
    ErrorCode,
    InvalidDidDocumentError,
    InvalidEncodingError,
    InvalidJsonError,
    InvalidKeyError,
    ResolutionError,
    UnsupportedKeyError,
)
from resolver.keys import PublicKey
from resolver.methods import LATEST, Resolved, Version
from resolver.strict_json import Json, parse_json

CACHED_DOCUMENTS = 4096

_MAX_DEPTH = 8
CONTEXTS: tuple[Json, ...] = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")


class JwkMethod:
    """Expands a JWK into the document that it always has; nothing is fetched."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """The document of a did:jwk, whose one method is `#0`.

        Raises:
            ResolutionError: INVALID_DID where the identifier is no public JWK that we know.
        """
        del version, fresh  # there is but one
        return _resolved(did)


@lru_cache(CACHED_DOCUMENTS)
def _resolved(did: Did) -> Resolved:
    return Resolved(_document(did))


def _document(did: Did) -> DidDocument:
    try:
        return parse_document(_json(did, _jwk(did.specific_id)), did)
    except (
        InvalidDidDocumentError,
        InvalidEncodingError,
        InvalidJsonError,
        InvalidKeyError,
        UnsupportedKeyError,
    ) as error:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:jwk: {error}") from None


def _json(did: Did, jwk: dict[str, Json]) -> Json:
    method: dict[str, Json] = {
        "id": f"{did.text}#0",
        "type": "JsonWebKey",
        "controller": did.text,
        "publicKeyJwk": jwk,
    }
    document: dict[str, Json] = {
        "@context": list(CONTEXTS),
        "id": did.text,
        "verificationMethod": [method],
    }
    return document | {r.value: [method["id"]] for r in _relationships(jwk.get("use"))}


def _jwk(encoded: str) -> dict[str, Json]:
    jwk = parse_json(from_base64url(encoded), max_depth=_MAX_DEPTH)
    if not isinstance(jwk, dict):
        raise InvalidKeyError("a JWK is an object")
    PublicKey.from_jwk(jwk)
    return jwk


def _relationships(use: Json) -> tuple[Relationship, ...]:
    """What the key is for: everything, unless its `use` says otherwise (RFC 7517 4.2)."""
    if use == "enc":
        return (Relationship.KEY_AGREEMENT,)
    agreement = () if use == "sig" else (Relationship.KEY_AGREEMENT,)
    return (*(r for r in Relationship if r is not Relationship.KEY_AGREEMENT), *agreement)
