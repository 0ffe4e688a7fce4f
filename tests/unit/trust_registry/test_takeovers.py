"""Attacks by which fewer than a quorum would take a board over: through keys, or through control."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from policies.decision import Outcome, Reason
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.instant import DAY
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    ORIGIN,
    SEATS,
    START,
    Board,
    Person,
    against,
    framework_document,
    grant,
    member,
    open_board,
    party,
    someone,
)
from tests.unit.trust_registry.test_attacks import group
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.registry import Registry, open_registry
from trust_registry.writing import found, sign_act, vote_on, write_for

NAMES = ("first", "second", "third")
HOUR = 3_600_000


# Keys that a proposal would pin.


class Hosts:
    """The web servers of three members, each with the one key that it shows now."""

    def __init__(self) -> None:
        self.shown = {f"did:web:{name}.test": someone(name) for name in NAMES}

    async def document(self, did: Did) -> DidDocument:
        key = self.shown[did.text].key.public
        method: Json = {
            "id": f"{did}#1",
            "type": "Multikey",
            "controller": did.text,
            "publicKeyMultibase": key.multikey,
        }
        return parse_document(
            {"id": did.text, "verificationMethod": [method], "assertionMethod": [f"{did}#1"]}, did
        )


def seats(people: Sequence[Person]) -> list[Json]:
    return [
        {"did": f"did:web:{name}.test", "name": name, "class": "state", "keys": [each.thumbprint]}
        for name, each in zip(NAMES, people, strict=True)
    ]


def of_three(people: Sequence[Person], version: int) -> dict[str, Json]:
    rules: dict[str, Json] = {"adopt_framework": {"share": "2/3"}}
    return framework_document(members=seats(people), rules=rules, version=version)


def signed(payload: bytes, name: str, person: Person) -> Json:
    return {**sign_act(payload, f"did:web:{name}.test#1", person.key)}


async def submit(registry: Registry, members: dict[str, Json], name: str, person: Person) -> str:
    payload = write_for(registry, members, by=f"did:web:{name}.test", issued=START)
    return (await registry.submit(signed(payload, name, person))).id


async def test_a_proposal_gives_no_vote_to_keys_that_only_it_pins(tmp_path: Path) -> None:
    hosts, people = Hosts(), [someone(name) for name in NAMES]
    payload = found(of_three(people, 1), by="did:web:first.test", origin=ORIGIN, issued=START)
    registry = await open_registry(
        tmp_path / "journal",
        clock=FixedClock(START),
        resolver=hosts,
        origin=ORIGIN,
        genesis=lambda: signed(payload, "first", people[0]),
    )
    thief = someone("thief")
    hosts.shown["did:web:second.test"] = thief
    new: dict[str, Json] = {
        "type": "adopt_framework",
        "framework": of_three([people[0], thief, people[2]], 2),
    }
    proposal = await submit(registry, new, "first", people[0])
    vote = vote_on(proposal, registry.state.framework.digest)
    with pytest.raises(ActRefusedError) as caught:
        await submit(registry, vote, "second", thief)
    assert caught.value.code is Refusal.KEY_NOT_PINNED
    assert registry.state.framework.version == 1
    await submit(registry, vote, "third", people[2])  # with its own keys, a member may
    assert registry.state.framework.version == 2
    await registry.close()


async def test_what_a_stolen_key_approved_no_longer_counts(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    await board.vote("mark", proposed.id)
    mark = someone("mark")
    compromise: dict[str, Json] = {
        "type": "compromise_key",
        "did": mark.did,
        "thumbprint": mark.thumbprint,
        "from": "2026-01-01T00:00:00Z",
    }
    stolen = await board.act("bc", compromise)
    assert await board.settle(stolen.id, "drc", "maker", "watch") == "executed"
    assert await board.settle(proposed.id, "watch") == "pending"
    assert await board.settle(proposed.id, "maker") == "executed"


async def test_what_others_approved_goes_on_counting(board: Board) -> None:
    proposed = await board.act("irma", party("auditor"))
    for voter in ("mark", "maker"):
        await board.vote(voter, proposed.id)
    mark = someone("mark")
    stolen = {"did": mark.did, "thumbprint": mark.thumbprint, "from": "2026-01-01T00:00:00Z"}
    await board.decide({"type": "compromise_key", **stolen}, voters=("bc", "drc", "maker", "watch"))
    votes = board.registry.state.proposals[proposed.id].votes
    assert set(map(str, votes)) == {someone("irma").did, someone("maker").did}


async def test_one_key_does_not_undo_what_two_had_to_sign(board: Board) -> None:
    certifier, deputy = someone("certifier"), someone("deputy")
    two: dict[str, Json] = {
        "dids": [certifier.did, deputy.did],
        "keys": [certifier.thumbprint, deputy.thumbprint],
        "threshold": 2,
    }
    await board.decide(party("auditor"))
    await board.decide(party("certifier", **two))
    await board.anchor("certifier")
    given = await board.act("certifier", grant("authorise", "auditor"), also=["deputy"])
    ended = await board.act("certifier", against(given.id, "withdraw"), also=["deputy"])
    lift: dict[str, Json] = {"type": "reinstate", "change": ended.id, "ground": "Bribed"}
    assert await board.refused("certifier", lift) is Refusal.SIGNATURE_MISSING
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.WITHDRAWN)
    assert (await board.act("deputy", lift, also=["certifier"])).status == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED


async def test_a_member_takes_its_own_suspension_back_before_it_lapses(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    given = await board.act("irma", grant("authorise", "auditor"))
    early = against(given.id, effective_from=board.later(-HOUR))
    assert await board.refused("drc", early) is Refusal.BACKDATED
    hasty = await board.act("drc", against(given.id, issued_credentials="doubt"))
    board.pass_time(HOUR)
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.SUSPENDED)
    lift: dict[str, Json] = {"type": "reinstate", "change": hasty.id, "ground": "A mistake"}
    assert await board.refused("bc", lift | {"effective_from": board.later(-1)}) is (
        Refusal.BACKDATED
    )
    assert (await board.act("drc", lift)).status == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED
    assert board.answer("auditor", START)[0] is Outcome.NOT_AUTHORISED  # before it was granted
    assert await board.refused("drc", against(given.id)) is Refusal.ALREADY_SUSPENDED


# Control that is declared, and stays.


@pytest.fixture
async def related(board: Board) -> Board:
    """A firm that accredits, and an auditor, under one control."""
    await board.decide(party("firm"))
    await board.decide(party("auditor"))
    await board.anchor("irma")
    await board.act("irma", grant("accredit", "firm"))
    return board


async def declare(board: Board) -> None:
    declared = await board.act("irma", group("holding", "firm", "auditor"))
    assert await board.settle(declared.id, "maker", "watch") == "executed"


async def test_nobody_leaves_its_control_group_by_retiring(related: Board) -> None:
    await declare(related)
    auditor = someone("auditor").did
    retire: dict[str, Json] = {"type": "retire_party", "party": auditor, "ground": "Gone"}
    assert (await related.act("auditor", retire)).status == "executed"
    elsewhere = party("auditor", control_group="elsewhere", evidence=EVIDENCE)
    assert await related.refused("bc", elsewhere) is Refusal.ALREADY_BOUND
    again = party("auditor", evidence=EVIDENCE)
    assert await related.refused("firm", again) is Refusal.NOT_ENTITLED  # a sponsor vets nobody
    back = await related.act("bc", again)
    assert await related.settle(back.id, "maker", "watch") == "executed"
    assert related.party("auditor").control_group == "holding"
    granted = grant("authorise", "auditor")
    assert await related.refused("firm", granted) is Refusal.SELF_GRANT


async def test_nor_by_being_added_to_a_party_that_is_not_in_it(related: Board) -> None:
    await declare(related)
    await related.act("irma", party("front"))
    auditor, front = someone("auditor").did, someone("front").did
    await related.act("auditor", {"type": "retire_party", "party": auditor, "ground": "Gone"})
    bind: dict[str, Json] = {"type": "amend_party", "party": front, "add_dids": [auditor]}
    bind["evidence"] = EVIDENCE
    both = ["front", "auditor"]
    assert await related.refused("bc", bind, also=both) is Refusal.ALREADY_BOUND


async def test_a_party_that_was_in_no_group_comes_back_as_it_likes(related: Board) -> None:
    auditor = someone("auditor").did
    await related.act("auditor", {"type": "retire_party", "party": auditor, "ground": "Gone"})
    again = await related.act("bc", party("auditor", control_group="holding", evidence=EVIDENCE))
    assert await related.settle(again.id, "maker", "watch") == "executed"
    assert related.party("auditor").control_group == "holding"


async def test_nobody_sponsors_on_a_power_that_is_suspended_or_over(board: Board) -> None:
    await board.decide(party("firm"))
    await board.anchor("irma")
    soon = grant("accredit", "firm", valid_until=board.later(30 * DAY))
    given = await board.act("irma", soon)
    change = await board.act("irma", against(given.id))
    assert await board.refused("firm", party("one")) is Refusal.NOT_ENTITLED
    await board.act("irma", {"type": "reinstate", "change": change.id, "ground": "Closed"})
    assert (await board.act("firm", party("one"))).status == "executed"
    board.pass_time(30 * DAY)
    assert await board.refused("firm", party("two")) is Refusal.NOT_ENTITLED


async def test_who_is_recognised_by_another_is_under_nobody(related: Board) -> None:
    given = await related.act("firm", grant("authorise", "auditor"))
    suspended = await related.act("irma", against(given.id))
    assert suspended.status == "executed"  # irma gave the firm its power
    await related.anchor("mark")
    await related.act("mark", grant("recognise", "firm"))
    assert (await related.act("irma", against(given.id, "withdraw"))).status == "pending"


async def test_only_a_trust_anchor_recognises_a_peer(related: Board) -> None:
    peer = grant("recognise", "auditor")
    assert await related.refused("firm", peer) is Refusal.NOT_ENTITLED  # irma accredited it
    assert (await related.act("irma", peer)).status == "executed"


async def test_what_was_granted_before_is_not_renewed_within_a_group(related: Board) -> None:
    soon = grant("authorise", "auditor", valid_until=related.later(DAY))
    given = await related.act("firm", soon)
    await declare(related)
    renew: dict[str, Json] = {
        "type": "renew",
        "statement": given.id,
        "valid_until": related.later(365 * DAY),
        "ground": "Reviewed",
    }
    assert await related.refused("firm", renew) is Refusal.SELF_GRANT
    assert (await related.act("irma", renew)).status == "executed"  # who is over both may


@pytest.fixture
async def operated(tmp_path: Path) -> Board:
    document = framework_document(operator=someone("operator").did)
    return await open_board(tmp_path / "journal", document)


async def test_no_vote_is_taken_by_whom_the_operator_is_said_to_be_under(operated: Board) -> None:
    rival = someone("mark").did
    claim = await operated.act("irma", party("operator", control_group=rival))
    assert await operated.settle(claim.id, "maker", "watch") == "pending"  # three of six
    proposed = await operated.act("irma", party("auditor"))
    assert await operated.settle(proposed.id, "mark", "watch") == "executed"
    assert await operated.settle(claim.id, "bc") == "executed"  # two thirds
    await operated.registry.close()


async def test_nor_by_a_party_that_takes_the_operator_in(operated: Board) -> None:
    await operated.decide(party("front", control_group=someone("mark").did), voters=["bc", "watch"])
    front, operator = someone("front").did, someone("operator").did
    bind: dict[str, Json] = {"type": "amend_party", "party": front, "add_dids": [operator]}
    assert await operated.refused("front", bind) is Refusal.NOT_ENTITLED  # no applications here
    proposed = await operated.act("irma", bind, also=["front", "operator"])
    assert await operated.settle(proposed.id, "maker", "watch") == "pending"
    assert await operated.settle(proposed.id, "bc") == "executed"
    await operated.registry.close()


async def test_a_sponsor_does_not_register_the_operator(operated: Board) -> None:
    await operated.decide(party("firm"))
    await operated.anchor("irma")
    await operated.act("irma", grant("accredit", "firm"))
    assert await operated.refused("firm", party("operator")) is Refusal.NOT_ENTITLED
    await operated.registry.close()


async def test_a_member_is_touched_by_any_did_of_its_party(board: Board) -> None:
    second = someone("mark second").did
    bind: dict[str, Json] = {
        "type": "amend_party",
        "party": someone("mark").did,
        "add_dids": [second],
    }
    await board.act("mark", bind)
    claim = {**group("holding", "irma"), "dids": [second]}
    declared = await board.act("irma", claim)
    assert await board.settle(declared.id, "maker", "watch") == "pending"  # three of six
    assert await board.settle(declared.id, "bc") == "executed"


async def test_a_key_that_only_speaks_for_the_party_does_not_vote_by_proposing(
    board: Board,
) -> None:
    await board.decide(party("auditor"))
    await board.anchor("mark")
    others = [member(name, seat) for name, seat in SEATS.items() if name != "mark"]
    renewed = member("mark", SEATS["mark"], keys=[someone("deputy").thumbprint])
    new = framework_document(version=2, members=[*others, renewed])
    proposed = await board.act("irma", {"type": "adopt_framework", "framework": new})
    assert await board.settle(proposed.id, "bc", "drc", "maker", "watch") == "executed"
    evidence: list[Json] = [{"uri": "https://evidence.test/1", "sha256": "0" * 64}]
    early = grant("authorise", "auditor", valid_from="2020-01-01T00:00:00Z", evidence=evidence)
    proposed = await board.act("mark", early)
    assert board.registry.state.proposals[proposed.id].votes == {}
