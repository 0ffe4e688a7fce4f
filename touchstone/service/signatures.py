"""Signed messages: any answer, bound to its question by a signature that travels beside it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from aiohttp import hdrs, web
from multidict import istr

from resolver.clock import Clock
from resolver.errors import MessageSignatureError
from resolver.instant import SECOND
from resolver.proofs.http_signatures.digests import (
    CONTENT_DIGEST,
    check_content_digest,
    content_digest,
)
from resolver.proofs.http_signatures.fields import Coverage, Parameter, Signature, coverages
from resolver.proofs.http_signatures.messages import Component, Request, Response, lines_of
from resolver.proofs.http_signatures.signing import LIFETIME_MS, algorithm_name, sign
from resolver.signing import PrivateKey
from resolver.wire import WireResponse
from touchstone.service.errors import RequestError

ACCEPT_SIGNATURE = istr("Accept-Signature")
MAX_SIGNATURES = 4
"""Signatures of one answer; each costs as much as a decision."""
MAX_TEXT = 256
"""Characters of a nonce or a tag."""

STATUS, DIGEST = Component("@status"), Component("content-digest")
METHOD, TARGET = Component("@method", of_request=True), Component("@target-uri", of_request=True)
QUESTION = Component("content-digest", of_request=True)
"""What was asked in a body."""
LEAST = frozenset({STATUS, DIGEST, METHOD, TARGET})
"""What every signature covers: what was answered, and what to."""
_MORE = frozenset(
    {
        QUESTION,
        *(Component(each, of_request=True) for each in ("@authority", "@path", "@query")),
        *map(Component, ("content-type", "cache-control", "etag", "last-modified")),
        *map(Component, ("link", "link-authority", "location")),
    }
)
_BODILESS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_MAX_AGE = re.compile(r"max-age=(\d{1,10})")


class Wanted(NamedTuple):
    """A signature that was asked for, and can be given where the answer has all that it covers.

    Attributes:
        label: what it is to be called.
        components: what it is to cover.
        parameters: what it is to say, but for the times.
        expires: whether it is to say until when it holds.
    """

    label: str
    components: tuple[Component, ...]
    parameters: dict[str, Parameter]
    expires: bool


class MessageSigner:
    """Signs answers for those who send `Accept-Signature` (RFC 9421 5).

    Args:
        key: signs.
        key_id: the DID URL of its public half.
        origins: under which the service answers, the registry's own first.
        clock: what tells the present.

    Raises:
        UnsupportedKeyError: RFC 9421 has no name for what the key signs with.
    """

    def __init__(self, key: PrivateKey, key_id: str, origins: Iterable[str], clock: Clock) -> None:
        self._key = key
        self._offered: dict[str, Parameter] = {
            "keyid": key_id,
            "alg": algorithm_name(key.public),
        }
        self._own, *_ = every = [*origins]
        self._origins = {each.partition("://")[2].lower(): each for each in every}
        self._clock = clock

    def wanted(self, request: web.BaseRequest) -> tuple[Wanted, ...]:
        """Read which signatures a request asks for.

        Raises:
            RequestError: one that is malformed, or is never given.
        """
        try:
            lines = lines_of(request.headers.items(), ACCEPT_SIGNATURE.lower())
            asked = coverages(lines, ACCEPT_SIGNATURE)
            wanted = tuple(self._wanted(request.method, *each) for each in asked.items())
        except MessageSignatureError as error:
            raise _refused(str(error)) from None
        if len(wanted) > MAX_SIGNATURES:
            raise _refused(f"more than {MAX_SIGNATURES} signatures")
        return wanted

    def _wanted(self, method: str, label: str, coverage: Coverage) -> Wanted:
        covered = {*coverage.components}
        least = LEAST if method in _BODILESS else LEAST | {QUESTION}
        if missing := least - covered:
            raise MessageSignatureError(f"{label} must cover {_texts(missing)}")
        if unknown := covered - LEAST - _MORE:
            raise MessageSignatureError(f"{label}: {_texts(unknown)} cannot be covered")
        said: dict[str, Parameter] = {"keyid": self._offered["keyid"]}
        for name, value in coverage.parameters.items():
            if name in self._offered:
                good = value == self._offered[name]
            elif name in {"created", "expires"}:
                good = value is True
            else:
                good = (
                    name in {"nonce", "tag"} and isinstance(value, str) and len(value) <= MAX_TEXT
                )
            if not good:
                raise MessageSignatureError(f"{label}: {name} cannot be as asked for")
            said[name] = value
        expires = said.pop("expires", False) is True
        said.pop("created", None)
        return Wanted(label, coverage.components, said, expires)

    async def answer(
        self, request: web.Request, response: web.StreamResponse, wanted: Iterable[Wanted]
    ) -> web.StreamResponse:
        """Return an answer with the signatures that were asked for.

        A signature is left out where the answer lacks a field that it was to cover, or the
        request's digest is not that of its body. An answer whose body is no bytes is not signed.
        """
        if isinstance(response, WireResponse):
            response = response.opened()
        if not isinstance(response, web.Response) or not isinstance(response.body, bytes | None):
            return response
        body = b"" if request.method == hdrs.METH_HEAD else response.body or b""
        headers = (*response.headers.items(), (CONTENT_DIGEST, content_digest(body)))
        message = Response(response.status, headers, body, await self._request(request))
        signatures = [each for each in (self._signed(message, want) for want in wanted) if each]
        if signatures:
            response.headers.add(hdrs.VARY, ACCEPT_SIGNATURE)
            response.headers.add(*headers[-1])
            for signature in signatures:
                response.headers.extend(signature.headers())
        return response

    async def _request(self, request: web.Request) -> Request:
        """Return what was asked, with as much of its body as was read anyway."""
        try:
            body = await request.read() if request.content.is_eof() else b""
        except web.HTTPRequestEntityTooLarge:
            body = b""
        path = request.raw_path
        if path[:1] != "/":  # absolute-form (RFC 9112 3.2.2)
            path = str(request.rel_url)
        origin = self._origins.get(request.headers.get(hdrs.HOST, "").lower(), self._own)
        return Request(request.method, origin + path, (*request.headers.items(),), body)

    def _signed(self, message: Response, wanted: Wanted) -> Signature | None:
        now = self._clock.now() // SECOND
        times: dict[str, Parameter] = {"created": now}
        if wanted.expires:
            times["expires"] = now + _lifetime_s(message)
        coverage = Coverage(wanted.components, {**times, **wanted.parameters})
        try:
            if QUESTION in wanted.components:
                check_content_digest(message.request.headers, message.request.body)
            return sign(message, wanted.label, coverage, self._key)
        except MessageSignatureError:
            return None


def _refused(text: str) -> RequestError:
    return RequestError("invalid-value", text, field=ACCEPT_SIGNATURE)


def _lifetime_s(message: Response) -> int:
    """Return for how many seconds an answer may be reused; some minutes where it does not say."""
    kept = _MAX_AGE.search(", ".join(lines_of(message.headers, "cache-control")))
    return LIFETIME_MS // SECOND if kept is None else int(kept[1])


def _texts(components: Iterable[Component]) -> str:
    return ", ".join(sorted(map(str, components)))
