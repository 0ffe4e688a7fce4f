"""Commodities: from the classifications and the name that a product or a facility states."""

import re
from collections.abc import Sequence

from credentials.untp.materials import harmonized, plain_name
from credentials.untp.node import Node, uri_of
from policies.claims import ClaimValue

_HARMONIZED_NAME = re.compile(
    r"\bharmoni[sz]ed (?:system|tariff|commodity)|\bHS ?(?:code|[0-9]{4})?$|^HTS", re.IGNORECASE
)
_HARMONIZED_SITES = ("wcoomd.org", "customs.gov/hts", "hts.usitc.gov")
_HARMONIZED_CODE = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{8}|[0-9]{10}", re.ASCII)
_NUMBERED = {"/econ/cpc": "cpc", "cpcv2": "cpc", "/econ/isic": "isic"}
"""What the addresses of two United Nations classifications contain, and their short names."""
_DIGITS = re.compile(r"[0-9]{1,5}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,50}", re.ASCII)


def of_product(product: Node) -> tuple[ClaimValue, ...]:
    """Return what a product is, by its categories, else by its name where that is plain.

    Several categories of one product say the same in several classifications. The Harmonized
    System is preferred, then plain names, then codes as they are. A category that names another
    material than the preferred ones do is kept beside them, so that none is lost.
    """
    categories = [_category(node) for node in product.children("productCategory")]
    codes = [code for code, _ in categories if code and code.value.startswith("hs:")]
    names = [name for _, name in categories if name]
    if not codes and not names:
        own = plain_name(product.text("name") or "")
        names = [own] if own else []
    if codes:
        known = {word for code in codes for word in code.within}
        others = [n for n in names if known and known.isdisjoint((n.value, *n.within))]
        return _unique([*codes, *others])
    return _unique(names or [code for code, _ in categories if code])


def of_facility(facility: Node) -> tuple[ClaimValue, ...]:
    """Return what a facility works with: every one of its process categories."""
    found = []
    for node in facility.children("processCategory"):
        code, name = _category(node)
        best = code if code and code.value.startswith("hs:") else name or code
        if best:
            found.append(best)
    return _unique(found)


def _unique(values: Sequence[ClaimValue]) -> tuple[ClaimValue, ...]:
    return tuple(dict.fromkeys(values))


def _category(node: Node) -> tuple[ClaimValue | None, ClaimValue | None]:
    """Read one classification: its code, and its name where that is plain."""
    name = node.text("name")
    return _code(node), plain_name(name) if name else None


def _code(node: Node) -> ClaimValue | None:
    code = node.text("code")
    if code is None:
        return None
    scheme = (node.text("schemeId") or node.text("schemeID") or "").lower()
    title = node.text("schemeName") or ""
    if _is_harmonized(scheme, title):
        digits = code.upper().removeprefix("HS").translate({ord(c): None for c in " .:-"})
        if not _HARMONIZED_CODE.fullmatch(digits):
            raise node.wrong("code", "not a code of the Harmonized System")
        return harmonized(digits)
    for part, short in _NUMBERED.items():
        if part in scheme and _DIGITS.fullmatch(code):
            return ClaimValue(f"{short}:{code}")
    return _elsewhere(node, code)


def _is_harmonized(scheme: str, title: str) -> bool:
    return any(site in scheme for site in _HARMONIZED_SITES) or bool(_HARMONIZED_NAME.search(title))


def _elsewhere(node: Node, code: str) -> ClaimValue | None:
    """Return a code of another classification by its own URI, or its scheme's with the code."""
    if own := node.uri():
        return ClaimValue(own)
    scheme = node.text("schemeId") or node.text("schemeID")
    if scheme is None or not _TOKEN.fullmatch(code):
        return None
    joint = "" if scheme.endswith(("/", "#", "=")) else "/"
    member = "schemeId" if node.states("schemeId") else "schemeID"
    return ClaimValue(uri_of(scheme, node.at(member)) + joint + code)
