"""did:key: the identifier is the key (did:key v0.9).

The syntax also allows the prefix `u` (base64url), and the algorithm a version before the key; the
same algorithm wants the value to begin with `z`, and no published identifier has either. Both are
refused, so that one key has one identifier.
"""

from functools import lru_cache

from resolver.did import Did
from resolver.document import DidDocument, Relationship, parse_document
from resolver.errors import ErrorCode, InvalidKeyError, ResolutionError, UnsupportedKeyError
from resolver.keys import Curve, PublicKey
from resolver.methods import LATEST, Resolved, Version
from resolver.strict_json import Json

CACHED_DOCUMENTS = 4096

CONTEXT = "https://www.w3.org/ns/did/v1.1"


class KeyMethod:
    """Expands a key into the document that it always has; nothing is fetched."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """The document of a did:key (did:key v0.9, section Document Creation Algorithm).

        Raises:
            ResolutionError: INVALID_DID where the identifier is no key of a curve that we know.
        """
        del version, fresh  # there is but one
        return _resolved(did)


@lru_cache(CACHED_DOCUMENTS)
def _resolved(did: Did) -> Resolved:
    return Resolved(key_document(did, did.specific_id))


def key_document(did: Did, multikey: str) -> DidDocument:
    """The document of a DID that is one key, with every privilege.

    Args:
        did: the DID.
        multikey: its key, in multibase and multicodec.

    Raises:
        ResolutionError: INVALID_DID where that is no key of a curve that we know.
    """
    try:
        key = PublicKey.from_multikey(multikey)
        agreement = key.x25519() if key.curve is Curve.ED25519 else None
    except (InvalidKeyError, UnsupportedKeyError) as error:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:{did.method}: {error}") from None
    return parse_document(_json(did, key, agreement), did)


def _json(did: Did, key: PublicKey, agreement: PublicKey | None) -> Json:
    method = _method(did, key.multikey)
    document: dict[str, Json] = {
        "@context": [CONTEXT],
        "id": did.text,
        "verificationMethod": [method],
    }
    for relationship in Relationship:
        agrees = relationship is Relationship.KEY_AGREEMENT
        if agrees and agreement is not None:
            document[relationship.value] = [_method(did, agreement.multikey)]
        elif agrees or key.curve is not Curve.X25519:
            document[relationship.value] = [method["id"]]
    return document


def _method(did: Did, multikey: str) -> dict[str, Json]:
    return {
        "id": f"{did.text}#{multikey}",
        "type": "Multikey",
        "controller": did.text,
        "publicKeyMultibase": multikey,
    }
