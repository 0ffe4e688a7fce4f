"""The demo's history went through governance, and can be replayed by anyone."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from policies.statements import StatementId
from resolver.clock import FixedClock, SystemClock
from resolver.instant import DAY, Instant
from tests.demo.conftest import Service
from tests.unit.trust_registry.test_replay import digest_elsewhere
from touchstone.demo.clock import StoryClock
from touchstone.demo.data import DemoData, Grant, Registration
from touchstone.demo.ecosystem import JOURNAL, ecosystem
from touchstone.demo.errors import DemoDataError, DemoStoppedError
from touchstone.demo.framework import framework_document
from touchstone.service.settings import Settings
from trust_registry.acts import AddAnchor, CompromiseKey, DecideAppeal, RegisterParty
from trust_registry.proposals import Status
from trust_registry.state_bytes import state_digest

asks = pytest.mark.asyncio(loop_scope="session")


@asks
async def test_the_whole_journal_verifies(service: Service) -> None:
    registry = service.eco.registry
    assert await asyncio.to_thread(registry.verify) == registry.journal.size > 100


@asks
async def test_another_process_replays_it_to_the_same_state(service: Service) -> None:
    registry = service.eco.registry
    mine = await asyncio.to_thread(state_digest, registry.state, registry.journal.root)
    elsewhere = await asyncio.to_thread(digest_elsewhere, service.folder / JOURNAL)
    assert elsewhere == mine


@asks
async def test_the_board_decided_what_only_a_board_may(service: Service) -> None:
    state = service.eco.registry.state
    framework = state.index.framework_at(state.size)
    assert all(each.status is Status.EXECUTED for each in state.proposals.values())
    decided = list(state.proposals.values())
    assert {type(each.act) for each in decided} >= {RegisterParty, AddAnchor, CompromiseKey}
    for proposal in decided:
        assert all(tally.met for tally in state.count(proposal).tallies)
        seats = {member.did: member.control_group for member in framework.members}
        assert not {seats[did] for did in proposal.approving} & proposal.abstaining


@asks
async def test_an_appeal_was_heard_without_those_concerned(service: Service) -> None:
    state = service.eco.registry.state
    (appeal,) = state.docket.appeals.values()
    assert (appeal.id, appeal.decision) == (service.eco.ids["quickstamp-appeals"], "dismissed")
    (verdict,) = (p for p in state.proposals.values() if isinstance(p.act, DecideAppeal))
    assert state.index.group_of(appeal.by) in verdict.abstaining


@asks
async def test_a_government_applied_by_itself_and_waited_longer_for_an_objection(
    service: Service,
) -> None:
    state, parties = service.eco.registry.state, service.eco.data.parties
    did = parties["applicant"].did
    party, anchor = (p for p in state.proposals.values() if p.application)
    assert {party.act.by.text, anchor.act.by.text} == {did}
    assert isinstance(party.act, RegisterParty)
    assert isinstance(anchor.act, AddAnchor)
    for applied in (party.act, anchor.act):
        assert applied.legal_basis
        assert applied.evidence
    assert anchor.id == service.eco.ids["sandoria-applies"]
    assert [each.text for each in anchor.objections] == [parties["copper-mine"].did]
    statement = state.index.statement(StatementId(anchor.id))
    assert statement is not None
    assert statement.recorded.at >= anchor.recorded_at + 21 * DAY
    shown = await service.get(f"/v1/acts/{anchor.id}")
    assert (shown["status"], shown["objected_by"]) == ("executed", [parties["copper-mine"].did])


@asks
async def test_anchors_waited_in_public(service: Service) -> None:
    state = service.eco.registry.state
    anchors = [each for each in state.proposals.values() if isinstance(each.act, AddAnchor)]
    assert len(anchors) == 10
    for proposal in anchors:
        statement = next(each for each in state.index.statements() if each.id == proposal.id)
        assert statement.recorded.at >= proposal.recorded_at + 7 * DAY


@asks
async def test_what_the_data_names_is_what_the_registry_holds(service: Service) -> None:
    index = service.eco.registry.index
    held = {statement.id for statement in index.statements()}
    grants = [act for act in service.eco.data.history.acts if isinstance(act, Grant)]
    assert {service.eco.ids[act.id] for act in grants} == held
    registered = {party.dids[0].text for party in index.parties()}
    expected = {party.did for party in service.eco.data.parties.values() if party.registered}
    assert registered == expected


@asks
async def test_the_clock_tells_the_present_once_the_story_is_told(service: Service) -> None:
    system = SystemClock().now()
    assert abs(service.eco.clock.now() - system) < 60_000
    journal = service.eco.registry.journal
    times = [journal.recorded_at(index) for index in range(journal.size)]
    assert times == sorted(times)
    assert times[-1] < system


def without_approvals(data: DemoData) -> DemoData:
    acts = tuple(
        act.model_copy(update={"approved_by": act.approved_by[:1]})
        if isinstance(act, Registration)
        else act
        for act in data.history.acts
    )
    return replace(data, history=data.history.model_copy(update={"acts": acts}))


def settings(folder: Path) -> Settings:
    return Settings(data=folder / JOURNAL, origin="http://127.0.0.1:1")


async def test_too_few_approvals_stop_the_story(data: DemoData, tmp_path: Path) -> None:
    with pytest.raises(DemoStoppedError, match="register_party: the board did not reach"):
        async with ecosystem(without_approvals(data), tmp_path, settings(tmp_path)):
            pass


async def test_an_act_that_is_refused_is_named(data: DemoData, tmp_path: Path) -> None:
    (first, *rest) = data.history.acts
    stranger = first.model_copy(update={"by": "fast-certs"})
    story = data.history.model_copy(update={"acts": (stranger, *rest)})
    with pytest.raises(DemoStoppedError, match="register_party by fast-certs: unknown_signer"):
        async with ecosystem(replace(data, history=story), tmp_path, settings(tmp_path)):
            pass


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("members", [{"party": "nobody", "class": "state"}]),
        ("members", None),
        ("reserved", [{"id": "x", "anchors": ["nobody"], "scope": {}}]),
        ("reserved", [{"id": "x", "anchors": None, "scope": {}}]),
    ],
)
def test_a_framework_of_strangers_is_refused(data: DemoData, member: str, value: object) -> None:
    with pytest.raises(DemoDataError, match=r"^framework\.yaml"):
        framework_document(replace(data, framework={**data.framework, member: value}))


def test_a_storys_clock_only_moves_forward_until_released() -> None:
    clock = StoryClock(Instant(1000), FixedClock(Instant(5000)))
    clock.move(Instant(2000))
    assert clock.now() == 2000
    with pytest.raises(ValueError, match="forward"):
        clock.move(Instant(1999))
    clock.release()
    assert clock.now() == 5000
    with pytest.raises(ValueError, match="released"):
        clock.move(Instant(9000))
