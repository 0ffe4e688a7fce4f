"""did:peer: the identifier holds its keys and services, or its whole document (did:peer).

Resolved are 0 (one key), 2 (keys and services) and the long form of 4 (a document and its hash).
1, 3 and the short form of 4 are hashes of what two parties exchanged; nothing here has seen it.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from resolver.did import MAX_DID_BYTES, Did
from resolver.document import DidDocument, Relationship, parse_document
from resolver.encodings import base58btc, from_base58btc, from_base64url
from resolver.errors import (
    ErrorCode,
    InvalidDidDocumentError,
    InvalidDidError,
    InvalidEncodingError,
    InvalidJsonError,
    ResolutionError,
)
from resolver.methods import LATEST, Resolved, Version
from resolver.methods.key import key_document
from resolver.strict_json import Json, parse_json

CACHED_DOCUMENTS = 512
CONTEXTS: tuple[Json, ...] = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
)

_MAX_DEPTH = 16
_SHA2_256 = b"\x12\x20"
_JSON_CODEC = b"\x80\x04"
_EXCHANGED = re.compile(r"[134]z[1-9A-HJ-NP-Za-km-z]{46}")
_LONG = re.compile(r"4(z[1-9A-HJ-NP-Za-km-z]{46}):z([1-9A-HJ-NP-Za-km-z]+)")
_PURPOSES = {
    "A": Relationship.ASSERTION_METHOD,
    "E": Relationship.KEY_AGREEMENT,
    "V": Relationship.AUTHENTICATION,
    "I": Relationship.CAPABILITY_INVOCATION,
    "D": Relationship.CAPABILITY_DELEGATION,
}
_SERVICE = "S"
_WHOLE_WORDS = {"t": "type", "s": "serviceEndpoint", "r": "routingKeys", "a": "accept"}
_WHOLE_TYPES = {"dm": "DIDCommMessaging"}


class PeerMethod:
    """Unpacks the document that an identifier holds; nothing is fetched."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """The document of a did:peer (did:peer, section Generation Method).

        Raises:
            ResolutionError: INVALID_DID where the identifier holds nothing that can be read or is
                of an unknown kind, NOT_FOUND where it is a hash of what was exchanged elsewhere.
        """
        del version, fresh  # there is but one
        return _resolved(did)


@lru_cache(CACHED_DOCUMENTS)
def _resolved(did: Did) -> Resolved:
    return Resolved(_document(did))


def _document(did: Did) -> DidDocument:
    kind, rest = did.specific_id[:1], did.specific_id[1:]
    if _EXCHANGED.fullmatch(did.specific_id):
        detail = f"did:peer:{kind}: a hash of what was exchanged with its peer, and unknown here"
        raise ResolutionError(ErrorCode.NOT_FOUND, detail)
    if kind == "0":
        return key_document(did, rest)
    try:
        if kind == "2":
            return parse_document(_of_elements(did, rest), did)
        return parse_document(_of_long_form(did), did)
    except (
        InvalidDidDocumentError,
        InvalidDidError,
        InvalidEncodingError,
        InvalidJsonError,
    ) as error:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:peer: {error}") from None


def _of_elements(did: Did, rest: str) -> Json:
    """What keys and services make up (did:peer, Method 2)."""
    before, *elements = rest.split(".")
    if before or not elements or not all(elements):
        raise InvalidDidError("not a sequence of elements, each after a full stop")
    unknown = {element[0] for element in elements} - {*_PURPOSES, _SERVICE}
    if unknown:
        raise InvalidDidError(f"no purpose has the code {min(unknown)}")
    keys = [element for element in elements if element[0] != _SERVICE]
    document: dict[str, Json] = {
        "@context": list(CONTEXTS),
        "id": did.text,
        "verificationMethod": [
            {
                "id": f"#key-{number}",
                "type": "Multikey",
                "controller": did.text,
                "publicKeyMultibase": key[1:],
            }
            for number, key in enumerate(keys, 1)
        ],
    }
    for code, relationship in _PURPOSES.items():
        named: list[Json] = [f"#key-{n}" for n, key in enumerate(keys, 1) if key[0] == code]
        if named:
            document[relationship.value] = named
    services = [element[1:] for element in elements if element[0] == _SERVICE]
    if services:
        document["service"] = list(_services(services))
    document["alsoKnownAs"] = [f"did:peer:3{_hash(rest)}"]
    return document


def _services(encoded: Iterable[str]) -> Iterable[Json]:
    nameless = 0
    for text in encoded:
        service = _unabbreviated(parse_json(from_base64url(text), max_depth=_MAX_DEPTH))
        if not isinstance(service, dict):
            raise InvalidDidError("a service is an object, each in an element of its own")
        if "id" not in service:
            service["id"] = f"#service-{nameless}" if nameless else "#service"
            nameless += 1
        _must_be_relative(service)
        yield service


def _unabbreviated(value: Json) -> Json:
    """The value with its short names written out, at every depth (Common String Abbreviations)."""
    if isinstance(value, list):
        return [_unabbreviated(item) for item in value]
    if not isinstance(value, dict):
        return value
    whole = {_WHOLE_WORDS.get(name, name): _unabbreviated(item) for name, item in value.items()}
    if len(whole) != len(value):
        raise InvalidDidError("a service has a member twice, once by its short name")
    kind = whole.get("type")
    if isinstance(kind, str):
        whole["type"] = _WHOLE_TYPES.get(kind, kind)
    return whole


def _of_long_form(did: Did) -> Json:
    """The document that a long form holds, put into the context of its DID (did:peer, Method 4)."""
    match = _LONG.fullmatch(did.specific_id)
    if match is None:
        raise InvalidDidError("not of a kind that is known, 0 to 4")
    if _hash("z" + match[2]) != match[1]:
        raise InvalidDidError("the hash is not that of the document beside it")
    data = from_base58btc(match[2], MAX_DID_BYTES)
    if not data.startswith(_JSON_CODEC):
        raise InvalidDidError("the document is not marked as JSON")
    document = parse_json(data.removeprefix(_JSON_CODEC), max_depth=_MAX_DEPTH)
    if not isinstance(document, dict) or "id" in document:
        raise InvalidDidError("the document is not an object, or has an id")
    also = document.get("alsoKnownAs", [])
    if not isinstance(also, list):
        raise InvalidDidError("alsoKnownAs is not a list")
    for method in _entries(document, "verificationMethod", *Relationship):
        _must_be_relative(method)
        method.setdefault("controller", did.text)
    for service in _entries(document, "service"):
        _must_be_relative(service)
    return document | {"id": did.text, "alsoKnownAs": [*also, f"did:peer:4{match[1]}"]}


def _entries(document: dict[str, Json], *members: str) -> Iterable[dict[str, Json]]:
    for member in members:
        items = document.get(member)
        if isinstance(items, list):
            yield from (item for item in items if isinstance(item, dict))


def _must_be_relative(entry: dict[str, Json]) -> None:
    name = entry.get("id")
    if not isinstance(name, str) or not name.startswith("#"):
        raise InvalidDidError("an id within the document is not relative")


def _hash(text: str) -> str:
    return "z" + base58btc(_SHA2_256 + hashlib.sha256(text.encode()).digest())
