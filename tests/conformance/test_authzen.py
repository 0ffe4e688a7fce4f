"""AuthZEN's certification, case by case, against the service's own routes over HTTP.

The certification comes with users, records and rules of its own. They live here, behind the same
protocol as the registry, which knows no users and no records.
"""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from touchstone.faces.authzen.model import (
    Action,
    Answer,
    Entity,
    Evaluation,
    Found,
    Search,
    Sought,
)
from touchstone.service.authzen import routes
from touchstone.service.bodies import BodyLimits
from touchstone.service.serving import listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALICE, BOB = Entity("user", "alice"), Entity("user", "bob", {"role": "admin"})
RECORDS = (
    Entity("record", "record-1", {"status": "active"}),
    Entity("record", "record-2", {"status": "archived"}),
)
ACTIONS = tuple(map(Action, ("read", "write", "delete")))
PERMITTED = {
    ("alice", "read", "record-1"),
    ("alice", "write", "record-1"),
    ("bob", "read", "record-1"),
}


class Fixture:
    """The certification's rules."""

    async def evaluate(self, asked: Evaluation, among: int = 1) -> Answer:
        return Answer(self.permits(asked), {"reason": "the fixture's rules"})

    async def search(self, asked: Search) -> Found:
        evaluation = asked.evaluation
        found: list[Entity | Action] = []
        if asked.sought is Sought.ACTION:
            found = [each for each in ACTIONS if self.permits(evaluation._replace(action=each))]
        else:
            all_ = (ALICE, BOB) if asked.sought is Sought.SUBJECT else RECORDS
            wanted = getattr(evaluation, asked.sought.value)
            found = [
                each
                for each in all_
                if each.type == wanted.type
                and self.permits(evaluation._replace(**{asked.sought.value: each}))
            ]
        start = int(asked.after or 0)
        end = start + asked.limit
        following = str(end) if len(found) > end else None
        return Found(tuple(found[start:end]), following)

    @staticmethod
    def permits(asked: Evaluation) -> bool:
        subject, action, resource, _ = asked
        if subject.type != "user" or resource.type != "record":
            return False
        stored = {each.id: each.properties for each in (ALICE, BOB, *RECORDS)}
        role = {**stored.get(subject.id, {}), **subject.properties}.get("role")
        status = {**stored.get(resource.id, {}), **resource.properties}.get("status")
        if action.name == "write" and status == "archived":
            return role == "admin"
        if action.name == "delete":
            whose = (subject.id, resource.id) == ("alice", "record-1")
            return whose and action.properties.get("soft") is True
        return (subject.id, action.name, resource.id) in PERMITTED


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any


class Point(NamedTuple):
    """The service, listening."""

    address: str
    session: aiohttp.ClientSession

    async def post(self, path: str, body: bytes, **headers: str) -> Reply:
        url = f"{self.address}{path}"
        async with self.session.post(url, data=body, headers=headers) as response:
            return Reply(response.status, response.headers, await response.json(content_type=None))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def point() -> AsyncIterator[Point]:
    app = web.Application()
    app.add_routes(routes(Fixture(), BodyLimits(1_000_000, 64), "https://registry.test"))
    async with listening(app, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
        yield Point(address, session)


def fits(answer: Any, expected: Any) -> bool:
    """Tell whether an answer says what is expected, and maybe more in its objects."""
    if expected == "<decision object>":
        return isinstance(answer, dict) and isinstance(answer.get("decision"), bool)
    if isinstance(expected, dict):
        if "results_include" in expected:
            return all(
                any(fits(each, wanted) for each in answer["results"])
                for wanted in expected["results_include"]
            )
        return isinstance(answer, dict) and all(
            name in answer and fits(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(fits, answer, expected))
    return bool(answer == expected)


async def failure_of(case: Mapping[str, Any], point: Point) -> str | None:
    """Ask a case; what is wrong with the answer, or None."""
    body = case.get("raw_body") or json.dumps(case["request"])
    headers = {"Content-Type": case["content_type"], **case.get("headers", {})}
    reply = await point.post(case["path"], body.encode(), **headers)
    if reply.status != case["status"]:
        return f"{case['id']}: {reply}"
    if case["expect"] is not None and not fits(reply.body, case["expect"]):
        return f"{case['id']}: {reply.body}"
    for name, value in case.get("expect_headers", {}).items():
        if reply.headers.get(name) != value:
            return f"{case['id']}: {reply.headers}"
    return None


@pytest.fixture
def published(vectors: Path) -> list[Mapping[str, Any]]:
    file = vectors / "governance" / "authzen" / "certification.json"
    cases: list[Mapping[str, Any]] = json.loads(file.read_bytes())["cases"]
    return cases


async def test_every_case_of_the_certification(
    published: list[Mapping[str, Any]], point: Point
) -> None:
    assert len(published) == 39
    failures = [each for case in published if (each := await failure_of(case, point))]
    assert not failures


OWN = json.loads((Path(__file__).parent / "authzen_cases.json").read_bytes())


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["id"])
async def test_a_case_of_our_own(case: Mapping[str, Any], point: Point) -> None:
    assert await failure_of(case, point) is None


async def test_a_case_can_fail(point: Point) -> None:
    case = next(each for each in OWN if each["id"] == "a permit")
    wrong = {**case, "expect": {"decision": False}}
    assert await failure_of(wrong, point)
    assert await failure_of({**case, "status": 400}, point)
    assert await failure_of({**case, "expect_headers": {"X-Request-ID": "1"}}, point)


async def test_pages_of_a_search_lead_to_its_end(point: Point) -> None:
    asked = {
        "subject": {"type": "user"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"},
    }
    path, found, page = "/access/v1/search/subject", [], {"limit": 1}
    for _ in range(2):
        body = json.dumps({**asked, "page": page}).encode()
        reply = await point.post(path, body, **{"Content-Type": "application/json"})
        assert reply.status == 200
        assert reply.body["page"]["count"] == 1
        found += [each["id"] for each in reply.body["results"]]
        page = {"token": reply.body["page"]["next_token"]}
    assert found == ["alice", "bob"]
    assert page == {"token": ""}
