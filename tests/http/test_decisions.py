from pathlib import Path

import pytest

from resolver.instant import DAY, format_instant, parse_instant
from tests.http.conftest import AUDITOR, IRMA, Service
from tests.unit.trust_registry.board import someone
from touchstone.service.app import TELEMETRY

pytestmark = pytest.mark.asyncio(loop_scope="session")

COPPER = f"/v1/decisions?issuer={AUDITOR}&commodity=copper"


async def test_a_yes_shows_the_whole_chain(service: Service) -> None:
    answer = (await service.get(COPPER)).json
    assert (answer["outcome"], answer["reason"]) == ("authorised", "AUTHORISED")
    assert answer["message"] == "auditor is authorised for this claim by irma."
    assert answer["issuer"] == {"did": AUDITOR, "name": "auditor"}
    own, root = answer["chain"]
    assert own["authority"] == {"did": IRMA, "name": "irma"}
    assert own["entity"] == {"did": AUDITOR, "name": "auditor"}
    assert own["scope"] == {"commodity": ["copper"]}
    assert own["outcome"] == "authorised"
    assert own["missing"] == []
    assert root["authority"]["framework"] == "https://registry.test/framework"
    assert root["valid_until"] is None
    assert answer["models"] == {"shell": "authorised", "chain": "authorised"}
    assert answer["question"]["basis"] == "now"
    journal = service.board.registry.journal
    assert answer["journal"] == {"size": journal.size, "root": journal.root.hex()}
    assert answer["framework"]["digest"] == service.board.registry.index.frameworks()[-1].digest
    assert "parts" not in answer


async def test_a_no_names_the_nearest_miss_and_what_was_missing(service: Service) -> None:
    answer = (await service.get(f"/v1/decisions?issuer={AUDITOR}&commodity=cobalt")).json
    assert (answer["outcome"], answer["reason"]) == ("not_authorised", "OUT_OF_SCOPE")
    assert answer["chain"] == []
    assert answer["nearest_miss"][0]["reason"] == "OUT_OF_SCOPE"
    gap = {"dimension": "commodity", "claimed": "cobalt", "allowed": ["copper"], "coverage": "no"}
    assert gap in answer["missing"]
    assert "its commodity is cobalt, where copper is required" in answer["message"]


async def test_a_silent_claim_is_undetermined_never_a_yes(service: Service) -> None:
    answer = (await service.get(f"/v1/decisions?issuer={AUDITOR}")).json
    assert (answer["outcome"], answer["reason"]) == ("undetermined", "CLAIM_SILENT")
    assert "it names no commodity" in answer["message"]


async def test_an_issuer_never_seen_is_answered(service: Service) -> None:
    answer = await service.get("/v1/decisions?issuer=did:web:nobody.example")
    assert answer.status == 200
    assert answer.json["reason"] == "UNKNOWN_ISSUER"
    assert answer.json["issuer"] == {"did": "did:web:nobody.example", "name": None}
    assert "says nothing else about it" in answer.json["message"]


async def test_both_methods_give_the_same_answer(service: Service) -> None:
    at = "2026-01-15T00:00:00Z"
    got = await service.get(f"{COPPER}&at={at}&authority={IRMA}&country=cl")
    body = {
        "issuer": AUDITOR,
        "action": "issue",
        "claim": {"commodity": "copper", "country": {"value": "CL", "source": "issuer"}},
        "at": at,
        "authorities": [IRMA],
    }
    posted = await service.post("/v1/decisions", body)
    assert posted.status == got.status == 200
    assert posted.json == got.json
    assert got.json["question"]["basis"] == "asked"


async def test_every_value_of_a_claim_must_be_covered_and_the_worst_leads(
    service: Service,
) -> None:
    path = f"/v1/decisions?issuer={AUDITOR}&commodity=copper&commodity=cobalt&country=CL"
    answer = (await service.get(path)).json
    assert answer["outcome"] == "not_authorised"
    assert [part["outcome"] for part in answer["parts"]] == ["not_authorised", "authorised"]
    assert answer["parts"][0]["claim"] == {"commodity": "cobalt", "country": "CL"}
    assert answer["question"]["claim"] == {"commodity": ["copper", "cobalt"], "country": "CL"}
    assert answer["fresh_until"] == min(part["fresh_until"] for part in answer["parts"])


async def test_too_many_single_claims_are_refused(service: Service) -> None:
    values = "".join(f"&commodity=c{n}&country=CL&scheme=s{n}" for n in range(11))
    answer = await service.get(f"/v1/decisions?issuer={AUDITOR}{values.replace('&country=CL', '')}")
    assert (answer.status, answer.json["type"]) == (400, "/problems/too-many-claims")


async def test_an_accepted_authority_that_is_another_is_a_no(service: Service) -> None:
    other = someone("mark").did
    answer = (await service.get(f"{COPPER}&authority={other}")).json
    assert answer["reason"] == "AUTHORITY_NOT_ACCEPTED"
    both = (await service.get(f"{COPPER}&authority={other}&authority={IRMA}")).json
    assert both["outcome"] == "authorised"
    framework = (await service.get(f"{COPPER}&authority=https://registry.test/framework")).json
    assert framework["outcome"] == "authorised"


async def test_what_was_known_then_is_answered_with_the_root_of_then(service: Service) -> None:
    journal = service.board.registry.journal
    then = format_instant(journal.recorded_at(2))
    answer = (await service.get(f"{COPPER}&known_at={then}&at={then}")).json
    size = answer["journal"]["size"]
    assert size < journal.size
    known = journal.root_at(size)
    assert known is not None
    assert answer["journal"]["root"] == known.hex()
    assert answer["outcome"] == "not_authorised"
    assert answer["question"]["known_at"] == then


async def test_an_answer_may_be_kept_as_long_as_it_is_fresh(service: Service) -> None:
    first = await service.get(COPPER)
    assert first.headers["Cache-Control"] == "max-age=300"
    assert first.headers["Vary"] == "Accept"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    for wanted in (first.headers["ETag"], f"W/{first.headers['ETag']}", "*"):
        again = await service.get(COPPER, headers={"If-None-Match": wanted})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    changed = await service.get(COPPER, headers={"If-None-Match": '"another"'})
    assert changed.status == 200
    head = await service.ask("HEAD", COPPER)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


async def test_an_answer_is_kept_once_its_question_comes_again(own_service: Service) -> None:
    telemetry = own_service.app[TELEMETRY]
    got = [await own_service.get(COPPER) for _ in range(3)]
    assert got[0].body == got[1].body == got[2].body
    assert telemetry.prepared_answers == 1
    body = {"issuer": AUDITOR, "claim": {"commodity": "copper"}}
    posted = [await own_service.post("/v1/decisions", body) for _ in range(3)]
    assert posted[1].body == posted[2].body
    assert telemetry.prepared_answers == 2


async def test_a_suspension_reaches_answers_that_were_prepared_before(
    own_service: Service,
) -> None:
    await own_service.get(COPPER)
    before = (await own_service.get(COPPER)).json
    assert before["outcome"] == "authorised"
    statement = before["chain"][0]["statement"]
    suspension = {
        "type": "suspend",
        "statement": statement,
        "issued_credentials": "doubt",
        "ground": "an audit was not done",
    }
    await own_service.board.act("irma", suspension)
    after = (await own_service.get(COPPER)).json
    assert (after["outcome"], after["reason"]) == ("not_authorised", "SUSPENDED")
    assert after["journal"]["size"] == before["journal"]["size"] + 1


async def test_an_answer_goes_stale_by_the_clock(own_service: Service) -> None:
    await own_service.get(COPPER)
    first = await own_service.get(COPPER)
    own_service.board.pass_time(299_000)
    held = await own_service.get(COPPER)
    assert held.body == first.body
    assert held.headers["Cache-Control"] == "max-age=1"
    own_service.board.pass_time(1_000)
    assert (await own_service.get(COPPER)).body != first.body


async def test_an_answer_ends_where_the_authority_does(own_service: Service) -> None:
    first = (await own_service.get(COPPER)).json
    ends = parse_instant(first["chain"][0]["valid_until"])
    own_service.board.clock.instant = type(ends)(ends - 60_000)
    last = await own_service.get(COPPER)
    assert last.json["valid_until"] == last.json["fresh_until"] == format_instant(ends)
    assert last.headers["Cache-Control"] == "max-age=60"
    own_service.board.clock.instant = ends
    assert (await own_service.get(COPPER)).json["reason"] == "EXPIRED"


async def test_a_compromised_key_is_a_no(own_service: Service) -> None:
    key = someone("auditor").thumbprint
    compromise = {
        "type": "compromise_key",
        "did": AUDITOR,
        "thumbprint": key,
        "from": own_service.board.now,
    }
    await own_service.board.decide(compromise)
    own_service.board.pass_time(DAY)
    body = {
        "issuer": AUDITOR,
        "claim": {"commodity": "copper"},
        "key": {"did": AUDITOR, "thumbprint": key},
    }
    answer = await own_service.post("/v1/decisions", body)
    assert answer.json["reason"] == "KEY_COMPROMISED"
    assert answer.json["question"]["key"] == body["key"]


async def test_an_empty_journal_is_not_ready(tmp_path: Path) -> None:
    from aiohttp import ClientSession

    from resolver.clock import SystemClock
    from resolver.fetch import Fetcher
    from resolver.resolution import native_resolver
    from tests.http.conftest import SETTINGS
    from touchstone.service.app import build_app
    from touchstone.service.serving import listening
    from trust_registry.registry import open_registry

    clock = SystemClock()
    async with Fetcher() as fetcher:
        resolver = native_resolver(fetcher, clock)
        registry = await open_registry(
            tmp_path / "empty.sqlite", clock=clock, resolver=resolver, origin="http://x.test"
        )
        app = build_app(registry, resolver, fetcher, clock, SETTINGS)
        async with listening(app, "127.0.0.1", 0) as address, ClientSession() as session:
            for path in ("/ready", "/v1/decisions?issuer=did:web:a.example"):
                async with session.get(address + path) as response:
                    problem = await response.json(content_type=None)
                    assert (response.status, problem["type"]) == (503, "/problems/not-ready")
            async with session.get(f"{address}/health") as response:
                assert response.status == 200
        await registry.close()
