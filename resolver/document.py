"""DID documents: parsed once into types, with every key read or known to be unreadable."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from resolver.did import Did, DidUrl
from resolver.errors import (
    InvalidDidDocumentError,
    InvalidDidError,
    InvalidDidUrlError,
    InvalidInstantError,
    InvalidKeyError,
    NotCanonicalisableError,
    UnsupportedKeyError,
    VerificationMethodError,
)
from resolver.instant import Instant, parse_instant
from resolver.jcs import canonicalise
from resolver.keys import Curve, PublicKey
from resolver.strict_json import Json

MAX_ITEMS = 200
"""The longest list accepted in a document; the largest that we know has some dozens."""

_Object: TypeAlias = dict[str, Json]


class Relationship(StrEnum):
    """What a verification method may be used for (DID Core 5.3)."""

    AUTHENTICATION = "authentication"
    ASSERTION_METHOD = "assertionMethod"
    KEY_AGREEMENT = "keyAgreement"
    CAPABILITY_INVOCATION = "capabilityInvocation"
    CAPABILITY_DELEGATION = "capabilityDelegation"


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """A key that a DID document publishes (DID Core 5.2; Controlled Identifiers 2.2).

    Attributes:
        id: its absolute DID URL.
        type: its type, as written.
        controller: who may use it; the document's own DID where the method does not say.
        key: the key; None where the type or curve is not one we know.
        expires: from when it is no longer to be used, if ever.
        revoked: when it was revoked, if it was.
    """

    id: DidUrl
    type: str
    controller: Did
    key: PublicKey | None
    expires: Instant | None = None
    revoked: Instant | None = None

    def usable_at(self, instant: Instant) -> bool:
        """Whether it had neither expired nor been revoked at an instant."""
        return all(end is None or instant < end for end in (self.expires, self.revoked))


@dataclass(frozen=True, slots=True)
class Service:
    """A way to reach the subject (DID Core 5.4).

    Attributes:
        id: its absolute URI; None where it has none.
        types: what kind of service it is.
        endpoint: a URI, an object, or a list of both, as written.
    """

    id: str | None
    types: tuple[str, ...]
    endpoint: Json


@dataclass(frozen=True, slots=True)
class DidDocument:
    """What a DID resolves to (DID Core 5).

    Attributes:
        id: the DID it is about.
        verification_methods: by absolute id, embedded ones included.
        relationships: the absolute ids that each relationship lists.
        services: in the order of the document.
        also_known_as: other identifiers that the subject claims.
        controller: who may change the document, where it says so.
        raw: the JSON it was parsed from; not to be changed.
        digest: SHA-256 of its canonical bytes (RFC 8785), in hex.
    """

    id: Did
    verification_methods: Mapping[str, VerificationMethod]
    relationships: Mapping[Relationship, frozenset[str]]
    services: tuple[Service, ...]
    also_known_as: tuple[str, ...]
    controller: tuple[Did, ...]
    raw: _Object
    digest: str

    def verification_method(
        self, url: DidUrl, relationship: Relationship, *, at: Instant | None = None
    ) -> VerificationMethod:
        """The method with this id, if the document lists it under the relationship (DID Core 5.3).

        Args:
            url: the method's id, such as a JOSE `kid`.
            relationship: what it is to be used for.
            at: when it is used; where given, an expired or revoked method is refused.

        Raises:
            VerificationMethodError: another document's method, unknown, not listed, or not usable.
        """
        method = self.verification_methods.get(str(url))
        if url.did != self.id or method is None:
            raise VerificationMethodError("the DID document has no such verification method")
        if str(url) not in self.relationships[relationship]:
            raise VerificationMethodError(f"the method is not listed under {relationship}")
        if at is not None and not method.usable_at(at):
            raise VerificationMethodError("the verification method had expired or was revoked")
        return method


def parse_document(json: Json, expected: Did) -> DidDocument:
    """Parse a DID document (DID Core 5).

    Args:
        json: the document.
        expected: the DID that was resolved; `id` must be the same string.

    Raises:
        InvalidDidDocumentError: another id, a malformed member, a private or malformed key, one id
            twice, or more items than `MAX_ITEMS`. Unknown members are kept and mean nothing.
    """
    raw = _object(json, "the document")
    if raw.get("id") != expected.text:
        raise InvalidDidDocumentError("the document's id is not the DID that was resolved")
    try:
        digest = hashlib.sha256(canonicalise(raw)).hexdigest()
    except NotCanonicalisableError as error:
        raise InvalidDidDocumentError(f"no canonical form: {error}") from None
    methods: dict[str, VerificationMethod] = {}
    for item in _list(raw, "verificationMethod"):
        _add(methods, _verification_method(item, expected))
    relationships = {r: _relationship(raw, r, expected, methods) for r in Relationship}
    return DidDocument(
        id=expected,
        verification_methods=methods,
        relationships=relationships,
        services=_services(raw, expected),
        also_known_as=tuple(_text(a, "alsoKnownAs") for a in _one_or_many(raw, "alsoKnownAs")),
        controller=tuple(_did(c, "controller") for c in _one_or_many(raw, "controller")),
        raw=raw,
        digest=digest,
    )


def _relationship(
    raw: _Object, relationship: Relationship, base: Did, methods: dict[str, VerificationMethod]
) -> frozenset[str]:
    listed = set()
    for item in _list(raw, relationship.value):
        if isinstance(item, dict):
            method = _verification_method(item, base)
            _add(methods, method)
            listed.add(str(method.id))
        elif isinstance(item, str) and item in methods:
            listed.add(item)
        else:
            listed.add(str(_did_url(item, base, relationship.value)))
    return frozenset(listed)


def _add(methods: dict[str, VerificationMethod], method: VerificationMethod) -> None:
    if str(method.id) in methods:
        raise InvalidDidDocumentError("two verification methods have the same id")
    if len(methods) == MAX_ITEMS:
        raise InvalidDidDocumentError(f"more than {MAX_ITEMS} verification methods")
    methods[str(method.id)] = method


def _verification_method(item: Json, base: Did) -> VerificationMethod:
    entry = _object(item, "a verification method")
    kind = _text(entry.get("type"), "a verification method's type")
    return VerificationMethod(
        id=_did_url(entry.get("id"), base, "a verification method's id"),
        type=kind,
        controller=_did(entry.get("controller", base.text), "a verification method's controller"),
        key=_key(kind, entry),
        expires=_instant(entry, "expires"),
        revoked=_instant(entry, "revoked"),
    )


# Which member carries the key, and on which curve it must lie, for each type that we read.
_MULTIBASE: Mapping[str, Curve | None] = {
    "Multikey": None,
    "Ed25519VerificationKey2020": Curve.ED25519,
    "X25519KeyAgreementKey2020": Curve.X25519,
}
_JWK: Mapping[str, Curve | None] = {
    "JsonWebKey": None,
    "JsonWebKey2020": None,
    "EcdsaSecp256k1VerificationKey2019": Curve.SECP256K1,
}
_BASE58: Mapping[str, Curve] = {
    "Ed25519VerificationKey2018": Curve.ED25519,
    "X25519KeyAgreementKey2019": Curve.X25519,
    "EcdsaSecp256k1VerificationKey2019": Curve.SECP256K1,
}


def _key(kind: str, entry: _Object) -> PublicKey | None:
    material = [member for member in entry if member.startswith("publicKey")]
    if len(material) > 1:
        raise InvalidDidDocumentError("a verification method with several keys")
    if any(member.startswith(("privateKey", "secretKey")) for member in entry):
        raise InvalidDidDocumentError("a verification method that shows its private key")
    try:
        return _READERS[material[0]](kind, entry[material[0]]) if material else None
    except (KeyError, UnsupportedKeyError):
        return None
    except InvalidKeyError as error:
        raise InvalidDidDocumentError(f"a verification method's key: {error}") from None


def _read_multibase(kind: str, value: Json) -> PublicKey:
    key = PublicKey.from_multikey(_text(value, "publicKeyMultibase"))
    return _on_curve(key, _MULTIBASE[kind])


def _read_jwk(kind: str, value: Json) -> PublicKey:
    return _on_curve(PublicKey.from_jwk(_object(value, "publicKeyJwk")), _JWK[kind])


def _read_base58(kind: str, value: Json) -> PublicKey:
    return PublicKey.from_base58(_BASE58[kind], _text(value, "publicKeyBase58"))


_READERS: Mapping[str, Callable[[str, Json], PublicKey]] = {
    "publicKeyMultibase": _read_multibase,
    "publicKeyJwk": _read_jwk,
    "publicKeyBase58": _read_base58,
}


def _on_curve(key: PublicKey, curve: Curve | None) -> PublicKey:
    if curve is not None and key.curve is not curve:
        raise InvalidKeyError(f"its type wants a key on {curve}")
    return key


def _services(raw: _Object, base: Did) -> tuple[Service, ...]:
    services = tuple(_service(item, base) for item in _list(raw, "service"))
    ids = [service.id for service in services if service.id is not None]
    if len(set(ids)) != len(ids):
        raise InvalidDidDocumentError("two services have the same id")
    return services


def _service(item: Json, base: Did) -> Service:
    entry = _object(item, "a service")
    name = entry.get("id")
    if name is not None:
        name = _text(name, "a service's id")
        name = base.text + name if name.startswith("#") else name
    types = tuple(_text(t, "a service's type") for t in _one_or_many(entry, "type"))
    endpoint = entry.get("serviceEndpoint")
    if not types or not isinstance(endpoint, str | dict | list):
        raise InvalidDidDocumentError("a service without type or serviceEndpoint")
    return Service(name, types, endpoint)


def _object(value: Json, what: str) -> _Object:
    if not isinstance(value, dict):
        raise InvalidDidDocumentError(f"{what} is not an object")
    return value


def _text(value: Json, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidDidDocumentError(f"{what} is not a string")
    return value


def _list(raw: _Object, member: str) -> list[Json]:
    value = raw.get(member, [])
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise InvalidDidDocumentError(f"{member} is not a list of at most {MAX_ITEMS}")
    return value


def _one_or_many(raw: _Object, member: str) -> list[Json]:
    value = raw.get(member, [])
    return [value] if isinstance(value, str) else _list(raw, member)


def _did(value: Json, what: str) -> Did:
    try:
        return Did.parse(_text(value, what))
    except InvalidDidError as error:
        raise InvalidDidDocumentError(f"{what}: {error}") from None


def _did_url(value: Json, base: Did, what: str) -> DidUrl:
    text = _text(value, what)
    if text.startswith(("#", "/", "?")):
        text = base.text + text
    try:
        return DidUrl.parse(text)
    except InvalidDidUrlError as error:
        raise InvalidDidDocumentError(f"{what}: {error}") from None


def _instant(entry: _Object, member: str) -> Instant | None:
    if member not in entry:
        return None
    try:
        return parse_instant(_text(entry[member], member))
    except InvalidInstantError as error:
        raise InvalidDidDocumentError(f"{member}: {error}") from None
