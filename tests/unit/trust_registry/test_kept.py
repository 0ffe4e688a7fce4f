"""What acts did is kept beside them: a start takes it up, and the audit finds what is not so."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from resolver.instant import Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, against, grant, open_board, party, someone
from tests.unit.trust_registry.random_acts import World
from tests.unit.trust_registry.test_enrolment import hosts_of
from trust_registry import auditing, folding
from trust_registry.docket import BOARD
from trust_registry.entries import Entry
from trust_registry.errors import ActRefusedError, CorruptJournalError
from trust_registry.folding import recalled
from trust_registry.governance import Submission
from trust_registry.journal import Journal
from trust_registry.kept import Deed, Kept, Run, runs
from trust_registry.state import State
from trust_registry.state_bytes import state_bytes
from trust_registry.stores.sqlite import SqliteStore
from trust_registry.writing import cosign_act


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 1000]))
def test_what_is_recalled_is_what_was_judged(store: SqliteStore, seed: int, at_once: int) -> None:
    world = World(seed, store)
    data = list(world.entries(150))
    assume(any(world.effects))  # in a few of these worlds every act goes to the board
    with (
        closing(SqliteStore(Path(":memory:"))) as kept,
        patch("trust_registry.kept._AT_ONCE", at_once),
    ):
        kept.append(0, *data, effects=world.effects)
        journal = Journal(kept, world.clock)
        fold, found = State(journal.root_at), []
        for each in recalled(fold, journal.recall()):
            journal.take(each)
            found.append(each)
    assert {type(each) for each in found} == {Run, Entry}
    assert journal.root == world.journal.root
    assert journal.latest == world.journal.latest
    assert state_bytes(fold, journal.root) == state_bytes(world.state, world.journal.root)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20),
    st.integers(1, 5),
)
def test_runs_hold_what_follows_one_another_in_the_present_format(
    written: list[tuple[int, bool]], at_once: int
) -> None:
    positions = accumulate(1 + gap for gap, _ in written)
    effects = [
        (position, empty(position) if present else b"\xff")
        for position, (_, present) in zip(positions, written, strict=True)
    ]
    with patch("trust_registry.kept._AT_ONCE", at_once):
        found = [*runs(effects)]
    read = [(first + n, act) for first, run in found for n, act in enumerate(run.acts)]
    assert read == [(position, number(position)) for position, each in effects if each != b"\xff"]
    assert all(len(run.acts) <= at_once for _, run in found)
    for (first, run), (following, _) in pairwise(found):
        assert following > first + len(run.acts) or len(run.acts) == at_once


def test_acts_that_are_written_as_more_than_there_are_cannot_be_read() -> None:
    twice = empty(8) + b"," + empty(8)[89:]
    with pytest.raises(CorruptJournalError) as raised:
        list(runs([(7, empty(7)), (8, twice)]))
    assert raised.value.index == 8


def empty(position: int) -> bytes:
    """What would be kept of an act that does nothing."""
    deed = Deed("somebody", "authorise", BOARD, (), (), ())
    return Kept(bytes(32), number(position), bytes(16), Instant(position), deed).to_bytes()


def number(position: int) -> bytes:
    return position.to_bytes(32)


async def test_only_as_much_is_recalled_as_is_asked_for(path: Path) -> None:
    board = await open_board(path)
    journal, size = board.registry.journal, board.registry.journal.size
    for end in range(size + 1):
        found = await asyncio.to_thread(lambda end=end: list(journal.recall(end)))
        assert sum(len(each.acts) if isinstance(each, Run) else 1 for each in found) == end
    await board.registry.close()


async def worked(path: Path) -> Board:
    """A registry in which an authority did its daily work: most of that is kept."""
    board = await open_board(path)
    await board.anchor("mark")
    for number in range(4):
        await board.act("mark", party(f"auditor-{number}"))
        lasting = {
            **grant("authorise", f"auditor-{number}"),
            "valid_until": "2027-01-01T00:00:00Z",
        }
        receipt = await board.act("mark", lasting)
        longer = {"valid_until": "2028-01-01T00:00:00Z", "ground": "audited again"}
        await board.act("mark", {"type": "renew", "statement": receipt.id, **longer})
    return board


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    file = tmp_path / "journal.sqlite"
    board = await worked(file)
    await board.registry.close()
    return file


def judging(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note which entries are judged from now on."""
    judged: list[int] = []
    judge = folding.judge

    def noted(fold: State, entry: Entry, index: int, *, verify: bool = False) -> object:
        judged.append(index)
        return judge(fold, entry, index, verify=verify)

    for module in (folding, auditing):
        monkeypatch.setattr(module, "judge", noted)
    return judged


async def test_a_start_judges_only_what_is_not_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await asyncio.to_thread(kept_of, path)
    judged = judging(monkeypatch)
    board = await open_board(path)
    assert len(kept) == 12
    assert judged == [n for n in range(board.registry.journal.size) if n not in kept]
    again = await board.act("mark", party("latecomer"))
    assert board.registry.state.recording(again.id) is not None
    await board.registry.close()


async def restarted(board: Board, path: Path) -> Board:
    """The same registry after a start, which takes up what is kept."""
    before = state_bytes(board.registry.state, board.registry.journal.root)
    await board.registry.close()
    again = await open_board(path, clock=board.clock)
    again.sent = board.sent
    assert state_bytes(again.registry.state, again.registry.journal.root) == before
    return again


async def test_who_may_take_a_change_back_is_known_after_a_start(path: Path) -> None:
    board = await open_board(path)
    board.sent = 1000
    (statement, *_) = (
        each.id for each in board.registry.index.statements() if each.passes_on is None
    )
    suspended = await board.act("mark", against(statement))
    assert suspended.index in await asyncio.to_thread(kept_of, path)
    board = await restarted(board, path)
    lift: dict[str, Json] = {"type": "reinstate", "change": suspended.id, "ground": "Mended"}
    assert (await board.act("irma", lift)).status == "pending"
    assert (await board.act("mark", lift)).status == "executed"
    await board.registry.close()


async def test_whose_a_domain_is_is_known_after_a_start(path: Path) -> None:
    host = someone("host").key

    async def claims(board: Board, name: str, *domains: str) -> Submission:
        hosts_of(board).keys = {"did:web:shared.test": "host"}
        members: dict[str, Json] = {
            "type": "amend_party",
            "party": someone(name).did,
            "domains": [*domains],
        }
        signed = board.sign(name, board.write(name, members), name)
        return await board.registry.submit(cosign_act(signed, "did:web:shared.test#1", host))

    board = await open_board(path)
    board.sent = 1000
    first = await claims(board, "bc", "shared.test")
    assert first.index in await asyncio.to_thread(kept_of, path)
    board = await restarted(board, path)
    with pytest.raises(ActRefusedError, match="belongs to another"):
        await claims(board, "drc", "shared.test")
    given_up = await claims(board, "bc")
    assert given_up.index in await asyncio.to_thread(kept_of, path)
    board = await restarted(board, path)
    assert (await claims(board, "drc", "shared.test")).status == "executed"
    await board.registry.close()


async def test_a_used_nonce_is_known_after_a_start(path: Path, tmp_path: Path) -> None:
    before = await open_board(path)
    mine = state_bytes(before.registry.state, before.registry.journal.root)
    await before.registry.close()
    other = tmp_path / "judged.sqlite"
    await asyncio.to_thread(forget, path, other)
    board = await open_board(other)
    assert state_bytes(board.registry.state, board.registry.journal.root) == mine
    await board.registry.close()


async def test_the_audit_keeps_what_is_not_kept_yet(path: Path, tmp_path: Path) -> None:
    kept, old = await asyncio.to_thread(kept_of, path), tmp_path / "old.sqlite"
    await asyncio.to_thread(forget, path, old)
    board = await open_board(old)
    assert await asyncio.to_thread(kept_of, old) == {}
    await audited(board)
    assert board.registry.audit.fault is None
    await board.registry.close()
    assert await asyncio.to_thread(kept_of, old) == kept


def flipped(effect: bytes) -> bytes:
    """Let a statement hold until another time."""
    return effect.replace(b"1830297600000", b"1830297600001")


def of_another_party(effect: bytes) -> bytes:
    return effect.replace(b'["', b'["0', 1)


def of_another_time(effect: bytes) -> bytes:
    """A millisecond later than the entry says."""
    return effect[:88] + bytes([effect[88] + 1]) + effect[89:]


@pytest.mark.parametrize("change", [flipped, of_another_party, of_another_time])
async def test_what_an_entry_never_did_is_found(
    path: Path, change: Callable[[bytes], bytes]
) -> None:
    index = await asyncio.to_thread(exchange, path, change)
    board = await open_board(path)
    await audited(board)
    fault = board.registry.audit.fault
    assert fault is not None
    assert fault.index == index
    with pytest.raises(CorruptJournalError) as raised:
        await asyncio.to_thread(board.registry.verify)
    assert raised.value.index == index
    await board.registry.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda effect: effect[:40],
        lambda effect: effect[:-3],
        lambda effect: effect[:89] + b"[]",
        lambda effect: effect[:89] + b'["w","k","m",[],[["id"]],[]]',
        lambda effect: effect[:89] + b'["w","k","m",[],[[1,2,3,4,5,6,7,8,9]],[]]',
        lambda effect: effect[:89] + b'["w","k","m",[],[],[["i","s","eat","{}",0,1,"doubt"]]]',
        lambda effect: effect[:89] + b'["w","k","m",[[["p",["d"],"","x"],[1],[]]],[],[]]',
    ],
)
async def test_what_cannot_be_read_is_named(path: Path, change: Callable[[bytes], bytes]) -> None:
    index = await asyncio.to_thread(exchange, path, change)
    with pytest.raises(CorruptJournalError) as raised:
        await open_board(path)
    assert raised.value.index == index


async def test_what_does_not_fit_what_was_before_it_is_refused(path: Path) -> None:
    kept = await asyncio.to_thread(kept_of, path)
    first = next(effect for _, effect in sorted(kept.items()) if b'"issue"' in effect)
    await asyncio.to_thread(exchange, path, lambda effect: effect[:89] + first[89:])
    with pytest.raises(CorruptJournalError, match="a second statement has the id"):
        await open_board(path)


async def test_another_format_is_judged_instead(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await asyncio.to_thread(exchange, path, lambda effect: b"\xff" + effect[1:])
    judged = judging(monkeypatch)
    board = await open_board(path)
    assert index in judged
    await audited(board)
    assert board.registry.audit.fault is None
    assert await asyncio.to_thread(board.registry.verify) == board.registry.journal.size
    await board.registry.close()


async def test_what_is_kept_of_no_entry_is_found(path: Path) -> None:
    def invent() -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO effects SELECT 99, effect FROM effects LIMIT 1")
            connection.commit()

    board = await open_board(path)
    await asyncio.to_thread(invent)
    with pytest.raises(CorruptJournalError, match="missing"):
        await asyncio.to_thread(board.registry.verify)
    await board.registry.close()
    with pytest.raises(CorruptJournalError, match="missing"):
        await open_board(path)


def kept_of(path: Path) -> dict[int, bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT position, effect FROM effects"))


def forget(path: Path, other: Path) -> None:
    """Copy a journal without what is kept of its entries, as one from before anything was."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(other)) as target:
        source.backup(target)
        target.execute("DROP TABLE effects")
        target.commit()


def exchange(path: Path, change: Callable[[bytes], bytes]) -> int:
    """Change what is kept of the last entry that made a statement; return the entry's index."""
    kept = kept_of(path)
    index = max(each for each, effect in kept.items() if b'"issue"' in effect)
    effect = kept[index]
    with closing(sqlite3.connect(path)) as connection:
        assert change(effect) != effect
        connection.execute(
            "UPDATE effects SET effect = ? WHERE position = ?", (change(effect), index)
        )
        connection.commit()
    return index


async def audited(board: Board) -> None:
    audit = board.registry.audit
    audit.begin()
    async with asyncio.timeout(60):
        while audit.pending and audit.fault is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await audit.settle()
