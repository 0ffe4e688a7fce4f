"""A party that floods the journal is told when it may go on; nobody else notices."""

import asyncio

import pytest

from resolver.instant import DAY, SECOND
from resolver.strict_json import Json
from tests.http.conftest import AUDITOR, Service
from trust_registry.allowances import USUAL

pytestmark = pytest.mark.asyncio(loop_scope="session")


def amendment(service: Service, name: str) -> dict[str, Json]:
    members = {"type": "amend_party", "party": AUDITOR, "trading_names": [name]}
    return service.board.sign("auditor", service.board.write("auditor", members))


async def test_one_act_too_many_is_429_until_the_next_day(own_service: Service) -> None:
    journal = own_service.board.registry.journal
    first, *acts = [amendment(own_service, f"Trading {number}") for number in range(USUAL + 1)]
    receipt = (await own_service.post("/v1/acts", first)).json
    answers = await asyncio.gather(*(own_service.post("/v1/acts", act) for act in acts[:-1]))
    assert {answer.status for answer in answers} == {200}
    size = journal.size

    refused = await own_service.post("/v1/acts", acts[-1])
    assert refused.status == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json["type"] == "/problems/too-many-acts"
    assert refused.json["code"] == "too_many_acts"
    assert refused.json["retryable"] is True
    assert refused.json["field"] == "type"
    into_the_day = own_service.board.clock.now() % DAY
    assert refused.headers["Retry-After"] == str((DAY - into_the_day) // SECOND)
    assert journal.size == size

    assert (await own_service.post("/v1/acts", first)).json == receipt  # recorded before: no act
    objection = {"type": "object", "proposal": "0" * 64, "ground": "Noise"}
    other = own_service.board.sign("auditor", own_service.board.write("auditor", objection))
    assert (await own_service.post("/v1/acts", other)).json["code"] == "unknown_proposal"
    await own_service.still_answers()

    own_service.board.pass_time(int(refused.headers["Retry-After"]) * SECOND)
    assert (await own_service.post("/v1/acts", acts[-1])).status == 200
