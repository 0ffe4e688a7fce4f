"""Kept answers of the DID resolver within the whole service: the same answer, and counted too."""

import pytest

from tests.http.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
LABELS = ('method="GET"', 'route="/1.0/identifiers/{did}"', 'status="200"')


async def counted(service: Service) -> float:
    text = (await service.get("/metrics")).body.decode()
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("touchstone_http_request_duration_seconds_count")
        and all(label in line for label in LABELS)
    )


async def test_a_kept_answer_is_the_same_answer(service: Service) -> None:
    before = await counted(service)
    answers = [await service.get(f"/1.0/identifiers/{KEY}") for _ in range(3)]
    seen = [
        ({n: v for n, v in each.headers.items() if n != "Date"}, each.status, each.body)
        for each in answers
    ]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0]["X-Content-Type-Options"] == "nosniff"
    assert seen[0][0]["Access-Control-Allow-Origin"] == "*"
    assert await counted(service) == before + 3
