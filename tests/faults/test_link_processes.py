"""Several processes on one store of links: each sees what the others publish, none overwrites."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from link_resolver.cache import LOOK_MS
from link_resolver.errors import PublicationRefusedError
from link_resolver.stores import next_head
from resolver.instant import Instant
from tests.unit.link_resolver.shelf import PILLS, RICE, Shelf, link, open_shelf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """These tests run their own processes and block on them."""


def several(folder: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.links_server", "several", str(folder), str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def receipts(process: "subprocess.Popen[str]") -> Iterator[tuple[int, str]]:
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0, out
    for line in out.splitlines():
        position, record = line.split()
        yield int(position), record


def wait(shelf: Shelf) -> None:
    shelf.clock.instant = Instant(shelf.clock.instant + LOOK_MS)


async def test_a_link_that_another_process_published_is_seen(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as shelf:
        await shelf.publish(link(anchor=PILLS))
        before = shelf.cache.generation
        ((_, record),) = receipts(several(tmp_path, 1))
        kept = shelf.store.record(record)
        assert kept is not None
        path = kept.jws.payload.decode().partition('"anchor":"')[2].partition('"')[0]
        wait(shelf)
        assert shelf.cache.generation != before
        (seen,) = shelf.cache.links([path])[path]
        assert seen.record == record

        after = shelf.cache.generation
        wait(shelf)
        assert shelf.cache.generation == after, "nothing new, nothing forgotten"


async def test_what_was_not_there_is_asked_for_again(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as one, open_shelf(tmp_path) as other:
        for _ in range(3):
            assert one.cache.links([RICE])[RICE] == ()
        await other.publish(link())
        wait(one)
        assert len(one.cache.links([RICE])[RICE]) == 1

        await one.publish(link(href="https://rice.test/second"))
        wait(other)
        assert len(other.cache.links([RICE])[RICE]) == 2


async def test_ones_own_records_leave_what_is_in_memory_there(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as shelf:
        await shelf.publish(link(anchor=PILLS))
        for _ in range(3):
            shelf.cache.links([PILLS])
        await shelf.publish(link())
        wait(shelf)
        _ = shelf.cache.generation
        assert PILLS in shelf.cache._hot


async def test_a_record_behind_those_of_others_shows_them_at_once(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as one, open_shelf(tmp_path) as other:
        for _ in range(3):
            assert one.cache.links([PILLS])[PILLS] == ()
        await other.publish(link(anchor=PILLS))
        receipt = await one.publish(link())
        assert receipt.position == 1
        assert len(one.cache.links([PILLS])[PILLS]) == 1, "without waiting"


async def test_whoever_comes_second_judges_anew(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as one, open_shelf(tmp_path) as other:
        records = [
            shelf.record(link(anchor=f"{RICE}/21/{number}"))
            for number, shelf in enumerate([one, other] * 10)
        ]
        taken = await asyncio.gather(
            *(
                shelf.publishing.publish(record)
                for shelf, record in zip([one, other] * 10, records, strict=True)
            )
        )
        assert sorted(each.position for each in taken if each.position is not None) == [*range(20)]

        rivals = [
            shelf.record(link(href=f"https://rice.test/{number}", default=True))
            for number, shelf in enumerate([one, other])
        ]
        outcomes = await asyncio.gather(
            one.publishing.publish(rivals[0]),
            other.publishing.publish(rivals[1]),
            return_exceptions=True,
        )
        refused = [each for each in outcomes if isinstance(each, PublicationRefusedError)]
        assert [each.rule for each in refused] == ["second-default"]


def test_processes_that_publish_at_once_wait_for_each_other(tmp_path: Path) -> None:
    taken: dict[int, str] = {}
    for process in [several(tmp_path, 40), several(tmp_path, 40)]:
        for position, record in receipts(process):
            assert position not in taken, "two records at one place"
            taken[position] = record
    assert sorted(taken) == [*range(80)]

    async def check() -> None:
        async with open_shelf(tmp_path) as shelf:
            head = bytes(32)
            for position in range(80):
                kept = shelf.store.record(taken[position])
                assert kept is not None
                head = next_head(head, kept.id, kept.recorded_at)
                assert kept.head == head
            assert shelf.store.last.head == head

    asyncio.run(check())
