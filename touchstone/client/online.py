"""Online: a registry's service is asked, and believed where a DID that the caller trusts signed."""

import secrets
from dataclasses import dataclass

import aiohttp
import orjson
from yarl import URL

from resolver.clock import Clock
from resolver.did import Did, DidUrl
from resolver.document import Relationship
from resolver.errors import MessageSignatureError
from resolver.instant import SECOND, Instant
from resolver.proofs.http_signatures.digests import CONTENT_DIGEST, content_digest
from resolver.proofs.http_signatures.fields import Coverage, signatures_of
from resolver.proofs.http_signatures.messages import Component, Request, Response
from resolver.proofs.http_signatures.signers import DocumentSource, key_of, method_of
from resolver.proofs.http_signatures.signing import Demands, verify
from resolver.strict_json import Json, parse_json

MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer."""
_LABEL = "answer"
_COVERED = (
    Component("@status"),
    Component("content-digest"),
    Component("content-type"),
    Component("@method", of_request=True),
    Component("@target-uri", of_request=True),
)
_QUESTION = Component("content-digest", of_request=True)
_DECISIONS = "/v1/decisions"
_VERIFY = "/v1/credentials/verify"


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """An answer, and that it was signed.

    Attributes:
        message: all that was signed: keep it to show it to others.
        method: the verification method that signed.
        created: when.
    """

    message: Response
    method: DidUrl
    created: Instant

    @property
    def status(self) -> int:
        """The HTTP status; a problem is signed like any other answer."""
        return self.message.status

    @property
    def document(self) -> Json:
        """The answer's JSON.

        Raises:
            InvalidJsonError: it is none.
        """
        return parse_json(self.message.body, max_bytes=MAX_ANSWER)


class Online:
    """A registry's service; no answer is returned that is not signed, fresh, and to this question.

    Args:
        session: speaks HTTP; how long it waits is the caller's to say.
        server: the service's address, such as `https://registry.example`.
        signed_by: the DID that its answers are signed by.
        documents: where the document of that DID comes from.
        clock: tells the present.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: str,
        signed_by: Did,
        documents: DocumentSource,
        clock: Clock,
    ) -> None:
        self._session = session
        self._server = server.rstrip("/")
        self._signed_by = signed_by
        self._documents = documents
        self._clock = clock

    async def ask(self, question: Json) -> SignedAnswer:
        """Answer a question as `POST /v1/decisions` takes it; see `request`."""
        return await self.request("POST", _DECISIONS, question)

    async def check(self, request: Json) -> SignedAnswer:
        """Verify a credential as `POST /v1/credentials/verify` takes it; see `request`."""
        return await self.request("POST", _VERIFY, request)

    async def request(self, method: str, path: str, body: Json = None) -> SignedAnswer:
        """Put any request to the service.

        Args:
            method: GET or POST.
            path: with its query, percent-encoded.
            body: what is sent as JSON; nothing for None.

        Raises:
            MessageSignatureError: the answer is not signed, too old, to another request, or not
                by whom it should be.
            ResolutionError: the signer's DID has no document.
            VerificationMethodError: the document does not list the key for assertions.
            aiohttp.ClientError: there is no answer.
            TimeoutError: it did not come in time.
        """
        data = b"" if body is None else orjson.dumps(body)
        covered = _COVERED if body is None else (*_COVERED, _QUESTION)
        nonce = secrets.token_urlsafe(16)
        wanted = Coverage(covered, {"created": True, "nonce": nonce})
        headers = {
            "Accept-Signature": f"{_LABEL}={wanted.text}",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-cache",
        }
        if body is not None:
            headers |= {"Content-Type": "application/json", CONTENT_DIGEST: content_digest(data)}
        target = self._server + path
        asked = Request(method, target, (*headers.items(),), data)
        async with self._session.request(
            method,
            URL(target, encoded=True),
            data=data or None,
            headers=headers,
            allow_redirects=False,
        ) as response:
            content = await _content(response)
            answer = Response(response.status, (*response.headers.items(),), content, asked)
        return await self._verified(answer, Demands(frozenset(covered), nonce))

    async def _verified(self, answer: Response, demands: Demands) -> SignedAnswer:
        signatures = {each.label: each for each in signatures_of(answer.headers)}
        signature = signatures.get(_LABEL)
        if signature is None:
            raise MessageSignatureError("the answer is not signed")
        method, now = method_of(signature), self._clock.now()
        if method.did != self._signed_by:
            raise MessageSignatureError(f"the answer is signed by {method}, not {self._signed_by}")
        key = await key_of(method, Relationship.ASSERTION_METHOD, self._documents, now)
        verify(answer, signature, key, demands, now)
        created = Instant(int(signature.coverage.parameters["created"]) * SECOND)
        return SignedAnswer(answer, method, created)


async def _content(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    while chunk := await response.content.read(MAX_ANSWER + 1 - len(content)):
        content += chunk
    if len(content) > MAX_ANSWER:
        raise aiohttp.ClientPayloadError(f"the answer is longer than {MAX_ANSWER} bytes")
    return content
