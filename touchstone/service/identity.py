"""Whose key answers are signed with: a DID that follows from the registry's origin."""

from urllib.parse import quote

import orjson

from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.keys import PublicKey
from resolver.methods.key import CONTEXT
from resolver.methods.web import url_of

DID_DOCUMENT = "/.well-known/did.json"
_SECURE = "https://"


def key_url(origin: str, key: PublicKey) -> str:
    """Return the DID URL of the key that a registry's answers are signed with.

    It is a key of the did:web of the registry's origin; where an origin has none (no https, or an
    IP address), a did:key, which proves that answers are from one hand, and not from whose.

    Args:
        origin: the registry's origin.
        key: signs its answers.
    """
    did = _did_web(origin)
    if did is None:
        return f"did:key:{key.multikey}#{key.multikey}"
    return f"{did.text}#{key.thumbprint}"


def did_document(origin: str, key: PublicKey) -> bytes | None:
    """Return the document of a registry's did:web, which lists its key for assertions alone.

    Args:
        origin: the registry's origin.
        key: signs its answers.
    """
    did = _did_web(origin)
    if did is None:
        return None
    method = key_url(origin, key)
    return orjson.dumps(
        {
            "@context": [CONTEXT],
            "id": did.text,
            "verificationMethod": [
                {
                    "id": method,
                    "type": "JsonWebKey",
                    "controller": did.text,
                    "publicKeyJwk": key.jwk(),
                }
            ],
            "assertionMethod": [method],
        }
    )


def _did_web(origin: str) -> Did | None:
    if not origin.startswith(_SECURE):
        return None
    try:
        did = Did.parse(f"did:web:{quote(origin.removeprefix(_SECURE), safe='')}")
        url_of(did)
    except InvalidDidError:
        return None
    return did
