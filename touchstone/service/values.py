"""Values of requests: members of JSON bodies and parts of queries, read once or refused."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NoReturn
from urllib.parse import unquote_plus

from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json
from touchstone.service.errors import RequestError
from touchstone.service.identifiers import checked_did

MAX_TEXT = 2048
"""Characters of one value; identifiers of products and facilities stay well below."""
MAX_AUTHORITIES = 64


def members_of(body: Json, known: tuple[str, ...], what: str) -> Mapping[str, Json]:
    """Return an object's members, all of which must be known.

    Raises:
        RequestError: it is no object, or has another member.
    """
    if not isinstance(body, dict):
        raise RequestError("invalid-value", f"{what} is a JSON object", pointer="")
    for name in body:
        if name not in known:
            text = f"{unknown(name, known)} (in {what})"
            raise RequestError("unknown-member", text, field=name, pointer=f"/{escaped(name)}")
    return body


def text_of(members: Mapping[str, Json], name: str) -> str | None:
    """Return a member that must be text where it is given.

    Raises:
        RequestError: it is something else, empty, or too long.
    """
    if name not in members:
        return None
    return checked_text(members[name], name, f"/{name}")


def authorities_of(members: Mapping[str, Json]) -> tuple[str, ...] | None:
    """Return the member `authorities`, or None where it is absent.

    Raises:
        RequestError: it is empty, or holds something else than DIDs and framework ids.
    """
    if "authorities" not in members:
        return None
    given = members["authorities"]
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_AUTHORITIES:
        refuse(
            "authorities",
            f"must be a list of 1 to {MAX_AUTHORITIES}; leave it out to accept the registry's own",
            "/authorities",
        )
    return tuple(
        read_authority(checked_text(each, "authorities", pointer), "authorities", pointer)
        for position, each in enumerate(given)
        for pointer in (f"/authorities/{position}",)
    )


def instant_of(members: Mapping[str, Json], name: str) -> Instant | None:
    """Return a member that must be a time where it is given.

    Raises:
        RequestError: it cannot be read; it is never taken to mean now.
    """
    text = text_of(members, name)
    return None if text is None else read_instant(text, name)


def decoded(text: str, field: str) -> str:
    """Percent-decode a part of a query.

    Raises:
        RequestError: it is not UTF-8.
    """
    text = text.replace("%3A", ":")  # what DIDs and times are full of, at a twentieth of the cost
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        refuse(field, "is not UTF-8 once percent-decoded")


def sized(text: str, field: str) -> str:
    """Return a text that is neither empty nor too long.

    Raises:
        RequestError: it is.
    """
    if not 0 < len(text) <= MAX_TEXT:
        refuse(field, f"must have 1 to {MAX_TEXT} characters")
    return text


def checked_text(given: Json, field: str, pointer: str) -> str:
    """Return a value that must be text.

    Raises:
        RequestError: it is something else, empty, or too long.
    """
    if not isinstance(given, str) or not given or len(given) > MAX_TEXT:
        refuse(field, f"must be text of 1 to {MAX_TEXT} characters", pointer)
    return given


def read_did(text: str, field: str, pointer: str | None = None) -> Did:
    """Read a DID.

    Raises:
        RequestError: it is none; `field` and `pointer` say where it stands.
    """
    try:
        return checked_did(text)
    except InvalidDidError as error:
        raise RequestError("invalid-did", str(error), field=field, pointer=pointer) from None


def read_authority(text: str, field: str, pointer: str | None = None) -> str:
    """Return a DID, or the id of a framework, as it is named.

    Raises:
        RequestError: it begins like a DID, and is none.
    """
    return read_did(text, field, pointer).text if text.startswith("did:") else text


def read_instant(text: str, field: str) -> Instant:
    """Read a time.

    Raises:
        RequestError: it cannot be read; it is never taken to mean now.
    """
    try:
        return parse_instant(text)
    except InvalidInstantError as error:
        raise RequestError("invalid-time", str(error), field=field) from None


def refuse(field: str, detail: str, pointer: str | None = None) -> NoReturn:
    """Refuse a value.

    Raises:
        RequestError: always; `field` and `pointer` say where it stands.
    """
    raise RequestError("invalid-value", detail, field=field, pointer=pointer)


def unknown(name: str, known: tuple[str, ...], what: str = "known here") -> str:
    """Say that a name is not known, and which one may have been meant."""
    shown = name[:64]
    near = get_close_matches(shown, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    article = "not" if what == "known here" else "no"
    return f"{shown!r} is {article} {what}{hint}"


def escaped(name: str) -> str:
    """Write a name as part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
