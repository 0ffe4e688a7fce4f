"""How long a host lets its answer be kept, as its headers say (RFC 9111 4.2, 5.2.2)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,10}")
_DIRECTIVE = re.compile(r'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*("[^"]*"|[^\s",]+))?')
_NEVER = frozenset({"no-store", "no-cache", "private"})
_MAX_HEADER = 4_096


def ttl_of(headers: Mapping[str, str]) -> int | None:
    """Seconds for which an answer stays fresh: 0 for none, None where the host is silent.

    What contradicts itself, or cannot be read, is not kept (RFC 9111 4.2.1).

    Args:
        headers: of the answer; names in any case.
    """
    control = headers.get("Cache-Control")
    lifetime = _expires_in(headers) if control is None else _said(control)
    if control is not None and lifetime is None:
        lifetime = _expires_in(headers)
    if lifetime is None:
        return None
    return max(0, lifetime - _age(headers))


def _said(control: str) -> int | None:
    """What Cache-Control says to a cache that many share; None where it says nothing of time."""
    if len(control) > _MAX_HEADER:
        return 0
    said: dict[str, str | None] = {}
    for spelt, value in _DIRECTIVE.findall(control):
        name = spelt.lower()
        if name in said and name in {"max-age", "s-maxage"}:
            return 0
        said[name] = value.strip('"') if value else None
    if _NEVER & said.keys():
        return 0
    for name in ("s-maxage", "max-age"):
        if name in said:
            value = said[name] or ""
            return int(value) if _SECONDS.fullmatch(value) else 0
    return None


def _expires_in(headers: Mapping[str, str]) -> int | None:
    expires = headers.get("Expires")
    if expires is None:
        return None
    ends, began = _date(expires), _date(headers.get("Date", ""))
    return 0 if ends is None or began is None else max(0, int((ends - began).total_seconds()))


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _age(headers: Mapping[str, str]) -> int:
    age = headers.get("Age", "0").strip()
    return int(age) if _SECONDS.fullmatch(age) else 0
