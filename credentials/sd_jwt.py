"""SD-JWTs: what the holder disclosed put back into what the issuer signed (RFC 9901)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from credentials.errors import MalformedCredentialError
from credentials.jwt import read_json, read_jwt
from credentials.sources import Limits
from credentials.values import refuse_overfull
from resolver.encodings import base64url, from_base64url
from resolver.errors import InvalidEncodingError
from resolver.proofs.jose import Jws
from resolver.strict_json import Json

_DIGESTS = "_sd"
_ELEMENT = "..."
_ALGORITHM = "_sd_alg"
_HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = MappingProxyType(
    {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
)
"""Of IANA's Named Information Hash Algorithms, those of full length in the SHA-2 family."""
_MAX_WORK = 20_000
"""Values and digests of one SD-JWT; a whole product passport has some hundreds."""
_OF_MEMBER, _OF_ELEMENT = 3, 2  # salt, name, value; salt, value


@dataclass(frozen=True, slots=True)
class SdJwt:
    """An SD-JWT, opened; nothing in it is believed yet.

    Attributes:
        jws: what the issuer signed.
        body: its payload with what was disclosed in its place, and no trace of the rest.
        disclosed: JSON pointers (RFC 6901) to what was disclosed.
        withheld: how many members and elements were not disclosed, decoys included.
        withheld_at_top: how many of them are members of the credential itself.
        key_binding: the holder's own JWT, or None.
        hash: what the holder's `sd_hash` must be.
    """

    jws: Jws
    body: dict[str, Json]
    disclosed: tuple[str, ...]
    withheld: int
    withheld_at_top: int
    key_binding: str | None
    hash: str


def open_sd_jwt(text: str, limits: Limits) -> SdJwt:
    """Open an SD-JWT or SD-JWT+KB in its compact form (RFC 9901 sections 4 and 7.1).

    Raises:
        MalformedCredentialError: it is none, exceeds a limit, or discloses what was not signed.
    """
    token, *parts = text.split("~")
    if not parts:
        raise MalformedCredentialError("an SD-JWT ends in ~, or in ~ and a key binding JWT")
    *disclosures, last = parts
    if len(disclosures) > limits.max_disclosures:
        message = f"{len(disclosures)} disclosures, at most {limits.max_disclosures} are read"
        raise MalformedCredentialError(message)
    jws, payload = read_jwt(token, limits)
    hash_ = _hash_of(payload)
    unpacking = _Unpacking(_by_digest(disclosures, hash_, limits), limits)
    body = unpacking.object(payload, "", 1)
    body.pop(_ALGORITHM, None)
    unpacking.finish()
    refuse_overfull(body)
    return SdJwt(
        jws,
        body,
        tuple(unpacking.disclosed),
        unpacking.withheld,
        unpacking.withheld_at_top,
        last or None,
        hash_(text[: len(text) - len(last)]),
    )


def _hash_of(payload: Mapping[str, Json]) -> Callable[[str], str]:
    """Return the hash that `_sd_alg` names (RFC 9901 section 4.1.1)."""
    name = payload.get(_ALGORITHM, "sha-256")
    algorithm = _HASHES.get(name) if isinstance(name, str) else None
    if algorithm is None:
        known = ", ".join(_HASHES)
        raise MalformedCredentialError(f"_sd_alg is none of {known}", f"/{_ALGORITHM}")
    return lambda text: base64url(algorithm(text.encode()).digest())


@dataclass(slots=True)
class _Disclosure:
    """A disclosure: its content without the salt, and whether its digest was met."""

    content: list[Json]
    used: bool = False


def _by_digest(
    texts: list[str], hash_: Callable[[str], str], limits: Limits
) -> dict[str, _Disclosure]:
    found: dict[str, _Disclosure] = {}
    for text in texts:
        try:
            content = read_json(from_base64url(text), limits)
        except InvalidEncodingError as error:
            raise MalformedCredentialError(f"a disclosure is not base64url: {error}") from None
        salted = isinstance(content, list) and len(content) in {_OF_ELEMENT, _OF_MEMBER}
        if not isinstance(content, list) or not salted or not isinstance(content[0], str):
            raise MalformedCredentialError("a disclosure is no array of salt, name and value")
        digest = hash_(text)
        if digest in found:
            raise MalformedCredentialError("a disclosure is there twice")
        found[digest] = _Disclosure(content[1:])
    return found


class _Unpacking:
    """Walks a payload and puts disclosures in the place of their digests."""

    def __init__(self, disclosures: Mapping[str, _Disclosure], limits: Limits) -> None:
        self._disclosures = disclosures
        self._seen: set[str] = set()
        self._work = 0
        self._max_depth = limits.max_depth
        self.disclosed: list[str] = []
        self.withheld = 0
        self.withheld_at_top = 0

    def finish(self) -> None:
        """Refuse what was disclosed but never signed (RFC 9901 section 7.1, step 5)."""
        if any(not each.used for each in self._disclosures.values()):
            raise MalformedCredentialError("a disclosure belongs to no digest that was signed")

    def _value(self, value: Json, pointer: str, depth: int) -> Json:
        self._count(pointer)
        if depth > self._max_depth:
            message = f"nested deeper than {self._max_depth} once disclosed"
            raise MalformedCredentialError(message, pointer)
        if isinstance(value, dict):
            return self.object(value, pointer, depth)
        if isinstance(value, list):
            return self._array(value, pointer, depth)
        return value

    def _count(self, pointer: str) -> None:
        self._work += 1
        if self._work > _MAX_WORK:
            message = f"more than {_MAX_WORK} values and digests are not looked at one by one"
            raise MalformedCredentialError(message, pointer)

    def object(self, value: dict[str, Json], pointer: str, depth: int) -> dict[str, Json]:
        """Return an object with its disclosed members, and without its digests."""
        if _ELEMENT in value:
            raise MalformedCredentialError("a member named ... is not in an array", pointer)
        result = {
            name: self._value(inner, _below(pointer, name), depth + 1)
            for name, inner in value.items()
            if name != _DIGESTS
        }
        for digest in self._digests(value, pointer):
            disclosure = self._take(digest, pointer)
            if disclosure is None:
                self.withheld += 1
                self.withheld_at_top += not pointer
                continue
            if len(disclosure.content) != _OF_MEMBER - 1:
                raise MalformedCredentialError("an element was disclosed as a member", pointer)
            name, inner = disclosure.content
            if not isinstance(name, str) or name in {_DIGESTS, _ELEMENT}:
                raise MalformedCredentialError("a member's name may not be disclosed so", pointer)
            if name in result:
                message = f"{name} is disclosed, and there already"
                raise MalformedCredentialError(message, pointer)
            where = _below(pointer, name)
            self.disclosed.append(where)
            result[name] = self._value(inner, where, depth + 1)
        return result

    def _array(self, value: list[Json], pointer: str, depth: int) -> list[Json]:
        result: list[Json] = []
        for element in value:
            where = f"{pointer}/{len(result)}"
            if not isinstance(element, dict) or _ELEMENT not in element:
                result.append(self._value(element, where, depth + 1))
                continue
            digest = element[_ELEMENT]
            if len(element) != 1 or not isinstance(digest, str):
                raise MalformedCredentialError("... does not stand alone with a digest", where)
            disclosure = self._take(digest, where)
            if disclosure is None:
                self.withheld += 1
                continue
            if len(disclosure.content) != _OF_ELEMENT - 1:
                raise MalformedCredentialError("a member was disclosed as an element", where)
            self.disclosed.append(where)
            result.append(self._value(disclosure.content[0], where, depth + 1))
        return result

    def _digests(self, value: Mapping[str, Json], pointer: str) -> list[str]:
        found = value.get(_DIGESTS, [])
        listed = found if isinstance(found, list) else [None]
        digests = [each for each in listed if isinstance(each, str)]
        if len(digests) != len(listed):
            raise MalformedCredentialError("_sd is no array of digests", pointer)
        return digests

    def _take(self, digest: str, pointer: str) -> _Disclosure | None:
        """Return the disclosure of a digest, which may stand in one place only (step 4)."""
        self._count(pointer)
        if digest in self._seen:
            raise MalformedCredentialError("a digest stands in two places", pointer)
        self._seen.add(digest)
        disclosure = self._disclosures.get(digest)
        if disclosure is not None:
            disclosure.used = True
        return disclosure


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
