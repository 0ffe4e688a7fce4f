"""What readers ask: who is meant, what was granted and changed, and what came since."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from resolver.instant import DAY, format_instant
from resolver.strict_json import Json
from tests.http.conftest import Service
from tests.unit.trust_registry.board import Board, grant, party, someone

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def board(own_service: Service) -> Board:
    return own_service.board


@pytest_asyncio.fixture(loop_scope="session")
async def granted(board: Board) -> AsyncIterator[str]:
    """Boreal, with a grant that was suspended and reinstated; the grant's id."""
    named = {"trading_names": ["Boreal Audits & Co"], "identifiers": ["https://abr.example/518"]}
    registered = await board.act("irma", party("other", **named))
    await board.settle(registered.id, "mark", "maker", "watch")
    act = await board.act("irma", grant("authorise", "other"))
    suspension: dict[str, Json] = {
        "type": "suspend",
        "statement": act.id,
        "issued_credentials": "nothing",
        "ground": "Findings",
    }
    suspended = await board.act("irma", suspension)
    board.pass_time(DAY)
    lifted: dict[str, Json] = {"type": "reinstate", "change": suspended.id, "ground": "Mended"}
    await board.act("irma", lifted)
    yield act.id


async def read(service: Service, path: str, **query: str):
    answer = await service.get(path, params=query)
    assert answer.status == 200, answer.body
    return answer.json


async def test_a_misspelt_name_finds_its_party(own_service: Service, granted: str) -> None:
    for query in ("Boreal Audits and Co", "abr.example/518", "borael audits", someone("other").did):
        found = await read(own_service, "/v1/parties", q=query)
        assert found["parties"][0]["name"] == "other", query
        assert 0.5 <= found["parties"][0]["match"]["score"] <= 1
    for exact in ({"identifier": "https://abr.example/518"}, {"did": someone("other").did}):
        found = await read(own_service, "/v1/parties", **exact)
        assert [each["name"] for each in found["parties"]] == ["other"]


async def test_what_is_not_found_is_explained(own_service: Service, granted: str) -> None:
    for query in ({"q": "boxxxxxxxxxxx"}, {"domain": "nobody.example"}, {"identifier": "x"}):
        found = await read(own_service, "/v1/parties", **query)
        assert found["parties"] == []
        assert found["next"] is None
        assert next(iter(query.values())) in found["note"]
        assert "not listed here" in found["note"]
    assert [
        each["text"] for each in (await read(own_service, "/v1/parties", q="boxxxxxxxx"))["nearest"]
    ]


async def test_a_search_shows_what_was_known_then(own_service: Service, granted: str) -> None:
    then = "2026-01-01T00:00:00Z"
    assert (await read(own_service, "/v1/parties", q="boreal audits", known_at=then))[
        "parties"
    ] == []


async def test_a_statement_is_shown_with_its_history(own_service: Service, granted: str) -> None:
    shown = await read(own_service, f"/v1/statements/{granted}")
    assert (shown["id"], shown["state"]) == (granted, "active")
    history = await read(own_service, f"/v1/statements/{granted}/history")
    events = history["events"]
    assert [each["event"] for each in events] == ["granted", "suspend", "reinstate"]
    assert events[2]["lifts"] == events[1]["act"]
    positions = [each["position"] for each in events]
    assert positions == sorted(positions)


async def test_an_exclusion_and_its_end_stand_in_a_partys_history(
    own_service: Service, board: Board, granted: str
) -> None:
    shut: dict[str, Json] = {"type": "exclude", "entity": someone("other").did, "ground": "Fraud"}
    excluded = await board.act("bc", shut)
    await board.settle(excluded.id, "maker", "watch")
    board.pass_time(DAY)
    before = format_instant(board.clock.now())
    board.pass_time(1000)
    lift: dict[str, Json] = {"type": "reinstate", "change": excluded.id, "ground": "Cleared"}
    await board.settle((await board.act("bc", lift)).id, "maker", "watch")
    path = f"/v1/parties/{someone('other').did}/history"
    events = (await read(own_service, path))["events"][-2:]
    assert [each["event"] for each in events] == ["excluded", "reinstate"]
    assert events[0]["effective_until"] == events[1]["effective_from"]
    assert events[1]["lifts"] == events[0]["act"] == excluded.id
    known = (await read(own_service, path, known_at=before))["events"]
    assert (known[-1]["event"], known[-1]["effective_until"]) == ("excluded", None)


async def test_a_framework_goes_by_its_name(own_service: Service) -> None:
    roots = await read(own_service, "/v1/statements", authority="https://registry.test/framework")
    named = [each["authority"]["name"] for each in roots["statements"]]
    assert named == ["Test framework"]


async def test_a_partys_history_has_all_that_stands_about_it(
    own_service: Service, board: Board, granted: str
) -> None:
    did = someone("other").did
    before = (await read(own_service, f"/v1/parties/{did}/history"))["events"]
    assert [each["event"] for each in before] == ["registered", "granted", "suspend", "reinstate"]
    then = format_instant(board.clock.now())
    board.pass_time(1000)
    await board.act("irma", grant("authorise", "other"))
    after = (await read(own_service, f"/v1/parties/{did}/history"))["events"]
    assert after[:4] == before
    assert [each["event"] for each in after[4:]] == ["granted"]
    as_known = await read(own_service, f"/v1/parties/{did}/history", known_at=then)
    assert as_known["events"] == before


async def test_changes_follow_the_journal(own_service: Service, board: Board, granted: str) -> None:
    since, seen = 0, []
    while True:
        page = await read(own_service, "/v1/changes", since=str(since), limit="3")
        seen += page["changes"]
        assert page["next"] == since + len(page["changes"])
        since = page["next"]
        if not page["more"]:
            break
    assert [each["index"] for each in seen] == list(range(board.registry.journal.size))
    assert seen[0]["act"]["type"] == "adopt_framework"
    assert granted in {each["id"] for each in seen}
    nothing = await read(own_service, "/v1/changes", since=str(since))
    assert (nothing["changes"], nothing["next"], nothing["more"]) == ([], since, False)


async def test_pages_show_one_moment(own_service: Service, board: Board, granted: str) -> None:
    first = await read(own_service, "/v1/statements", limit="1")
    await board.act("irma", grant("authorise", "other"))
    found, cursor = first["statements"], first["next"]
    while cursor:
        page = await read(own_service, "/v1/statements", limit="1", cursor=cursor)
        found, cursor = found + page["statements"], page["next"]
    assert len({each["id"] for each in found}) == len(found) == 3
    assert len((await read(own_service, "/v1/statements"))["statements"]) == 4


async def test_a_did_that_was_given_up_finds_its_party_as_of_before(
    own_service: Service, board: Board
) -> None:
    old, path = someone("old").did, f"/v1/parties/{someone('old').did}"
    both: list[Json] = [someone("other").did, old]
    registered = await board.act("irma", party("other", dids=both))
    await board.settle(registered.id, "mark", "maker", "watch")
    then = format_instant(board.clock.now())
    board.pass_time(DAY)
    leaving: dict[str, Json] = {"type": "amend_party", "party": both[0], "remove_dids": [old]}
    assert (await board.act("other", leaving)).status == "executed"
    for of in ("", "/history"):
        assert (await own_service.get(path + of)).status == 404
        found = await read(own_service, path + of, known_at=then)
        assert found
    assert (await read(own_service, path, at=then))["name"] == "other"
    assert (await read(own_service, "/v1/parties", did=old))["parties"] == []
    assert (await read(own_service, "/v1/statements", entity=old))["statements"] == []
    (match,) = (await read(own_service, "/v1/parties", q=old))["parties"]
    assert match["match"]["former"]


async def test_a_version_of_the_framework_is_listed_once_with_its_members_keys(
    own_service: Service, board: Board
) -> None:
    before = format_instant(board.clock.now())
    board.pass_time(DAY)
    mark, new = someone("mark"), someone("mark new")
    adding: dict[str, Json] = {"type": "amend_party", "party": mark.did, "add_dids": [new.did]}
    await board.act("mark", adding)
    rotating: dict[str, Json] = {
        "type": "rotate_keys",
        "party": mark.did,
        "add": [new.thumbprint],
        "remove": [mark.thumbprint],
    }
    proposed = await board.act("mark", rotating, also=["mark new"])
    assert await board.settle(proposed.id, "irma", "maker", "watch") == "executed"
    position = board.registry.journal.size - 1
    second = {**board.document, "version": 2}
    seats = [*second["members"]]
    seats[3] = {**seats[3], "keys": [new.thumbprint]}
    adopted = await board.act(
        "irma", {"type": "adopt_framework", "framework": {**second, "members": seats}}
    )
    assert await board.settle(adopted.id, "bc", "drc", "maker", "watch") == "executed"

    listed = (await read(own_service, "/v1/frameworks"))["frameworks"]
    assert [each["version"] for each in listed] == [1, 2]
    first, last = listed
    assert first["recorded"]["position"] == 0
    (change,) = first["key_changes"]
    assert change["recorded"] == {"position": position, "at": change["recorded"]["at"]}
    assert (change["did"], change["added"], change["removed"]) == (
        mark.did,
        [new.thumbprint],
        [mark.thumbprint],
    )
    assert {each["did"]: each["keys"] for each in first["members"]}[mark.did] == [new.thumbprint]
    assert last["key_changes"] == []
    then = (await read(own_service, "/v1/frameworks", known_at=before))["frameworks"]
    assert [each["key_changes"] for each in then] == [[]]
    page = await read(own_service, "/v1/frameworks", limit="1")
    rest = await read(own_service, "/v1/frameworks", limit="1", cursor=page["next"])
    assert [*page["frameworks"], *rest["frameworks"]] == listed
    assert rest["next"] is None
