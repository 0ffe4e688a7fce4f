"""The monitor: it takes up what is sound, and nothing else, whatever the log shows."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from resolver.clock import FixedClock
from resolver.instant import DAY, Instant
from tests.unit.trust_registry.board import ORIGIN, START, Board, grant, open_board, party
from trust_registry.entries import Entry
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.notes import Note
from trust_registry.log.policies import Policy
from trust_registry.log.publisher import log_origin
from trust_registry.log.tiles import TileName, bundle
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash
from trust_registry.monitor.changes import Change, atom
from trust_registry.monitor.following import MisbehaviourError, Monitor, SourceError
from trust_registry.stores.sqlite import SqliteStore

KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"k" * 32)
OTHER = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"o" * 32)
WITNESS = SigningKey.from_seed("witness.test/w1", KeyKind.COSIGNATURE, b"w" * 32)
POLICY = f"log {KEY.public}\nwitness w1 {WITNESS.public}\nquorum w1\n"
LATER = Instant(START + 30 * DAY)
Change_ = Callable[[str, bytes], bytes | None]


@dataclass
class Shown:
    """A log as it may show itself: any entries, signed by any key, and anything done to its files."""

    entries: list[bytes]
    key: SigningKey = KEY
    meddle: Change_ | None = None
    cosigned_at: Instant | None = None
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str, most: int) -> bytes | None:
        self.asked.append(path)
        data = self._file(path)
        if self.meddle is not None and data is not None:
            data = self.meddle(path, data)
        return data

    def _file(self, path: str) -> bytes | None:
        tree = HashTree()
        for entry in self.entries:
            tree.append(leaf_hash(entry))
        if path == "checkpoint":
            text = str(Checkpoint(log_origin(ORIGIN), tree.size, tree.root(tree.size)))
            signatures = [self.key.sign(text, START)]
            if self.cosigned_at is not None:
                signatures.append(WITNESS.sign(text, self.cosigned_at))
            return str(Note(text, tuple(signatures))).encode()
        kind, _, name = path.removeprefix("tile/").partition("/")
        which = TileName.parse(name)
        if which.end > tree.size:
            return None
        if kind == "entries":
            return bundle(self.entries[which.start : which.end])
        return tree.nodes(0, which.start, which.width)


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


def flipping(wanted: str, place: int) -> Change_:
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


async def test_the_feed_is_atom(entries: list[bytes], tmp_path: Path) -> None:
    follower = await monitor(tmp_path / "copy.sqlite", Shown(entries))
    await look(follower)
    recent = await asyncio.to_thread(lambda: list(follower.recent(3)))
    feed = parsed(atom("registry.test", recent, follower.journal.latest))
    space = "{http://www.w3.org/2005/Atom}"
    shown = feed.findall(f"{space}entry")
    assert [each.findtext(f"{space}id") for each in shown] == [
        f"urn:sha256:{change.id}" for change in reversed(recent)
    ]
    await asyncio.to_thread(follower.close)


def test_the_feed_escapes_what_others_wrote() -> None:
    change = Change(0, "0" * 64, START, "authorise", "did:web:a.test", "<b>&\x07", "executed")
    feed = parsed(atom("registry.test", [change], START))
    assert "<b>&\N{REPLACEMENT CHARACTER}" in "".join(feed.itertext())
