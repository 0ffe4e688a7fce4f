"""Related resources: what a credential says stands behind a URL (VCDM 2.0 section 5.3)."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from credentials.checks import CheckId
from credentials.credential import Problem
from credentials.values import entries, is_url
from resolver.encodings import from_base58btc, from_base64url
from resolver.errors import InvalidEncodingError
from resolver.strict_json import Json

_MEMBER = "relatedResource"
_SRI: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = MappingProxyType(
    {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
)
_MULTIHASH: Mapping[bytes, Callable[[bytes], "hashlib._Hash"]] = MappingProxyType(
    {b"\x12\x20": hashlib.sha256, b"\x20\x30": hashlib.sha384, b"\x13\x40": hashlib.sha512}
)
"""By the multicodec of the hash and the length of its digest."""


def resource_problems(body: Mapping[str, Json]) -> Iterator[Problem]:
    """Return what is wrong with how related resources are written."""
    if _MEMBER not in body:
        return
    seen: set[str] = set()
    for pointer, value in entries(body[_MEMBER]):
        where = f"/{_MEMBER}{pointer}"
        if not isinstance(value, dict) or not is_url(address := value.get("id")):
            yield Problem(CheckId.STRUCTURE, where, "not an object with a URL as its id")
            continue
        if address in seen:
            yield Problem(CheckId.STRUCTURE, f"{where}/id", "the same resource as another")
        seen.add(address)
        if not value.keys() & {"digestSRI", "digestMultibase"}:
            yield Problem(CheckId.STRUCTURE, where, "without digestSRI or digestMultibase")


def mismatches(body: Mapping[str, Json], known: Mapping[str, bytes]) -> Iterator[Problem]:
    """Return the digests that are not those of resources which are used here.

    Args:
        body: the credential's document.
        known: by URL, the bytes of what is used in reading it, such as contexts. Whatever is not
            used is not fetched for this.
    """
    for pointer, value in entries(body.get(_MEMBER)):
        address = value.get("id") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(address, str) or address not in known:
            continue
        for member, matches in (("digestSRI", _is_sri), ("digestMultibase", _is_multibase)):
            if member in value and not matches(value[member], known[address]):
                where = f"/{_MEMBER}{pointer}/{member}"
                message = f"not the digest of {address} as it is used here"
                yield Problem(CheckId.STRUCTURE, where, message)


def _is_sri(text: Json, data: bytes) -> bool:
    """Whether one of the digests is that of the data (Subresource Integrity section 3.3.5)."""
    if not isinstance(text, str):
        return False
    for each in text.split():
        name, _, encoded = each.partition("?")[0].partition("-")
        if name in _SRI and _from_any_base64(encoded) == _SRI[name](data).digest():
            return True
    return False


def _is_multibase(text: Json, data: bytes) -> bool:
    if not isinstance(text, str):
        return False
    try:
        raw = from_base64url(text[1:]) if text[:1] == "u" else _from_base58(text)
    except InvalidEncodingError:
        return False
    hash_ = _MULTIHASH.get(raw[:2])
    if hash_ is not None:
        return raw[2:] == hash_(data).digest()
    return raw == hashlib.sha256(data).digest()  # a bare digest, as the official suite writes it


def _from_base58(text: str) -> bytes:
    if text[:1] != "z":
        raise InvalidEncodingError("multibase that starts with neither u nor z")
    return from_base58btc(text[1:])


def _from_any_base64(text: str) -> bytes | None:
    """Decode base64 of either alphabet: SRI has the first, published credentials have both."""
    try:
        return b64decode(text.translate(_TO_PLAIN) + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return None


_TO_PLAIN = str.maketrans("-_", "+/")
