"""Questions: from a query or a JSON body to typed values; what is not understood is refused."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from policies.claims import Claim, ClaimValue, Dimension, Source, split
from policies.decision import SigningKey
from policies.errors import TooManyClaimsError
from policies.statements import Action
from resolver.did import Did
from resolver.instant import Instant
from resolver.strict_json import Json
from touchstone.service.errors import RequestError
from touchstone.service.values import (
    MAX_AUTHORITIES,
    authorities_of,
    checked_text,
    decoded,
    escaped,
    instant_of,
    members_of,
    read_authority,
    read_did,
    read_instant,
    refuse,
    sized,
    text_of,
    unknown,
)

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
            raise RequestError("unknown-parameter", unknown(name, _PARAMETERS), field=name)
        if name in single:
            raise RequestError("repeated-parameter", "given twice", field=name)
        text = sized(decoded(value, name), name)
        if name == "authority":
            authorities = (*authorities, read_authority(text, name))
        else:
            single[name] = text
    if len(authorities) > MAX_AUTHORITIES:
        refuse("authority", f"at most {MAX_AUTHORITIES} are accepted")
    return Asked(
        _issuer(single.get("issuer")),
        _action(single.get("action")),
        _split(stated, max_claims),
        stated,
        read_instant(single["at"], "at") if "at" in single else None,
        read_instant(single["known_at"], "known_at") if "known_at" in single else None,
        authorities or None,
    )


@lru_cache(4096)
def _sent_value(dimension: Dimension, raw: str) -> ClaimValue:
    """Return a dimension's value as it stands in a query; values come again and again."""
    name = dimension.value
    return claim_value(dimension, sized(decoded(raw, name), name))


def asked_time(text: str) -> Instant:
    """Read the time asked about, decoded.

    Raises:
        RequestError: it cannot be read; it is never taken to mean now.
    """
    return read_instant(sized(text, "at"), "at")


def asked_product(text: str) -> str:
    """Check the product asked about, decoded.

    Raises:
        RequestError: it is empty or too long.
    """
    return sized(text, "product")


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
        instant_of(members, "at"),
        instant_of(members, "known_at"),
        authorities_of(members),
        _key(members["key"]) if "key" in members else None,
    )


def _stated(claim: Json) -> dict[Dimension, tuple[ClaimValue, ...]]:
    if not isinstance(claim, dict):
        refuse("claim", "must be an object of dimensions", "/claim")
    stated = {}
    for name, given in claim.items():
        pointer = f"/claim/{escaped(name)}"
        dimension = _DIMENSIONS.get(name)
        if dimension is None:
            text = unknown(name, tuple(_DIMENSIONS), "dimension of a claim")
            raise RequestError("unknown-member", text, field=f"claim.{name}", pointer=pointer)
        if isinstance(given, list):
            if not given:
                refuse(f"claim.{name}", "must not be an empty list", pointer)
            values = [_value(dimension, v, f"{pointer}/{n}") for n, v in enumerate(given)]
        else:
            values = [_value(dimension, given, pointer)]
        stated[dimension] = tuple(values)
    return stated


def _value(dimension: Dimension, given: Json, pointer: str) -> ClaimValue:
    field = f"claim.{dimension.value}"
    if not isinstance(given, dict):
        return claim_value(dimension, checked_text(given, field, pointer), pointer=pointer)
    for name in given:
        if name not in {"value", "source"}:
            text = unknown(name, ("value", "source"), "member of a value")
            where = f"{pointer}/{escaped(name)}"
            raise RequestError("unknown-member", text, field=f"{field}.{name}", pointer=where)
    if "value" not in given:
        raise RequestError("missing-member", "a value is missing", field=field, pointer=pointer)
    source = given.get("source", "issuer")
    if not isinstance(source, str) or source not in _SOURCES:
        refuse(f"{field}.source", f"must be one of {', '.join(_SOURCES)}", f"{pointer}/source")
    text = checked_text(given["value"], field, f"{pointer}/value")
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
            refuse(Dimension.COUNTRY.value, detail, pointer)
    return ClaimValue(text, source)


def _split(stated: Mapping[Dimension, tuple[ClaimValue, ...]], limit: int) -> tuple[Claim, ...]:
    values = {dimension: options[0] for dimension, options in stated.items() if len(options) == 1}
    if len(values) == len(stated):
        return (Claim(values),)
    for dimension, options in stated.items():
        if len(set(options)) < len(options):
            refuse(dimension.value, "names a value twice")
    claims = split(stated)
    if len(claims) > limit:
        raise TooManyClaimsError(f"{len(claims)} single claims; at most {limit} are answered")
    return claims


def _issuer(text: str | None) -> Did:
    if text is None:
        raise RequestError("missing-member", "a question needs an issuer", field="issuer")
    return read_did(text, "issuer")


def _action(text: str | None) -> Action:
    if text is None:
        return Action.ISSUE
    action = _ACTIONS.get(text)
    if action is None:
        refuse("action", f"must be one of {', '.join(_ACTIONS)}")
    return action


def _key(given: Json) -> SigningKey:
    if not isinstance(given, dict) or set(given) != {"did", "thumbprint"}:
        refuse("key", "must have exactly the members did and thumbprint", "/key")
    did = read_did(checked_text(given["did"], "key.did", "/key/did"), "key.did", "/key/did")
    thumbprint = checked_text(given["thumbprint"], "key.thumbprint", "/key/thumbprint")
    if not _THUMBPRINT.fullmatch(thumbprint):
        refuse("key.thumbprint", "must be a SHA-256 in base64url (RFC 7638)", "/key/thumbprint")
    return SigningKey(did, thumbprint)
