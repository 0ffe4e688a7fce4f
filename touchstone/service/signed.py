"""Signed answers: what was answered to which question, as a JWT that can be shown to others."""

import re
from collections.abc import Iterable

import orjson
from aiohttp import hdrs, web

from resolver.clock import Clock
from resolver.errors import ResolverError, UnsupportedKeyError
from resolver.instant import SECOND
from resolver.options import DOCUMENT_TYPE
from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import parse_json
from touchstone.service.bodies import JSON
from touchstone.service.errors import SettingsError
from touchstone.service.identity import DID_DOCUMENT, did_document, key_url
from touchstone.service.secret_files import read_secret
from touchstone.service.settings import Settings
from touchstone.service.signatures import MessageSigner

JWT = "application/jwt"
KEYS = "/.well-known/jwks.json"
_ANSWERS = "/v1/"
_MAX_AGE = re.compile(r"max-age=(\d{1,10})")
_OK = 200


class AnswerSigner:
    """Signs answers below `/v1/` for those who ask for `application/jwt` (RFC 7519, RFC 9110 12.5).

    The claims are `iss`, the registry's origin; `iat`; `exp`, where the answer says for how long it
    may be reused; `request`, its method and target; and `response`, the answer itself.

    Args:
        key: signs; its public half is published at `/.well-known/jwks.json`.
        issuer: the registry's origin.
        clock: what tells the present.
    """

    def __init__(self, key: PrivateKey, issuer: str, clock: Clock) -> None:
        self._key = key
        self._origin = issuer
        self._issuer = orjson.dumps(issuer)
        self._clock = clock

    def answer(self, request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
        """Return a good answer signed where that is asked for, and every other one as it is."""
        if (
            not asks_for_signature(request)
            or not isinstance(response, web.Response)
            or response.status != _OK
            or response.content_type != JSON
            or not isinstance(response.body, bytes)
            or request.method == hdrs.METH_HEAD
            or not request.raw_path.startswith(_ANSWERS)
        ):
            return response
        now = self._clock.now() // SECOND
        kept = _MAX_AGE.search(response.headers.get(hdrs.CACHE_CONTROL, ""))
        expires = b"" if kept is None else b',"exp":%d' % (now + int(kept[1]))
        asked = orjson.dumps({"method": request.method, "target": request.raw_path})
        payload = b'{"iss":%b,"iat":%d%b,"request":%b,"response":%b}' % (
            self._issuer,
            now,
            expires,
            asked,
            response.body,
        )
        token = sign_compact(payload, {"kid": self._key.public.thumbprint, "typ": "JWT"}, self._key)
        headers: dict[str, str] = {hdrs.VARY: hdrs.ACCEPT}
        if kept is not None:
            headers[hdrs.CACHE_CONTROL] = response.headers[hdrs.CACHE_CONTROL]
        return web.Response(body=token.encode(), content_type=JWT, headers=headers)

    def of_messages(self, roots: Iterable[str]) -> MessageSigner | None:
        """Return what signs whole messages with the same key; None where RFC 9421 has no such key.

        Args:
            roots: other origins under which the service answers.
        """
        key_id = key_url(self._origin, self._key.public)
        try:
            return MessageSigner(self._key, key_id, (self._origin, *roots), self._clock)
        except UnsupportedKeyError:
            return None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the public key: a JWK Set (RFC 7517 5), and a did:web's document."""
        public = self._key.public
        published = {**public.jwk(), "kid": public.thumbprint, "use": "sig"}
        document = did_document(self._origin, public)
        return [
            _fixed(KEYS, orjson.dumps({"keys": [published]}), "application/jwk-set+json"),
            _fixed(DID_DOCUMENT, document, DOCUMENT_TYPE),
        ]


def _fixed(path: str, body: bytes | None, content_type: str) -> web.RouteDef:
    async def get(_: web.Request) -> web.Response:
        if body is None:
            raise web.HTTPNotFound
        headers = {hdrs.CACHE_CONTROL: "max-age=3600"}
        return web.Response(body=body, content_type=content_type, headers=headers)

    return web.get(path, get)


def asks_for_signature(request: web.BaseRequest) -> bool:
    """Tell whether a request asks for a signed answer."""
    return JWT in request.headers.get(hdrs.ACCEPT, "")


def answer_signer(settings: Settings, clock: Clock) -> AnswerSigner | None:
    """Read the key that answers are signed with; None where none is set. It blocks.

    Raises:
        SettingsError: it cannot be read, or is no private JWK.
    """
    file = settings.answer_key_file
    if file is None:
        return None
    try:
        jwk = parse_json(read_secret(file).encode())
        if not isinstance(jwk, dict):
            raise SettingsError(f"{file}: not a private JWK, as touchstone keys new writes it")
        return AnswerSigner(PrivateKey.from_jwk(jwk), settings.audience, clock)
    except ResolverError as error:
        raise SettingsError(f"{file}: {error}") from None
