"""The bench of status lists works, and stops its bomb."""

from touchstone.bench.status import status_rows


async def test_status_lists_are_measured() -> None:
    told: list[str] = []
    rows = await status_rows(told.append, quick=True)
    assert len(told) == 3
    assert [row.promised for row in rows] == ["<= 2 us", "", "", "<= 1 s"]
    assert float(rows[-1].figure.removesuffix(" s")) > 0
