"""DIDs that a party gives up, and statements between parties that turn out to be one."""

from pathlib import Path

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Basis, Outcome, Question, Reason
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.instant import DAY, Instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    SEATS,
    Board,
    framework_document,
    grant,
    member,
    open_board,
    party,
    someone,
)
from trust_registry.documents import state_every_dimension
from trust_registry.errors import Refusal
from trust_registry.folding import apply
from trust_registry.state import State
from trust_registry.state_bytes import state_bytes
from trust_registry.views import View, state_of
from trust_registry.writing import cosign_act


def did(name: str) -> str:
    return someone(name).did


def giving_up(of: str, *names: str, **more: Json) -> dict[str, Json]:
    dids: list[Json] = [did(each) for each in names]
    return {"type": "amend_party", "party": did(of), "remove_dids": dids, **more}


def group(name: str, *members: str) -> dict[str, Json]:
    return {
        "type": "declare_control_group",
        "dids": [did(each) for each in members],
        "control_group": name,
        "ground": "Register of beneficial owners",
    }


async def two_dids(board: Board, **more: Json) -> None:
    """An auditor with two DIDs, a key in each, which irma authorised."""
    keys: list[Json] = [someone(each).thumbprint for each in ("auditor", "old")]
    await board.decide(party("auditor", dids=[did("auditor"), did("old")], keys=keys, **more))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor"))
    board.pass_time(DAY)


def asked(
    board: Board, issuer: str, at: Instant, basis: Basis, known: int | None = None
) -> tuple[Outcome, Reason]:
    claim = Claim({Dimension.COMMODITY: ClaimValue("copper")})
    size = board.registry.journal.size if known is None else known
    question = Question(Did.parse(did(issuer)), claim, at, board.clock.now(), size, basis=basis)
    found = decide(question, board.registry.index)
    return found.outcome, found.reason


# Who gives a DID up.


async def test_a_party_gives_a_did_up_with_the_keys_of_those_that_stay(board: Board) -> None:
    await two_dids(board)
    leaving = giving_up("auditor", "old")
    assert await board.refused("old", leaving) is Refusal.SIGNATURE_MISSING
    assert (await board.act("auditor", leaving)).status == "executed"
    now = board.party("auditor")
    assert [each.text for each in now.dids] == [did("auditor")]
    assert someone("old").thumbprint in now.keys
    contacts: dict[str, Json] = {"type": "amend_party", "party": did("auditor"), "contacts": []}
    assert await board.refused("old", contacts) is Refusal.UNKNOWN_SIGNER


async def test_as_many_sign_under_the_others_as_the_party_demands(board: Board) -> None:
    await two_dids(board, threshold=2)
    assert await board.refused("auditor", giving_up("auditor", "old"), also=["old"]) is (
        Refusal.SIGNATURE_MISSING
    )  # with one DID left it could never act again


async def test_nobody_takes_anothers_did(board: Board) -> None:
    await two_dids(board)
    await board.act("irma", party("rival"))
    assert await board.refused("rival", giving_up("auditor", "old")) is Refusal.NOT_ENTITLED
    assert await board.refused("rival", giving_up("rival", "old")) is Refusal.UNKNOWN_PARTY
    assert await board.refused("irma", giving_up("auditor", "old")) is Refusal.EVIDENCE_MISSING


async def test_the_board_takes_a_did_on_evidence(board: Board) -> None:
    await two_dids(board)
    taken = await board.act("bc", giving_up("auditor", "old", evidence=EVIDENCE))
    assert taken.status == "pending"
    assert await board.settle(taken.id, "maker", "watch") == "executed"
    assert board.answer("old")[1] is Reason.UNKNOWN_ISSUER


async def test_a_party_keeps_a_did_and_all_that_the_framework_names(tmp_path: Path) -> None:
    scope = state_every_dimension({"commodity": ["gold"], "rest": "any"})
    reserved: list[Json] = [{"id": "gold", "scope": scope, "anchors": [did("old")]}]
    seats: list[Json] = [member(name, seat) for name, seat in SEATS.items()]
    document = framework_document(reserved=reserved, members=seats)
    board = await open_board(tmp_path / "journal", document)
    await two_dids(board)
    assert await board.refused("auditor", giving_up("auditor", "old")) is Refusal.NOT_ENTITLED
    spare: dict[str, Json] = {"type": "amend_party", "party": did("mark"), "add_dids": [did("m")]}
    assert (await board.act("mark", spare)).status == "executed"
    assert await board.refused("mark", giving_up("mark", "mark")) is Refusal.SIGNATURE_MISSING
    seat = giving_up("mark", "mark", evidence=EVIDENCE)
    assert await board.refused("irma", seat) is Refusal.NOT_ENTITLED
    await board.act("irma", party("alone"))
    last = giving_up("alone", "alone", evidence=EVIDENCE)
    assert await board.refused("irma", last) is Refusal.NOT_ENTITLED
    await board.registry.close()


class Shown:
    """One more host, which shows a key of somebody known."""

    def __init__(self, board: Board, name: str) -> None:
        self.others, self.name = board.registry._governance._documents, name

    async def document(self, did: Did) -> DidDocument:
        if did.text != "did:web:new.test":
            return await self.others.document(did)
        method: Json = {
            "id": f"{did}#1",
            "type": "Multikey",
            "controller": did.text,
            "publicKeyMultibase": someone(self.name).key.public.multikey,
        }
        listed: list[Json] = [f"{did}#1"]
        return parse_document(
            {"id": did.text, "verificationMethod": [method], "assertionMethod": listed}, did
        )


async def test_a_party_moves_from_its_only_did_with_the_same_key(board: Board) -> None:
    await board.decide(party("auditor"))
    board.registry._governance._documents = Shown(board, "auditor")
    members = giving_up("auditor", "auditor", add_dids=["did:web:new.test"])
    payload = board.write("auditor", members)
    signed: Json = board.sign("auditor", payload, "auditor")
    assert isinstance(signed, dict)
    moved = cosign_act(signed, "did:web:new.test#1", someone("auditor").key)
    assert (await board.registry.submit(moved)).status == "executed"
    index, size = board.registry.index, board.registry.journal.size
    now = index.party_of(Did.parse("did:web:new.test"), size)
    assert now is not None
    assert [each.text for each in now.dids] == ["did:web:new.test"]
    assert index.party_of(Did.parse(did("auditor")), size) is None


async def test_but_not_with_a_key_that_could_not_act_after(board: Board) -> None:
    await board.decide(party("auditor"))
    moving = giving_up("auditor", "auditor", add_dids=[did("new")])
    assert await board.refused("auditor", moving, also=["new"]) is Refusal.SIGNATURE_MISSING


async def test_a_did_is_replaced_by_another_in_one_act(board: Board) -> None:
    await two_dids(board)
    moved = giving_up("auditor", "old", add_dids=[did("new")])
    assert (await board.act("auditor", moved, also=["new"])).status == "executed"
    assert [each.text for each in board.party("auditor").dids] == [did("auditor"), did("new")]
    back = giving_up("auditor", "new", add_dids=[did("old")])
    assert (await board.act("auditor", back, also=["old"])).status == "executed"  # its own again


# What it means for whom it issued to.


async def test_what_was_issued_under_it_is_judged_by_when(board: Board) -> None:
    await two_dids(board)
    before, size = board.clock.now(), board.registry.journal.size
    board.pass_time(DAY)
    await board.act("auditor", giving_up("auditor", "old"))
    after = board.clock.now()
    board.pass_time(DAY)
    assert asked(board, "old", before, Basis.ASKED)[0] is Outcome.AUTHORISED
    assert asked(board, "old", before, Basis.PROVED)[0] is Outcome.AUTHORISED
    assert asked(board, "old", before, Basis.ASSERTED) == (
        Outcome.UNDETERMINED,
        Reason.ISSUANCE_TIME_UNPROVED,
    )
    for basis in (Basis.ASKED, Basis.PROVED, Basis.ASSERTED):
        assert asked(board, "old", after, basis)[1] is Reason.UNKNOWN_ISSUER
        assert asked(board, "old", after, basis, known=size)[0] is Outcome.AUTHORISED
        assert asked(board, "auditor", after, basis)[0] is Outcome.AUTHORISED


async def test_a_rival_takes_over_no_did_without_the_board_and_evidence(board: Board) -> None:
    await two_dids(board)
    before = board.clock.now()
    board.pass_time(DAY)
    await board.act("auditor", giving_up("auditor", "old"))
    rival = party("rival", dids=[did("rival"), did("old")])
    assert await board.refused("irma", rival) is Refusal.EVIDENCE_MISSING
    stolen = rival | {"evidence": EVIDENCE}
    assert await board.refused("irma", stolen, also=["rival"]) is Refusal.SIGNATURE_MISSING
    proposed = await board.act("irma", stolen)
    assert proposed.status == "pending"  # irma sponsors others at once
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.answer("old")[1] is Reason.NO_STATEMENT
    # What the auditor issued under it stays the auditor's, and gives the rival nothing.
    assert asked(board, "old", before, Basis.PROVED)[0] is Outcome.AUTHORISED
    assert asked(board, "old", before, Basis.ASSERTED)[0] is Outcome.UNDETERMINED
    await board.act("irma", grant("authorise", "rival"))
    assert board.answer("old")[0] is Outcome.AUTHORISED
    assert asked(board, "old", before, Basis.ASSERTED)[0] is Outcome.UNDETERMINED


async def test_nor_does_a_party_that_is_registered_already(board: Board) -> None:
    await two_dids(board)
    await board.act("irma", party("rival"))
    await board.act("auditor", giving_up("auditor", "old"))
    adding: dict[str, Json] = {
        "type": "amend_party",
        "party": did("rival"),
        "add_dids": [did("old")],
    }
    assert await board.refused("rival", adding) is Refusal.EVIDENCE_MISSING
    explained = adding | {"evidence": EVIDENCE}
    assert await board.refused("rival", explained) is Refusal.NOT_ENTITLED  # no applications here
    proposed = await board.act("irma", explained, also=["rival", "old"])
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.party("old").name == "rival"


async def test_a_did_leaves_no_control_group_by_being_given_up(board: Board) -> None:
    await two_dids(board)
    declared = await board.act("bc", group("holding", "auditor", "irma"))
    assert await board.settle(declared.id, "mark", "maker", "watch") == "executed"
    await board.act("auditor", giving_up("auditor", "old"))
    free = party("free", dids=[did("old")], keys=[someone("old").thumbprint])
    proposed = await board.act("bc", free | {"evidence": EVIDENCE}, also=["old"])
    assert await board.settle(proposed.id, "mark", "maker", "watch") == "executed"
    assert board.party("old").control_group == "holding"
    assert await board.refused("irma", grant("authorise", "old")) is Refusal.SELF_GRANT


# Control that is declared after one granted to the other.


async def test_a_grant_confers_nothing_once_both_are_found_to_be_one(board: Board) -> None:
    await two_dids(board)
    index, before = board.registry.index, board.clock.now()
    (statement,) = index.statements(about=board.party("auditor").id)
    board.pass_time(DAY)
    declared = await board.act("bc", group("holding", "auditor", "irma"))
    assert board.answer("auditor")[0] is Outcome.AUTHORISED
    assert await board.settle(declared.id, "mark", "maker", "watch") == "executed"
    assert board.answer("auditor") == (Outcome.NOT_AUTHORISED, Reason.COMMON_CONTROL)
    assert board.answer("auditor", before)[0] is Outcome.AUTHORISED
    known = board.registry.journal.size
    states = [state_of(statement, View(index, known, at)) for at in (before, board.clock.now())]
    assert states == ["active", "common_control"]
    freed = await board.act("bc", group("auditor alone", "auditor"))
    assert await board.settle(freed.id, "mark", "maker", "watch") == "executed"
    assert board.answer("auditor")[0] is Outcome.AUTHORISED


async def test_a_replay_gives_the_same_state(board: Board) -> None:
    await two_dids(board)
    await board.act("auditor", giving_up("auditor", "old"))
    declared = await board.act("bc", group("holding", "auditor", "irma"))
    await board.settle(declared.id, "mark", "maker", "watch")
    journal = board.registry.journal
    replayed = State(journal.root_at)
    for position in range(journal.size):
        apply(replayed, await board.registry.entry(position), position, verify=True)
    assert state_bytes(replayed, journal.root) == state_bytes(board.registry.state, journal.root)
