"""The decision in the shape of OpenID AuthZEN: what it says of a registry's real state."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any

import pytest

from resolver.instant import DAY
from tests.http.conftest import AUDITOR, IRMA, Answer, Service
from tests.http.test_bad_input import HOSTILE, refused
from tests.http.test_openapi import check, schema_of
from tests.unit.trust_registry.board import against, grant, party, someone
from touchstone.service import authzen_searches

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"
SUBJECTS, ACTIONS, RESOURCES = (
    f"/access/v1/search/{each}" for each in ("subject", "action", "resource")
)
DCC = "DigitalConformityCredential"


def evaluation(issuer: str = AUDITOR, **properties: object) -> dict[str, Any]:
    return {
        "subject": {"type": "did", "id": issuer},
        "action": {"name": "issue"},
        "resource": {"type": "credential_type", "id": DCC, "properties": properties},
    }


COPPER = evaluation(commodity="copper")
PATHS = {
    EVALUATION: COPPER,
    EVALUATIONS: {**COPPER, "evaluations": [{}]},
    SUBJECTS: COPPER,
    ACTIONS: COPPER,
    RESOURCES: COPPER,
}


async def said(service: Service, body: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
    answer = await service.post(EVALUATION, body)
    assert answer.status == 200, answer.body
    check(answer.json, schema_of("AuthzenDecision"))
    decision, context = answer.json["decision"], answer.json["context"]
    assert isinstance(decision, bool)
    assert isinstance(context, dict)
    return decision, {**context}


async def found(service: Service, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = await service.post(path, body)
    assert answer.status == 200, answer.body
    check(answer.json, schema_of("AuthzenResults"))
    return {**answer.json}


def ids(page: Mapping[str, Any]) -> list[str]:
    return [each["id"] for each in page["results"]]


async def test_authorised_with_path_horizons_and_journal(service: Service) -> None:
    decision, context = await said(service, COPPER)
    assert decision
    assert (context["outcome"], context["reason"]) == ("authorised", "AUTHORISED")
    assert context["message"] == "auditor is authorised for this claim by irma."
    assert [step["scope"] for step in context["path"]] == [{"commodity": ["copper"]}] * 2
    native = (await service.get(context["answer"])).json
    assert native["outcome"] == "authorised"
    assert native["journal"] == context["journal"]
    assert native["chain"] == context["path"]
    assert context["valid_until"] == native["valid_until"]
    assert context["ignored"] == []


async def test_not_authorised_says_what_was_missing(service: Service) -> None:
    decision, context = await said(service, evaluation(commodity="cobalt"))
    assert not decision
    assert context["reason"] == "OUT_OF_SCOPE"
    assert context["missing"][0]["claimed"] == "cobalt"
    assert context["path"]


async def test_undetermined_is_false_with_its_reason(service: Service) -> None:
    decision, context = await said(service, evaluation())
    assert not decision
    assert (context["outcome"], context["reason"]) == ("undetermined", "CLAIM_SILENT")


async def test_an_unknown_issuer_is_false_and_not_404(service: Service) -> None:
    decision, context = await said(service, evaluation("did:web:nobody.example"))
    assert not decision
    assert context["reason"] == "UNKNOWN_ISSUER"


async def test_withdrawn_is_false_at_once(own_service: Service) -> None:
    board = own_service.board
    assert (await said(own_service, COPPER))[0]
    _, context = await said(own_service, COPPER)
    before = board.now
    board.pass_time(DAY)
    await board.act("irma", against(context["path"][0]["statement"], "withdraw"))
    decision, context = await said(own_service, COPPER)
    assert not decision
    assert context["reason"] == "WITHDRAWN"
    assert ids(await found(own_service, SUBJECTS, COPPER)) == []
    for name in ("time", "known_at"):
        assert (await said(own_service, {**COPPER, "context": {name: before}}))[0]
    both = {"time": before, "known_at": before}
    decision, context = await said(own_service, {**COPPER, "context": both})
    assert decision
    assert context["at"] == before


async def test_the_time_asked_about_is_that_of_the_context(service: Service) -> None:
    past = {**COPPER, "context": {"time": "2026-01-02T00:00:00Z"}}
    decision, context = await said(service, past)
    assert not decision
    assert context["at"] == "2026-01-02T00:00:00Z"


async def test_accepted_authorities_are_those_of_the_context(service: Service) -> None:
    others = {"authorities": [someone("mark").did]}
    assert not (await said(service, {**COPPER, "context": others}))[0]
    assert (await said(service, {**COPPER, "context": {"authorities": [IRMA]}}))[0]


async def test_what_a_caller_says_of_a_subject_creates_no_authority(service: Service) -> None:
    body = evaluation("did:web:nobody.example", commodity="copper")
    body["subject"]["properties"] = {"role": "admin", "commodity": "copper", "authorised": True}
    decision, context = await said(service, body)
    assert not decision
    assert context["ignored"] == [
        "/subject/properties/role",
        "/subject/properties/commodity",
        "/subject/properties/authorised",
    ]


async def test_what_is_passed_over_is_silence_and_is_told(service: Service) -> None:
    body = evaluation(comodity="cobalt", **{"a/b~c": 1})
    decision, context = await said(service, {**body, "context": {"ip": "192.0.2.1"}})
    assert not decision
    assert context["reason"] == "CLAIM_SILENT"
    ignored = ["/resource/properties/comodity", "/resource/properties/a~1b~0c", "/context/ip"]
    assert context["ignored"] == ignored
    many = {f"p{number}": number for number in range(1000)}
    assert len((await said(service, evaluation(**many)))[1]["ignored"]) == 16


async def test_several_values_must_all_be_covered(service: Service) -> None:
    decision, context = await said(service, evaluation(commodity=["copper", "cobalt"]))
    assert not decision
    assert context["reason"] == "OUT_OF_SCOPE"
    native = (await service.get(context["answer"])).json
    assert len(native["parts"]) == 2


async def test_the_evaluations_of_a_batch_share_what_a_request_may_cost(service: Service) -> None:
    several = {"commodity": [f"c{number}" for number in range(40)]}
    for number, settled in ((1, True), (2, True), (3, False), (64, False)):
        body = {**evaluation(**several), "evaluations": [{}] * number}
        answer: Any = (await service.post(EVALUATIONS, body)).json
        assert len(answer["evaluations"]) == number
        assert all(("error" in each["context"]) is not settled for each in answer["evaluations"])
    body = {**COPPER, "evaluations": [{}] * 64}
    answer = (await service.post(EVALUATIONS, body)).json
    assert [each["decision"] for each in answer["evaluations"]] == [True] * 64


async def test_what_no_address_can_hold_has_none(service: Service) -> None:
    sourced = evaluation(commodity={"value": "copper", "source": "register"})
    assert (await said(service, sourced))[1]["answer"] is None
    key = {"did": AUDITOR, "thumbprint": "A" * 43}
    decision, context = await said(service, {**COPPER, "context": {"key": key}})
    assert decision
    assert context["answer"] is None


@pytest.mark.parametrize(
    ("member", "other"),
    [
        ("subject", {"type": "user", "id": "alice"}),
        ("action", {"name": "read"}),
        ("resource", {"type": "record", "id": "record-1"}),
    ],
)
async def test_what_the_registry_does_not_keep_is_denied(
    service: Service, member: str, other: object
) -> None:
    decision, context = await said(service, {**COPPER, member: other})
    assert not decision
    assert context["reason"] == "NOT_KEPT"
    for path in (SUBJECTS, ACTIONS, RESOURCES):
        page = await found(service, path, {**COPPER, member: other})
        if (path, member) != (ACTIONS, "action"):  # an action search has none
            assert page["results"] == []


@pytest.mark.parametrize("did", [each for each in HOSTILE if each], ids=lambda did: did[:40])
async def test_a_hostile_did_is_refused(service: Service, did: str) -> None:
    problem = refused(await service.post(EVALUATION, evaluation(did)), 400)
    assert problem["pointer"] == "/subject/id"
    refused(await service.post(ACTIONS, evaluation(did)), 400)
    refused(await service.post(RESOURCES, evaluation(did)), 400)
    batch = await service.post(EVALUATIONS, {"evaluations": [evaluation(did)]})
    first = batch.json["evaluations"][0]
    assert first["decision"] is False
    await service.still_answers()


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"context": {"time": "yesterday"}}, "/context/time"),
        ({"context": {"time": None}}, "/context/time"),
        ({"context": {"time": "2026-03-01T00:00-07:00"}}, "/context/time"),
        ({"context": {"known_at": "2999-01-01T00:00:00Z"}}, "/context/known_at"),
        ({"context": {"authorities": []}}, "/context/authorities"),
        ({"context": {"authorities": ["nobody"]}}, "/context/authorities"),
        ({"context": {"key": "x"}}, "/context/key"),
        ({"context": {"authority": IRMA}}, "/context/authority"),
        ({"context": {"at": "2026-03-01T00:00:00Z"}}, "/context/at"),
        ({"context": []}, "/context"),
        (evaluation(country="Chile"), "/resource/properties/country"),
        (evaluation(commodity=1), "/resource/properties/commodity"),
        (evaluation(commodity=[]), "/resource/properties/commodity"),
        (evaluation(commodity=["a", "a"]), "/resource/properties/commodity"),
        (evaluation(commodity={"value": 1}), "/resource/properties/commodity/value"),
        (evaluation(credential_type=DCC), "/resource/properties/credential_type"),
        (evaluation(commodity=[f"c{each}" for each in range(200)]), "/resource/properties"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_has_no_meaning_is_named(
    service: Service, changed: Mapping[str, object], pointer: str
) -> None:
    body = {**COPPER, **changed}
    for path in (EVALUATION, SUBJECTS, ACTIONS):
        assert refused(await service.post(path, body), 400)["pointer"] == pointer
    batch = (await service.post(EVALUATIONS, {"evaluations": [body]})).json
    first: Any = batch["evaluations"][0]
    assert first["decision"] is False
    if pointer != "/context" or changed["context"]:
        assert first["context"]["error"]["pointer"] == f"/evaluations/0{pointer}"
    await service.still_answers()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("wrong", [None, 1, True, [], {}, [1], {"type": 1}, ""], ids=str)
async def test_each_member_of_another_type_is_refused(
    service: Service, path: str, wrong: object
) -> None:
    for member in ("subject", "action", "resource"):
        if (path, member) == (ACTIONS, "action"):
            continue
        refused(await service.post(path, {**PATHS[path], member: wrong}), 400)
        missing = {name: value for name, value in PATHS[path].items() if name != member}
        if path != EVALUATIONS:
            refused(await service.post(path, missing), 400)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"a":1,"a":2}', b"[" * 9999, b"\xff", b'"x"']
)
async def test_what_is_no_request_is_refused(service: Service, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "X-Request-ID": "here"}
    answer = await service.ask("POST", path, data=body, headers=headers)
    refused(answer, 400)
    assert answer.headers["X-Request-ID"] == "here"


@pytest.mark.parametrize("path", PATHS)
async def test_media_type_size_and_method(service: Service, path: str) -> None:
    for other in ("text/plain", "application/x-www-form-urlencoded", "x"):
        sent = await service.ask("POST", path, data=b"{}", headers={"Content-Type": other})
        refused(sent, 400, "bad-request")
    headers = {"Content-Type": "application/json"}
    large = await service.ask("POST", path, data=io.BytesIO(b" " * 2_000_000), headers=headers)
    refused(large, 413, "body-too-large")
    refused(await service.get(path), 405)
    await service.still_answers()


@pytest.mark.parametrize("given", ["é", "a" * 257, "a\tb"])
async def test_an_id_that_no_header_should_hold_is_refused(service: Service, given: str) -> None:
    answer = await service.post(EVALUATION, COPPER, headers={"X-Request-ID": given})
    assert refused(answer, 400)["field"] == "X-Request-ID"
    assert "X-Request-ID" not in answer.headers


async def test_a_batch_in_its_order_and_to_the_first_that_settles_it(service: Service) -> None:
    cobalt, none = evaluation(commodity="cobalt"), {"resource": {"type": "credential_type"}}
    for semantic, expected in (
        ("execute_all", [True, False, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ):
        body = {
            **COPPER,
            "options": {"evaluations_semantic": semantic},
            "evaluations": [{}, {"resource": cobalt["resource"]}, none, {}],
        }
        answer = await service.post(EVALUATIONS, body)
        check(answer.json, schema_of("AuthzenDecisions"))
        evaluations: Any = answer.json["evaluations"]
        assert [each["decision"] for each in evaluations] == expected


async def test_subjects_are_found_page_by_page(own_service: Service) -> None:
    board = own_service.board
    for number in range(5):
        await board.act("irma", party(f"other {number}"))
        if number % 2:
            await board.act("irma", grant("authorise", f"other {number}"))
    expected = [AUDITOR, someone("other 1").did, someone("other 3").did]
    whole = await found(own_service, SUBJECTS, COPPER)
    assert ids(whole) == expected
    assert whole["page"] == {"next_token": "", "count": 3}
    collected, page = [], {"limit": 1}
    for _ in range(len(expected)):
        part = await found(own_service, SUBJECTS, {**COPPER, "page": page})
        collected += ids(part)
        page = {"token": part["page"]["next_token"]}
        if len(collected) == 1:  # what is registered meanwhile moves nothing
            await board.act("irma", party("late"))
            await board.act("irma", grant("authorise", "late"))
    assert collected == expected
    part = await found(own_service, SUBJECTS, {**COPPER, "page": page})
    assert ids(part) == [someone("late").did]
    assert part["page"]["next_token"] == ""
    for issuer in collected:
        assert (await said(own_service, evaluation(issuer, commodity="copper")))[0]


async def test_each_did_of_a_party_is_a_subject(own_service: Service) -> None:
    first, second = someone("two").did, someone("two again").did
    await own_service.board.act("irma", party("two", dids=[first, second]))
    await own_service.board.act("irma", grant("authorise", "two"))
    assert ids(await found(own_service, SUBJECTS, COPPER)) == [AUDITOR, first, second]
    part = await found(own_service, SUBJECTS, {**COPPER, "page": {"limit": 2}})
    assert ids(part) == [AUDITOR, first]
    rest = {**COPPER, "page": {"token": part["page"]["next_token"]}}
    assert ids(await found(own_service, SUBJECTS, rest)) == [second]


async def test_a_token_goes_on_in_its_own_search_only(service: Service) -> None:
    first = await found(service, ACTIONS, {**COPPER, "page": {"limit": 0}})
    token = first["page"]["next_token"]
    assert token
    same = {"token": token, "limit": 0}
    assert (await found(service, ACTIONS, {**COPPER, "page": same}))["page"]["next_token"] == token
    other = {**evaluation(commodity="cobalt"), "page": {"token": token}}
    refused(await service.post(ACTIONS, other), 400)
    refused(await service.post(RESOURCES, {**COPPER, "page": {"token": token}}), 400)
    refused(await service.post(ACTIONS, {**COPPER, "page": {**same, "limit": 1}}), 400)
    for wrong in (-1, "1", 1.5, True, None):
        refused(await service.post(ACTIONS, {**COPPER, "page": {"limit": wrong}}), 400)
    for forged in ("", "x", "=", "é", token[:-4], "A" * 2048, 7, None):
        refused(await service.post(ACTIONS, {**COPPER, "page": {"token": forged}}), 400)


async def test_actions_are_those_that_the_decision_knows(service: Service) -> None:
    page = await found(service, ACTIONS, COPPER)
    assert page["results"] == [{"name": "issue"}]
    page = await found(service, ACTIONS, evaluation(IRMA, commodity="copper"))
    assert page["results"] == [{"name": "accredit"}]


async def test_resources_are_those_that_statements_name_and_untps(own_service: Service) -> None:
    board = own_service.board
    await board.act("irma", party("narrow"))
    scope = {"commodity": ["copper"], "credential_type": ["MinePermit", DCC], "rest": "any"}
    await board.act("irma", grant("authorise", "narrow", scope=scope))
    narrow = someone("narrow").did
    page = await found(own_service, RESOURCES, evaluation(narrow, commodity="copper"))
    assert ids(page) == [DCC, "MinePermit"]
    assert page["context"] == {"any_id": False}
    assert ids(await found(own_service, RESOURCES, evaluation(narrow))) == []
    page = await found(own_service, RESOURCES, COPPER)
    assert page["context"] == {"any_id": True}
    assert "DigitalProductPassport" in ids(page)
    assert "MinePermit" not in ids(page)


async def test_one_page_of_a_search_costs_so_much_and_no_more(
    own_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await own_service.board.act("irma", party(f"other {number}"))
    await own_service.board.act("irma", grant("authorise", "other 3"))
    monkeypatch.setattr(authzen_searches, "MAX_DECISIONS", 2)
    expected, collected, page, pages = [AUDITOR, someone("other 3").did], [], {}, 0
    while page != {"token": ""}:
        before = await decisions_made(own_service)
        part = await found(own_service, SUBJECTS, {**COPPER, "page": page})
        assert 1 <= await decisions_made(own_service) - before <= 2
        collected += ids(part)
        page = {"token": part["page"]["next_token"]}
        pages += 1
    assert collected == expected
    assert pages >= 3


async def decisions_made(service: Service) -> int:
    text = (await service.get("/metrics")).body.decode()
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in text.splitlines()
        if line.startswith("touchstone_decisions_total{")
    )


async def test_the_metadata_names_the_endpoints(service: Service) -> None:
    answer = await service.get("/.well-known/authzen-configuration")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    check(answer.json, schema_of("AuthzenConfiguration"))
    point = str(answer.json["policy_decision_point"])
    endpoints = {name: str(each).removeprefix(point) for name, each in answer.json.items()}
    assert endpoints == {
        "policy_decision_point": "",
        "access_evaluation_endpoint": EVALUATION,
        "access_evaluations_endpoint": EVALUATIONS,
        "search_subject_endpoint": SUBJECTS,
        "search_action_endpoint": ACTIONS,
        "search_resource_endpoint": RESOURCES,
    }


async def test_many_at_once_get_their_own_answers(service: Service) -> None:
    async def ask(number: int) -> Answer:
        body = evaluation(commodity="copper" if number % 2 else "cobalt")
        return await service.post(EVALUATION, body, headers={"X-Request-ID": str(number)})

    answers = await asyncio.gather(*map(ask, range(40)))
    for number, answer in enumerate(answers):
        assert answer.json["decision"] is bool(number % 2)
        assert answer.headers["X-Request-ID"] == str(number)
