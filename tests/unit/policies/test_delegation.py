"""How authority is passed on: accreditation, recognition, and scopes that are reserved."""

import pytest

from policies.decision import Basis, Outcome, Reason
from policies.statements import Action
from tests.unit.policies.minerals import PERMITS, ROOT, Journal, irma_and_its_auditor

YES, UNDETERMINED, NO = Outcome.AUTHORISED, Outcome.UNDETERMINED, Outcome.NOT_AUTHORISED


# Accreditation.


def test_to_accredit_is_not_to_issue() -> None:
    journal, _, _ = irma_and_its_auditor()
    assert journal.ask("irma").reason is Reason.NO_STATEMENT
    assert journal.ask("irma", action=Action.ACCREDIT).outcome is YES


@pytest.mark.parametrize(("depth", "outcome"), [(0, NO), (1, NO), (2, YES), (3, YES)])
def test_depth_counts_the_levels_of_accreditation_below(depth: int, outcome: Outcome) -> None:
    journal = Journal()
    journal.accredit(ROOT, "ministry", depth=depth)
    journal.accredit("ministry", "national-body", depth=1)
    journal.accredit("national-body", "irma", depth=0)
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal").outcome is outcome


def test_accrediting_an_accreditor_needs_a_level_below_oneself() -> None:
    journal = Journal()
    journal.accredit(ROOT, "ministry", depth=1)
    journal.accredit("ministry", "irma", depth=0)
    journal.accredit("irma", "boreal")
    assert journal.ask("irma", action=Action.ACCREDIT).outcome is YES
    assert journal.ask("boreal", action=Action.ACCREDIT).reason is Reason.DEPTH_EXCEEDED


@pytest.mark.parametrize("turn", [1, -1])
def test_of_powers_that_fall_short_in_two_ways_the_same_is_told_in_any_order(turn: int) -> None:
    journal = Journal()
    for actions, depth in [((Action.ANCHOR,), 1), ((Action.ISSUE,), 0)][::turn]:
        journal.accredit(ROOT, "ministry", actions=actions, depth=depth)
    journal.accredit("ministry", "irma")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal").reason is Reason.ACTION_NOT_PASSED_ON


def test_authority_only_narrows_on_its_way_down() -> None:
    journal = Journal()
    journal.accredit(ROOT, "ministry", {"country": ["CA"]}, depth=1)
    journal.accredit("ministry", "irma", {"commodity": ["copper"]})
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", country="CA-BC", commodity="copper").outcome is YES
    assert journal.ask("boreal", country="CD", commodity="copper").outcome is NO
    assert journal.ask("boreal", country="CA", commodity="cobalt").outcome is NO


def test_nobody_grants_through_a_straw_man_of_its_own_group() -> None:
    journal = Journal()
    journal.party("holding", "daughter", group="one-group")
    journal.accredit(ROOT, "holding", depth=1)
    journal.accredit("holding", "straw-man")
    journal.authorise("straw-man", "daughter")
    assert journal.ask("daughter").reason is Reason.CYCLE


# Control that is found out later.


def owned() -> Journal:
    """A scheme accredits an office, which authorises an audit firm; in 2023 one owns the other."""
    journal = Journal()
    journal.accredit(ROOT, "scheme", depth=1)
    journal.accredit("scheme", "office")
    journal.authorise("office", "boreal")
    journal.group("holding", "scheme", "boreal", on="2023-01-01")
    return journal


def test_what_was_granted_before_control_was_declared_confers_until_then() -> None:
    journal = owned()
    assert journal.ask("boreal", "2022-12-31").outcome is YES
    assert journal.ask("boreal", "2023-01-01").reason is Reason.COMMON_CONTROL
    assert journal.ask("boreal", known=journal.size - 1).outcome is YES
    proved = journal.ask("boreal", "2022-12-31", basis=Basis.PROVED)
    assert proved.outcome is YES
    asserted = journal.ask("boreal", "2022-12-31", basis=Basis.ASSERTED)
    assert asserted.reason is Reason.ISSUANCE_TIME_UNPROVED


def test_that_is_no_plain_expiry() -> None:
    journal = Journal(accept_asserted_after_expiry=True)
    journal.accredit(ROOT, "scheme")
    journal.authorise("scheme", "boreal", until_day="2024-01-01")
    then = {"at": "2022-12-31", "basis": Basis.ASSERTED}
    assert journal.ask("boreal", **then).outcome is YES
    journal.group("holding", "scheme", "boreal", on="2023-01-01")
    assert journal.ask("boreal", **then).reason is Reason.ISSUANCE_TIME_UNPROVED


def test_it_confers_again_once_they_are_found_to_be_apart() -> None:
    journal = owned()
    journal.group("boreal-alone", "boreal", on="2025-01-01")
    assert journal.ask("boreal", "2024-12-31").reason is Reason.COMMON_CONTROL
    assert journal.ask("boreal", "2025-01-01").outcome is YES


def test_nor_is_a_recognised_peer_the_recognisers_own() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.recognise("irma", "tsm")
    journal.authorise("tsm", "boreal")
    assert journal.ask("boreal").outcome is YES
    journal.group("holding", "irma", "boreal", on="2023-01-01")
    assert journal.ask("boreal").reason is Reason.COMMON_CONTROL


def test_another_chain_carries_the_claim_as_before() -> None:
    journal = owned()
    journal.accredit(ROOT, "other")
    journal.authorise("other", "boreal", since="2024-01-01")
    assert journal.ask("boreal").outcome is YES
    assert journal.ask("boreal", "2023-06-01").outcome is NO


def test_a_cycle_beside_a_good_chain_does_no_harm() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.accredit("irma", "scheme-b", depth=5)
    journal.accredit("scheme-b", "irma", depth=5)
    assert journal.ask("boreal").outcome is YES


@pytest.mark.parametrize(("longest", "outcome"), [(2, NO), (3, YES)])
def test_the_longest_chain_is_the_frameworks(longest: int, outcome: Outcome) -> None:
    journal = Journal(max_chain=longest)
    journal.accredit(ROOT, "national-body", depth=1)
    journal.accredit("national-body", "irma")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal").outcome is outcome


# Recognition.


def test_a_peer_that_an_anchor_recognises_counts_within_that_scope() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.recognise("irma", "tsm", {"country": ["CA"]})
    journal.authorise("tsm", "cordillera")
    assert journal.ask("cordillera", country="CA").outcome is YES
    assert journal.ask("cordillera", country="CD").reason is Reason.AUTHORITY_OUT_OF_SCOPE


def test_recognition_is_one_way() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.accredit(ROOT, "tsm", {"scheme": ["tsm"]})
    journal.recognise("irma", "tsm")
    journal.authorise("irma", "boreal")
    journal.authorise("tsm", "cordillera")
    assert journal.ask("cordillera", scheme="irma").outcome is YES
    assert journal.ask("cordillera", scheme="irma", authorities={"tsm"}).outcome is YES
    assert journal.ask("boreal", scheme="irma", authorities={"tsm"}).outcome is NO


@pytest.mark.parametrize(
    ("anchor", "auditor"), [(["CA"], ["CA", "CD"]), (["CA", "CD"], ["CA"]), (["CA"], ["CD"])]
)
def test_of_two_scopes_on_one_dimension_only_what_both_name_is_covered(
    anchor: list[str], auditor: list[str]
) -> None:
    journal, _, _ = irma_and_its_auditor({"country": auditor}, anchor={"country": anchor})
    both = set(anchor) & set(auditor)
    for country in ("CA", "CD"):
        assert (journal.ask("boreal", country=country).outcome is YES) == (country in both)


def test_a_peer_may_do_no_more_than_whoever_recognises_it() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma", actions=(Action.ANCHOR,))
    journal.recognise("irma", "peer")
    journal.authorise("peer", "boreal")
    journal.authorise("peer", "registrar", action=Action.ANCHOR)
    assert journal.ask("boreal").reason is Reason.ACTION_NOT_PASSED_ON
    assert journal.ask("registrar", action=Action.ANCHOR).outcome is YES


def test_recognition_is_not_transitive() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.recognise("irma", "tsm")
    journal.recognise("tsm", "towards-better-mining")
    journal.authorise("towards-better-mining", "austral")
    decision = journal.ask("austral")
    assert (decision.outcome, decision.reason) == (NO, Reason.AUTHORITY_WITHOUT_CHAIN)


def test_only_an_anchor_recognises_peers() -> None:
    journal = Journal()
    journal.accredit(ROOT, "ministry", depth=3)
    journal.accredit("ministry", "irma", depth=2)
    journal.recognise("irma", "tsm")
    journal.authorise("tsm", "cordillera")
    assert journal.ask("cordillera").outcome is NO


def test_a_recognised_peer_may_have_accredited_in_turn() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma", depth=0)
    journal.recognise("irma", "tsm")
    journal.accredit("tsm", "regional-body")
    journal.authorise("regional-body", "cordillera")
    assert journal.ask("cordillera").outcome is YES


def test_nobody_recognises_itself() -> None:
    journal = Journal()
    journal.party("irma", "irma-services", group="irma-group")
    journal.accredit(ROOT, "irma")
    journal.recognise("irma", "irma-services")
    journal.authorise("irma-services", "boreal")
    assert journal.ask("boreal").reason is Reason.SELF_GRANT


@pytest.mark.parametrize("recognised", [False, True])
def test_a_grant_to_oneself_is_none_because_of_a_separation_that_came_later(
    recognised: bool,
) -> None:
    journal = Journal()
    journal.party("irma", "irma-services", group="irma-group")
    journal.accredit(ROOT, "irma", depth=2)
    if recognised:
        journal.recognise("irma", "irma-services")
    else:
        journal.accredit("irma", "irma-services")
    journal.party("irma-services")
    journal.authorise("irma-services", "boreal")
    decision = journal.ask("boreal")
    assert (decision.outcome, decision.reason) == (NO, Reason.SELF_GRANT)


# Reserved scopes.


def test_the_ministry_alone_speaks_for_its_permits() -> None:
    journal, _, _ = irma_and_its_auditor(reserved=PERMITS)
    journal.authorise(ROOT, "ministry", {"country": ["CA-BC"]})
    permit = {"activity": "permit", "country": "CA-BC"}
    assert journal.ask("ministry", **permit).outcome is YES
    decision = journal.ask("boreal", **permit)
    assert (decision.reason, decision.reservation) == (Reason.RESERVED_SCOPE, "permits-bc")


def test_outside_a_reserved_scope_others_speak_freely() -> None:
    journal, _, _ = irma_and_its_auditor(reserved=PERMITS)
    assert journal.ask("boreal", activity="permit", country="CA-ON").outcome is YES
    assert journal.ask("boreal", activity="certification", country="CA-BC").outcome is YES


@pytest.mark.parametrize(
    "stated",
    [{"activity": "permit"}, {"country": "CA-BC"}, {"activity": "permit", "country": "CA"}],
)
def test_a_claim_that_may_meet_a_reserved_scope_is_undetermined(stated: dict[str, str]) -> None:
    journal, _, _ = irma_and_its_auditor(reserved=PERMITS)
    decision = journal.ask("boreal", **stated)
    assert (decision.outcome, decision.reason) == (UNDETERMINED, Reason.CLAIM_SILENT)


def test_whom_the_ministry_authorises_speaks_for_it_too() -> None:
    journal = Journal(reserved=PERMITS)
    journal.accredit(ROOT, "ministry")
    journal.authorise("ministry", "permit-office")
    assert journal.ask("permit-office", activity="permit", country="CA-BC").outcome is YES


def test_recognising_the_ministry_does_not_share_what_is_reserved_to_it() -> None:
    """The chain of a recognised peer ends at the anchor that recognises, not at the peer."""
    journal = Journal(reserved=PERMITS)
    journal.accredit(ROOT, "irma")
    journal.recognise("irma", "ministry")
    journal.authorise("ministry", "permit-office")
    decision = journal.ask("permit-office", activity="permit", country="CA-BC")
    assert decision.reason is Reason.RESERVED_SCOPE
