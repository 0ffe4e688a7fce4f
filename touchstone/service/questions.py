"""Questions: from a query or a JSON body to typed values; what is not understood is refused."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple, NoReturn
from urllib.parse import unquote_plus

from policies.claims import Claim, ClaimValue, Dimension, Source, split
from policies.decision import SigningKey
from policies.errors import TooManyClaimsError
from policies.statements import Action
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json
from touchstone.service.errors import RequestError
from touchstone.service.identifiers import checked_did

MAX_TEXT = 2048
"""Characters of one value; identifiers of products and facilities stay well below."""
MAX_AUTHORITIES = 64
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_COUNTRY = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_DIMENSIONS: Mapping[str, Dimension] = {dimension.value: dimension for dimension in Dimension}
_ACTIONS: Mapping[str, Action] = {action.value: action for action in Action}
_SOURCES: Mapping[str, Source] = {source.name.lower(): source for source in Source}
_SINGLE = frozenset({"issuer", "action", "at", "known_at"})
_PARAMETERS = ("issuer", "action", "at", "known_at", "authority", *_DIMENSIONS)
_MEMBERS = ("issuer", "action", "claim", "at", "known_at", "authorities", "key")


class Asked(NamedTuple):
    """One question as it was asked, before it meets the registry.

    Attributes:
        issuer: who makes the claim.
        action: what the issuer does.
        claims: the single claims that it splits into.
        stated: the claim's values as given, by dimension.
        at: the effective time asked about, or None for now.
        known_at: the time whose knowledge is asked for, or None for now.
        authorities: DIDs or framework ids that the verifier accepts, or None for the registry's.
        key: the key that signed, or None where no credential is meant.
    """

    issuer: Did
    action: Action
    claims: tuple[Claim, ...]
    stated: Mapping[Dimension, tuple[ClaimValue, ...]]
    at: Instant | None = None
    known_at: Instant | None = None
    authorities: tuple[str, ...] | None = None
    key: SigningKey | None = None


def question_of_query(raw: str, max_claims: int) -> Asked:
    """Read a question from a raw query string.

    Args:
        raw: what follows the question mark, still percent-encoded.
        max_claims: the most single claims it may split into.

    Raises:
        RequestError: a parameter is unknown, repeated, empty, missing, or has no such value.
        InvalidDidError, InvalidInstantError: through `RequestError`, with the parameter's name.
    """
    single: dict[str, str] = {}
    stated: dict[Dimension, tuple[ClaimValue, ...]] = {}
    authorities: tuple[str, ...] = ()
    for pair in raw.split("&") if raw else ():
        name, _, value = pair.partition("=")
        if "%" in name or "+" in name:
            name = decoded(name, "query")
        dimension = _DIMENSIONS.get(name)
        if dimension is not None:
            found = _sent_value(dimension, value)
            stated[dimension] = (*stated[dimension], found) if dimension in stated else (found,)
            continue
        if name not in _SINGLE and name != "authority":
            raise RequestError("unknown-parameter", _unknown(name, _PARAMETERS), field=name)
        if name in single:
            raise RequestError("repeated-parameter", "given twice", field=name)
        text = _sized(decoded(value, name), name)
        if name == "authority":
            authorities = (*authorities, _authority(text, name))
        else:
            single[name] = text
    if len(authorities) > MAX_AUTHORITIES:
        _refuse("authority", f"at most {MAX_AUTHORITIES} are accepted")
    return Asked(
        _issuer(single.get("issuer")),
        _action(single.get("action")),
        _split(stated, max_claims),
        stated,
        _instant(single["at"], "at") if "at" in single else None,
        _instant(single["known_at"], "known_at") if "known_at" in single else None,
        authorities or None,
    )


@lru_cache(4096)
def _sent_value(dimension: Dimension, raw: str) -> ClaimValue:
    """Return a dimension's value as it stands in a query; values come again and again."""
    name = dimension.value
    return claim_value(dimension, _sized(decoded(raw, name), name))


def _sized(text: str, field: str) -> str:
    if not 0 < len(text) <= MAX_TEXT:
        _refuse(field, f"must have 1 to {MAX_TEXT} characters")
    return text


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
        _refuse(field, "is not UTF-8 once percent-decoded")


def asked_time(text: str) -> Instant:
    """Read the time asked about, decoded.

    Raises:
        RequestError: it cannot be read; it is never taken to mean now.
    """
    return _read(_sized(text, "at"), "at")


def asked_product(text: str) -> str:
    """Check the product asked about, decoded.

    Raises:
        RequestError: it is empty or too long.
    """
    return _sized(text, "product")


def question_of_json(body: Json, max_claims: int) -> Asked:
    """Read a question from a JSON body.

    Args:
        body: the body, parsed.
        max_claims: the most single claims it may split into.

    Raises:
        RequestError: a member is unknown, missing, of the wrong type, or has no such value.
    """
    members = members_of(body, _MEMBERS, "a question")
    stated = _stated(members.get("claim", {}))
    return Asked(
        _issuer(text_of(members, "issuer")),
        _action(text_of(members, "action")),
        _split(stated, max_claims),
        stated,
        _instant(text_of(members, "at"), "at"),
        _instant(text_of(members, "known_at"), "known_at"),
        authorities_of(members),
        _key(members["key"]) if "key" in members else None,
    )


def members_of(body: Json, known: tuple[str, ...], what: str) -> Mapping[str, Json]:
    """Return an object's members, all of which must be known.

    Raises:
        RequestError: it is no object, or has another member.
    """
    if not isinstance(body, dict):
        raise RequestError("invalid-value", f"{what} is a JSON object", pointer="")
    for name in body:
        if name not in known:
            text = f"{_unknown(name, known)} (in {what})"
            raise RequestError("unknown-member", text, field=name, pointer=f"/{_escaped(name)}")
    return body


def text_of(members: Mapping[str, Json], name: str) -> str | None:
    """Return a member that must be text where it is given.

    Raises:
        RequestError: it is something else, empty, or too long.
    """
    if name not in members:
        return None
    return _text(members[name], name, f"/{name}")


def authorities_of(members: Mapping[str, Json]) -> tuple[str, ...] | None:
    """Return the member `authorities`, or None where it is absent.

    Raises:
        RequestError: it is empty, or holds something else than DIDs and framework ids.
    """
    if "authorities" not in members:
        return None
    given = members["authorities"]
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_AUTHORITIES:
        _refuse(
            "authorities",
            f"must be a list of 1 to {MAX_AUTHORITIES}; leave it out to accept the registry's own",
            "/authorities",
        )
    return tuple(
        _authority(_text(each, "authorities", pointer), "authorities", pointer)
        for position, each in enumerate(given)
        for pointer in (f"/authorities/{position}",)
    )


def instant_of(members: Mapping[str, Json], name: str) -> Instant | None:
    """Return a member that must be a time where it is given.

    Raises:
        RequestError: it cannot be read; it is never taken to mean now.
    """
    return _instant(text_of(members, name), name)


def _stated(claim: Json) -> dict[Dimension, tuple[ClaimValue, ...]]:
    if not isinstance(claim, dict):
        _refuse("claim", "must be an object of dimensions", "/claim")
    stated = {}
    for name, given in claim.items():
        pointer = f"/claim/{_escaped(name)}"
        dimension = _DIMENSIONS.get(name)
        if dimension is None:
            text = _unknown(name, tuple(_DIMENSIONS), "dimension of a claim")
            raise RequestError("unknown-member", text, field=f"claim.{name}", pointer=pointer)
        if isinstance(given, list):
            if not given:
                _refuse(f"claim.{name}", "must not be an empty list", pointer)
            values = [_value(dimension, v, f"{pointer}/{n}") for n, v in enumerate(given)]
        else:
            values = [_value(dimension, given, pointer)]
        stated[dimension] = tuple(values)
    return stated


def _value(dimension: Dimension, given: Json, pointer: str) -> ClaimValue:
    field = f"claim.{dimension.value}"
    if not isinstance(given, dict):
        return claim_value(dimension, _text(given, field, pointer), pointer=pointer)
    for name in given:
        if name not in {"value", "source"}:
            text = _unknown(name, ("value", "source"), "member of a value")
            where = f"{pointer}/{_escaped(name)}"
            raise RequestError("unknown-member", text, field=f"{field}.{name}", pointer=where)
    if "value" not in given:
        raise RequestError("missing-member", "a value is missing", field=field, pointer=pointer)
    source = given.get("source", "issuer")
    if not isinstance(source, str) or source not in _SOURCES:
        _refuse(f"{field}.source", f"must be one of {', '.join(_SOURCES)}", f"{pointer}/source")
    text = _text(given["value"], field, f"{pointer}/value")
    return claim_value(dimension, text, _SOURCES[source], pointer=pointer)


@lru_cache(4096)
def claim_value(
    dimension: Dimension, text: str, source: Source = Source.ISSUER, *, pointer: str | None = None
) -> ClaimValue:
    """Return a value in the form in which scopes are compared with it.

    Raises:
        RequestError: it is no value that this dimension can have.
    """
    if dimension is Dimension.COUNTRY:
        text = text.upper()
        if not _COUNTRY.fullmatch(text):
            detail = "must be an ISO 3166 code, such as CD or CA-BC"
            _refuse(Dimension.COUNTRY.value, detail, pointer)
    return ClaimValue(text, source)


def _split(stated: Mapping[Dimension, tuple[ClaimValue, ...]], limit: int) -> tuple[Claim, ...]:
    values = {dimension: options[0] for dimension, options in stated.items() if len(options) == 1}
    if len(values) == len(stated):
        return (Claim(values),)
    for dimension, options in stated.items():
        if len(set(options)) < len(options):
            _refuse(dimension.value, "names a value twice")
    claims = split(stated)
    if len(claims) > limit:
        raise TooManyClaimsError(f"{len(claims)} single claims; at most {limit} are answered")
    return claims


def _issuer(text: str | None) -> Did:
    if text is None:
        raise RequestError("missing-member", "a question needs an issuer", field="issuer")
    return _did(text, "issuer")


def _did(text: str, field: str, pointer: str | None = None) -> Did:
    try:
        return checked_did(text)
    except InvalidDidError as error:
        raise RequestError("invalid-did", str(error), field=field, pointer=pointer) from None


def _authority(text: str, field: str, pointer: str | None = None) -> str:
    return _did(text, field, pointer).text if text.startswith("did:") else text


def _action(text: str | None) -> Action:
    if text is None:
        return Action.ISSUE
    action = _ACTIONS.get(text)
    if action is None:
        _refuse("action", f"must be one of {', '.join(_ACTIONS)}")
    return action


def _instant(text: str | None, field: str) -> Instant | None:
    return None if text is None else _read(text, field)


def _read(text: str, field: str) -> Instant:
    try:
        return parse_instant(text)
    except InvalidInstantError as error:
        raise RequestError("invalid-time", str(error), field=field) from None


def _key(given: Json) -> SigningKey:
    if not isinstance(given, dict) or set(given) != {"did", "thumbprint"}:
        _refuse("key", "must have exactly the members did and thumbprint", "/key")
    did = _did(_text(given["did"], "key.did", "/key/did"), "key.did", "/key/did")
    thumbprint = _text(given["thumbprint"], "key.thumbprint", "/key/thumbprint")
    if not _THUMBPRINT.fullmatch(thumbprint):
        _refuse("key.thumbprint", "must be a SHA-256 in base64url (RFC 7638)", "/key/thumbprint")
    return SigningKey(did, thumbprint)


def _text(given: Json, field: str, pointer: str) -> str:
    if not isinstance(given, str) or not given or len(given) > MAX_TEXT:
        _refuse(field, f"must be text of 1 to {MAX_TEXT} characters", pointer)
    return given


def _refuse(field: str, detail: str, pointer: str | None = None) -> NoReturn:
    raise RequestError("invalid-value", detail, field=field, pointer=pointer)


def _unknown(name: str, known: tuple[str, ...], what: str = "known here") -> str:
    shown = name[:64]
    near = get_close_matches(shown, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    article = "not" if what == "known here" else "no"
    return f"{shown!r} is {article} {what}{hint}"


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
