"""Parameters of queries: read once into values; what is not understood is refused."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

from policies.statements import PartyId
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import BEGINNING, END, Instant, parse_instant
from trust_registry.errors import InvalidQueryError
from trust_registry.registry import Registry
from trust_registry.views import View

PAGE = 100
"""How many items a page has, where the query does not say."""
MAX_PAGE = 1000
PAGING = ("limit", "cursor")
TIMES = ("at", "known_at")
_MAX_DIGITS = 16
_MARK = 12
_CURSOR = re.compile(r"(\d{1,16})\.(-?\d{1,16})\.(\d{1,16})\.([0-9a-f]{12})", re.ASCII)

Parameters = Mapping[str, str]


def only(parameters: Parameters, allowed: Iterable[str]) -> None:
    """Refuse a parameter that is not understood.

    Raises:
        InvalidQueryError: there is one; the error names it.
    """
    known = sorted(allowed)
    for name in parameters:
        if name not in known:
            raise InvalidQueryError(name, f"unknown; known are {', '.join(known)}")


class Cursor(NamedTuple):
    """Where a listing goes on, and the moment that it shows, so that its pages fit together.

    Attributes:
        known: the journal size whose knowledge counts.
        at: the effective time.
        after: how many items, or which journal position, came before.
        mark: of the listing and the journal; it goes on in no other.
    """

    known: int
    at: Instant
    after: int
    mark: str

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Page(NamedTuple):
    """What part of a listing is asked for.

    Attributes:
        view: the moment that it shows.
        after: how many items, or which journal position, came before; 0 at the beginning.
        limit: how many items at most.
        mark: of the listing and the journal.
    """

    view: View
    after: int
    limit: int
    mark: str

    def next(self, after: int) -> str:
        """Return the cursor that goes on after this page."""
        return str(Cursor(self.view.known, self.view.at, after, self.mark))


def page_of(registry: Registry, parameters: Parameters, listing: str) -> Page:
    """Read which part of a listing is asked for; a cursor keeps the moment of its first page.

    Args:
        registry: what is listed.
        parameters: of the query.
        listing: what it is called; another one's cursor is refused, and another registry's.

    Raises:
        InvalidQueryError: `limit`, `cursor`, `at` or `known_at` is none.
    """
    limit = number_of(parameters, "limit", PAGE, 1, MAX_PAGE)
    seen = view_of(registry, parameters)
    text = parameters.get("cursor")
    if text is None:
        return Page(seen, 0, limit, _mark(registry, listing, seen.known))
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise InvalidQueryError("cursor", "is what `next` of another page said")
    known, at, after = map(int, found.groups()[:3])
    whole = 0 < known <= registry.journal.size and BEGINNING <= at <= END
    if not whole or found[4] != _mark(registry, listing, known):
        message = "is what `next` of another page of this listing of this registry said"
        raise InvalidQueryError("cursor", message)
    return Page(View(seen.index, known, Instant(at)), after, limit, found[4])


def _mark(registry: Registry, listing: str, known: int) -> str:
    root = registry.journal.root_at(known) or b""
    return sha256(listing.encode() + root).hexdigest()[:_MARK]


def view_of(registry: Registry, parameters: Parameters) -> View:
    """Read `at` and `known_at`; both are now where they are not given.

    Raises:
        InvalidQueryError: one is no RFC 3339 time, or `known_at` lies ahead.
    """
    now = registry.clock.now()
    known_at = _instant_of(parameters, "known_at")
    if known_at is not None and known_at > max(now, registry.journal.latest):
        raise InvalidQueryError("known_at", "what will be known is not known yet")
    journal = registry.journal
    known = journal.size if known_at is None else journal.size_at(known_at)
    at = _instant_of(parameters, "at")
    return View(registry.index, known, now if at is None else at)


def number_of(parameters: Parameters, name: str, default: int, least: int, most: int) -> int:
    """Read a whole number within bounds.

    Raises:
        InvalidQueryError: it is none.
    """
    text = parameters.get(name)
    if text is None:
        return default
    if not (_is_number(text) and least <= int(text) <= most):
        raise InvalidQueryError(name, f"is a whole number from {least} to {most}")
    return int(text)


def did_of(text: str, name: str) -> Did:
    """Read a DID.

    Raises:
        InvalidQueryError: it is none.
    """
    try:
        return Did.parse(text)
    except InvalidDidError as error:
        raise InvalidQueryError(name, str(error)) from None


def party_of(parameters: Parameters, name: str, seen: View) -> PartyId | None:
    """Read a party's DID, or a framework's id, as what statements name; None where absent.

    Raises:
        InvalidQueryError: it is neither.
    """
    text = parameters.get(name)
    if text is None:
        return None
    if any(text == framework.id for framework in seen.index.frameworks()):
        return PartyId(text)
    party = seen.index.party_of(did_of(text, name), seen.known, seen.at)
    return party.id if party else PartyId("")


def choice_of(parameters: Parameters, name: str, choices: Iterable[str]) -> str | None:
    """Read one of several words, or None where the parameter is absent.

    Raises:
        InvalidQueryError: it is none of them.
    """
    text = parameters.get(name)
    known = tuple(choices)
    if text is not None and text not in known:
        raise InvalidQueryError(name, f"is one of {', '.join(known)}")
    return text


def _instant_of(parameters: Parameters, name: str) -> Instant | None:
    if name not in parameters:
        return None
    try:
        return parse_instant(parameters[name])
    except InvalidInstantError as error:
        raise InvalidQueryError(name, str(error)) from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
