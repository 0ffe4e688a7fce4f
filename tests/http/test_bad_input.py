"""Whatever comes in, a 4xx with the reason comes out, and the service goes on answering."""

import asyncio
import gzip
import io
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.http.conftest import AUDITOR, Answer, Service, running
from touchstone.service.catalogue import KINDS

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = {"Content-Type": "application/json"}
DEEP = 10_000
BIG = 50_000_000
POSTS = {
    "/v1/decisions": {"issuer": AUDITOR, "claim": {"commodity": "copper"}},
    "/v1/credentials/verify": {"credential": "eyJ.e30.sig"},
    "/credentials/verify": {"verifiableCredential": {"type": "VerifiableCredential"}},
    "/presentations/verify": {"verifiablePresentation": {"type": "VerifiablePresentation"}},
    "/v1/acts": {"payload": "e30", "protected": "e30", "signature": "e30"},
}
HOSTILE = [
    "",
    "x",
    "did:",
    "did:web:",
    "did:web:127.0.0.1",
    "did:web:%5B%3A%3A1%5D",
    "did:web:2130706433",
    "did:web:0x7f000001",
    "did:web:example.com:%2e%2e:did",
    "did:web:example.com:a%00b",
    "did:web:example.com%3A99999",
    "did:web:user%40example.com",
    "did:webvh:bad:example.com",
    "did:EXAMPLE:abc",
    "did:example:a%zz",
    "did:web:ex\u00e4mple.com",
    "did:web:a\x00b",
    "did:web:a b",
    "did:web:" + "a" * 5000,
]


def refused(
    answer: Answer, status: int | None = None, slug: str | None = None
) -> dict[str, object]:
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, object] = {**answer.json}
    assert problem["status"] == answer.status
    assert str(problem["type"]).removeprefix("/problems/") in KINDS
    assert problem["title"]
    assert problem["detail"]
    if status is not None:
        assert answer.status == status, problem
    if slug is not None:
        assert problem["type"] == f"/problems/{slug}", problem
    return problem


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}]",
        b"nul",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"issuer": "x", "issuer": "y"}',
        b'{"\\ud800": 1}',
        b'{"a": "\\ud800"}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'{"claim":' * 100 + b"{}" + b"}" * 100,
    ],
    ids=str,
)
async def test_what_is_not_json_is_refused(service: Service, path: str, body: bytes) -> None:
    answer = await service.ask("POST", path, data=body, headers=JSON)
    refused(answer, 400)
    await service.still_answers()


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", ["null", "true", "0", '"text"', "[]", "{}", "[{}]"])
async def test_another_type_than_an_object_is_refused(
    service: Service, path: str, body: str
) -> None:
    refused(await service.ask("POST", path, data=body, headers=JSON), 400)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("wrong", [None, 1, True, [], {}, [1], {"a": 1}, ""], ids=str)
async def test_each_member_of_another_type_is_refused(
    service: Service, path: str, wrong: object
) -> None:
    for member in POSTS[path]:
        if member == "claim" and wrong == {}:
            continue  # an empty claim is a question about any
        body = {**POSTS[path], member: wrong}
        if path.endswith("verify") and wrong == {"a": 1}:
            continue  # an object that is no credential is a report with a failed check
        refused(await service.post(path, body), 400)


@pytest.mark.parametrize(
    "member", ["at", "known_at", "authorities", "action", "key", "credential", "issuer", "claim"]
)
@pytest.mark.parametrize("wrong", [None, 1, True, [], [1], [""], ""], ids=str)
async def test_no_optional_member_is_ignored(service: Service, member: str, wrong: object) -> None:
    for path in ("/v1/decisions", "/v1/credentials/verify"):
        refused(await service.post(path, {**POSTS[path], member: wrong}), 400)


@pytest.mark.parametrize("path", POSTS)
async def test_an_unknown_member_is_named(service: Service, path: str) -> None:
    answer = await service.post(path, {**POSTS[path], "isuer": 1})
    problem = refused(answer, 400)
    if path != "/v1/acts":  # a JWS has three members, and its refusal names those
        assert problem["field"] == "isuer"
        assert "isuer" in str(problem["detail"])


async def test_a_misspelt_member_is_told_its_neighbour(service: Service) -> None:
    problem = refused(await service.post("/v1/decisions", {"isuer": "x"}), 400, "unknown-member")
    assert "did you mean 'issuer'?" in str(problem["detail"])
    assert (problem["field"], problem["pointer"]) == ("isuer", "/isuer")
    body = {"issuer": AUDITOR, "claim": {"comodity": "copper"}}
    problem = refused(await service.post("/v1/decisions", body), 400, "unknown-member")
    assert "did you mean 'commodity'?" in str(problem["detail"])
    assert problem["pointer"] == "/claim/comodity"
    body = {"issuer": AUDITOR, "claim": {"a/b~c": "copper"}}
    problem = refused(await service.post("/v1/decisions", body), 400, "unknown-member")
    assert problem["pointer"] == "/claim/a~1b~0c"


@pytest.mark.parametrize(
    "claim",
    [
        {"commodity": []},
        {"commodity": [[]]},
        {"commodity": ["copper", "copper"]},
        {"commodity": {}},
        {"commodity": {"value": 1}},
        {"commodity": {"value": "copper", "source": "rumour"}},
        {"commodity": {"value": "copper", "sauce": "issuer"}},
        {"commodity": "c" * 3000},
        {"country": "Chile"},
        {"country": "C1"},
        {"commodity": [f"c{n}" for n in range(2000)]},
        {d: [f"{n}" for n in range(400)] for d in ("scheme", "criterion", "topic", "process")},
    ],
    ids=lambda claim: str(claim)[:40],
)
async def test_a_claim_that_says_nothing_understood_is_refused(
    service: Service, claim: object
) -> None:
    refused(await service.post("/v1/decisions", {"issuer": AUDITOR, "claim": claim}), 400)


@pytest.mark.parametrize("path", POSTS)
async def test_fifty_megabytes_are_refused_before_they_are_read(
    service: Service, path: str
) -> None:
    answer = await service.ask("POST", path, data=io.BytesIO(b" " * BIG), headers=JSON)
    refused(answer, 413, "body-too-large")
    await service.still_answers()


@pytest.mark.parametrize("path", POSTS)
async def test_fifty_megabytes_of_unknown_length_are_never_held(
    service: Service, path: str
) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        chunk = b" " * 100_000
        while sent < BIG:
            sent += len(chunk)
            yield chunk

    tracemalloc.start()
    try:
        answer = await service.ask("POST", path, data=chunks(), headers=JSON)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    refused(answer, 413, "body-too-large")
    assert peak < 16_000_000
    await service.still_answers()


@pytest.mark.parametrize("path", POSTS)
async def test_a_compressed_body_is_refused(service: Service, path: str) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    answer = await service.ask("POST", path, data=b"\x1f\x8b\x08\x00", headers=headers)
    refused(answer)
    await service.still_answers()


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
async def test_another_content_type_is_refused(
    service: Service, path: str, content_type: str
) -> None:
    body = json.dumps(POSTS[path]).encode()
    answer = await service.ask("POST", path, data=body, headers={"Content-Type": content_type})
    refused(answer, 415, "unsupported-media-type")


async def test_json_with_a_charset_is_json(service: Service) -> None:
    body = json.dumps(POSTS["/v1/decisions"]).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await service.ask("POST", "/v1/decisions", data=body, headers=headers)).status == 200


@pytest.mark.parametrize(
    "time",
    [
        "yesterday",
        "now",
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-01T00:00:00+99:00",
        "1772323200",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
async def test_a_time_that_cannot_be_read_is_never_now(service: Service, time: str) -> None:
    for member in ("at", "known_at"):
        got = await service.get(f"/v1/decisions?issuer={AUDITOR}&{member}={quote(time)}")
        assert refused(got, 400, "invalid-time")["field"] == member
        for path in ("/v1/decisions", "/v1/credentials/verify"):
            posted = await service.post(path, {**POSTS[path], member: time})
            assert refused(posted, 400, "invalid-time")["field"] == member
        listed = await service.get(f"/v1/statements?{member}={quote(time)}")
        refused(listed, 400)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"])
async def test_the_first_and_the_last_time_can_be_asked_about(service: Service, time: str) -> None:
    path = f"/v1/decisions?issuer={AUDITOR}&commodity=copper&at={time}"
    answers = [await service.get(path) for _ in range(3)]  # what comes again is kept as a form
    assert [(each.status, each.json["outcome"]) for each in answers] == [
        (200, "not_authorised")
    ] * 3


async def test_the_future_cannot_be_known(service: Service) -> None:
    later = "2999-01-01T00:00:00Z"
    got = await service.get(f"/v1/decisions?issuer={AUDITOR}&known_at={later}")
    assert refused(got, 400, "unknowable-time")["field"] == "known_at"
    earlier = "1999-01-01T00:00:00Z"
    got = await service.get(f"/v1/decisions?issuer={AUDITOR}&known_at={earlier}")
    refused(got, 400, "unknowable-time")
    body = {**POSTS["/v1/credentials/verify"], "known_at": later}
    refused(await service.post("/v1/credentials/verify", body), 400, "unknowable-time")


@pytest.mark.parametrize("did", HOSTILE, ids=lambda did: did[:40])
async def test_a_hostile_did_is_refused(service: Service, did: str) -> None:
    if did:
        refused(await service.get(f"/v1/decisions?issuer={quote(did, safe='')}"), 400)
        refused(await service.get(f"/v1/parties/{quote(did, safe='')}"))
        resolved = await service.get(f"/1.0/identifiers/{quote(did, safe='')}")
        assert resolved.status in {400, 501}
    refused(await service.post("/v1/decisions", {"issuer": did}), 400)
    key = {"did": did, "thumbprint": "A" * 43}
    refused(await service.post("/v1/decisions", {"issuer": AUDITOR, "key": key}), 400)
    body = {"issuer": AUDITOR, "authorities": [did]}
    refused(await service.post("/v1/decisions", body), 400)
    await service.still_answers()


@pytest.fixture
def published(vectors: Path) -> list[dict[str, str]]:
    found = json.loads((vectors / "did" / "hostile" / "did-strings.json").read_text())["invalid"]
    assert found
    return list(found)


async def test_every_published_hostile_did_is_refused(
    service: Service, published: list[dict[str, str]]
) -> None:
    for each in published:
        did = each["did"]
        got = await service.get(f"/v1/decisions?issuer={quote(did, safe='')}")
        assert refused(got, 400, "invalid-did")["field"] == "issuer", each
        refused(await service.post("/v1/decisions", {"issuer": did}), 400, "invalid-did")
    await service.still_answers()


@pytest.mark.parametrize(
    ("query", "slug", "field"),
    [
        ("", "missing-member", "issuer"),
        ("commodity=copper", "missing-member", "issuer"),
        ("issuer=", "invalid-value", "issuer"),
        (f"issuer={AUDITOR}&issuer={AUDITOR}", "repeated-parameter", "issuer"),
        (f"issuer={AUDITOR}&at=x&at=y", "repeated-parameter", "at"),
        (f"issuer={AUDITOR}&comodity=copper", "unknown-parameter", "comodity"),
        (f"issuer={AUDITOR}&", "unknown-parameter", ""),
        (f"issuer={AUDITOR}&%63omodity=copper", "unknown-parameter", "comodity"),
        (f"issuer={AUDITOR}&%ff=copper", "invalid-value", "query"),
        (f"issuer={AUDITOR}&commodity", "invalid-value", "commodity"),
        (f"issuer={AUDITOR}&commodity=%ff", "invalid-value", "commodity"),
        (f"issuer={AUDITOR}&commodity=a&commodity=a", "invalid-value", "commodity"),
        (f"issuer={AUDITOR}&action=rule", "invalid-value", "action"),
        (f"issuer={AUDITOR}&authority=", "invalid-value", "authority"),
        (f"issuer={AUDITOR}&authority=nobody", "invalid-value", "authorities"),
        (f"issuer={AUDITOR}&authority=did:web:127.0.0.1", "invalid-did", "authority"),
        (f"issuer={AUDITOR}&country=Chile", "invalid-value", "country"),
        (f"issuer={AUDITOR}&key=x", "unknown-parameter", "key"),
    ],
)
async def test_a_query_that_is_not_understood_is_refused(
    service: Service, query: str, slug: str, field: str
) -> None:
    answer = await service.get(f"/v1/decisions?{query}")
    assert refused(answer, 400, slug)["field"] == field


@pytest.mark.parametrize("path", ["/v1/parties", "/v1/statements", "/v1/frameworks"])
@pytest.mark.parametrize("query", ["x=1", "limit=0", "limit=a", "limit=1&limit=2", "cursor=-1"])
async def test_a_list_refuses_what_it_does_not_understand(
    service: Service, path: str, query: str
) -> None:
    refused(await service.get(f"{path}?{query}"), 400)


async def test_a_refused_act_says_why_by_a_code(service: Service) -> None:
    answer = await service.post("/v1/acts", POSTS["/v1/acts"])
    problem = refused(answer, 400, "act-refused")
    assert problem["code"]
    assert problem["retryable"] is False


@pytest_asyncio.fixture(loop_scope="session")
async def hasty_service(tmp_path: Path) -> AsyncIterator[Service]:
    async for each in running(tmp_path, body_timeout_s=0.2):
        yield each


async def test_a_body_that_never_comes_is_given_up(hasty_service: Service) -> None:
    host, _, port = hasty_service.address.removeprefix("http://").partition(":")
    for path in POSTS:
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        answer = await reader.readuntil(b"}")
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b"/problems/body-timeout" in answer
        writer.close()
        await writer.wait_closed()
    await hasty_service.still_answers()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"\x16\x03\x01\x02\x00", b"no HTTP request"),
        (b"GET\r\n\r\n", b"no HTTP request"),
        (b"GET / HTTP/9.9\r\n\r\n", b"no HTTP request"),
        (b"GET /v1/parties HTTP/1.1\r\nA\x00b: c\r\n\r\n", b"no HTTP request"),
        (b"GET /01/\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"percent-encoded"),
        (b"GET /01/" + b"0" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"8,190 bytes"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nAccept: " + b"a" * 9000 + b"\r\n\r\n", b"8,190 bytes"),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
            b"no HTTP request",
        ),
    ],
    ids=lambda value: value[:40].decode("latin-1"),
)
async def test_what_is_no_http_is_explained_and_logs_nothing(
    service: Service, caplog: pytest.LogCaptureFixture, sent: bytes, says: bytes
) -> None:
    host, _, port = service.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent + b"\r\n\r\n")
    async with asyncio.timeout(60):
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}")
    assert head.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400")), head
    assert b"application/problem+json" in head
    assert says in body
    assert json.loads(body)["type"] == "/problems/bad-request"
    assert not caplog.records, "a stranger fills the log"
    writer.close()
    await writer.wait_closed()
    await service.still_answers()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x"])
async def test_an_encoded_body_is_refused_and_never_opened(
    service: Service, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    bomb = gzip.compress(bytes(100_000_000), 9)
    costs = []
    for body in (b"xx", bomb, bomb, bomb):
        headers = {**JSON, "Content-Encoding": encoding}
        before = time.thread_time()
        refused(await service.ask("POST", "/v1/decisions", data=body, headers=headers), 415)
        costs.append(time.thread_time() - before)
    assert min(costs[1:]) < 0.05, (
        "a bomb costs as much each time; what else the thread does, does not"
    )
    await service.still_answers()
    assert not caplog.records, "a stranger fills the log"


async def test_an_expectation_that_is_not_understood_is_explained(service: Service) -> None:
    answer = await service.get("/health", headers={"Expect": "a-miracle"})
    assert "100-continue" in str(refused(answer, 400, "bad-request")["detail"])


async def test_a_very_long_query_is_refused(service: Service) -> None:
    answer = await service.get("/v1/decisions?issuer=" + "a" * 9000)
    assert 400 <= answer.status < 500
    await service.still_answers()
