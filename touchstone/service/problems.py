"""The one mapping from every package's errors to problem documents (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from aiohttp import web

from credentials.errors import MalformedCredentialError
from link_resolver.errors import (
    InvalidIdentifierError,
    InvalidRequestError,
    LinkNotFoundError,
    LinkStoreError,
    PublicationRefusedError,
    UnsupportedIdentifierError,
)
from policies.errors import InvalidQuestionError, TooManyClaimsError
from resolver.errors import (
    InvalidDidError,
    InvalidDidUrlError,
    InvalidInstantError,
    InvalidJsonError,
)
from resolver.strict_json import Json
from touchstone.faces.authzen.errors import InvalidRequestError as InvalidAuthzenRequestError
from touchstone.service.catalogue import BY_STATUS, KINDS
from touchstone.service.errors import RequestError
from trust_registry.errors import (
    ActRefusedError,
    InvalidQueryError,
    NotFoundError,
    Refusal,
    StoreError,
    StoreMovedError,
)

MEDIA_TYPE = "application/problem+json"
PATH = "/problems/"
_KEPT = ("Allow", "Content-Range")  # what a status is not complete without (RFC 9110 15.5)
_DETAILS = {
    404: "nothing has this address; /docs lists those there are",
    415: "the body is of a media type that is not read here",
    417: "no other expectation than 100-continue is met here",
}
"""What is said where the framework says no more than the status's name."""
_SHOWN = 500  # characters of a detail; it may repeat what was sent


def problem(
    slug: str,
    detail: str,
    *,
    field: str | None = None,
    pointer: str | None = None,
    extra: Mapping[str, Json] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Make a problem document.

    Args:
        slug: the kind of problem, a key of `KINDS`.
        detail: one sentence on what was wrong here.
        field: the parameter or member at fault.
        pointer: JSON pointer (RFC 6901) to the value at fault.
        extra: members particular to the kind (RFC 9457 3.2).
        headers: more response headers, such as `Allow`.
    """
    kind = KINDS[slug]
    document: dict[str, Json] = {
        "type": PATH + slug,
        "title": kind.title,
        "status": kind.status,
        "detail": _printable(detail),
    }
    if field is not None:
        document["field"] = _printable(field)
    if pointer is not None:
        document["pointer"] = _printable(pointer)
    return web.Response(
        body=orjson.dumps({**document, **(extra or {})}),
        status=kind.status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def _printable(text: str) -> str:
    """Cut a text that may repeat hostile input, and make it encodable."""
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return shown.encode("utf-8", "backslashreplace").decode()


def problem_of(  # noqa: C901, PLR0912 - one flat table, a line an error
    error: Exception,
) -> web.Response | None:
    """Turn an error that a package raised on purpose into a problem; None for any other."""
    text = str(error)
    match error:
        case RequestError():
            return problem(error.slug, text, field=error.field, pointer=error.pointer)
        case InvalidAuthzenRequestError():
            return problem(error.kind, text, field=error.field, pointer=error.pointer)
        case InvalidJsonError():
            return problem("malformed-json", text)
        case InvalidDidError() | InvalidDidUrlError():
            return problem("invalid-did", text)
        case InvalidInstantError():
            return problem("invalid-time", text)
        case TooManyClaimsError():
            return problem("too-many-claims", text, field="claim")
        case InvalidQuestionError(member="known_at"):
            return problem("unknowable-time", text, field="known_at")
        case InvalidQuestionError() | InvalidQueryError():
            return problem("invalid-value", text, field=error.member)
        case MalformedCredentialError():
            pointer = f"/credential{error.pointer}"
            return problem("invalid-value", text, field="credential", pointer=pointer)
        case ActRefusedError():
            return _refused(error)
        case PublicationRefusedError():
            return _links_refused(error)
        case InvalidIdentifierError():
            where: dict[str, Json] = {"code": error.code, "position": error.position}
            return problem("invalid-identifier", text, extra={"rule": error.rule, **where})
        case UnsupportedIdentifierError():
            return problem("unsupported-identifier", text)
        case InvalidRequestError():
            return problem("invalid-value", text, field=error.field)
        case LinkNotFoundError():
            return problem("link-not-found", text)
        case LinkStoreError():
            return problem("not-ready", text)
        case NotFoundError():
            return problem("not-found", text)
        case StoreMovedError():
            return problem("conflict", text)
        case StoreError():
            return problem("not-ready", text)
        case _:
            return None


def http_problem(error: web.HTTPException) -> web.Response | None:
    """Turn an error that aiohttp raised into a problem; None for what is no error."""
    if error.status < HTTPStatus.BAD_REQUEST:
        return None
    slug = BY_STATUS.get(error.status)
    if slug is None:
        slug = "bad-request" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "not-ready"
    kept = {name: error.headers[name] for name in _KEPT if name in error.headers}
    detail = _DETAILS.get(error.status, error.reason)
    if isinstance(error, web.HTTPMethodNotAllowed):
        detail = f"{error.method} is not among {', '.join(sorted(error.allowed_methods))}"
    elif isinstance(error, web.HTTPRequestEntityTooLarge):
        detail = "the body is longer than is read here"
    return problem(slug, detail, headers=kept)


def _links_refused(error: PublicationRefusedError) -> web.Response:
    if error.rule == "media-type":
        return problem("unsupported-media-type", str(error))
    if error.rule == "too-large":
        return problem("body-too-large", str(error))
    denied = error.rule in {"not-authorised", "unknown-publisher"}
    slug = "publisher-not-authorised" if denied else "publication-refused"
    extra: dict[str, Json] = {"rule": error.rule, "retryable": error.retryable}
    if error.report:
        extra["report"] = [dict(each) for each in error.report]
    return problem(slug, str(error), field=error.field or None, extra=extra)


def _refused(error: ActRefusedError) -> web.Response:
    if error.member == "Content-Type":
        return problem("unsupported-media-type", str(error))
    if error.code is Refusal.TOO_LARGE and not error.member:
        return problem("body-too-large", str(error))
    extra: dict[str, Json] = {"code": error.code.value, "retryable": error.retryable}
    if error.receipt:
        extra["receipt"] = error.receipt
    slug = "too-many-acts" if error.code is Refusal.TOO_MANY_ACTS else "act-refused"
    after = error.retry_after_s
    headers = None if after is None else {"Retry-After": str(after)}
    return problem(slug, str(error), field=error.member or None, extra=extra, headers=headers)
