"""Related resources: what a credential says stands behind a URL (VCDM 2.0 section 5.3)."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from credentials.checks import Check, CheckId, CheckOutcome, Finding, check, combine
from credentials.credential import Problem
from credentials.values import entries, is_url
from resolver.encodings import from_base58btc, from_base64url
from resolver.errors import InvalidEncodingError
from resolver.strict_json import Json

_MEMBER = "relatedResource"
_MOST = 32  # resources of one credential that are compared
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


_NONE = check(CheckId.RESOURCES, CheckOutcome.SKIPPED, "it names no related resources")


class ResourceSource(Protocol):
    """Where the bytes come from of what is used in reading credentials, such as contexts."""

    async def text(self, url: str) -> bytes | None:
        """Return what is used for a URL, or None where it is not used here."""
        ...


async def check_resources(body: Mapping[str, Json], source: ResourceSource | None) -> Check:
    """Compare the digests of related resources with what is used here.

    Used are the contexts that the document names. Nothing else is fetched for this: an issuer
    could otherwise have anything fetched.
    """
    used = [item for _, item in entries(body.get("@context"))]
    findings: list[Finding] = []
    for pointer, value in entries(body.get(_MEMBER))[:_MOST]:
        address = value.get("id") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(address, str):
            continue  # the structure's check tells
        text = await source.text(address) if source and address in used else None
        where = f"/{_MEMBER}{pointer}"
        findings += [_unused(address, where)] if text is None else _compared(value, text, where)
    return combine(CheckId.RESOURCES, findings) if findings else _NONE


def _unused(address: str, where: str) -> Finding:
    return Finding(CheckOutcome.SKIPPED, f"{address} is not used here, and not fetched", where)


def _compared(value: Mapping[str, Json], text: bytes, where: str) -> Iterator[Finding]:
    for member, matches in (("digestSRI", is_sri), ("digestMultibase", _is_multibase)):
        if member not in value:
            continue
        if matches(value[member], text):
            yield Finding(CheckOutcome.PASSED, "what is used here has this digest", where)
        else:
            message = f"{member} is not the digest of {value['id']} as it is used here"
            yield Finding(CheckOutcome.FAILED, message, f"{where}/{member}")


def is_sri(text: Json, data: bytes) -> bool:
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
