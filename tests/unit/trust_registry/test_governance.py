"""Who may do what: each rule of governance, through the one way in."""

import pytest

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Outcome, Question, Reason
from policies.statements import StatementId
from resolver.did import Did
from resolver.instant import DAY, Instant
from tests.unit.trust_registry.board import (
    EVIDENCE,
    Board,
    framework_document,
    grant,
    member,
    party,
    someone,
)
from trust_registry.errors import ActRefusedError, Refusal

HOUR = 3_600_000


async def refused(board: Board, by: str, members: dict[str, object], **given: object) -> Refusal:
    size = board.registry.journal.size
    with pytest.raises(ActRefusedError) as caught:
        await board.act(by, members, **given)
    assert board.registry.journal.size == size
    return caught.value.code


def answer(board: Board, issuer: str) -> tuple[Outcome, Reason]:
    claim = Claim({Dimension.COMMODITY: ClaimValue("copper")})
    now = board.clock.now()
    question = Question(
        Did.parse(someone(issuer).did), claim, now, now, board.registry.journal.size
    )
    decision = decide(question, board.registry.index)
    return decision.outcome, decision.reason


async def test_the_founder_makes_parties_of_all_members(board: Board) -> None:
    parties = {each.name for each in board.registry.index.parties()}
    assert parties == {"bc", "drc", "irma", "mark", "maker", "watch"}
    assert board.registry.journal.size == 1


async def test_a_quorum_registers_a_party_and_not_one_vote_fewer(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    assert proposed.status == "pending"
    did = Did.parse(someone("auditor").did)
    assert (await board.vote("mark", proposed.id)).status == "recorded"
    assert (await board.vote("bc", proposed.id)).status == "recorded"  # half, but no civil society
    assert board.registry.index.party_of(did, board.registry.journal.size) is None
    assert (await board.vote("watch", proposed.id)).status == "executed"
    found = board.registry.index.party_of(did, board.registry.journal.size)
    assert found is not None
    assert found.id == proposed.id
    assert found.recorded.position == 4


async def test_an_anchor_waits_its_public_period_and_is_executed_on_demand(board: Board) -> None:
    proposed = await board.act("bc", grant("add_anchor", "irma"))
    for voter in ("mark", "maker", "watch"):
        assert (await board.vote(voter, proposed.id)).status == "recorded"
    execute = {
        "type": "execute",
        "proposal": proposed.id,
        "framework": board.registry.index.frameworks()[-1].digest,
    }
    assert await refused(board, "drc", execute) is Refusal.TOO_EARLY
    board.pass_time(7 * DAY)
    assert (await board.act("drc", execute)).status == "executed"
    statement = board.statement(proposed.id)
    assert statement is not None
    assert statement.authority == "https://registry.test/framework"
    assert await refused(board, "drc", execute) is Refusal.PROPOSAL_CLOSED


async def test_an_anchor_grants_in_its_own_name_and_the_chain_is_found(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.NO_STATEMENT)
    granted = await board.act("irma", grant("authorise", "auditor"))
    assert granted.status == "executed"
    assert answer(board, "auditor") == (Outcome.AUTHORISED, Reason.AUTHORISED)


async def test_who_an_act_is_about_abstains(board: Board) -> None:
    proposed = await board.act("irma", grant("add_anchor", "irma"))
    assert board.registry.state.proposals[proposed.id].votes == {}
    proposed = await board.act("irma", grant("add_anchor", "bc"))
    vote = {
        "type": "approve",
        "proposal": proposed.id,
        "framework": board.registry.index.frameworks()[-1].digest,
    }
    assert await refused(board, "bc", vote) is Refusal.ABSTAINS


async def test_votes_are_bound_and_counted_once(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    digest = board.registry.index.frameworks()[-1].digest
    vote = {"type": "approve", "proposal": proposed.id, "framework": digest}
    assert await refused(board, "irma", vote) is Refusal.ALREADY_VOTED
    assert await refused(board, "mark", vote | {"framework": "0" * 64}) is Refusal.WRONG_FRAMEWORK
    assert await refused(board, "mark", vote | {"proposal": "0" * 64}) is Refusal.UNKNOWN_PROPOSAL
    unseen = (1, (board.registry.journal.root_at(1) or b"").hex())
    assert await refused(board, "mark", vote, base=unseen) is Refusal.WRONG_BASE
    assert await refused(board, "mark", vote, base=(2, "0" * 64)) is Refusal.WRONG_BASE
    assert await refused(board, "stranger", vote) is Refusal.UNKNOWN_SIGNER


async def test_an_approval_can_be_taken_back(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    await board.vote("mark", proposed.id)
    await board.vote("mark", proposed.id, "reject")
    assert (await board.vote("watch", proposed.id)).status == "recorded"
    assert (await board.vote("mark", proposed.id)).status == "executed"


async def test_a_proposer_ends_its_proposal(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    await board.vote("irma", proposed.id, "reject")
    assert board.registry.state.status(proposed.id) == "void"
    vote = {
        "type": "approve",
        "proposal": proposed.id,
        "framework": board.registry.index.frameworks()[-1].digest,
    }
    assert await refused(board, "mark", vote) is Refusal.PROPOSAL_CLOSED


async def test_a_proposal_ends_with_its_act(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    board.pass_time(31 * DAY)
    vote = {
        "type": "approve",
        "proposal": proposed.id,
        "framework": board.registry.index.frameworks()[-1].digest,
    }
    assert await refused(board, "mark", vote) is Refusal.PROPOSAL_CLOSED


async def test_grants_are_refused_where_there_is_no_power(board: Board) -> None:
    await board.decide(party("auditor"))
    assert await refused(board, "irma", grant("authorise", "auditor")) is Refusal.NOT_ENTITLED
    await board.anchor("irma")
    assert await refused(board, "irma", grant("authorise", "nobody")) is Refusal.UNKNOWN_PARTY
    assert await refused(board, "irma", grant("authorise", "irma")) is Refusal.SELF_GRANT
    assert await refused(board, "auditor", grant("authorise", "mark")) is Refusal.NOT_ENTITLED
    assert await refused(board, "auditor", grant("recognise", "mark")) is Refusal.NOT_ENTITLED


async def test_nobody_grants_within_its_control_group(board: Board) -> None:
    sister = someone("irma").did
    await board.decide(party("sister", control_group=sister), by="bc", voters=("maker", "watch"))
    await board.anchor("irma")
    assert await refused(board, "irma", grant("authorise", "sister")) is Refusal.SELF_GRANT


async def test_backdating_needs_evidence_and_the_board(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    early = grant("authorise", "auditor", valid_from="2020-01-01T00:00:00Z")
    assert await refused(board, "irma", early) is Refusal.BACKDATED
    proposed = await board.act("irma", early | {"evidence": EVIDENCE})
    assert proposed.status == "pending"
    assert answer(board, "auditor")[0] is Outcome.NOT_AUTHORISED
    for voter in ("maker", "watch"):
        await board.vote(voter, proposed.id)
    statement = board.statement(proposed.id)
    assert statement is not None
    assert statement.authority != "https://registry.test/framework"
    assert statement.valid_from < statement.recorded.at
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED


async def suspended(board: Board) -> str:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    return (await board.act("irma", grant("authorise", "auditor"))).id


def against(statement: str, type_: str = "suspend", **more: object) -> dict[str, object]:
    return {
        "type": type_,
        "statement": statement,
        "issued_credentials": "nothing",
        "ground": "Findings",
        **more,
    }


async def test_an_authority_suspends_and_reinstates_what_it_granted(board: Board) -> None:
    statement = await suspended(board)
    assert await refused(board, "auditor", against(statement)) is Refusal.NOT_ENTITLED
    assert await refused(board, "irma", against("0" * 64)) is Refusal.UNKNOWN_STATEMENT
    change = await board.act("irma", against(statement))
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    lift = {"type": "reinstate", "change": change.id, "ground": "Closed"}
    assert await refused(board, "auditor", lift) is Refusal.NOT_ENTITLED
    board.pass_time(HOUR)
    assert (await board.act("irma", lift)).status == "executed"
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED
    assert await refused(board, "irma", lift) is Refusal.ALREADY_LIFTED


async def test_an_authority_above_withdraws_what_was_granted_below(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.decide(party("oversight"))
    await board.anchor("irma")
    await board.act(
        "irma", grant("accredit", "oversight", passes_on={"actions": ["issue"], "depth": 0})
    )
    granted = await board.act("oversight", grant("authorise", "auditor"))
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED
    assert (await board.act("irma", against(granted.id, "withdraw"))).status == "executed"
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.WITHDRAWN)


async def test_nobody_gets_power_over_an_authority_by_accrediting_it(board: Board) -> None:
    statement = await suspended(board)
    await board.anchor("mark")
    pressed = grant("accredit", "irma", passes_on={"actions": ["issue"], "depth": 0})
    assert (await board.act("mark", pressed)).status == "executed"
    proposed = await board.act("mark", against(statement, "withdraw"))
    assert proposed.status == "pending"  # as a member, before the board; not as an authority
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED


async def test_a_withdrawal_that_reaches_back_needs_the_board(board: Board) -> None:
    statement = await suspended(board)
    board.pass_time(30 * DAY)
    back = against(statement, "withdraw", effective_from="2026-01-20T00:00:00Z")
    assert await refused(board, "irma", back) is Refusal.BACKDATED
    proposed = await board.act("irma", back | {"evidence": EVIDENCE})
    assert proposed.status == "pending"
    for voter in ("maker", "watch"):
        await board.vote(voter, proposed.id)
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.WITHDRAWN)


async def test_one_members_suspension_lapses_by_itself(board: Board) -> None:
    statement = await suspended(board)
    change = await board.act("drc", against(statement, issued_credentials="void"))
    assert change.status == "pending"
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    assert await refused(board, "drc", against(statement)) is Refusal.ALREADY_SUSPENDED
    board.pass_time(72 * HOUR - 1)
    assert answer(board, "auditor")[0] is Outcome.NOT_AUTHORISED
    board.pass_time(1)
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED
    vote = {
        "type": "approve",
        "proposal": change.id,
        "framework": board.registry.index.frameworks()[-1].digest,
    }
    assert await refused(board, "mark", vote) is Refusal.PROPOSAL_CLOSED
    assert await refused(board, "drc", against(statement)) is Refusal.ALREADY_SUSPENDED


async def test_a_ratified_suspension_stands_until_the_board_lifts_it(board: Board) -> None:
    statement = await suspended(board)
    change = await board.act("drc", against(statement))
    board.pass_time(HOUR)
    await board.vote("mark", change.id)
    assert (await board.vote("watch", change.id)).status == "executed"
    board.pass_time(30 * DAY)
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    lift = {"type": "reinstate", "change": change.id, "ground": "Closed"}
    lifting = await board.act("drc", lift)
    assert lifting.status == "pending"  # no longer the member's own
    await board.vote("mark", lifting.id)
    await board.vote("watch", lifting.id)
    assert answer(board, "auditor")[0] is Outcome.AUTHORISED


async def test_an_excluded_party_is_shut_out(board: Board) -> None:
    await suspended(board)
    exclusion = {"type": "exclude", "entity": someone("auditor").did, "ground": "Fraud"}
    await board.decide(exclusion)
    assert answer(board, "auditor") == (Outcome.NOT_AUTHORISED, Reason.EXCLUDED)


async def test_a_compromised_key_signs_no_more_acts(board: Board) -> None:
    await board.anchor("irma")
    await board.decide(party("auditor"), by="bc", voters=("mark", "watch"))
    compromise = {
        "type": "compromise_key",
        "did": someone("irma").did,
        "thumbprint": someone("irma").thumbprint,
        "from": "2026-01-02T00:00:00Z",
    }
    await board.decide(compromise, by="bc", voters=("mark", "watch"))
    assert not board.registry.index.compromises(  # it takes a vote: it needs two thirds
        Did.parse(someone("irma").did), someone("irma").thumbprint, board.registry.journal.size
    )
    await board.vote("maker", next(reversed(board.registry.state.proposals)))
    assert await refused(board, "irma", grant("authorise", "auditor")) is Refusal.KEY_COMPROMISED


async def test_a_sponsor_registers_whom_it_will_authorise(board: Board) -> None:
    assert (await board.act("irma", party("one"))).status == "pending"
    await board.anchor("irma")
    assert (await board.act("irma", party("two"))).status == "executed"
    claimed = party("three", domains=["coppermark.org"])
    assert await refused(board, "irma", claimed) is Refusal.DOMAIN_UNPROVED
    controlled = party("three", control_group=someone("mark").did)
    assert await refused(board, "irma", controlled) is Refusal.NOT_ENTITLED


async def test_a_did_belongs_to_one_party(board: Board) -> None:
    both = party("one") | {"dids": [someone("one").did, someone("mark").did]}
    assert await refused(board, "bc", both) is Refusal.ALREADY_BOUND


async def test_a_party_is_amended_and_was_what_it_was(board: Board) -> None:
    amend = {"type": "amend_party", "party": someone("mark").did, "name": "The Mark"}
    await board.decide(amend, by="bc", voters=("maker", "watch"))
    now = board.registry.index.party_of(Did.parse(someone("mark").did), board.registry.journal.size)
    assert now is not None
    assert (now.name, now.kinds) == ("The Mark", ("scheme-owner",))
    before = board.registry.index.party_of(Did.parse(someone("mark").did), 1)
    assert before is not None
    assert (before.id, before.name) == (now.id, "mark")


async def test_a_new_framework_needs_the_old_and_the_new_quorum(board: Board) -> None:
    new = framework_document(
        version=2,
        members=[
            member("irma", "scheme-owner"),
            member("maker", "industry"),
            member("one", "civil-society"),
            member("two", "civil-society"),
        ],
        rules={"adopt_framework": {"share": "3/4"}},
    )
    other = await board.act("irma", party("auditor"))
    adopt = {"type": "adopt_framework", "framework": new}
    assert await refused(board, "irma", adopt | {"framework": new | {"version": 3}}) is (
        Refusal.WRONG_FRAMEWORK
    )
    proposed = await board.act("irma", adopt)
    for voter in ("maker", "mark", "watch"):  # two thirds of the old, half of the new
        assert (await board.vote(voter, proposed.id)).status == "recorded"
    assert (await board.vote("one", proposed.id)).status == "executed"
    assert board.registry.index.frameworks()[-1].version == 2
    assert board.registry.state.status(other.id) == "void"
    assert board.registry.index.framework_at(3).version == 1
    assert await refused(board, "watch", party("more")) is Refusal.NOT_ENTITLED


async def test_what_the_framework_has_no_rule_for_cannot_be_decided(tmp_path: object) -> None:
    from pathlib import Path

    from tests.unit.trust_registry.board import open_board

    assert isinstance(tmp_path, Path)
    document = framework_document(rules={"adopt_framework": {"share": "1/1"}})
    board = await open_board(tmp_path / "j", document)
    assert await refused(board, "irma", party("auditor")) is Refusal.NO_RULE
    await board.registry.close()


async def test_acts_are_for_this_registry_in_time_and_once(board: Board) -> None:
    act = party("auditor")
    assert await refused(board, "irma", act, origin="https://other.test") is Refusal.WRONG_REGISTRY
    assert await refused(board, "irma", act, genesis="0" * 64) is Refusal.WRONG_REGISTRY
    late = Instant(board.clock.now() + HOUR)
    assert await refused(board, "irma", act, issued=late) is Refusal.NOT_YET_ISSUED
    early = Instant(board.clock.now() - HOUR)
    assert (
        await refused(board, "irma", act, issued=early, expires=board.clock.now())
        is Refusal.EXPIRED
    )
    first = await board.act("irma", act, nonce="a-nonce-used-once")
    assert await refused(board, "irma", act, nonce="a-nonce-used-once") is Refusal.NONCE_USED
    assert (
        await board.act("bc", party("other"), nonce="a-nonce-used-once")
    ).index == first.index + 1
    assert await refused(board, "irma", act, base=None) is Refusal.WRONG_BASE


async def test_the_same_act_again_gets_its_first_receipt(board: Board) -> None:
    signed = board.sign("irma", board.write("irma", party("auditor")))
    first = await board.registry.submit(signed)
    await board.act("bc", party("other"))
    assert await board.registry.submit(signed) == first
    assert board.registry.journal.size == 3


async def test_only_the_pinned_key_of_the_named_signer_counts(board: Board) -> None:
    payload = board.write("irma", party("auditor"))
    forged = board.sign("irma", payload, "irma") | {
        "signature": board.sign("mark", payload, "mark")["signature"]
    }
    with pytest.raises(ActRefusedError) as caught:
        await board.registry.submit(forged)
    assert caught.value.code is Refusal.BAD_SIGNATURE
    with pytest.raises(ActRefusedError) as caught:
        await board.registry.submit(board.sign("mark", payload))
    assert caught.value.code is Refusal.WRONG_HEADER


async def test_changes_name_their_maker(board: Board) -> None:
    statement = await suspended(board)
    change = await board.act("irma", against(statement))
    found = board.registry.index.change(StatementId(change.id))
    assert found is not None
    assert found.effective_from == found.recorded.at
