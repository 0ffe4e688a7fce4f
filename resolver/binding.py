"""What the HTTP binding means, apart from HTTP itself (DID Resolution, section HTTP(S) Binding)."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson
from multidict import CIMultiDict

from resolver.dereference import URI_LIST, Dereferenced, dereference
from resolver.did import Did, DidUrl
from resolver.errors import (
    ErrorCode,
    InvalidDidError,
    InvalidDidUrlError,
    InvalidJsonError,
    ResolutionError,
)
from resolver.instant import END, Instant
from resolver.negotiation import negotiated
from resolver.options import (
    DOCUMENT_TYPES,
    RELATIONSHIP,
    DereferencingOptions,
    ResolutionOptions,
)
from resolver.parameters import parameters_of
from resolver.prebuilt import kept_until
from resolver.resolution import Resolver
from resolver.result import Resolution
from resolver.strict_json import Json, parse_json

PATH = "/1.0/identifiers/"
MAX_BODY = 16 * 1024
"""Bytes of the options in a request's body."""
RESULT_TYPE = "application/did-resolution"
DEREFERENCING_TYPE = "application/did-url-dereferencing"
OPTION_TYPES = frozenset({"application/json", RESULT_TYPE, DEREFERENCING_TYPE})
"""What a body of options may be called."""

STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.INVALID_DID: 400,
    ErrorCode.INVALID_DID_URL: 400,
    ErrorCode.INVALID_OPTIONS: 400,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: 406,
    ErrorCode.METHOD_NOT_SUPPORTED: 501,
    ErrorCode.FEATURE_NOT_SUPPORTED: 501,
}
"""The binding's own table: the standard wants 501 for a method that is not resolved here."""
OTHER_ERROR = 500
BUSY = 503
"""Nothing was tried for lack of room: the one error that waiting alone may cure."""
OK = 200
SEE_OTHER = 303
GONE = 410

_OFFERED = DOCUMENT_TYPES | {RESULT_TYPE, DEREFERENCING_TYPE, URI_LIST}
_WILDCARDS = frozenset({"*/*", "application/*"})
_ENCODED = re.compile("did%3a", re.IGNORECASE)
_MAX_OPTIONS = 32
_MAX_DEPTH = 4

_LASTING = "public, max-age=86400"
"""What follows from an identifier is right for good, but how it is written here may improve."""
_ASK_AGAIN = "no-cache"
_NEVER = "no-store"

Options = list[tuple[str, Json]]


class Asked(NamedTuple):
    """A request, read.

    Attributes:
        text: the DID or DID URL.
        options: what was given beside it.
        accept: the media type wanted; None for any.
    """

    text: str
    options: Options
    accept: str | None


class Written(NamedTuple):
    """An answer, written.

    Attributes:
        status: the HTTP status.
        headers: its headers.
        body: its bytes.
        until: until when it may be repeated as it is; None where it may not.
    """

    status: int
    headers: CIMultiDict[str]
    body: bytes
    until: Instant | None


def read(path: str, query: str, accept: str, options: Options) -> Asked:
    """Read a request: a query is for us only where the DID is percent-encoded.

    Args:
        path: what follows `PATH`, as sent.
        query: the query, as sent.
        accept: the `Accept` header, or an empty text.
        options: those of a request's body.
    """
    wanted = negotiated(accept or "*/*", _OFFERED, _WILDCARDS)
    if _ENCODED.match(path):
        given = parse_qsl(query, keep_blank_values=True, max_num_fields=None)[:_MAX_OPTIONS]
        return Asked(unquote(path), [*given, *options], wanted)
    # A fragment never reaches a server but encoded; no identifier has a hash sign of its own.
    rest, hashed, fragment = path.partition("%23")
    text = f"{rest}?{query}" if query else rest
    return Asked(f"{text}#{fragment}" if hashed else text, options, wanted)


def read_options(body: bytes) -> Options:
    """Read the options in a request's body.

    Raises:
        InvalidJsonError: no JSON object, or one with too many members.
    """
    if not body.strip():
        return []
    json = parse_json(body, max_bytes=MAX_BODY, max_depth=_MAX_DEPTH)
    if not isinstance(json, dict) or len(json) > _MAX_OPTIONS:
        raise InvalidJsonError(f"options are an object of at most {_MAX_OPTIONS} members")
    return list(json.items())


async def answer(resolver: Resolver, asked: Asked) -> Written:
    """Resolve or dereference, and write down what became of it."""
    if asked.accept == DEREFERENCING_TYPE:
        options = DereferencingOptions.parse(asked.options)
        return _written(await dereference(resolver, asked.text, options), whole=True)
    if asked.accept == RESULT_TYPE:
        text, more = _with_parameters(asked.text)
        options_ = ResolutionOptions.parse([*asked.options, *more])
        return _written(await resolver.resolve(text, options_), whole=True)
    needs_url = asked.accept == URI_LIST or any(name == RELATIONSHIP for name, _ in asked.options)
    if needs_url or _is_did_url(asked.text):
        options = DereferencingOptions.parse(asked.options, asked.accept)
        return _written(await dereference(resolver, asked.text, options), whole=False)
    options_ = ResolutionOptions.parse(asked.options, asked.accept)
    return _written(await resolver.resolve(asked.text, options_), whole=False)


def refuse_options(resolver: Resolver, detail: str) -> Written:
    """Write down that a body is no object of options."""
    error = ResolutionError(ErrorCode.INVALID_OPTIONS, detail)
    return _written(Resolution(resolver.clock.now(), error=error), whole=True)


def _is_did_url(text: str) -> bool:
    """Whether a text is for dereferencing: a DID and something behind it."""
    start = re.split("[/?#]", text, maxsplit=1)[0]
    if start == text:
        return False
    try:
        Did.parse(start)
    except InvalidDidError:
        return False
    return True


def _with_parameters(text: str) -> tuple[str, Iterable[tuple[str, Json]]]:
    """Take the parameters of a DID URL for options, where it has neither path nor fragment."""
    if "?" in text:
        try:
            url = DidUrl.parse(text)
            if not url.path and url.fragment is None:
                return url.did.text, parameters_of(url).items()
        except InvalidDidUrlError:
            pass
    return text, ()


def _written(result: Resolution | Dereferenced, *, whole: bool) -> Written:
    status = _status(result)
    if isinstance(result, Dereferenced):
        content, resolution, whole_type = result.content, result.resolution, DEREFERENCING_TYPE
        if status == OK and isinstance(content, list):
            headers = _headers(URI_LIST, _ASK_AGAIN)
            headers["Location"] = str(content[0])
            return Written(SEE_OTHER, headers, b"", None)
    else:
        content, resolution, whole_type = result.content, result, RESULT_TYPE
    until = kept_until(resolution) if resolution is not None and status == OK else None
    caching = _NEVER if status not in {OK, GONE} else _LASTING if until == END else _ASK_AGAIN
    if whole or content is None:
        headers = _headers(whole_type, caching)
        if status == BUSY:
            headers["Retry-After"] = "1"
        return Written(status, headers, result.body(), until)
    headers = _headers(result.content_type, caching)
    return Written(status, headers, orjson.dumps(content), until)


def _status(result: Resolution | Dereferenced) -> int:
    if result.error is not None and result.error.busy:
        return BUSY
    if result.error is not None:
        return STATUS.get(result.error.code, OTHER_ERROR)
    return GONE if result.deactivated else OK


def _headers(content_type: str, caching: str) -> CIMultiDict[str]:
    return CIMultiDict(
        (("Content-Type", content_type), ("Vary", "Accept"), ("Cache-Control", caching))
    )
