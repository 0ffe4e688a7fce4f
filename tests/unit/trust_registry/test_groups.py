"""Acts that come at once: written at once, judged in order, seen only when they are durable."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from resolver.did import Did
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from resolver.strict_json import Json
from tests.unit.trust_registry.board import ORIGIN, Board, open_board, party, someone
from trust_registry.errors import ActRefusedError, NotFoundError, StoreError
from trust_registry.folding import apply
from trust_registry.governance import Submission
from trust_registry.opening import open_act
from trust_registry.reading.acts import show_act
from trust_registry.registry import Registry
from trust_registry.state import State
from trust_registry.stores.sqlite import SqliteStore

MANY = 64


class Watched(SqliteStore):
    """The real store; it counts its transactions, and waits before a group where it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.groups: list[int] = []
        self.go_on = Event()
        self.go_on.set()

    def append(self, index: int, *entries: bytes, effects: Sequence[bytes] = ()) -> None:
        if len(entries) > 1:
            self.go_on.wait(10)
        super().append(index, *entries, effects=effects)
        self.groups.append(len(entries))

    def fill_up(self) -> None:
        """Let the file have no page more than it has."""
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count={pages}")

    def empty(self) -> None:
        self._connection.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
async def watched(board: Board, tmp_path: Path) -> tuple[Board, Watched]:
    """The board's registry over a store that is watched."""
    await board.registry.close()
    store = await asyncio.to_thread(Watched, tmp_path / "journal.sqlite")
    resolver = Resolver({"key": KeyMethod()}, board.clock)
    board.registry = Registry(store, clock=board.clock, resolver=resolver, origin=ORIGIN)
    await asyncio.to_thread(board.registry.load)
    return board, store


def acts(board: Board, count: int = MANY) -> list[dict[str, Json]]:
    return [board.sign("irma", board.write("irma", party(f"party {n}"))) for n in range(count)]


async def submit_all(board: Board, each: list[dict[str, Json]]) -> list[Submission | BaseException]:
    return await asyncio.gather(*map(board.registry.submit, each), return_exceptions=True)


async def refolded(board: Board) -> State:
    def fold() -> State:
        state = State(board.registry.journal.root_at)
        for index, entry in enumerate(board.registry.journal.read()):
            apply(state, entry, index, verify=True)
        return state

    return await asyncio.to_thread(fold)


async def test_many_at_once_are_a_few_transactions(watched: tuple[Board, Watched]) -> None:
    board, store = watched
    receipts = await submit_all(board, acts(board))
    assert sorted(r.index for r in receipts if isinstance(r, Submission)) == list(range(1, 65))
    assert sum(store.groups) == MANY
    assert len(store.groups) <= 4
    for receipt in receipts:
        assert isinstance(receipt, Submission)
        assert receipt.root == board.registry.journal.root_at(receipt.size)
    assert (await refolded(board)).proposals == board.registry.state.proposals
    assert await asyncio.to_thread(board.registry.verify) == MANY + 1


async def test_one_that_is_refused_takes_no_other_with_it(watched: tuple[Board, Watched]) -> None:
    board, _ = watched
    sound = acts(board, 5)
    nonce = "a-nonce-that-is-used-twice"
    twice = [
        board.sign("irma", board.write("irma", party(name), nonce=nonce)) for name in ("a", "b")
    ]
    stranger = board.sign("nobody", board.write("nobody", party("c")))
    found = await submit_all(board, [sound[0], twice[0], sound[1], stranger, twice[1], *sound[2:]])
    refused = [each for each in found if isinstance(each, ActRefusedError)]
    assert [each.code for each in refused] == ["unknown_signer", "nonce_used"]
    assert board.registry.journal.size == 7
    assert await asyncio.to_thread(board.registry.verify) == 7


async def test_the_same_act_many_times_at_once_is_recorded_once(
    watched: tuple[Board, Watched],
) -> None:
    board, _ = watched
    (one,) = acts(board, 1)
    found = await submit_all(board, [one] * 20)
    assert len({each for each in found if isinstance(each, Submission)}) == 1
    assert not [each for each in found if isinstance(each, BaseException)]
    assert board.registry.journal.size == 2


async def test_a_vote_may_come_with_what_it_votes_on(watched: tuple[Board, Watched]) -> None:
    """What an act of a group does is there for the next, and for nobody else."""
    board, _ = watched
    proposed = await board.act("irma", party("auditor"))
    framework = board.registry.index.frameworks()[-1].digest
    vote: dict[str, Json] = {"type": "approve", "proposal": proposed.id, "framework": framework}
    votes = [board.sign(by, board.write(by, vote)) for by in ("maker", "watch", "mark")]
    receipts = await submit_all(board, votes)
    statuses = [each.status for each in receipts if isinstance(each, Submission)]
    assert statuses == ["recorded", "executed"]
    assert isinstance(receipts[2], ActRefusedError)
    assert board.registry.index.party_of(_did("auditor"), 4) is not None
    assert board.registry.index.party_of(_did("auditor"), 3) is None


def _did(name: str) -> Did:
    return Did.parse(someone(name).did)


async def test_nothing_is_seen_before_it_is_durable(watched: tuple[Board, Watched]) -> None:
    board, store = watched
    store.go_on.clear()
    each = acts(board, 10)
    writing = asyncio.create_task(submit_all(board, each))
    async with asyncio.timeout(60):
        while board.registry.state.size < 5:  # noqa: ASYNC110 - the state tells nobody
            await asyncio.sleep(0.01)
    assert board.registry.journal.size == 1
    assert board.registry.state.recording(open_act(each[1]).id) is not None
    with pytest.raises(NotFoundError):
        await show_act(board.registry, open_act(each[1]).id)
    store.go_on.set()
    receipts = await writing
    assert board.registry.journal.size == 11
    assert all(isinstance(receipt, Submission) for receipt in receipts)


async def test_a_group_that_cannot_be_written_leaves_nothing_behind(
    watched: tuple[Board, Watched],
) -> None:
    board, store = watched
    await asyncio.to_thread(store.fill_up)
    index, each = board.registry.index, acts(board)
    found = await submit_all(board, each)
    failed = [one for one in found if isinstance(one, StoreError)]
    assert failed, "the file has room for all of them: the test tests nothing"
    size = board.registry.journal.size
    assert size == 1 + len(found) - len(failed)
    assert board.registry.state.size == size
    fresh = await refolded(board)
    assert board.registry.state.proposals == fresh.proposals
    assert board.registry.index is index
    assert index.parties() == fresh.index.parties()
    await asyncio.to_thread(store.empty)
    again = await submit_all(board, each)
    assert all(isinstance(one, Submission) for one in again)
    assert board.registry.journal.size == MANY + 1
    assert await asyncio.to_thread(board.registry.verify) == MANY + 1


async def test_two_processes_write_groups_and_one_history(board: Board, tmp_path: Path) -> None:
    other = await open_board(tmp_path / "journal.sqlite", clock=board.clock)
    other.sent = 10_000
    mine, theirs = acts(board, 40), acts(other, 40)
    found = [*await asyncio.gather(submit_all(board, mine), submit_all(other, theirs))]
    receipts = [each for part in found for each in part]
    assert all(isinstance(each, Submission) for each in receipts), receipts
    indices = sorted(each.index for each in receipts if isinstance(each, Submission))
    assert indices == list(range(1, 81))
    assert await asyncio.to_thread(board.registry.verify) == 81
    await other.registry.close()


class Overtaken(SqliteStore):
    """A store to which another process writes whenever it can before this one does."""

    ahead: Sequence[bytes] = ()

    def append(self, index: int, *entries: bytes, effects: Sequence[bytes] = ()) -> None:
        if self.ahead and not self._connection.in_transaction:
            super().append(index, self.ahead[0])
            self.ahead = self.ahead[1:]
        super().append(index, *entries, effects=effects)


async def test_whoever_is_overtaken_time_and_again_still_writes(
    board: Board, tmp_path: Path
) -> None:
    size = board.registry.journal.size
    for number in range(20):
        await board.act("bc", party(f"faster {number}"))
    written = [
        entry.to_bytes() for entry in await asyncio.to_thread(list, board.registry.journal.read())
    ]
    store = await asyncio.to_thread(Overtaken, tmp_path / "overtaken.sqlite")
    await asyncio.to_thread(store.append, 0, *written[:size])
    await board.registry.close()
    resolver = Resolver({"key": KeyMethod()}, board.clock)
    board.registry = Registry(store, clock=board.clock, resolver=resolver, origin=ORIGIN)
    await asyncio.to_thread(board.registry.load)
    store.ahead = written[size:]
    receipt = await board.act("irma", party("slower"))
    assert receipt.index == size + 1
    assert await asyncio.to_thread(board.registry.verify) == size + 2
    await board.registry.close()
