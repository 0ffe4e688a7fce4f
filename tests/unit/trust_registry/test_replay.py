"""Replay: the same entries give the same state, to the last byte, whoever folds them."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.statements import PartyId
from tests.unit.trust_registry.board import ORIGIN, SEATS, Board, grant, party
from tests.unit.trust_registry.random_acts import World
from trust_registry.docket import names_of
from trust_registry.entries import Entry
from trust_registry.folding import apply
from trust_registry.proposals import Status
from trust_registry.state import State
from trust_registry.state_bytes import state_bytes, state_digest
from trust_registry.stores import Store
from trust_registry.stores.sqlite import SqliteStore

ROOT = Path(__file__).parents[3]
ACTS = int(os.environ.get("REPLAY_ACTS", "1000"))
"""How long the journal is that another process replays; 10,000 take a few minutes."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = SqliteStore(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def digest_elsewhere(path: Path) -> str:
    """What the command line says in a process of its own."""
    start = "from touchstone.cli import main; main()"
    command = [executable, "-c", start, "journal", "replay", "--data", str(path), "--digest"]
    done = run(command, capture_output=True, text=True, check=True, timeout=600, cwd=ROOT)
    return done.stdout.strip()


@pytest.mark.timeout(900)
def test_a_random_journal_gives_another_process_the_same_state(
    store: Store, tmp_path: Path
) -> None:
    world = World(5, store)
    data = list(world.entries(ACTS))
    store.append(0, *data)
    executed = {
        each.act.type for each in world.state.proposals.values() if each.status is Status.EXECUTED
    }
    assert len(executed) > 8, "hardly anything happened: this tests nothing"
    assert len(world.refusals) > 10
    mine = state_digest(world.state, world.journal.root)
    assert digest_elsewhere(tmp_path / "journal.sqlite") == mine


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10_000), st.data())
def test_every_prefix_gives_the_state_that_it_gave(
    store: Store, seed: int, data: st.DataObject
) -> None:
    world = World(seed, store)
    entries, seen = [], []
    for entry in world.entries(120):
        entries.append(entry)
        seen.append(state_bytes(world.state, world.journal.root))
    size = data.draw(st.integers(1, len(entries)))
    again = World(seed, store)
    state, journal = again.state, again.journal
    for index, raw in enumerate(entries[:size]):
        read = Entry.from_bytes(raw, index)
        apply(state, read, index, verify=True)
        journal.take(read)
    assert state_bytes(state, journal.root) == seen[size - 1]
    check_laws(world.state)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10_000), st.sampled_from([("irma", "mark"), ("bc", "watch"), ("maker",)]))
def test_fewer_than_the_quorum_change_nothing_whatever_they_do(
    store: Store, seed: int, few: tuple[str, ...]
) -> None:
    """Two of six, where three and civil society are needed, with anybody from outside."""
    world = World(seed, store, few)
    entries = world.entries(100)
    next(entries)
    before = {(party.id, party.name, party.kinds) for party in world.state.index.parties()}
    for _ in entries:
        pass
    index = world.state.index
    assert not [*index.statements(), *index.all_exclusions(), *index.all_compromises()]
    assert {(party.id, party.name, party.kinds) for party in index.parties()} == before
    assert len(index.frameworks()) == 1
    assert not [p for p in world.state.proposals.values() if p.status is Status.EXECUTED]


def check_laws(state: State) -> None:
    """What no sequence of acts may break."""
    names: dict[tuple[str, str], PartyId] = {}
    bound: dict[str, PartyId] = {}
    for each in state.index.parties():
        for name in names_of(each):
            assert names.setdefault(name, each.id) == each.id
        for did in each.dids if not each.retired else ():
            assert bound.setdefault(did.text, each.id) == each.id
    assert names == state.docket.names
    for statement in state.index.statements():
        granting = state.index.party(statement.authority)
        assert granting is None or granting.id != statement.entity
    for proposal in state.proposals.values():
        if proposal.status is Status.EXECUTED and not proposal.application:
            assert len(proposal.approving) >= len(SEATS) / 2
    assert state.origin == ORIGIN


async def test_the_state_of_a_served_registry_is_that_of_its_file(
    board: Board, tmp_path: Path
) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor"))
    mine = state_digest(board.registry.state, board.registry.journal.root)
    path = tmp_path / "journal.sqlite"
    assert await asyncio.to_thread(digest_elsewhere, path) == mine
    await board.act("irma", grant("authorise", "auditor"))
    changed = state_digest(board.registry.state, board.registry.journal.root)
    assert changed != mine
