"""Many at once, some gone halfway, and any order of votes: what holds whatever happens."""

import asyncio
from contextlib import suppress
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trust_registry.board import SEATS, Board, open_board, party
from trust_registry.errors import ActRefusedError
from trust_registry.proposals import Status

MEMBERS = tuple(SEATS)


async def replayed(board: Board, path: Path) -> Board:
    assert await asyncio.to_thread(board.registry.verify) == board.registry.journal.size
    again = await open_board(path, clock=board.clock)
    await again.registry.close()
    assert again.registry.journal.root == board.registry.journal.root
    assert again.registry.state.proposals == board.registry.state.proposals
    assert again.registry.index.parties() == board.registry.index.parties()
    return again


async def test_acts_that_come_together_are_recorded_one_after_the_other(
    board: Board, tmp_path: Path
) -> None:
    acts = [
        board.sign(by, board.write(by, party(f"party of {by} {n}")))
        for by in MEMBERS
        for n in range(3)
    ]
    receipts = await asyncio.gather(*map(board.registry.submit, [*acts, *acts]))
    assert sorted({receipt.index for receipt in receipts}) == list(range(1, len(acts) + 1))
    assert receipts[: len(acts)] == receipts[len(acts) :]
    await replayed(board, tmp_path / "journal.sqlite")


async def test_a_caller_that_goes_away_leaves_nothing_half_done(
    board: Board, tmp_path: Path
) -> None:
    for number in range(12):
        signed = board.sign("irma", board.write("irma", party(f"party {number}")))
        task = asyncio.create_task(board.registry.submit(signed))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        receipt = await board.registry.submit(signed)
        assert receipt.index == number + 1
    await replayed(board, tmp_path / "journal.sqlite")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(MEMBERS),
            st.sampled_from(("propose", "approve", "approve", "reject")),
            st.integers(0, 3),
        ),
        max_size=30,
    )
)
def test_whatever_the_votes_only_a_quorum_registers_a_party(
    steps: list[tuple[str, str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder) / "journal", steps))


async def _play(path: Path, steps: list[tuple[str, str, int]]) -> None:
    board = await open_board(path)
    proposals: list[str] = []
    votes: list[set[str]] = []
    proposers: list[str] = []
    executed: set[str] = set()
    for by, what, number in steps:
        if what == "propose":
            receipt = await board.act(by, party(f"party {len(proposals)}"))
            proposals.append(receipt.id)
            votes.append({by})
            proposers.append(by)
        elif number < len(proposals):
            with suppress(ActRefusedError):
                receipt = await board.vote(by, proposals[number], what)
                (votes[number].add if what == "approve" else votes[number].discard)(by)
                if receipt.status is Status.EXECUTED:
                    executed.add(proposals[number])
                    quorum = ceil(len(MEMBERS) / 2)
                    assert len(votes[number]) >= quorum
                    assert "watch" in votes[number]
                elif not (what == "reject" and by == proposers[number]):
                    assert len(votes[number]) < len(MEMBERS) / 2 or "watch" not in votes[number]
    registered = {each.id for each in board.registry.index.parties()[len(MEMBERS) :]}
    assert registered == executed
    await replayed(board, path)
    await board.registry.close()
