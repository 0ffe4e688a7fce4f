"""Problems: one shape for every error, a page for every kind, and nothing leaks."""

import logging

import pytest
from aiohttp import ClientSession, web

from resolver.resolution import Resolver
from tests.http.conftest import AUDITOR, SETTINGS, Service
from touchstone.service.app import build_app
from touchstone.service.catalogue import BY_STATUS, KINDS
from touchstone.service.problems import problem, problem_of
from touchstone.service.serving import listening
from trust_registry.errors import (
    ActRefusedError,
    CorruptJournalError,
    Refusal,
    StoreError,
    StoreMovedError,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("slug", KINDS)
async def test_the_type_of_every_problem_opens_its_page(service: Service, slug: str) -> None:
    page = await service.get(f"/problems/{slug}")
    text = page.body.decode()
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    kind = KINDS[slug]
    assert f"<h1>{kind.title}</h1>" in text
    assert f"/problems/{slug}" in (await service.get("/problems")).body.decode()
    for words in (kind.meaning, kind.remedy, kind.detail):
        assert words.endswith(".") or words is kind.detail
        assert "What to do" in text


async def test_no_page_for_no_problem(service: Service) -> None:
    answer = await service.get("/problems/nothing")
    assert (answer.status, answer.json["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/acts", 405, "method-not-allowed"),
        ("DELETE", "/v1/decisions", 405, "method-not-allowed"),
        ("POST", "/v1/parties", 405, "method-not-allowed"),
        ("PUT", "/", 405, "method-not-allowed"),
        ("PROPFIND", "/v1/decisions", 405, "method-not-allowed"),
        ("GET", f"/v1/acts/{'0' * 64}", 404, "not-found"),
        ("GET", "/v1/parties/did:web:nobody.example", 404, "not-found"),
        ("GET", "/../../etc/passwd", 404, "not-found"),
        ("OPTIONS", "/v1/decisions", 405, "method-not-allowed"),
    ],
)
async def test_the_frameworks_own_errors_have_the_same_shape(
    service: Service, method: str, path: str, status: int, slug: str
) -> None:
    answer = await service.ask(method, path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["type"] == f"/problems/{slug}"
    if status == 405:
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) <= {"GET", "HEAD", "POST"}


async def test_what_nobody_expected_is_logged_and_leaks_nothing(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_request: web.Request) -> web.Response:
        raise LookupError("secret: the colour of the minister's safe")

    board = service.board
    app = build_app(board.registry, Resolver({}, board.clock), None, board.clock, SETTINGS)
    app.router.add_get("/fail/{did}", fail)
    async with listening(app, "127.0.0.1", 0) as address, ClientSession() as session:
        with caplog.at_level(logging.ERROR):
            async with session.get(f"{address}/fail/{AUDITOR}?secret=1") as response:
                text = await response.text()
    assert response.status == 500
    assert '"/problems/internal-error"' in text
    assert "secret" not in text
    assert "LookupError" not in text
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "/fail/{did}" in logged
    assert AUDITOR not in logged
    assert any(record.exc_info for record in caplog.records)


async def test_every_kind_of_error_has_its_status() -> None:
    expected = {
        409: StoreMovedError("moved"),
        503: StoreError("no disk"),
        413: ActRefusedError(Refusal.TOO_LARGE, "too large"),
        415: ActRefusedError(Refusal.MALFORMED, "another type", "Content-Type"),
        400: ActRefusedError(Refusal.BAD_SIGNATURE, "bad", "signature"),
    }
    for status, error in expected.items():
        response = problem_of(error)
        assert response is not None
        assert response.status == status
    assert problem_of(CorruptJournalError(0, "x")) is None
    assert problem_of(ValueError("x")) is None


async def test_a_detail_that_repeats_input_is_cut_and_encodable() -> None:
    body = problem("bad-request", "\ud800" + "x" * 10_000).body
    assert isinstance(body, bytes)
    assert len(body) < 1000
    assert set(BY_STATUS.values()) <= set(KINDS)
