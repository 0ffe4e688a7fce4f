"""The fold: any prefix replays to the same state, and only a quorum changes trust."""

import asyncio
from itertools import permutations
from pathlib import Path

import pytest

from policies.statements import StatementId
from resolver.clock import FixedClock
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    ORIGIN,
    PEOPLE,
    START,
    Board,
    framework_document,
    grant,
    open_board,
    party,
    someone,
)
from trust_registry.entries import Entry, Signer
from trust_registry.errors import CorruptJournalError
from trust_registry.folding import apply, judge
from trust_registry.journal import Journal
from trust_registry.opening import Signature, open_act
from trust_registry.proposals import Status
from trust_registry.state import State
from trust_registry.stores import Store
from trust_registry.writing import sign_act, write_act


def seen(state: State) -> tuple[object, ...]:
    index = state.index
    return (
        [(f.version, f.digest, f.recorded) for f in index.frameworks()],
        index.parties(),
        list(index.statements()),
        [index.changes(s.id) for s in index.statements()],
        [index.exclusions(p.id) and index.exclusions(p.id)[0].exclusion for p in index.parties()],
        state.proposals,
        state.size,
        state.genesis,
    )


def signer_of(signature: Signature) -> Signer:
    return Signer(signature.method, PEOPLE[signature.did.text].key.public, "")


async def history(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    granted = await board.act("irma", grant("authorise", "auditor"))
    against = {
        "type": "suspend",
        "statement": granted.id,
        "issued_credentials": "doubt",
        "ground": "Findings",
    }
    change = await board.act("drc", against)
    await board.vote("mark", change.id)
    await board.vote("watch", change.id)
    await board.act("bc", party("other"))
    await board.decide({"type": "exclude", "entity": someone("auditor").did, "ground": "Fraud"})


async def prefixes_of(board: Board) -> list[tuple[object, ...]]:
    return await asyncio.to_thread(folded, board.registry._store, board.registry.journal.size)


def folded(store: Store, size: int) -> list[tuple[object, ...]]:
    """What each prefix gives, in one fold and in folds of its own."""
    entries = list(Journal(store, FixedClock(START)).read())[:size]
    views = []
    for length in range(size + 1):
        journal = Journal(store, FixedClock(START))
        state = State(journal.root_at)
        for index, entry in enumerate(entries[:length]):
            apply(state, entry, index, verify=True)
            journal.take(entry)
        views.append(seen(state))
    return views


async def test_any_prefix_replays_to_the_state_it_had(board: Board) -> None:
    await history(board)
    once = await prefixes_of(board)
    assert once == await prefixes_of(board)
    assert once[-1] == seen(board.registry.state)
    journal = Journal(board.registry._store, FixedClock(START))
    state = State(journal.root_at)
    entries = await asyncio.to_thread(lambda: list(board.registry.journal.read()))
    for index, entry in enumerate(entries):
        assert seen(state) == once[index]
        apply(state, entry, index)
        journal.take(entry)


async def test_what_was_known_is_what_the_prefix_knew(board: Board) -> None:
    """The one index, asked for a past size, holds what the fold of that prefix holds."""
    await history(board)
    index, size = board.registry.index, board.registry.journal.size
    prefixes = await prefixes_of(board)
    for known in range(1, size + 1):
        statements = [s for s in index.statements() if s.recorded.position < known]
        assert statements == prefixes[known][2]
        assert index.framework_at(known).version == 1


async def test_an_entry_names_the_signers_of_its_signatures_and_nobody_else(board: Board) -> None:
    """Whose keys were found is part of an entry, and is held against what was signed."""
    registry = board.registry
    signed = open_act(board.sign("irma", board.write("irma", party("auditor"))))
    irma, auditor = map(signer_of, signed.signatures)
    for signer, *cosigners in ((auditor, irma), (irma,), (irma, auditor, auditor), (irma, irma)):
        entry = Entry(signed.written(), board.clock.now(), signer, tuple(cosigners))
        with pytest.raises(CorruptJournalError, match="signers are not those"):
            judge(registry.state, entry, registry.state.size)
    entry = Entry(signed.written(), board.clock.now(), irma, (auditor,))
    assert judge(registry.state, entry, registry.state.size)[0].id == signed.id


@pytest.mark.parametrize(
    "other", [{"origin": "https://another.test"}, {"genesis": "0" * 64}, {"genesis": None}]
)
async def test_an_entry_is_of_this_registry_in_both_its_names(
    board: Board, other: dict[str, str | None]
) -> None:
    """Also where the operator writes it past the door."""
    registry = board.registry
    signed = open_act(board.sign("irma", board.write("irma", party("auditor"), **other)))
    irma, auditor = map(signer_of, signed.signatures)
    entry = Entry(signed.written(), board.clock.now(), irma, (auditor,))
    with pytest.raises(CorruptJournalError, match="wrong_registry"):
        judge(registry.state, entry, registry.state.size)


async def test_no_entry_rests_on_a_state_that_was_yet_to_come(board: Board) -> None:
    """A replay has the whole journal at hand, and sees no more of it than there was."""
    await history(board)
    journal = board.registry.journal
    seen = (journal.size, journal.root)
    entries = await asyncio.to_thread(lambda: list(journal.read()))
    for size, sound in ((journal.size - 1, False), (journal.size, True)):
        state = State(journal.root_at)
        for index, entry in enumerate(entries[:size]):
            apply(state, entry, index)
        base = (seen[0], seen[1].hex())
        signed = open_act(board.sign("irma", board.write("irma", party("third"), base=base)))
        irma, third = map(signer_of, signed.signatures)
        entry = Entry(signed.written(), board.clock.now(), irma, (third,))
        if sound:
            assert judge(state, entry, size)[0].id == signed.id
        else:
            with pytest.raises(CorruptJournalError, match="wrong_base"):
                judge(state, entry, size)


def first_entry(key: str, genesis: str | None = None) -> Entry:
    """A framework by irma, as if it was signed with somebody's key, as the first entry."""
    irma = someone("irma")
    members: dict[str, Json] = {"type": "adopt_framework", "framework": framework_document()}
    payload = write_act(
        members, by=irma.did, origin=ORIGIN, genesis=genesis, base=None, issued=START
    )
    signed = open_act({**sign_act(payload, irma.kid, irma.key)})
    signer = Signer(signed.signatures[0].method, someone(key).key.public, "")
    return Entry(signed.written(), START, signer)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (first_entry("mark"), "key_not_pinned"),  # a member's own, but not the signer's
        (first_entry("stranger"), "key_not_pinned"),
        (first_entry("irma", "0" * 64), "wrong_registry"),
    ],
)
def test_a_journal_begins_with_the_key_of_the_member_that_signs_and_names_no_other(
    entry: Entry, code: str
) -> None:
    def no_root(_size: int) -> None:
        """There was nothing before."""

    with pytest.raises(CorruptJournalError, match=code):
        judge(State(no_root), entry, 0)
    assert judge(State(no_root), first_entry("irma"), 0)[1].status is Status.EXECUTED


async def test_what_is_pending_is_what_nobody_decided(board: Board) -> None:
    def undecided() -> set[str]:
        docket = board.registry.state.docket
        assert docket.pending == {
            id_ for id_, each in docket.proposals.items() if each.status is Status.PENDING
        }
        return docket.pending

    await history(board)
    carried = await board.act("bc", party("third"))
    lost = await board.act("bc", party("fourth"))
    assert {carried.id, lost.id} <= undecided()
    await board.settle(carried.id, "irma", "maker", "watch")
    await board.vote("bc", lost.id, "reject")
    assert undecided().isdisjoint({carried.id, lost.id})
    last = await board.act("bc", party("fifth"))
    adopting = {"type": "adopt_framework", "framework": framework_document(version=2)}
    await board.decide(adopting, voters=("mark", "maker", "watch"))
    assert board.registry.state.status(last.id) == "void"
    assert undecided() == set()


@pytest.mark.parametrize("order", list(permutations(("mark", "maker", "watch"))))
async def test_the_order_of_approvals_does_not_matter(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    quorum = {"share": "2/3", "minimum": {"civil-society": 1, "industry": 1}}
    rules = {"register_party": quorum, "adopt_framework": {"share": "1/1"}}
    board = await open_board(tmp_path / "journal", framework_document(rules=rules))
    proposed = await board.act("irma", party("auditor"))
    statuses = [(await board.vote(voter, proposed.id)).status for voter in order]
    assert statuses == ["recorded", "recorded", "executed"]
    assert [p.name for p in board.registry.index.parties()][-1] == "auditor"
    await board.registry.close()


@pytest.mark.parametrize(
    "voters",
    [(), ("mark",), ("mark", "maker", "bc", "drc"), ("watch",), ("watch", "mark", "mark-again")],
)
async def test_fewer_than_the_quorum_never_changes_trust(
    tmp_path: Path, voters: tuple[str, ...]
) -> None:
    quorum = {"share": "2/3", "minimum": {"civil-society": 1}}
    rules = {"register_party": quorum, "adopt_framework": {"share": "1/1"}}
    board = await open_board(tmp_path / "journal", framework_document(rules=rules))
    before = board.registry.index.parties()
    proposed = await board.act("irma", party("auditor"))
    for voter in voters:
        name, _, again = voter.partition("-")
        if again:
            await board.vote(name, proposed.id, "reject")
        await board.vote(name, proposed.id)
    assert board.registry.index.parties() == before
    assert board.registry.index.statement(StatementId(proposed.id)) is None
    assert board.registry.state.status(proposed.id) == "pending"
    await board.registry.close()


async def test_judging_an_act_changes_nothing(board: Board) -> None:
    await history(board)
    before = seen(board.registry.state)
    signed = open_act(board.sign("irma", board.write("irma", party("more"))))
    signers = [signer_of(each) for each in signed.signatures]
    board.registry.state.admit(signed, signers, board.clock.now())
    assert seen(board.registry.state) == before
