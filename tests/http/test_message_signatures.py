"""Any answer can be signed as a message, for who asks; and is believed only where it was."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.exceptions import InvalidSignature
from multidict import CIMultiDict

from resolver.clock import SystemClock
from resolver.did import Did, DidUrl
from resolver.document import DidDocument, Relationship, parse_document
from resolver.errors import MessageSignatureError, ResolverError
from resolver.instant import SECOND, Instant
from resolver.keys import Curve
from resolver.methods.key import key_document
from resolver.proofs.http_signatures.digests import content_digest
from resolver.proofs.http_signatures.fields import signatures_of
from resolver.proofs.http_signatures.messages import Request, Response
from resolver.proofs.http_signatures.signers import key_of
from resolver.proofs.http_signatures.signing import Demands, DocumentKey, verify
from resolver.signing import PrivateKey
from tests.http.conftest import ANSWER_KEY, AUDITOR, Answer, Service, running
from tests.http.test_authzen import COPPER, EVALUATION, EVALUATIONS, SUBJECTS
from tests.http.test_link_roles import prepare
from tests.unit.link_resolver.shelf import RICE
from touchstone.cli import main
from touchstone.client import Online
from touchstone.client import online as client
from touchstone.service.identity import did_document, key_url
from touchstone.service.serving import listening

pytestmark = pytest.mark.asyncio(loop_scope="session")

MULTIKEY = ANSWER_KEY.public.multikey
DID = Did.parse(f"did:key:{MULTIKEY}")
LEAST = ('"@status"', '"content-digest"', '"@method";req', '"@target-uri";req')
QUESTION = '"content-digest";req'
DECISION = f"/v1/decisions?issuer={AUDITOR}&commodity=copper"

Tamper = Callable[[web.Response, CIMultiDict[str]], None]


@dataclass
class Relay:
    """Stands between a client and the service, under the service's own name, and may tamper."""

    service: Service | None = None
    address: str = ""
    tamper: Tamper | None = None

    async def forward(self, request: web.Request) -> web.Response:
        assert self.service is not None
        headers = CIMultiDict(request.headers)
        if self.tamper is not None:
            self.tamper(web.Response(), headers)
        async with self.service.session.request(
            request.method,
            self.service.address + request.raw_path,
            data=await request.read() or None,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            sent = CIMultiDict(answer.headers)
            for name in ("Content-Length", "Transfer-Encoding"):
                sent.popall(name, None)
            response = web.Response(body=await answer.read(), status=answer.status, headers=sent)
        if self.tamper is not None:
            self.tamper(response, headers)
        return response


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Relay]:
    made, app = Relay(), web.Application()
    app.router.add_route("*", "/{rest:.*}", made.forward)
    async with listening(app, "127.0.0.1", 0) as address:
        made.address = address
        async for service in running(tmp_path_factory.mktemp("signing"), origin=address):
            await prepare(service)
            made.service = service
            yield made


@pytest.fixture
def through(relay: Relay) -> Any:
    yield relay
    relay.tamper = None


class Documents:
    async def document(self, did: Did) -> DidDocument:
        return key_document(did, did.specific_id)


def online(relay: Relay, signed_by: Did = DID) -> Online:
    assert relay.service is not None
    service = relay.service
    return Online(service.session, relay.address, signed_by, Documents(), service.board.clock)


def wanted(*covered: str, label: str = "sig", parameters: str = ";created") -> dict[str, str]:
    return {"Accept-Signature": f"{label}=({' '.join(covered)}){parameters}"}


async def ask(relay: Relay, path: str, *covered: str, method: str = "GET", **given: Any) -> Answer:
    assert relay.service is not None
    headers = {**wanted(*(covered or LEAST)), **given.pop("headers", {})}
    given.setdefault("allow_redirects", False)
    host = {"Host": relay.address.removeprefix("http://")}
    return await relay.service.ask(method, path, headers={**headers, **host}, **given)


class Oracle(HTTPMessageVerifier):
    """Another implementation; the service's clock stands still, so it looks at none."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        pass


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == f"{DID}#{MULTIKEY}"
        return Ed25519PublicKey.from_public_bytes(ANSWER_KEY.public.raw)


ORACLE = Oracle(signature_algorithm=algorithms.ED25519, key_resolver=Keys())


def seen_by_oracle(
    relay: Relay, answer: Answer, path: str, method: str = "GET", **changed: Any
) -> Any:
    request = SimpleNamespace(method=method, url=relay.address + path, headers={})
    message = SimpleNamespace(
        status_code=answer.status, headers=answer.headers, request=request, **changed
    )
    (result,) = ORACLE.verify(message, require_components=LEAST, body=answer.body)
    return result


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (DECISION, 200),
        (f"/v1/decisions?issuer={AUDITOR}&commodity=cobalt", 200),
        ("/v1/decisions?issuer=nobody", 400),
        (f"/v1/parties/{AUDITOR}", 200),
        ("/v1/parties/did:web:nobody.example", 404),
        ("/v1/statements", 200),
        ("/v1/changes", 200),
        (f"/1.0/identifiers/{DID}", 200),
        (f"{RICE}?linkType=linkset", 200),
        (f"{RICE}?linkType=none", 404),
        (RICE, 307),
        ("/.well-known/authzen-configuration", 200),
        ("/.well-known/jwks.json", 200),
        ("/nothing/here", 404),
        ("/health", 200),
    ],
)
async def test_every_answer_is_signed_for_who_asks(relay: Relay, path: str, status: int) -> None:
    for _ in range(2):  # also once it is kept ready
        plain = await ask(relay, path, headers={"Accept-Signature": ""})
        answer = await ask(relay, path)
        assert (answer.status, answer.body) == (status, plain.body)
        seen_by_oracle(relay, answer, path)
        added = {"Signature", "Signature-Input", "Content-Digest"}
        assert {*answer.headers} - {*plain.headers} <= {*added, "Vary"}
        assert added.isdisjoint(plain.headers)
        assert "Accept-Signature" in answer.headers.getall("Vary")
        with pytest.raises(InvalidSignature):
            seen_by_oracle(relay, answer, path + "?")
        with pytest.raises(InvalidSignature):
            seen_by_oracle(relay, answer._replace(body=answer.body + b" "), path)
        with pytest.raises(InvalidSignature):
            seen_by_oracle(relay, answer._replace(status=202), path)


@pytest.mark.parametrize("path", [DECISION, f"/1.0/identifiers/{DID}", f"{RICE}?linkType=linkset"])
async def test_an_answer_without_a_body_is_signed_too(relay: Relay, path: str) -> None:
    answer = await ask(relay, path, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Digest"] == content_digest(b"")
    seen_by_oracle(relay, answer, path, "HEAD")
    if "ETag" in answer.headers:
        tag = {"If-None-Match": answer.headers["ETag"]}
        answer = await ask(relay, path, headers=tag)
        assert (answer.status, answer.body) == (304, b"")
        seen_by_oracle(relay, answer, path)


async def test_a_signature_covers_and_says_what_was_asked_for(relay: Relay) -> None:
    every = (*LEAST, '"content-type"', '"etag"', '"cache-control"', '"@path";req', '"@query";req')
    stated = (
        f';created;expires;nonce="n";tag="t";alg="ed25519";keyid="{DID}#{MULTIKEY}"',
        ';tag="t";nonce="n"',
    )
    for parameters in stated:
        asked = wanted(*every, '"@authority";req', label="mine", parameters=parameters)
        answer = await ask(relay, DECISION, headers=asked)
        result = seen_by_oracle(relay, answer, DECISION)
        assert result.label == "mine"
        assert {*every} < {*result.covered_components}
        assert (result.parameters["nonce"], result.parameters["tag"]) == ("n", "t")
        assert relay.service is not None
        now = relay.service.board.clock.now() // SECOND
        assert result.parameters["created"] == now
        assert ("expires" in result.parameters) is ("expires" in parameters)


@pytest.mark.parametrize(
    ("path", "seconds"), [("/.well-known/jwks.json", 3600), ("/nothing/here", 300)]
)
async def test_a_signature_expires_with_its_answer(relay: Relay, path: str, seconds: int) -> None:
    answer = await ask(relay, path, headers=wanted(*LEAST, parameters=";expires"))
    parameters = seen_by_oracle(relay, answer, path).parameters
    assert parameters["expires"] == parameters["created"] + seconds


async def test_of_several_signatures_those_are_given_that_can_be(relay: Relay) -> None:
    asked = {
        "Accept-Signature": ", ".join(
            wanted(*LEAST, each, label=label)["Accept-Signature"]
            for label, each in (("page", '"content-type"'), ("hop", '"location"'))
        )
    }
    for path, label in ((RICE, "hop"), (DECISION, "page")):
        answer = await ask(relay, path, headers=asked)
        assert seen_by_oracle(relay, answer, path).label == label
    neither = await ask(relay, RICE, headers=wanted(*LEAST, '"content-type"'))
    assert (neither.status, "Signature" in neither.headers) == (307, False)
    assert "Content-Digest" not in neither.headers


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sig=(", "Accept-Signature"),
        ("sig", "no inner list"),
        ("sig=(), sig=()", "sig is there twice"),
        (", ".join(f"s{each}=()" for each in range(9)), "more than 8"),
        (", ".join(f"s{each}=({' '.join(LEAST)})" for each in range(5)), "more than 4"),
        ("sig=()", "must cover"),
        *((f"sig=({' '.join({*LEAST} - {each})})", f"must cover {each}") for each in LEAST),
        (f'sig=({" ".join(LEAST)} "@query-param";name="x")', "at most with ;req"),
        (f'sig=({" ".join(LEAST)} "set-cookie")', "set-cookie"),
        (f'sig=({" ".join(LEAST)} "authorization";req)', "authorization"),
        (f'sig=({" ".join(LEAST)} "@status")', "something twice"),
        (f"sig=({' '.join(LEAST)});alg=\"hmac-sha256\"", "alg cannot be"),
        (f'sig=({" ".join(LEAST)});keyid="did:web:a.example#1"', "keyid cannot be"),
        (f"sig=({' '.join(LEAST)});created=1", "created cannot be"),
        (f"sig=({' '.join(LEAST)});expires=1", "expires cannot be"),
        (f'sig=({" ".join(LEAST)});nonce="{"x" * 257}"', "nonce cannot be"),
        (f"sig=({' '.join(LEAST)});nonce", "nonce cannot be"),
        (f"sig=({' '.join(LEAST)});purpose=1", "purpose cannot be"),
        ('sig=();nonce="' + "x" * 8190 + '"', None),
    ],
)  # fmt: skip
async def test_what_is_never_given_is_refused(relay: Relay, value: str, words: str | None) -> None:
    answer = await ask(relay, DECISION, headers={"Accept-Signature": value})
    assert answer.status == 400
    if words is not None:
        assert answer.json["type"] == "/problems/invalid-value"
        assert answer.json["field"] == "Accept-Signature"
        assert words in str(answer.json["detail"])
    assert "Signature" not in answer.headers


async def test_a_question_in_a_body_is_signed_with_its_answer(relay: Relay) -> None:
    body = json.dumps(COPPER).encode()
    for digest, signed in ((content_digest(body), True), (content_digest(b""), False), ("", False)):
        headers = {
            "Content-Type": "application/json",
            **wanted(*LEAST, QUESTION),
            **({"Content-Digest": digest} if digest else {}),
        }
        answer = await ask(relay, EVALUATION, method="POST", headers=headers, data=body)
        assert (answer.status, answer.json["decision"]) == (200, True)
        assert ("Signature" in answer.headers) is signed
    without = await ask(relay, EVALUATION, method="POST", json=COPPER)
    assert without.status == 400
    assert QUESTION in str(without.json["detail"])


async def test_a_body_that_was_not_read_is_not_signed_for(relay: Relay) -> None:
    headers = {"Content-Digest": content_digest(b"x" * 1_000_001), **wanted(*LEAST, QUESTION)}
    answer = await ask(
        relay, "/v1/decisions", method="POST", headers=headers, data=b"x" * 1_000_001
    )
    assert (answer.status, "Signature" in answer.headers) == (415, False)


async def said(address: str, text: str) -> bytes:
    """Say something in one packet, and return the head of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(text.replace("\n", "\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head


async def test_a_body_beyond_the_limit_is_not_signed_for_though_it_is_here(tmp_path: Path) -> None:
    async for service in running(tmp_path, max_body_bytes=100):
        (name, value) = next(iter(wanted(*LEAST, QUESTION).items()))
        head = await said(
            service.address,
            f"POST /v1/decisions HTTP/1.1\nHost: a\nContent-Type: text/plain\n{name}: {value}\n"
            f"Content-Digest: {content_digest(b'x' * 200)}\nContent-Length: 200\n\n{'x' * 200}",
        )
        assert head.startswith(b"HTTP/1.1 415 ")
        assert b"Signature:" not in head


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("id.example", "https://id.example/health"),
        ("ID.example", "https://id.example/health"),
        ("registry.example", "https://registry.example/health"),
        ("evil.example", "https://registry.example/health"),
        ("id.example:8443", "https://registry.example/health"),
    ],
)
async def test_the_target_is_named_by_our_own_origins(
    tmp_path: Path, host: str, target: str
) -> None:
    origins = {"origin": "https://registry.example", "links_roots": ("https://id.example",)}
    async for service in running(tmp_path, **origins):
        asked = wanted(*LEAST)["Accept-Signature"]
        answers = [await service.get("/health", headers={**wanted(*LEAST), "Host": host})]
        for form in ("/health", f"http://{host}/health"):
            head = await said(
                service.address, f"GET {form} HTTP/1.1\nHost: {host}\nAccept-Signature: {asked}\n\n"
            )
            lines = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            headers = CIMultiDict((name, value) for name, value in lines)
            answers.append(answers[0]._replace(headers=headers))
        for answer in answers:
            sent = Request("GET", target)
            message = Response(answer.status, (*answer.headers.items(),), answer.body, sent)
            (signature,) = signatures_of(message.headers)
            now = service.board.clock.now()
            verify(message, signature, DocumentKey(ANSWER_KEY.public), Demands(), now)


async def test_nobody_waits_for_a_body_that_nobody_reads(relay: Relay) -> None:
    assert relay.service is not None
    asked = wanted(*LEAST, QUESTION)["Accept-Signature"]
    head = await said(
        relay.service.address,
        "POST /v1/decisions HTTP/1.1\nHost: a\nContent-Type: text/plain\n"
        f"Content-Length: 9\nAccept-Signature: {asked}\n\n",
    )
    assert head.startswith(b"HTTP/1.1 415 ")
    assert b"Signature:" not in head


@pytest.mark.parametrize("key", [None, PrivateKey.generate(Curve.SECP256K1)])
async def test_without_a_key_for_messages_none_is_signed(
    tmp_path: Path, key: PrivateKey | None
) -> None:
    async for service in running(tmp_path, answer_key=key):
        for asked in (*LEAST, "nonsense"):
            answer = await service.get(DECISION, headers=wanted(asked))
            assert (answer.status, "Signature" in answer.headers) == (200, False)
        assert (await service.get("/.well-known/jwks.json")).status == (404 if key is None else 200)


async def test_the_sdk_believes_what_is_signed_to_its_own_question(through: Relay) -> None:
    registry = online(through)
    question = {"issuer": AUDITOR, "claim": {"commodity": "copper"}}
    answer = await registry.ask(question)
    assert isinstance(answer.document, dict)
    assert (answer.status, answer.document["outcome"]) == (200, "authorised")
    assert str(answer.method) == f"{DID}#{MULTIKEY}"
    assert through.service is not None
    assert answer.created == through.service.board.clock.now() // SECOND * SECOND
    checked = await registry.check({"credential": "a.b.c"})
    assert isinstance(checked.document, dict)
    assert checked.document["outcome"] == "not_authorised"
    for path, body in ((EVALUATION, COPPER), (EVALUATIONS, {**COPPER, "evaluations": [{}]})):
        assert (await registry.request("POST", path, body)).status == 200
    assert (await registry.request("POST", SUBJECTS, COPPER)).status == 200
    assert (await registry.request("GET", f"/v1/parties/{AUDITOR}")).status == 200
    problem = await registry.ask({"issuer": "nobody"})
    assert (problem.status, problem.message.request.body) == (400, b'{"issuer":"nobody"}')


def no_signature(response: web.Response, _: CIMultiDict[str]) -> None:
    for name in ("Signature", "Signature-Input"):
        response.headers.popall(name, None)


def another_label(response: web.Response, _: CIMultiDict[str]) -> None:
    for name in ("Signature", "Signature-Input"):
        if name in response.headers:
            response.headers[name] = response.headers[name].replace("answer=", "other=")


def twice(response: web.Response, _: CIMultiDict[str]) -> None:
    if "Signature" in response.headers:
        response.headers.add("Signature", response.headers["Signature"])


def another_body(response: web.Response, _: CIMultiDict[str]) -> None:
    if isinstance(response.body, bytes):
        response.body = response.body.replace(b"authorised", b"authorized")


def another_body_and_digest(response: web.Response, asked: CIMultiDict[str]) -> None:
    another_body(response, asked)
    if isinstance(response.body, bytes):
        response.headers["Content-Digest"] = content_digest(response.body)


def another_status(response: web.Response, _: CIMultiDict[str]) -> None:
    response.set_status(201)


def another_type(response: web.Response, _: CIMultiDict[str]) -> None:
    response.headers["Content-Type"] = "text/html"


def less_is_covered(response: web.Response, asked: CIMultiDict[str]) -> None:
    asked["Accept-Signature"] = asked["Accept-Signature"].replace(' "content-type"', "")


def another_nonce(_: web.Response, asked: CIMultiDict[str]) -> None:
    asked["Accept-Signature"] = asked["Accept-Signature"].replace('nonce="', 'nonce="x')


def no_question(_: web.Response, asked: CIMultiDict[str]) -> None:
    asked.popall("Accept-Signature", None)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (no_signature, "not signed"),
        (no_question, "not signed"),
        (another_label, "not signed"),
        (twice, "answer is there twice"),
        (another_body, "the content is another"),
        (another_body_and_digest, "does not match"),
        (another_status, "does not match"),
        (another_type, "does not match"),
        (less_is_covered, 'does not cover "content-type"'),
        (another_nonce, "another nonce"),
    ],
)
async def test_the_sdk_believes_nothing_else(through: Relay, tamper: Tamper, words: str) -> None:
    through.tamper = tamper
    with pytest.raises(MessageSignatureError, match=words):
        await online(through).ask({"issuer": AUDITOR, "claim": {"commodity": "copper"}})


async def test_the_sdk_takes_no_answer_to_another_question(through: Relay) -> None:
    """An answer that was given before, to another or to the same question, is none to this one."""
    answers: list[tuple[bytes, CIMultiDict[str]]] = []

    def replay(response: web.Response, _: CIMultiDict[str]) -> None:
        if response.body is not None:
            assert isinstance(response.body, bytes)
            answers.append((response.body, CIMultiDict(response.headers)))
            response.body = answers[0][0]
            response.headers.clear()
            response.headers.extend(answers[0][1])

    through.tamper = replay
    registry = online(through)
    await registry.request("GET", DECISION)
    with pytest.raises(MessageSignatureError, match="another nonce"):
        await registry.request("GET", DECISION)


async def test_the_sdk_believes_no_other_did_and_no_other_key(relay: Relay) -> None:
    other = PrivateKey.generate().public.multikey
    with pytest.raises(MessageSignatureError, match="is signed by"):
        await online(relay, Did.parse(f"did:key:{other}")).request("GET", DECISION)
    registry = online(relay)

    class Elsewhere:
        async def document(self, did: Did) -> DidDocument:
            raw = dict(key_document(did, did.specific_id).raw)
            return parse_document({**raw, "assertionMethod": []}, did)

    registry._documents = Elsewhere()
    with pytest.raises(ResolverError, match="assertionMethod"):
        await registry.request("GET", DECISION)


async def test_the_sdk_reads_no_answer_without_end(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len((await ask(relay, "/health")).body)
    for most, fits in ((size, True), (size - 1, False)):
        monkeypatch.setattr(client, "MAX_ANSWER", most)
        if fits:
            assert (await online(relay).request("GET", "/health")).status == 200
            continue
        with pytest.raises(aiohttp.ClientPayloadError, match="longer than"):
            await online(relay).request("GET", "/health")


async def test_the_sdk_believes_no_old_answer(relay: Relay) -> None:
    registry = online(relay)
    assert relay.service is not None
    later = relay.service.board.clock.now() + 400 * SECOND
    registry._clock = type(relay.service.board.clock)(Instant(later))
    with pytest.raises(MessageSignatureError, match="too long ago"):
        await registry.request("GET", DECISION)


async def test_the_command_line_names_who_signed(through: Relay) -> None:
    assert through.service is not None
    through.service.board.clock.instant = SystemClock().now()
    given = ["check", AUDITOR, "--claim", "commodity=copper", "--server", through.address]

    async def run(*more: str) -> Any:
        # A thread, for commands run their own event loop.
        return await asyncio.to_thread(CliRunner().invoke, main, [*given, *more])

    believed = await run("--signed-by", DID.text)
    assert (believed.exit_code, "✓ authorised" in believed.stdout) == (0, True)
    assert f"signed by {DID}#{MULTIKEY}" in believed.stderr
    other = await run("--signed-by", f"did:key:{PrivateKey.generate().public.multikey}")
    assert (other.exit_code, other.stdout) == (4, "")
    assert "is not believed" in other.stderr
    through.tamper = another_body
    tampered = await run("--signed-by", DID.text, "--json")
    assert (tampered.exit_code, tampered.stdout) == (4, "")
    assert (await run("--signed-by", "nobody")).exit_code == 2
    assert (await run("--signed-by", DID.text, "--data", "x")).exit_code == 2


@pytest.mark.parametrize(
    ("origin", "did"),
    [
        ("https://registry.example", "did:web:registry.example"),
        ("https://registry.example:8443", "did:web:registry.example%3A8443"),
        ("http://registry.example", None),
        ("https://10.0.0.1", None),
        ("https://[::1]:8443", None),
    ],
)
async def test_the_key_is_one_of_the_origins_did(origin: str, did: str | None) -> None:
    key = ANSWER_KEY.public
    named, document = DidUrl.parse(key_url(origin, key)), did_document(origin, key)
    if did is None:
        assert (named.did, document) == (DID, None)
        return
    assert named.did.text == did
    assert document is not None

    class Published:
        async def document(self, did: Did) -> DidDocument:
            return parse_document(json.loads(document), did)

    found = await key_of(named, Relationship.ASSERTION_METHOD, Published(), Instant(0))
    assert found.public == key
    with pytest.raises(ResolverError, match="authentication"):
        await key_of(named, Relationship.AUTHENTICATION, Published(), Instant(0))


async def test_a_registry_with_a_domain_publishes_its_document(tmp_path: Path) -> None:
    origin = "https://registry.example"
    async for service in running(tmp_path, origin=origin):
        published = await service.get("/.well-known/did.json")
        assert published.body == did_document(origin, ANSWER_KEY.public)
        answer = await service.get("/health", headers=wanted(*LEAST))
        assert f'keyid="{key_url(origin, ANSWER_KEY.public)}"' in answer.headers["Signature-Input"]


async def test_a_registry_without_one_has_none(relay: Relay) -> None:
    assert (await ask(relay, "/.well-known/did.json")).status == 404
