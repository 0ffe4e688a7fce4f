"""Texts to identifiers: the one door for everything that claims to be one."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from link_resolver import configured
from link_resolver.checks import gs1_check_digit_holds
from link_resolver.compression import decompress, refuse_epc_binary
from link_resolver.errors import InvalidIdentifierError, UnsupportedIdentifierError
from link_resolver.escapes import PATH
from link_resolver.gs1 import digital_link, element_strings
from link_resolver.gs1.grammar import check_grammar
from link_resolver.gs1.tables import KEYS, RULES, rule_at
from link_resolver.identifier import GS1, Element, Identifier
from link_resolver.schemes import Schemes

MAX_PATH: Final = 4096
"""Characters of a raw path: the longest identifier, all escaped, needs a quarter."""
MAX_QUERY: Final = 8192
"""Characters of a raw query."""
MAX_TEXT: Final = MAX_PATH + MAX_QUERY
"""Characters of a whole text."""

_ORIGIN: Final = re.compile(
    r"(?:https?|HTTPS?)://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?=[/?#]|$)"
)
_STEM: Final = PATH | {"/"}
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_MAX_PORT: Final = 65535
_GS1_SYMBOLS: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""How symbology identifiers (ISO/IEC 15424) say that an element string follows."""
_GTIN_SYMBOLS: Final = ("]E0", "]E4", "]I1")
"""The same for EAN-13 with UPC-A, EAN-8, and ITF-14, which carry a GTIN and nothing else."""
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})
_GLNS: Final = ("414", "417")
_GLN_LENGTH: Final = 13
"""Thirteen digits alone may be a place or a party as well as a trade item."""
_NO_KEY: Final = "no key of any scheme is found"


def parse_path(raw_path: str, raw_query: str, schemes: Schemes) -> Identifier:
    """Parse a request target: a path as it came, before any decoding, and its query.

    The path begins with the key: no stem. One trailing slash is tolerated (GS1-Conformant
    Resolver 2.13). Positions in errors count through path, question mark and query.

    Raises:
        InvalidIdentifierError: a rule of the scheme is broken.
        UnsupportedIdentifierError: a form that is recognised and not implemented.
    """
    if len(raw_path) > MAX_PATH:
        raise _too_long("path", MAX_PATH)
    if len(raw_query) > MAX_QUERY:
        raise _too_long("query", MAX_QUERY)
    segments = raw_path.split("/")
    if len(segments) > 2 and not segments[-1]:  # noqa: PLR2004 - more than the slash alone
        segments.pop()
    if len(segments) < 2 or segments[0]:  # noqa: PLR2004 - nothing, a slash, something
        raise InvalidIdentifierError("no-key", "a path begins with a slash")
    head = segments[1]
    if head in KEYS and len(segments) % 2:
        return digital_link.read(segments, 1, raw_query, short_gtins=schemes.short_gtins)
    scheme = schemes.scheme(head)
    if scheme is not None:
        return configured.read_path(segments, 1, raw_query, scheme)
    return _compressed(segments, 1, raw_query)


def parse_uri(text: str, schemes: Schemes, *, grammar: bool = False) -> Identifier:
    """Parse a URI under any domain and stem.

    Args:
        text: the whole URI; a fragment is ignored.
        schemes: what is understood.
        grammar: whether to hold a GS1 URI to the letter of its grammar (URI Syntax 4), as who
            writes one should, and not only to what readers agree on.

    Raises:
        InvalidIdentifierError: it is no identifier of any scheme, or breaks a rule of one.
        UnsupportedIdentifierError: a form that is recognised and not implemented.
    """
    if len(text) > MAX_TEXT:
        raise _too_long("text", MAX_TEXT)
    origin = _ORIGIN.match(text)
    if origin is None or int(origin[1] or 0) > _MAX_PORT:
        raise InvalidIdentifierError("uri-origin", "not http or https, a host, perhaps a port")
    target, hash_sign, fragment = text[origin.end() :].partition("#")
    path, mark, query = target.partition("?")
    segments = path.split("/")
    try:
        identifier, start = _read_uri(segments, query, schemes)
        if grammar and identifier.scheme == GS1:
            check_grammar(segments, start, query if mark else None, fragment if hash_sign else None)
    except InvalidIdentifierError as error:
        raise error.moved(origin.end()) from None
    return identifier


def _read_uri(segments: Sequence[str], query: str, schemes: Schemes) -> tuple[Identifier, int]:
    """Return what a path under any stem says, and which segment it begins with."""
    start = digital_link.find_key(segments)
    if start > 0:
        _check_stem(segments, start)
        short_gtins = schemes.short_gtins
        return digital_link.read(segments, start, query, short_gtins=short_gtins), start
    place = configured.find_scheme(segments, schemes)
    if place is not None:
        _check_stem(segments, place[0])
        return configured.read_path(segments, place[0], query, place[1]), place[0]
    if not segments[-1]:
        position = len("/".join(segments)) - 1
        raise InvalidIdentifierError("trailing-slash", "ends with a slash", None, position)
    partial = len(segments) > 3 and segments[-3] in KEYS  # noqa: PLR2004 - key, value, the rest
    start = len(segments) - (3 if partial else 1)
    try:
        return _compressed(segments, start, query), start
    except InvalidIdentifierError:
        keys = [place for place, segment in enumerate(segments) if segment in KEYS]
        if keys:
            digital_link.read(segments, keys[0], query)
        raise


def _check_stem(segments: Sequence[str], end: int) -> None:
    stem = "/".join(segments[:end])
    if not _STEM.issuperset(stem):
        position = next(i for i, character in enumerate(stem) if character not in _STEM)
        raise InvalidIdentifierError("uri-character", digital_link.MISWRITTEN, None, position)


def _compressed(segments: Sequence[str], start: int, query: str) -> Identifier:
    """Read what is not written out: a compressed last segment, perhaps behind an open key."""
    last = segments[-1]
    refuse_epc_binary(last)
    opened = segments[start:-1]
    if opened and opened[0] not in KEYS:
        raise _not_a_key(opened[0])
    if segments[start] in KEYS and len(opened) != 2:  # noqa: PLR2004 - a key and its value
        digital_link.read_pairs(segments, start)
    try:
        elements = decompress(last)
    except InvalidIdentifierError as error:
        if error.rule == "compression-ambiguous":
            raise
        if opened:
            digital_link.read_pairs(segments, start)
        raise InvalidIdentifierError("no-key", _NO_KEY, None, 1) from None
    if opened:
        elements = (*digital_link.read_pairs(segments[:-1], start), *elements)
    found = element_strings.identify(elements)
    together = "&".join(filter(None, (found.query, query)))
    return digital_link.read(found.path.split("/"), 1, together)


def _not_a_key(code: str) -> InvalidIdentifierError:
    if not code.isdigit():
        return InvalidIdentifierError("no-key", _NO_KEY, None, 1)
    if code in RULES:
        return InvalidIdentifierError("not-a-key", "is no primary key", code, 1)
    return InvalidIdentifierError("unknown-ai", "is no application identifier", code, 1)


def parse_any(text: str, schemes: Schemes) -> Identifier:
    """Parse whatever names one thing.

    A URI under any domain and stem, a register's own URL, an element string with or without FNC1
    or a symbology identifier, AIs in brackets, `urn:gtr:`, a DID, a UUID, a path, or a bare value
    that fits one scheme only.

    Raises:
        InvalidIdentifierError: it is no identifier of any scheme, of several, or breaks a rule.
        UnsupportedIdentifierError: a form that is recognised and not implemented.
    """
    if len(text) > MAX_TEXT:
        raise _too_long("text", MAX_TEXT)
    if _WEB.match(text):
        return _from_web(text, schemes)
    if text.startswith("/"):
        path, _, query = text.partition("?")
        return parse_path(path, query, schemes)
    if text.startswith("("):
        return element_strings.identify(element_strings.read_bracketed(text))
    if text.startswith("]"):
        return _from_symbol(text)
    if text.startswith(tuple(element_strings.FNC1)):
        return element_strings.identify(element_strings.read(text))
    if text.startswith(configured.URN):
        return configured.read_urn(text, schemes)
    if text.startswith("urn:epc:"):
        raise UnsupportedIdentifierError(
            "EPC URNs are not translated: their company prefix is lost in a Digital Link URI"
        )
    return configured.read_prefixed(text, schemes) or _from_bare(text, schemes)


def _from_web(text: str, schemes: Schemes) -> Identifier:
    """Read a URI with an identifier in its path, or else one of a register."""
    try:
        return parse_uri(text, schemes)
    except InvalidIdentifierError:
        found = configured.read_register_url(text, schemes)
        if found is None:
            raise
    return found


def _from_symbol(text: str) -> Identifier:
    """Read what a scanner sends with its symbology identifier before it."""
    symbol, content = text[:3], text[3:]
    if symbol in _GS1_SYMBOLS:
        return _shifted(2, lambda: _from_element_string(content))
    gtin = _gtin(content) if symbol in _GTIN_SYMBOLS else None
    if gtin is None:
        raise InvalidIdentifierError("symbol", f"{symbol} carries no key of GS1 here")
    return gtin


def _from_element_string(text: str) -> Identifier:
    return element_strings.identify(element_strings.read(element_strings.FNC1[0] + text))


def _gtin(text: str) -> Identifier | None:
    numeric = text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS
    if numeric and gs1_check_digit_holds(text):
        return Identifier(GS1, Element("01", text.zfill(14)))
    return None


def _from_bare(text: str, schemes: Schemes) -> Identifier:
    """Read a text that only its content can tell the scheme of."""
    reason = InvalidIdentifierError("no-key", _NO_KEY)
    found = list(configured.read_bare(text, schemes))
    gtin = _gtin(text)
    if gtin is not None:
        found.append(gtin)
        if len(text) == _GLN_LENGTH:
            found += [Identifier(GS1, Element(code, text)) for code in _GLNS]
    try:
        found.append(_shifted(-1, lambda: _from_element_string(text)))
    except InvalidIdentifierError as error:
        rule = rule_at(text, 0)
        reason = error if rule is not None and rule.sequences else reason
    if len(found) > 1:
        kinds = ", ".join(f"{one.scheme} ({one.key.code})" for one in found)
        raise InvalidIdentifierError("ambiguous", f"may be several things: {kinds}")
    if not found:
        raise reason
    return found[0]


def _shifted(by: int, parse: Callable[[], Identifier]) -> Identifier:
    """Parse a part of an input, with the positions in errors moved to where it stands there."""
    try:
        return parse()
    except InvalidIdentifierError as error:
        raise error.moved(by) from None


def _too_long(what: str, limit: int) -> InvalidIdentifierError:
    return InvalidIdentifierError("too-long", f"the {what} has more than {limit} characters")
