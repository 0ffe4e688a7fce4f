"""The monitor: it takes up what is sound, and nothing else, whatever the log shows."""

import asyncio
from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from resolver.clock import FixedClock
from resolver.instant import DAY, Instant, format_instant
from tests.unit.trust_registry.board import START, Board, grant, open_board, party
from tests.unit.trust_registry.monitor.shown import OTHER, POLICY, Meddle, Shown
from trust_registry.entries import Entry
from trust_registry.log.policies import Policy
from trust_registry.monitor.alerts import Alert, AlertKind
from trust_registry.monitor.changes import Change
from trust_registry.monitor.feed import atom
from trust_registry.monitor.following import MisbehaviourError, Monitor, SourceError
from trust_registry.state import MAX_SKEW
from trust_registry.stores.sqlite import SqliteStore

LATER = Instant(START + 30 * DAY)


async def history(tmp_path: Path, board: Board) -> list[bytes]:
    await board.decide(party("auditor", jurisdiction="CL"))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor", valid_until="2030-01-01T00:00:00Z"))
    return await board.registry.journal.stored(0, board.registry.journal.size)


@pytest.fixture
async def entries(tmp_path: Path, board: Board) -> list[bytes]:
    return await history(tmp_path, board)


async def monitor(path: Path, shown: Shown, at: Instant = LATER) -> Monitor:
    store = await asyncio.to_thread(SqliteStore, path)
    opened = Monitor(store, shown, Policy.parse(POLICY.encode()), FixedClock(at))
    await asyncio.to_thread(opened.load)
    return opened


async def look(follower: Monitor) -> list[Change]:
    return [change async for change in follower.follow()]


async def test_it_comes_to_the_same_state_and_tells_each_act(
    entries: list[bytes], board: Board, tmp_path: Path
) -> None:
    shown = Shown(entries)
    follower = await monitor(tmp_path / "copy.sqlite", shown)
    changes = await look(follower)
    assert [change.index for change in changes] == list(range(len(entries)))
    assert follower.journal.root == board.registry.journal.root
    assert follower.state.genesis == board.registry.genesis
    assert follower.state.index.parties() == board.registry.index.parties()
    assert {"adopt_framework", "register_party", "approve", "add_anchor", "authorise"} == {
        change.type for change in changes
    }
    executed = [change.executes for change in changes if change.executes]
    assert executed == ["register_party", "add_anchor"]
    assert all(change.type in str(change) and change.by in str(change) for change in changes)
    assert await look(follower) == []
    await asyncio.to_thread(follower.close)


async def test_it_goes_on_where_it_left_off_and_reads_only_what_is_new(
    entries: list[bytes], tmp_path: Path
) -> None:
    first = await monitor(tmp_path / "copy.sqlite", Shown(entries[:3]))
    assert len(await look(first)) == 3
    await asyncio.to_thread(first.close)
    shown = Shown(entries)
    again = await monitor(tmp_path / "copy.sqlite", shown)
    assert len(await look(again)) == len(entries) - 3
    assert again.journal.size == len(entries)
    await asyncio.to_thread(again.close)


@pytest.mark.parametrize("size", [0, 1, 4])
async def test_a_log_that_shrank_is_refused_also_after_a_restart(
    entries: list[bytes], tmp_path: Path, size: int
) -> None:
    follower = await monitor(tmp_path / "copy.sqlite", Shown(entries))
    await look(follower)
    await asyncio.to_thread(follower.close)
    again = await monitor(tmp_path / "copy.sqlite", Shown(entries[:size]))
    with pytest.raises(MisbehaviourError, match="shrank"):
        await look(again)
    await asyncio.to_thread(again.close)


async def test_a_log_that_forked_is_refused(entries: list[bytes], tmp_path: Path) -> None:
    other = await open_board(tmp_path / "other.sqlite", clock=FixedClock(Instant(START + 1)))
    forked = await history(tmp_path, other)
    follower = await monitor(tmp_path / "copy.sqlite", Shown(entries[:-1]))
    await look(follower)
    for shown in (Shown(forked), Shown(forked[:-1])):
        follower._source = shown
        with pytest.raises(MisbehaviourError, match="does not begin with"):
            await look(follower)
    assert follower.journal.size == len(entries) - 1
    await asyncio.to_thread(follower.close)
    await other.registry.close()


async def test_an_act_without_its_quorum_is_seen(entries: list[bytes], tmp_path: Path) -> None:
    """The operator drops a vote and goes on as if it had been there."""
    missing = [*entries[:3], *entries[4:]]  # the second approval of the first proposal
    follower = await monitor(tmp_path / "copy.sqlite", Shown(missing))
    with pytest.raises(MisbehaviourError, match="must not"):
        await look(follower)
    assert follower.journal.size < len(missing)
    await asyncio.to_thread(follower.close)


async def test_an_act_with_another_signature_is_seen(entries: list[bytes], tmp_path: Path) -> None:
    entry = Entry.from_bytes(entries[1], 1)
    forged = deepcopy(dict(entry.jws))
    first = forged["signatures"][0]
    first["signature"] = ("B" if first["signature"][0] == "A" else "A") + first["signature"][1:]
    data = Entry(forged, entry.recorded_at, entry.signer, entry.cosigners).to_bytes()
    follower = await monitor(tmp_path / "copy.sqlite", Shown([entries[0], data]))
    with pytest.raises(MisbehaviourError, match="entry 1"):
        await look(follower)
    assert follower.journal.size == 1
    await asyncio.to_thread(follower.close)


async def test_a_log_of_another_key_is_refused(entries: list[bytes], tmp_path: Path) -> None:
    follower = await monitor(tmp_path / "copy.sqlite", Shown(entries, OTHER))
    with pytest.raises(MisbehaviourError, match="not the log's"):
        await look(follower)
    await asyncio.to_thread(follower.close)


def flipping(wanted: str, place: int) -> Meddle:
    def meddle(path: str, data: bytes) -> bytes:
        if not path.startswith(wanted):
            return data
        changed = bytearray(data)
        changed[place % len(data)] ^= 1
        return bytes(changed)

    return meddle


@pytest.mark.parametrize("wanted", ["checkpoint", "tile/0", "tile/entries"])
@pytest.mark.parametrize("place", range(0, 3000, 211))
async def test_no_byte_of_any_file_can_change(
    entries: list[bytes], tmp_path: Path, wanted: str, place: int
) -> None:
    follower = await monitor(
        tmp_path / "copy.sqlite", Shown(entries, meddle=flipping(wanted, place))
    )
    with pytest.raises(MisbehaviourError):
        await look(follower)
    await asyncio.to_thread(follower.close)


def nothing(path: str, data: bytes) -> None:
    """A log whose files are all gone."""


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - it was written two lines before


async def test_what_was_signed_for_must_be_shown(entries: list[bytes], tmp_path: Path) -> None:
    for wanted in ("tile/0", "tile/entries"):
        hidden = Shown(
            entries, meddle=lambda path, data, w=wanted: None if path.startswith(w) else data
        )
        follower = await monitor(tmp_path / f"{wanted[5:]}.sqlite", hidden)
        with pytest.raises(MisbehaviourError, match="does not show"):
            await look(follower)
        await asyncio.to_thread(follower.close)
    absent = Shown(entries, meddle=nothing)
    follower = await monitor(tmp_path / "absent.sqlite", absent)
    with pytest.raises(SourceError):
        await look(follower)
    await asyncio.to_thread(follower.close)


@pytest.mark.parametrize("who", ["monitor", "witness"])
async def test_no_waiting_period_ends_by_the_clock_of_the_log_alone(
    entries: list[bytes], tmp_path: Path, who: str
) -> None:
    last = Entry.from_bytes(entries[-1], len(entries) - 1).recorded_at
    for number, (seen, sound) in enumerate(((last, True), (Instant(last - DAY), False))):
        shown = Shown(entries, cosigned_at=seen if who == "witness" else None)
        at = LATER if who == "witness" else seen
        follower = await monitor(tmp_path / f"copy-{number}.sqlite", shown, at)
        if sound:
            assert len(await look(follower)) == len(entries)
            assert follower.cosigned is (who == "witness")
        else:
            with pytest.raises(MisbehaviourError, match="yet to come"):
                await look(follower)
        await asyncio.to_thread(follower.close)


async def test_a_cosignature_says_nothing_of_entries_that_are_withheld(
    entries: list[bytes], tmp_path: Path
) -> None:
    def withheld(path: str, data: bytes) -> bytes:
        if path.startswith("tile/entries"):
            raise SourceError("not now")
        return data

    shown = Shown(entries, meddle=withheld, cosigned_at=LATER)
    follower = await monitor(tmp_path / "copy.sqlite", shown)
    with pytest.raises(SourceError):
        await look(follower)
    assert follower.attested_at is None
    shown.meddle = None
    await look(follower)
    assert follower.attested_at == LATER
    await asyncio.to_thread(follower.close)


async def test_a_cosignature_from_the_future_says_nothing(
    entries: list[bytes], tmp_path: Path
) -> None:
    for ahead, counts in ((MAX_SKEW, True), (MAX_SKEW + 1000, False)):
        shown = Shown(entries, cosigned_at=Instant(LATER + ahead))
        follower = await monitor(tmp_path / f"{ahead}.sqlite", shown)
        await look(follower)
        assert (follower.attested_at is not None) is counts
        await asyncio.to_thread(follower.close)


async def test_the_feed_is_atom(entries: list[bytes], tmp_path: Path) -> None:
    follower = await monitor(tmp_path / "copy.sqlite", Shown(entries))
    await look(follower)
    recent = await asyncio.to_thread(lambda: list(follower.recent(3)))
    feed = parsed(atom("registry.test", recent, [], LATER))
    space = "{http://www.w3.org/2005/Atom}"
    shown = feed.findall(f"{space}entry")
    assert [each.findtext(f"{space}id") for each in shown] == [
        f"urn:sha256:{change.id}" for change in reversed(recent)
    ]
    await asyncio.to_thread(follower.close)


def test_the_feed_holds_alerts_among_the_acts_in_the_order_of_time() -> None:
    changes = [
        Change(at, str(at) * 64, Instant(START + at), "authorise", "did:web:a.test", "", "executed")
        for at in (0, 2)
    ]
    alerts = [
        Alert(Instant(START + 1), AlertKind.SILENT, "silent since then"),
        Alert(Instant(START + 3), AlertKind.HEARD, "heard again"),
    ]
    feed = parsed(atom("registry.test", changes, alerts, LATER))
    space = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{space}updated") == format_instant(alerts[1].at)
    assert [each.findtext(f"{space}id") for each in feed.findall(f"{space}entry")] == [
        f"https://registry.test/log#heard-{START + 3}",
        "urn:sha256:" + "2" * 64,
        f"https://registry.test/log#silent-{START + 1}",
        "urn:sha256:" + "0" * 64,
    ]
    titles = [each.findtext(f"{space}title") for each in feed.findall(f"{space}entry")]
    assert titles[::2] == ["ALL CLEAR heard", "ALARM silent"]


def test_the_feed_escapes_what_others_wrote() -> None:
    change = Change(0, "0" * 64, START, "authorise", "did:web:a.test", "<b>&\x07", "executed")
    feed = parsed(atom("registry.test", [change], [], START))
    assert "<b>&\N{REPLACEMENT CHARACTER}" in "".join(feed.itertext())
