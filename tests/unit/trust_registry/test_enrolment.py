"""Who may say who a party is: both signatures, proofs of control, keys that sign for themselves."""

from pathlib import Path

import pytest

from policies.decision import Outcome
from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    EVIDENCE,
    Board,
    against,
    framework_document,
    grant,
    open_board,
    party,
    someone,
)
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.governance import DocumentSource
from trust_registry.opening import open_act
from trust_registry.writing import cosign_act, sign_act


def did(name: str) -> str:
    return someone(name).did


def amend(name: str, **more: object) -> dict[str, object]:
    return {"type": "amend_party", "party": did(name), **more}


def rotate(name: str, *keys: str, **more: object) -> dict[str, object]:
    new = [someone(key).thumbprint for key in keys]
    return {"type": "rotate_keys", "party": did(name), "add": new, **more}


def recover(name: str, *keys: str) -> dict[str, object]:
    new = [someone(key).thumbprint for key in keys]
    evidence = {"ground": "The token was lost", "evidence": EVIDENCE}
    return {"type": "recover_keys", "party": did(name), "keys": new, **evidence}


async def test_a_party_with_keys_signs_its_own_registration(board: Board) -> None:
    assert await board.refused("irma", party("auditor"), also=["irma"]) is Refusal.SIGNATURE_MISSING
    assert await board.refused("irma", party("auditor"), also=["mark"]) is Refusal.SIGNATURE_MISSING
    assert (await board.act("irma", party("auditor"), also=["auditor"])).status == "pending"


async def test_a_listing_without_signature_pins_no_key_and_rests_on_evidence(board: Board) -> None:
    listed = party("auditor", keys=[])
    assert await board.refused("irma", listed, also=["irma"]) is Refusal.EVIDENCE_MISSING
    proposed = await board.act("irma", listed | {"evidence": EVIDENCE}, also=["irma"])
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.party("auditor").keys == frozenset()
    assert await board.refused("auditor", grant("authorise", "bc")) is Refusal.KEY_NOT_PINNED


async def test_a_did_is_added_with_both_signatures_and_at_once(board: Board) -> None:
    await board.decide(party("auditor"))
    adding = amend("auditor", add_dids=[did("second")])
    assert await board.refused("auditor", adding, also=["auditor"]) is Refusal.SIGNATURE_MISSING
    # The board cannot add one without the party, nor with it but without the DID.
    assert await board.refused("irma", adding, also=["second"]) is Refusal.SIGNATURE_MISSING
    assert await board.refused("irma", adding, also=["auditor"]) is Refusal.SIGNATURE_MISSING
    assert (await board.act("auditor", adding, also=["second"])).status == "executed"
    assert board.party("second").id == board.party("auditor").id
    again = party("other", dids=[did("other"), did("second")])
    assert await board.refused("irma", again) is Refusal.ALREADY_BOUND


async def test_a_party_says_itself_what_nobody_has_to_vet(board: Board) -> None:
    await board.decide(party("auditor"))
    contact = amend("auditor", contacts=["1" * 64], trading_names=["The Auditors"])
    assert (await board.act("auditor", contact)).status == "executed"
    assert board.party("auditor").contacts == ("1" * 64,)
    for vetted in ({"identifiers": ["lei:1"]}, {"kinds": ["government"]}, {"jurisdiction": "CD"}):
        refused = await board.refused("auditor", amend("auditor", **vetted))
        assert refused is Refusal.NOT_ENTITLED, vetted
    renamed = amend("auditor") | {"name": "Ministry of Mines"}
    assert await board.refused("auditor", renamed) is Refusal.NOT_ENTITLED
    proposed = await board.act("irma", renamed, also=["irma"])
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert (board.party("auditor").name, board.party("auditor").trading_names) == (
        "Ministry of Mines",
        ("The Auditors",),
    )


async def test_an_identifier_belongs_to_one_party(board: Board) -> None:
    await board.decide(party("one", identifiers=["lei:1"]))
    assert await board.refused("irma", party("two", identifiers=["lei:1"])) is Refusal.ALREADY_BOUND
    # Two that are proposed at once: whoever is decided first has it.
    first = await board.act("irma", party("three", identifiers=["lei:2"]))
    second = await board.act("irma", party("four", identifiers=["lei:2"]))
    assert await board.settle(second.id, "maker", "watch") == "executed"
    await board.vote("maker", first.id)
    with pytest.raises(ActRefusedError) as caught:
        await board.vote("watch", first.id)
    assert caught.value.code is Refusal.ALREADY_BOUND
    given_up = amend("four", identifiers=[])
    await board.settle((await board.act("irma", given_up, also=["irma"])).id, "maker", "watch")
    assert await board.settle(first.id, "watch") == "executed"


async def test_a_retired_party_holds_nothing_and_sets_its_names_free(board: Board) -> None:
    await board.decide(party("auditor", identifiers=["lei:1"]))
    await board.anchor("irma")
    await board.act("irma", grant("authorise", "auditor"))
    before = board.clock.now()
    board.pass_time(1000)
    retiring = {"type": "retire_party", "party": did("auditor"), "ground": "Dissolved"}
    proposed = await board.act("bc", retiring)
    assert board.answer("auditor")[0] is Outcome.AUTHORISED
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.party("auditor").retired
    assert board.answer("auditor")[0] is Outcome.NOT_AUTHORISED
    assert board.answer("auditor", before)[0] is not Outcome.NOT_AUTHORISED
    assert await board.refused("irma", grant("authorise", "auditor")) is Refusal.UNKNOWN_PARTY
    assert await board.refused("auditor", amend("auditor", contacts=[])) in {
        Refusal.UNKNOWN_SIGNER,
        Refusal.KEY_NOT_PINNED,
    }
    successor = party("auditor", identifiers=["lei:1"]) | {"name": "Successor"}
    assert await board.refused("irma", successor) is Refusal.EVIDENCE_MISSING
    successor |= {"evidence": EVIDENCE}
    registering = await board.act("irma", successor)
    assert registering.status == "pending"  # a sponsor vouches for no identifier
    assert await board.settle(registering.id, "maker", "watch") == "executed"
    assert board.party("auditor").name == "Successor"


async def test_a_party_retires_by_itself(board: Board) -> None:
    await board.decide(party("auditor"))
    retiring = {"type": "retire_party", "party": did("auditor"), "ground": "We merge"}
    assert (await board.act("auditor", retiring)).status == "executed"
    assert board.party("auditor").retired


# Keys.


async def test_keys_are_rotated_with_an_old_one_and_every_new_one(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.act("auditor", amend("auditor", add_dids=[did("new")]), also=["new"])
    change = rotate("auditor", "new", remove=[someone("auditor").thumbprint])
    assert await board.refused("auditor", change, also=["auditor"]) is Refusal.SIGNATURE_MISSING
    assert await board.refused("new", change, also=["new"]) is Refusal.KEY_NOT_PINNED
    assert await board.refused("irma", change, also=["new"]) is Refusal.NOT_ENTITLED
    assert (await board.act("auditor", change, also=["new"])).status == "executed"
    assert board.party("auditor").keys == {someone("new").thumbprint}
    assert await board.refused("auditor", amend("auditor", contacts=[])) is Refusal.KEY_NOT_PINNED
    assert (await board.act("new", amend("auditor", contacts=[]))).status == "executed"


async def test_a_member_rotates_its_key_by_quorum_and_votes_with_the_new_one(board: Board) -> None:
    await board.act("mark", amend("mark", add_dids=[did("mark new")]), also=["mark new"])
    change = rotate("mark", "mark new")
    proposed = await board.act("mark", change, also=["mark new"])
    assert proposed.status == "pending"
    assert board.registry.state.proposals[proposed.id].votes == {}
    assert await board.settle(proposed.id, "irma", "maker", "watch") == "executed"
    frameworks = board.registry.index.frameworks()
    assert [each.version for each in frameworks] == [1, 1]
    assert frameworks[0].digest == frameworks[1].digest
    (seat,) = (each for each in frameworks[1].members if each.name == "mark")
    assert seat.keys == {someone("mark").thumbprint, someone("mark new").thumbprint}
    (before,) = (each for each in frameworks[0].members if each.name == "mark")
    assert before.keys == {someone("mark").thumbprint}


async def test_lost_keys_are_recovered_by_the_board(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.act("auditor", amend("auditor", add_dids=[did("spare")]), also=["spare"])
    change = recover("auditor", "spare")
    assert await board.refused("irma", change, also=["irma"]) is Refusal.SIGNATURE_MISSING
    without = {name: value for name, value in change.items() if name != "evidence"}
    assert await board.refused("irma", without, also=["spare"]) is Refusal.EVIDENCE_MISSING
    proposed = await board.act("irma", change, also=["spare"])
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert board.party("auditor").keys == {someone("spare").thumbprint}


# An authority's own quorum.


async def firm_of_two(board: Board) -> None:
    """An authority whose two keys must both sign."""
    both = [did("firm"), did("deputy")]
    keys = [someone(each).thumbprint for each in ("firm", "deputy")]
    await board.decide(party("firm", dids=both, keys=keys, threshold=2))


async def test_a_rotation_leaves_as_many_keys_as_must_sign(board: Board) -> None:
    await firm_of_two(board)
    fewer = rotate("firm", "firm", remove=[someone("deputy").thumbprint])
    assert await board.refused("firm", fewer, also=["deputy"]) is Refusal.MALFORMED
    assert len(board.party("firm").keys) == 2


async def test_a_recovery_asks_for_no_more_keys_than_it_gives(board: Board) -> None:
    await firm_of_two(board)
    proposed = await board.act("irma", recover("firm", "firm"), also=["firm"])
    assert await board.settle(proposed.id, "maker", "watch") == "executed"
    assert (board.party("firm").threshold, len(board.party("firm").keys)) == (1, 1)
    assert (await board.act("firm", amend("firm", contacts=[]))).status == "executed"


async def test_an_authority_acts_with_as_many_keys_as_it_demands(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.decide(
        party(
            "authority",
            dids=[did("authority"), did("deputy"), did("clerk")],
            keys=[someone(each).thumbprint for each in ("authority", "deputy", "clerk")],
            threshold=2,
        )
    )
    await board.anchor("authority")
    granting = grant("authorise", "auditor")
    assert await board.refused("authority", granting) is Refusal.SIGNATURE_MISSING
    assert await board.refused("authority", granting, also=["irma"]) is Refusal.SIGNATURE_MISSING
    assert (await board.act("clerk", granting, also=["authority"])).status == "executed"
    fewer = amend("authority", threshold=1)
    assert await board.refused("authority", fewer) is Refusal.SIGNATURE_MISSING
    assert (await board.act("authority", fewer, also=["deputy"])).status == "executed"
    assert (await board.act("authority", grant("authorise", "auditor"))).status == "executed"
    too_many = amend("authority", threshold=4)
    assert await board.refused("authority", too_many) is Refusal.MALFORMED


async def test_a_party_of_two_keys_does_nothing_to_itself_with_one(board: Board) -> None:
    two = [someone("firm").thumbprint, someone("deputy").thumbprint]
    await board.decide(party("firm", dids=[did("firm"), did("deputy")], keys=two, threshold=2))
    for alone in (
        amend("firm", contacts=["1" * 64]),
        rotate("firm", "firm"),
        {"type": "retire_party", "party": did("firm"), "ground": "We merge"},
    ):
        assert await board.refused("firm", alone) is Refusal.SIGNATURE_MISSING, alone["type"]
        assert (await board.act("deputy", alone, also=["firm"])).status == "executed"


async def test_a_key_that_others_have_is_none_of_the_two(board: Board) -> None:
    two = [someone("firm").thumbprint, someone("deputy").thumbprint]
    await board.decide(party("firm", dids=[did("firm"), did("deputy")], keys=two, threshold=2))
    stolen = {"did": did("deputy"), "thumbprint": two[1], "from": "2026-01-01T00:00:00Z"}
    await board.decide({"type": "compromise_key", **stolen})
    contact = amend("firm", contacts=["1" * 64])
    both = await board.refused("firm", contact, also=["deputy"])
    assert both is Refusal.SIGNATURE_MISSING


async def test_a_key_counts_only_in_the_partys_own_name_when_several_sign(board: Board) -> None:
    """Pinned it may be, but it signs under a DID that somebody else controls."""
    two = [someone("firm").thumbprint, someone("deputy").thumbprint]
    await board.decide(party("firm", keys=two, threshold=2))
    contact = amend("firm", contacts=["1" * 64])
    assert await board.refused("firm", contact, also=["deputy"]) is Refusal.SIGNATURE_MISSING
    await board.decide(party("deputy", keys=[]))
    assert await board.refused("firm", contact, also=["deputy"]) is Refusal.SIGNATURE_MISSING


async def test_a_key_in_the_partys_name_counts_only_where_it_is_pinned(board: Board) -> None:
    await firm_of_two(board)
    adding = amend("firm", add_dids=[did("alias")])
    assert (await board.act("firm", adding, also=["deputy", "alias"])).status == "executed"
    contact = amend("firm", contacts=["1" * 64])
    assert await board.refused("firm", contact, also=["alias"]) is Refusal.SIGNATURE_MISSING
    assert (await board.act("firm", contact, also=["deputy"])).status == "executed"


async def test_a_did_of_a_party_is_added_to_no_other_even_if_both_sign(board: Board) -> None:
    await board.decide(party("one"))
    await board.decide(party("other"))
    bind = amend("one", add_dids=[did("other")])
    assert await board.refused("one", bind, also=["other"]) is Refusal.ALREADY_BOUND


async def test_a_retirement_that_reaches_back_needs_the_board(board: Board) -> None:
    await board.decide(party("auditor"))
    board.pass_time(30 * 86_400_000)
    back = {
        "type": "retire_party",
        "party": did("auditor"),
        "ground": "We had merged",
        "effective_from": "2026-01-02T00:00:00Z",
    }
    assert await board.refused("auditor", back) is Refusal.BACKDATED
    proposed = await board.act("auditor", back | {"evidence": EVIDENCE})
    assert await board.settle(proposed.id, "maker", "watch") == "pending"
    assert await board.settle(proposed.id, "irma") == "executed"
    assert board.party("auditor").retired


async def test_a_sponsor_registers_with_its_quorum_who_signs_or_is_on_its_domain(
    board: Board,
) -> None:
    two = [someone("authority").thumbprint, someone("deputy").thumbprint]
    bound = party("authority", dids=[did("authority"), did("deputy")], keys=two, threshold=2)
    await board.decide(bound)
    await board.anchor("authority")
    assert await board.refused("authority", party("auditor")) is Refusal.SIGNATURE_MISSING
    listing = party("auditor", keys=[], evidence=EVIDENCE)
    unsigned = await board.refused("authority", listing, also=["deputy"])
    assert unsigned is Refusal.SIGNATURE_MISSING
    everybody = ["deputy", "auditor"]
    known_by = party("auditor", identifiers=["lei:1"])  # which nobody proves: the board vets it
    assert await board.refused("authority", known_by, also=everybody) is Refusal.NOT_ENTITLED
    registered = await board.act("authority", party("auditor"), also=everybody)
    assert registered.status == "executed"


# Domains: who signs with a did:web shows that it controls the domain.


class Hosts:
    """DID documents of a few hosts, each with its controller's key; others resolve as always."""

    def __init__(self, clock: FixedClock) -> None:
        self.others: DocumentSource = Resolver({"key": KeyMethod()}, clock)
        self.keys: dict[str, str] = {}

    async def document(self, did: Did) -> DidDocument:
        owner = self.keys.get(did.text)
        if owner is None:
            return await self.others.document(did)
        method: Json = {
            "id": f"{did}#1",
            "type": "Multikey",
            "controller": did.text,
            "publicKeyMultibase": someone(owner).key.public.multikey,
        }
        listed: list[Json] = [f"{did}#1"]
        return parse_document(
            {"id": did.text, "verificationMethod": [method], "assertionMethod": listed}, did
        )


def hosts_of(board: Board) -> Hosts:
    hosts = Hosts(board.clock)
    board.registry._governance._documents = hosts
    return hosts


async def test_a_domain_is_registered_by_whom_it_answers_for(board: Board) -> None:
    hosts_of(board).keys = {"did:web:auditor.test": "auditor", "did:web:rival.test": "rival"}
    auditor = someone("auditor")
    members = party("auditor", dids=["did:web:auditor.test"], domains=["auditor.test"])
    payload = board.write("irma", members)
    signed: Json = board.sign("irma", payload, "irma")
    assert isinstance(signed, dict)
    proved = cosign_act(signed, "did:web:auditor.test#1", auditor.key)
    receipt = await board.registry.submit(proved)
    assert await board.settle(receipt.id, "maker", "watch") == "executed"

    claimed = amend("bc", domains=["rival.test"])
    assert await board.refused("bc", claimed, also=["bc"]) is Refusal.DOMAIN_UNPROVED
    payload = board.write("bc", claimed)
    forged = cosign_act(board.sign("bc", payload, "bc"), "did:web:rival.test#1", auditor.key)
    with pytest.raises(ActRefusedError) as caught:
        await board.registry.submit(forged)
    assert caught.value.code is Refusal.BAD_SIGNATURE
    shown = cosign_act(
        board.sign("bc", payload, "bc"), "did:web:rival.test#1", someone("rival").key
    )
    assert (await board.registry.submit(shown)).status == "executed"


async def test_a_party_without_a_did_web_proves_a_domain_with_its_own_key(board: Board) -> None:
    hosts_of(board).keys = {"did:web:maker.test": "maker"}
    payload = board.write("maker", amend("maker", domains=["maker.test"]))
    signed = cosign_act(
        board.sign("maker", payload, "maker"), "did:web:maker.test#1", someone("maker").key
    )
    assert (await board.registry.submit(signed)).status == "executed"
    assert board.party("maker").domains == ("maker.test",)
    assert [each.text for each in board.party("maker").dids] == [did("maker")]


async def test_a_domain_belongs_to_one_party(board: Board) -> None:
    hosts_of(board).keys = {"did:web:shared.test": "host"}
    host = someone("host").key
    for name, code in (("bc", None), ("drc", Refusal.ALREADY_BOUND)):
        payload = board.write(name, amend(name, domains=["shared.test"]))
        signed = cosign_act(board.sign(name, payload, name), "did:web:shared.test#1", host)
        if code is None:
            assert (await board.registry.submit(signed)).status == "executed"
        else:
            with pytest.raises(ActRefusedError) as caught:
                await board.registry.submit(signed)
            assert caught.value.code is code


# Applications.


def application(name: str, **more: Json) -> dict[str, Json]:
    basis: list[Json] = [{"uri": "https://law.test/mines-act", "sha256": "2" * 64}]
    return party(name, legal_basis=basis, evidence=EVIDENCE, kinds=["government"], **more)


async def test_a_government_applies_by_itself(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal", framework_document(applications=2))
    for missing in ("legal_basis", "evidence"):
        partial = {n: v for n, v in application("ministry").items() if n != missing}
        assert await board.refused("ministry", partial) is Refusal.EVIDENCE_MISSING
    proposed = await board.act("ministry", application("ministry"))
    assert proposed.status == "pending"
    assert board.registry.state.proposals[proposed.id].votes == {}
    assert await board.refused("ministry", application("ministry")) is Refusal.TOO_MANY_PENDING
    await board.act("other", application("other"))
    assert await board.refused("third", application("third")) is Refusal.TOO_MANY_PENDING
    assert await board.settle(proposed.id, "irma", "maker", "watch") == "executed"

    anchor = grant("add_anchor", "ministry", evidence=EVIDENCE)
    assert await board.refused("ministry", anchor) is Refusal.EVIDENCE_MISSING
    basis = {"legal_basis": [{"uri": "https://law.test/mines-act", "sha256": "2" * 64}]}
    await board.act("fourth", application("fourth"))
    full = await board.refused("ministry", anchor | basis)
    assert full is Refusal.TOO_MANY_PENDING
    for member in ("bc", "drc", "irma", "mark"):
        await board.vote(member, next(reversed(board.registry.state.proposals)), "reject")
    assert (await board.act("ministry", anchor | basis)).status == "pending"
    rival = grant("add_anchor", "irma", evidence=EVIDENCE) | basis
    assert await board.refused("ministry", rival) is Refusal.NOT_ENTITLED
    await board.registry.close()


async def test_who_applies_claims_nothing_of_others(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal", framework_document(applications=1))
    both = application("ministry", dids=[did("ministry"), did("victim")])
    assert await board.refused("ministry", both, also=["ministry"]) is Refusal.SIGNATURE_MISSING
    domain = application("ministry", domains=["victim.test"])
    assert await board.refused("ministry", domain) is Refusal.DOMAIN_UNPROVED
    with_other_key = application("ministry", keys=[someone("deputy").thumbprint])
    assert await board.refused("ministry", with_other_key) is Refusal.UNKNOWN_SIGNER
    await board.registry.close()


async def test_who_has_retired_applies_again(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal", framework_document(applications=1))
    await board.decide(party("ministry"))
    retiring = {"type": "retire_party", "party": did("ministry"), "ground": "Dissolved"}
    assert (await board.act("ministry", retiring)).status == "executed"
    assert (await board.act("ministry", application("ministry"))).status == "pending"
    await board.registry.close()


async def test_an_application_that_has_expired_makes_room(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal", framework_document(applications=1))
    await board.act("ministry", application("ministry"))
    assert await board.refused("other", application("other")) is Refusal.TOO_MANY_PENDING
    board.pass_time(31 * 86_400_000)
    assert (await board.act("other", application("other"))).status == "pending"
    await board.registry.close()


async def test_the_board_turns_an_application_down(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal", framework_document(applications=1))
    proposed = await board.act("ministry", application("ministry"))
    for member in ("bc", "drc", "irma"):
        assert board.registry.state.status(proposed.id) == "pending"
        await board.vote(member, proposed.id, "reject")
    assert board.registry.state.status(proposed.id) == "pending"  # three of six may still approve
    await board.vote("mark", proposed.id, "reject")
    assert board.registry.state.status(proposed.id) == "void"
    assert (await board.act("ministry", application("ministry"))).status == "pending"
    await board.registry.close()


async def test_nobody_applies_where_no_applications_are_taken(board: Board) -> None:
    assert await board.refused("ministry", application("ministry")) is Refusal.UNKNOWN_SIGNER
    stolen = application("ministry", dids=[did("ministry")]) | {"dids": [did("victim")]}
    assert await board.refused("ministry", stolen) is Refusal.UNKNOWN_SIGNER


# The form.


async def test_several_signatures_are_one_act(board: Board) -> None:
    payload = board.write("irma", party("auditor"))
    signed = board.sign("irma", payload, "auditor")
    first = await board.registry.submit(signed)
    assert await board.registry.submit(board.sign("irma", payload, "irma")) == first
    entry = await board.registry.entry(first.index)
    assert [each.method.did.text for each in entry.signers] == [did("irma"), did("auditor")]
    assert open_act({**entry.jws}).id == first.id


@pytest.mark.parametrize("damage", ["one", "twice", "many", "payload", "extra", "second"])
async def test_only_one_form_of_several_signatures_is_read(board: Board, damage: str) -> None:
    signed = board.sign("irma", board.write("irma", party("auditor")), "auditor")
    parts = signed["signatures"]
    assert isinstance(parts, list)
    broken: dict[str, Json] = {
        "one": {**signed, "signatures": parts[:1]},
        "twice": {**signed, "signatures": [*parts, parts[1]]},
        "many": {**signed, "signatures": [*parts] * 20},
        "payload": {**signed, "signatures": [{**parts[0], "payload": "e30"}, parts[1]]},
        "extra": {**signed, "header": {}},
        "second": {**signed, "signatures": [parts[1], parts[0]]},
    }
    with pytest.raises(ActRefusedError):
        await board.registry.submit(broken[damage])
    assert board.registry.journal.size == 1


async def test_nothing_is_fetched_for_cosigners_of_a_forged_act(board: Board) -> None:
    hosts = hosts_of(board)
    payload = board.write("irma", party("auditor"))
    person = someone("stranger")
    forged = {**sign_act(payload, someone("irma").kid, person.key)}
    asked: list[str] = []
    real = hosts.document

    async def noting(did_: Did) -> DidDocument:
        asked.append(did_.text)
        return await real(did_)

    hosts.document = noting
    with pytest.raises(ActRefusedError):
        await board.registry.submit(cosign_act(forged, "did:web:internal.test#1", person.key))
    assert asked == [did("irma")]


async def test_suspension_and_retirement_do_not_meet(board: Board) -> None:
    await board.decide(party("auditor"))
    await board.anchor("irma")
    granted = await board.act("irma", grant("authorise", "auditor"))
    await board.act("irma", against(granted.id))
    retiring = {"type": "retire_party", "party": did("auditor"), "ground": "Dissolved"}
    assert (await board.act("auditor", retiring)).status == "executed"
