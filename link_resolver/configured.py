"""Identifiers of configured schemes: paths, URNs, registers' URLs and bare values."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from link_resolver.errors import InvalidIdentifierError
from link_resolver.escapes import PATH, EscapeError, unescape
from link_resolver.identifier import Element, Identifier
from link_resolver.schemes import Code, Key, Scheme, Schemes

URN: Final = "urn:gtr:"
"""How a URN of the Global Trust Registry begins: the domain of a scheme and a value follow."""
_SLOT: Final = "{id}"


def find_scheme(segments: Sequence[str], schemes: Schemes) -> tuple[int, Scheme] | None:
    """Return the rightmost segment that names a scheme and has one of its codes behind it."""
    for place in range(len(segments) - 3, 0, -1):
        scheme = schemes.scheme(segments[place])
        if scheme is not None and scheme.key(segments[place + 1]) is not None:
            return place, scheme
    return None


def read_path(segments: Sequence[str], start: int, query: str, scheme: Scheme) -> Identifier:
    """Read path segments from a scheme's name on.

    Raises:
        InvalidIdentifierError: a rule of the scheme is broken.
    """
    position = len("/".join(segments[: start + 1])) + 1
    code = segments[start + 1] if len(segments) > start + 1 else ""
    rest = segments[start + 2 :]
    key = scheme.key(code)
    if key is None:
        known = ", ".join(key.code for key in scheme.keys)
        raise InvalidIdentifierError(
            "unknown-code", f"{scheme.name} has {known}", code or None, position
        )
    if len(rest) % 2 == 0:
        raise InvalidIdentifierError("value-missing", "has no value", code, position)
    found = [_element(key, rest[0], position)]
    position += len(code) + len(rest[0]) + 2
    wanted: Iterator[Code] = iter(key.qualifiers)
    for name, raw in zip(rest[1::2], rest[2::2], strict=True):
        qualifier = next((candidate for candidate in wanted if candidate.code == name), None)
        if qualifier is None:
            raise InvalidIdentifierError(*_unwanted(key, name), name, position)
        found.append(_element(qualifier, raw, position))
        position += len(name) + len(raw) + 2
    return Identifier(scheme.name, found[0], tuple(found[1:]), (), query)


def _unwanted(key: Key, name: str) -> tuple[str, str]:
    order = ", ".join(qualifier.code for qualifier in key.qualifiers)
    if any(qualifier.code == name for qualifier in key.qualifiers):
        return "qualifier-order", f"qualifiers of {key.code} stand once, in the order {order}"
    return "qualifier-not-allowed", f"is no qualifier of {key.code}"


def _element(code: Code, raw: str, position: int) -> Element:
    position += len(code.code) + 1
    try:
        value = unescape(raw, PATH)
    except EscapeError as error:
        raise InvalidIdentifierError(
            error.rule,
            "is not percent-encoded as a URI must be",
            code.code,
            position + error.offset,
        ) from None
    return code.read(value, position)


def read_urn(text: str, schemes: Schemes) -> Identifier:
    """Read `urn:gtr:{domain}:{value}` (UNTP Identity Resolver).

    Raises:
        InvalidIdentifierError: no scheme has that domain, or its rule is broken.
    """
    domain, _, raw = text.removeprefix(URN).partition(":")
    position = len(URN) + len(domain) + 1
    for scheme, key in schemes.every_key():
        if key.domain == domain.lower():
            try:
                value = unescape(raw, PATH)
            except EscapeError as error:
                raise InvalidIdentifierError(
                    error.rule, "not a URN", key.code, position + error.offset
                ) from None
            return Identifier(scheme.name, key.read(value, position))
    raise InvalidIdentifierError("unknown-domain", "no scheme has this domain", None, len(URN))


def write_urn(identifier: Identifier, schemes: Schemes) -> str | None:
    """Return the URN of a key, where its scheme has a domain."""
    key = _key_of(identifier, schemes)
    if key is None or key.domain is None:
        return None
    return f"{URN}{key.domain}:{quote(identifier.key.value, safe='')}"


def register_url(identifier: Identifier, schemes: Schemes) -> str | None:
    """Return where its register shows a key, where the scheme has a template."""
    key = _key_of(identifier, schemes)
    if key is None or not key.templates:
        return None
    return key.templates[0].replace(_SLOT, quote(identifier.key.value, safe=""))


def _key_of(identifier: Identifier, schemes: Schemes) -> Key | None:
    scheme = schemes.scheme(identifier.scheme)
    return None if scheme is None else scheme.key(identifier.key.code)


def read_register_url(text: str, schemes: Schemes) -> Identifier | None:
    """Return what a register's own URL is about, or None where no template fits.

    Raises:
        InvalidIdentifierError: a template fits, and the value in it breaks a rule.
    """
    for scheme, key in schemes.every_key():
        for template in key.templates:
            before, _, after = template.partition(_SLOT)
            fits = text.startswith(before) and text.endswith(after)
            raw = text[len(before) : len(text) - len(after)]
            if fits and raw and not {"/", "?", "#", "&"} & set(raw):
                return Identifier(scheme.name, _element(key, raw, len(before) - len(key.code) - 1))
    return None


def read_prefixed(text: str, schemes: Schemes) -> Identifier | None:
    """Return what a text with a key's prefix (`did:`, `uuid:`) is, or None where it has none.

    Raises:
        InvalidIdentifierError: it has one, and the value breaks a rule.
    """
    for scheme, key in schemes.every_key():
        for prefix in key.prefixes:
            if text.startswith(prefix):
                value = text if key.example.startswith(prefix) else text.removeprefix(prefix)
                return Identifier(scheme.name, key.read(value, len(text) - len(value)))
    return None


def read_bare(text: str, schemes: Schemes) -> Iterator[Identifier]:
    """Yield every key that a text may be the bare value of."""
    for scheme, key in schemes.every_key():
        if key.bare:
            try:
                yield Identifier(scheme.name, key.read(text))
            except InvalidIdentifierError:
                continue
