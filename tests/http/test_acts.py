"""Acts and readings over real HTTP, on a host that maps errors as simply as can be."""

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.unit.trust_registry.board import Board, grant, open_board, party, someone
from trust_registry.errors import ActRefusedError, InvalidQueryError, NotFoundError
from trust_registry.http import MAX_BODY, routes
from trust_registry.schemas import ACTS

Client = TestClient[web.Request, web.Application]


@web.middleware
async def problems(request: web.Request, handler: object) -> web.StreamResponse:
    assert callable(handler)
    try:
        response = await handler(request)
    except (ActRefusedError, InvalidQueryError) as error:
        code = getattr(error, "code", "query")
        return web.json_response({"code": code, "member": error.member}, status=400)
    except NotFoundError:
        return web.json_response({}, status=404)
    assert isinstance(response, web.StreamResponse)
    return response


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    opened = await open_board(tmp_path / "journal.sqlite")
    yield opened
    await opened.registry.close()


@pytest.fixture
async def client(board: Board) -> AsyncIterator[Client]:
    app = web.Application(middlewares=[problems])
    app.add_routes(routes(board.registry))
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_an_act_is_submitted_approved_and_read_back(client: Client, board: Board) -> None:
    signed = board.sign("irma", board.write("irma", party("auditor", identifiers=["lei:auditor"])))
    response = await client.post("/v1/acts", json=signed)
    assert response.status == 202
    receipt = await response.json()
    assert receipt["status"] == "pending"
    assert response.headers["Location"] == f"/v1/acts/{receipt['id']}"
    again = await client.post("/v1/acts", json=signed)
    assert await again.json() == receipt
    for voter, status in (("maker", 202), ("watch", 200)):
        members = {
            "type": "approve",
            "proposal": receipt["id"],
            "framework": board.registry.index.frameworks()[-1].digest,
        }
        vote = board.sign(voter, board.write(voter, members))
        assert (await client.post("/v1/acts", json=vote)).status == status
    act = await (await client.get(response.headers["Location"])).json()
    assert act["status"] == "executed"
    assert act["act"] == signed
    assert act["approved_by"] == sorted(someone(each).did for each in ("irma", "maker", "watch"))
    found = await (await client.get("/v1/parties", params={"q": "lei:auditor"})).json()
    assert [each["name"] for each in found["parties"]] == ["auditor"]


async def test_parties_and_statements_are_read_by_what_they_say(
    client: Client, board: Board
) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    granted = await board.act("irma", grant("authorise", "auditor"))
    auditor, irma = someone("auditor").did, someone("irma").did
    shown = await (await client.get(f"/v1/parties/{auditor}")).json()
    assert [each["id"] for each in shown["holds"]] == [granted.id]
    assert shown["holds"][0]["state"] == "active"
    for query, count in (
        ({"authority": irma}, 1),
        ({"entity": auditor}, 1),
        ({"entity": irma, "action": "accredit"}, 1),
        ({"authority": "https://registry.test/framework"}, 1),
        ({"action": "link"}, 0),
        ({"known_at": "2026-01-01T00:00:00Z"}, 0),
        ({"at": "2025-01-01T00:00:00Z", "state": "active"}, 0),
        ({"at": "2025-01-01T00:00:00Z", "state": "not_yet_valid", "entity": auditor}, 1),
        ({"entity": auditor, "commodity": "copper", "country": "CL"}, 1),
        ({"entity": auditor, "commodity": "cobalt"}, 0),
        ({"kind": "authorisation", "entity": auditor, "state": "active"}, 1),
        ({"entity": someone("stranger").did}, 0),
    ):
        answer = await (await client.get("/v1/statements", params=query)).json()
        assert len(answer["statements"]) == count, query
    frameworks = await (await client.get("/v1/frameworks")).json()
    assert [each["version"] for each in frameworks["frameworks"]] == [1]


async def test_pages_follow_each_other(client: Client) -> None:
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "4"} | ({"cursor": cursor} if cursor else {})
        page = await (await client.get("/v1/parties", params=params)).json()
        names += [each["name"] for each in page["parties"]]
        cursor = page["next"]
    assert names == ["bc", "drc", "irma", "mark", "maker", "watch"]


async def test_a_cursor_goes_on_in_its_own_listing_alone(client: Client, board: Board) -> None:
    early = {"limit": "1", "at": "1960-01-01T00:00:00Z"}
    cursor = (await (await client.get("/v1/parties", params={"limit": "1"})).json())["next"]
    await board.anchor("irma")
    await board.anchor("mark")
    elsewhere = cursor[:-1] + ("0" if cursor[-1] != "0" else "1")  # as of another journal
    for path, other in (("/v1/statements", cursor), ("/v1/parties", elsewhere)):
        refused = await client.get(path, params={"cursor": other})
        assert (refused.status, (await refused.json())["member"]) == (400, "cursor"), path
    past = (await (await client.get("/v1/statements", params=early)).json())["next"]
    for path, own in (("/v1/parties", cursor), ("/v1/statements", past)):
        assert (await client.get(path, params={"cursor": own})).status == 200, path


async def test_what_has_not_changed_is_not_sent_again(client: Client, board: Board) -> None:
    first = await client.get("/v1/frameworks")
    same = await client.get("/v1/frameworks", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status == 304
    await board.act("irma", party("auditor"))
    changed = await client.get("/v1/frameworks", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/v1/parties?colour=red", "colour"),
        ("/v1/parties?limit=0", "limit"),
        ("/v1/parties?limit=ten", "limit"),
        ("/v1/parties?cursor=-1", "cursor"),
        ("/v1/parties?cursor=1.2", "cursor"),
        ("/v1/parties?cursor=9999.1.0", "cursor"),
        ("/v1/parties?q=a&domain=b", "domain"),
        ("/v1/parties?q=" + "a" * 201, "q"),
        ("/v1/statements?state=dead", "state"),
        ("/v1/statements?kind=odd", "kind"),
        ("/v1/statements/x?colour=red", "colour"),
        ("/v1/changes?since=99", "since"),
        ("/v1/changes?since=-1", "since"),
        ("/v1/changes?limit=101", "limit"),
        ("/v1/parties?q=a&q=b", "q"),
        ("/v1/parties/not-a-did", "did"),
        ("/v1/statements?at=yesterday", "at"),
        ("/v1/statements?known_at=2999-01-01T00:00:00Z", "known_at"),
        ("/v1/statements?action=bless", "action"),
        ("/v1/statements?authority=nobody", "authority"),
        ("/v1/acts/00?x=1", "x"),
    ],
)
async def test_a_query_that_is_not_understood_is_named(
    client: Client, path: str, member: str
) -> None:
    response = await client.get(path)
    assert response.status == 400
    assert (await response.json())["member"] == member


@pytest.mark.parametrize(
    "path",
    [
        "/v1/acts/" + "0" * 64,
        "/v1/parties/did:web:nobody.example",
        "/v1/parties/did:web:nobody.example/history",
        "/v1/statements/" + "0" * 64,
        "/v1/statements/x/history",
    ],
)
async def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"payload":"e30","protected":"e30"}',
        b'{"payload":"e30","protected":"e30","signature":"","more":1}',
        b'{"payload":1,"protected":2,"signature":3}',
        b'{"payload":"","payload":"","protected":"e30","signature":""}',
        b"[" * 1000 + b"]" * 1000,
        b"\xff\xfe",
        orjson.dumps({"payload": "A" * 60_000, "protected": "e30", "signature": ""}),
        b'"' + b"a" * MAX_BODY + b'"',
    ],
)
async def test_what_is_no_act_is_refused(client: Client, board: Board, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.post("/v1/acts", data=body, headers=headers)
    assert response.status == 400
    assert board.registry.journal.size == 1


async def test_an_act_comes_as_json(client: Client) -> None:
    response = await client.post("/v1/acts", data=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status == 400
    assert (await response.json())["member"] == "Content-Type"


async def test_the_index_leads_to_every_schema_and_to_nothing_else(client: Client) -> None:
    response = await client.get("/schemas/")
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    listed = (await response.json())["schemas"]
    assert [each["name"] for each in listed] == ["act", "framework", *ACTS]
    for each in listed:
        shown = await client.get(each["$id"])
        assert shown.content_type == "application/schema+json"
        schema = await shown.json()
        assert (schema["$id"], schema["title"]) == (each["$id"], each["title"])
        assert schema["description"].startswith(each["description"].partition(".")[0])
        assert "\n" not in each["description"]
    assert (await client.get("/schemas/", params={"name": "act"})).status == 400
    assert (await client.get("/schemas/nothing.json")).status == 404
