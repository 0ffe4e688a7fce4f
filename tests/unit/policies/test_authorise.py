"""One scenario for every reason a decision can give, then the rules one by one.

The setting: a framework of minerals; IRMA, a scheme owner and trust anchor; Boreal, an audit firm
that IRMA approved; a provincial ministry of mines; a national accreditation body.
"""

from collections.abc import Callable

import pytest

from policies.authorise import decide, decide_all
from policies.claims import Dimension
from policies.decision import Basis, Decision, Outcome, Reason
from policies.errors import InvalidQuestionError
from policies.framework import ValidityModel
from policies.scope import Coverage
from policies.statements import Action, IssuedEffect
from tests.unit.policies.minerals import ROOT, TODAY, Journal, day, irma_and_its_auditor

YES, UNDETERMINED, NO = Outcome.AUTHORISED, Outcome.UNDETERMINED, Outcome.NOT_AUTHORISED
VOID, DOUBT, NOTHING = IssuedEffect.VOID, IssuedEffect.DOUBT, IssuedEffect.NOTHING

SCENARIOS: list[tuple[Reason, Outcome, Callable[[], Decision]]] = []


def scenario(reason: Reason, outcome: Outcome = NO):
    """A scenario is a function whose name is a sentence and that returns the decision."""

    def register(told: Callable[[], Decision]) -> Callable[[], Decision]:
        SCENARIOS.append((reason, outcome, told))
        return told

    return register


@scenario(Reason.AUTHORISED, YES)
def an_audit_firm_issues_what_irma_approved_it_for() -> Decision:
    journal, _, _ = irma_and_its_auditor({"achievement": ["IRMA 75"], "country": ["CA"]})
    return journal.ask("boreal", scheme="irma", achievement="IRMA 50", country="CA-BC")


@scenario(Reason.UNKNOWN_ISSUER)
def nobody_ever_registered_this_audit_firm() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    return journal.ask("mystery-audits", scheme="irma")


@scenario(Reason.NO_STATEMENT)
def a_registered_mine_attests_to_itself_without_any_statement() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.party("highland-mine")
    return journal.ask("highland-mine", scheme="irma")


@scenario(Reason.OUT_OF_SCOPE)
def an_audit_firm_for_copper_attests_to_cobalt() -> Decision:
    journal, _, _ = irma_and_its_auditor({"commodity": ["copper"]})
    return journal.ask("boreal", commodity="cobalt")


@scenario(Reason.OUT_OF_SCOPE)
def an_audit_firm_for_irma_75_awards_irma_100() -> Decision:
    journal, _, _ = irma_and_its_auditor({"scheme": ["irma"], "achievement": ["IRMA 75"]})
    return journal.ask("boreal", scheme="irma", achievement="IRMA 100")


@scenario(Reason.OUT_OF_SCOPE)
def an_audit_firm_for_every_country_but_one_attests_there() -> Decision:
    journal, _, _ = irma_and_its_auditor({"country": {"except": ["CD"]}})
    return journal.ask("boreal", country="CD")


@scenario(Reason.NOT_YET_VALID)
def an_audit_firm_issues_a_day_before_its_approval_begins() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", since="2026-03-02")
    return journal.ask("boreal", "2026-03-01")


@scenario(Reason.EXPIRED)
def an_approval_has_ended_on_the_day_it_names() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", until_day="2026-03-01")
    return journal.ask("boreal", "2026-03-01")


@scenario(Reason.SUSPENDED)
def a_suspended_audit_firm_issues() -> Decision:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.WITHDRAWN)
def an_approval_was_withdrawn() -> Decision:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.SUPERSEDED)
def an_approval_was_superseded_by_another_that_does_not_cover_the_claim() -> Decision:
    journal, _, boreal = irma_and_its_auditor({"scheme": ["irma"]})
    journal.supersede(boreal, "2026-02-01")
    journal.authorise(
        "irma", "boreal", {"scheme": ["irma-2"], "country": ["CA"], "commodity": ["copper"]}
    )
    return journal.ask("boreal", scheme="irma", country="CD", commodity="cobalt")


@scenario(Reason.AUTHORITY_WITHOUT_CHAIN)
def a_scheme_that_nobody_made_an_anchor_approves_an_audit_firm() -> Decision:
    journal = Journal()
    journal.authorise("greenwash-standard", "boreal")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_OUT_OF_SCOPE)
def irma_approves_for_more_than_it_was_given() -> Decision:
    journal, _, _ = irma_and_its_auditor(anchor={"scheme": ["irma"]})
    return journal.ask("boreal", scheme="copper-mark")


@scenario(Reason.AUTHORITY_NOT_YET_VALID)
def irma_becomes_an_anchor_only_next_month() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma", since="2026-04-01")
    journal.authorise("irma", "boreal")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_EXPIRED)
def irmas_own_recognition_by_the_framework_has_lapsed() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma", until_day="2026-01-01")
    journal.authorise("irma", "boreal")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_SUSPENDED)
def the_accreditation_body_is_suspended_and_with_it_whom_it_accredited() -> Decision:
    journal, irma, _ = irma_and_its_auditor()
    journal.suspend(irma, "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_WITHDRAWN)
def irma_is_no_longer_an_anchor() -> Decision:
    journal, irma, _ = irma_and_its_auditor()
    journal.withdraw(irma, "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_SUPERSEDED)
def irmas_statement_was_superseded_and_nothing_took_its_place() -> Decision:
    journal, irma, _ = irma_and_its_auditor()
    journal.supersede(irma, "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.AUTHORITY_NOT_ACCEPTED)
def the_verifier_accepts_another_anchor_only() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.accredit(ROOT, "copper-mark")
    return journal.ask("boreal", authorities={"copper-mark"})


@scenario(Reason.ACTION_NOT_PASSED_ON)
def irma_may_approve_registrars_but_not_issuers() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma", actions=(Action.ANCHOR,))
    journal.authorise("irma", "boreal")
    return journal.ask("boreal")


@scenario(Reason.DEPTH_EXCEEDED)
def irma_may_approve_audit_firms_but_no_further_accreditors() -> Decision:
    journal = Journal()
    journal.accredit(ROOT, "irma", depth=0)
    journal.accredit("irma", "regional-office")
    journal.authorise("regional-office", "boreal")
    return journal.ask("boreal")


@scenario(Reason.CHAIN_TOO_LONG)
def a_chain_has_more_links_than_the_framework_allows() -> Decision:
    journal = Journal(max_chain=2)
    journal.accredit(ROOT, "national-body", depth=1)
    journal.accredit("national-body", "irma")
    journal.authorise("irma", "boreal")
    return journal.ask("boreal")


@scenario(Reason.CYCLE)
def two_schemes_vouch_for_each_other_and_nobody_for_them() -> Decision:
    journal = Journal()
    journal.accredit("scheme-a", "scheme-b", depth=5)
    journal.accredit("scheme-b", "scheme-a", depth=5)
    journal.authorise("scheme-a", "boreal")
    return journal.ask("boreal")


@scenario(Reason.SELF_GRANT)
def a_subsidiary_is_approved_by_its_own_parent() -> Decision:
    journal = Journal()
    journal.party("holding", "daughter", group="one-group")
    journal.accredit(ROOT, "holding")
    journal.authorise("holding", "daughter")
    return journal.ask("daughter")


PERMITS = {"permits-bc": ({"activity": ["permit"], "country": ["CA-BC"]}, "ministry")}


@scenario(Reason.RESERVED_SCOPE)
def a_certifier_with_a_wider_scope_issues_a_permit_reserved_to_the_ministry() -> Decision:
    journal, _, _ = irma_and_its_auditor(reserved=PERMITS)
    journal.authorise(ROOT, "ministry")
    return journal.ask("boreal", activity="permit", country="CA-BC")


@scenario(Reason.EXCLUDED)
def an_audit_firm_was_excluded_whatever_chains_it_has() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("boreal", "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.EXCLUDED)
def the_scheme_above_the_audit_firm_was_excluded() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("irma", "2026-02-01")
    return journal.ask("boreal")


@scenario(Reason.KEY_COMPROMISED)
def a_credential_is_signed_with_a_stolen_key_and_backdated() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.compromise("boreal", "stolen", "2026-02-01")
    return journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED, key="stolen")


@scenario(Reason.CREDENTIAL_VOIDED)
def a_withdrawal_for_fraud_voids_what_was_issued_before() -> Decision:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2026-02-01", issued=VOID)
    return journal.ask("boreal", "2025-06-01", basis=Basis.PROVED)


@scenario(Reason.RECHECK_REQUIRED, UNDETERMINED)
def a_suspension_casts_doubt_on_what_was_issued_before() -> Decision:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", issued=DOUBT)
    return journal.ask("boreal", "2025-06-01", basis=Basis.PROVED)


@scenario(Reason.CLAIM_SILENT, UNDETERMINED)
def a_claim_does_not_say_which_country_it_is_about() -> Decision:
    journal, _, _ = irma_and_its_auditor({"country": ["CA"]})
    return journal.ask("boreal", commodity="copper")


@scenario(Reason.CLAIM_SILENT, UNDETERMINED)
def a_claim_names_the_country_where_only_a_province_is_covered() -> Decision:
    journal, _, _ = irma_and_its_auditor({"country": ["CA-BC"]})
    return journal.ask("boreal", country="CA")


@scenario(Reason.ISSUANCE_TIME_UNPROVED, UNDETERMINED)
def a_withdrawn_issuer_says_that_it_signed_before() -> Decision:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2026-02-01")
    return journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED)


@pytest.mark.parametrize(
    ("reason", "outcome", "told"), SCENARIOS, ids=[told.__name__ for _, _, told in SCENARIOS]
)
def test_scenario(reason: Reason, outcome: Outcome, told: Callable[[], Decision]) -> None:
    decision = told()
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_every_reason_has_a_scenario() -> None:
    """Except for the one that is the host's to give: rules read no sources."""
    assert {reason for reason, _, _ in SCENARIOS} == set(Reason) - {Reason.SOURCE_UNAVAILABLE}


# What an answer shows.


def test_a_yes_shows_the_chain_from_the_issuer_to_the_anchor() -> None:
    journal, irma, boreal = irma_and_its_auditor({"country": ["CA"]})
    decision = journal.ask("boreal", country="CA")
    assert [step.statement for step in decision.chain] == [boreal, irma]
    assert {step.outcome for step in decision.chain} == {YES}
    assert (decision.nearest_miss, decision.gaps) == ((), ())


def test_a_no_shows_the_nearest_miss_and_exactly_what_was_missing() -> None:
    journal = Journal()
    irma = journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", {"commodity": ["cobalt"], "country": ["CD"]})
    near = journal.authorise("irma", "boreal", {"commodity": ["cobalt"], "country": ["CA"]})
    decision = journal.ask("boreal", commodity="copper", country="CA")
    assert decision.reason is Reason.OUT_OF_SCOPE
    assert decision.chain == ()
    assert [step.statement for step in decision.nearest_miss] == [near, irma]
    assert [(gap.dimension, gap.claimed, gap.coverage) for gap in decision.gaps] == [
        (Dimension.COMMODITY, "copper", Coverage.NO)
    ]


def test_an_undetermined_answer_names_what_the_claim_should_say() -> None:
    journal, _, _ = irma_and_its_auditor({"country": ["CA"]})
    [gap] = journal.ask("boreal", commodity="copper").gaps
    assert (gap.dimension, gap.claimed, gap.coverage) == (Dimension.COUNTRY, None, Coverage.SILENT)


def test_a_harder_failure_wins_over_silence() -> None:
    journal, _, boreal = irma_and_its_auditor({"country": ["CA"]})
    journal.suspend(boreal, "2026-02-01")
    assert journal.ask("boreal", commodity="copper").reason is Reason.SUSPENDED


def test_coverage_is_never_joined_from_two_statements() -> None:
    journal, _, _ = irma_and_its_auditor({"commodity": ["copper"], "country": ["CA"]})
    journal.authorise("irma", "boreal", {"commodity": ["cobalt"], "country": ["CD"]})
    assert journal.ask("boreal", commodity="copper", country="CA").outcome is YES
    assert journal.ask("boreal", commodity="cobalt", country="CD").outcome is YES
    assert journal.ask("boreal", commodity="copper", country="CD").outcome is NO


def test_a_question_about_several_claims_is_answered_by_the_worst() -> None:
    journal, _, _ = irma_and_its_auditor({"commodity": ["copper"]})
    good = journal.ask("boreal", commodity="copper").question
    silent = journal.ask("boreal").question
    bad = journal.ask("boreal", commodity="cobalt").question
    assert decide_all([good], journal.index)[0].outcome is YES
    assert decide_all([good, silent], journal.index)[0].outcome is UNDETERMINED
    worst, every = decide_all([good, bad, silent], journal.index)
    assert worst == decide(bad, journal.index)
    assert len(every) == 3


# Many paths.


def test_any_authorised_path_wins() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01")
    journal.accredit(ROOT, "copper-mark")
    other = journal.authorise("copper-mark", "boreal")
    decision = journal.ask("boreal")
    assert decision.outcome is YES
    assert decision.chain[0].statement == other


def test_another_authoritys_adverse_act_is_a_warning_in_every_answer() -> None:
    journal, _, boreal = irma_and_its_auditor()
    act = journal.suspend(boreal, "2026-02-01")
    journal.accredit(ROOT, "copper-mark")
    journal.authorise("copper-mark", "boreal")
    assert [(w.code, w.act) for w in journal.ask("boreal").warnings] == [("ADVERSE_ACT", act)]


def test_an_undetermined_path_is_better_than_none() -> None:
    journal, _, _ = irma_and_its_auditor({"country": ["CA"]})
    journal.authorise("irma", "boreal", {"commodity": ["cobalt"]})
    assert journal.ask("boreal", commodity="copper").outcome is UNDETERMINED


def test_the_shortest_of_two_good_chains_is_shown() -> None:
    journal, _, _ = irma_and_its_auditor()
    direct = journal.authorise(ROOT, "boreal")
    assert [step.statement for step in journal.ask("boreal").chain] == [direct]


def test_a_verifier_accepts_a_framework_an_anchor_or_a_recognised_peer_by_name() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.recognise("irma", "tsm")
    journal.authorise("tsm", "cordillera")
    for accepted in ({ROOT}, {"irma"}, {"elsewhere", "irma"}):
        assert journal.ask("boreal", authorities=accepted).outcome is YES
    for accepted in ({"tsm"}, {"irma"}, {ROOT}):
        assert journal.ask("cordillera", authorities=accepted).outcome is YES
    assert journal.ask("boreal", authorities={"boreal"}).outcome is NO
    assert journal.ask("boreal", authorities={"tsm"}).outcome is NO


def test_accepting_nobody_is_an_error() -> None:
    journal, _, _ = irma_and_its_auditor()
    with pytest.raises(InvalidQuestionError) as refused:
        journal.ask("boreal", authorities=set())
    assert refused.value.member == "authorities"


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
    "stated", [{"activity": "permit"}, {"country": "CA-BC"}, {"activity": "permit", "country": "CA"}]
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


# Statuses.


def test_a_suspended_firm_goes_on_with_surveillance_but_certifies_nobody_anew() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", {"phase": ["initial", "renewal", "extension"]})
    assert journal.ask("boreal", phase="surveillance").outcome is YES
    assert journal.ask("boreal", phase="initial").reason is Reason.SUSPENDED
    assert journal.ask("boreal").outcome is UNDETERMINED


def test_leaving_out_the_scheme_does_not_escape_a_suspension() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", {"achievement": ["IRMA 75"]})
    assert journal.ask("boreal", scheme="irma", achievement="IRMA 50").reason is Reason.SUSPENDED
    assert journal.ask("boreal", achievement="IRMA 50").outcome is UNDETERMINED


def test_a_suspension_everywhere_but_at_home_leaves_home_alone() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", {"country": {"except": ["CA"]}})
    assert journal.ask("boreal", country="CA-BC").outcome is YES
    assert journal.ask("boreal", country="CD").reason is Reason.SUSPENDED


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ("2026-01-31", YES),
        ("2026-02-01", NO),
        ("2026-02-28", NO),
        ("2026-03-01", YES),
    ],
)
def test_a_suspension_holds_from_its_first_instant_to_just_before_its_last(at, outcome) -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", until_day="2026-03-01")
    assert journal.ask("boreal", at).outcome is outcome


@pytest.mark.parametrize(
    ("at", "outcome"), [("2026-02-01", NO), ("2026-02-19", NO), ("2026-02-20", YES)]
)
def test_a_reinstatement_ends_a_suspension_from_its_own_day(at: str, outcome: Outcome) -> None:
    journal, _, boreal = irma_and_its_auditor()
    suspension = journal.suspend(boreal, "2026-02-01")
    journal.reinstate(suspension, "2026-02-20")
    assert journal.ask("boreal", at).outcome is outcome


@pytest.mark.parametrize(
    ("basis", "issued", "outcome", "reason"),
    [
        (Basis.PROVED, NOTHING, YES, Reason.AUTHORISED),
        (Basis.PROVED, DOUBT, UNDETERMINED, Reason.RECHECK_REQUIRED),
        (Basis.PROVED, VOID, NO, Reason.CREDENTIAL_VOIDED),
        (Basis.ASSERTED, NOTHING, UNDETERMINED, Reason.ISSUANCE_TIME_UNPROVED),
        (Basis.ASSERTED, DOUBT, UNDETERMINED, Reason.RECHECK_REQUIRED),
        (Basis.ASSERTED, VOID, NO, Reason.CREDENTIAL_VOIDED),
        # A bare question about the past is about authority, not about a credential.
        (Basis.ASKED, VOID, YES, Reason.AUTHORISED),
    ],
)
def test_a_withdrawal_says_what_becomes_of_credentials_issued_before(
    basis: Basis, issued: IssuedEffect, outcome: Outcome, reason: Reason
) -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2026-02-01", issued=issued)
    decision = journal.ask("boreal", "2025-06-01", basis=basis)
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_voiding_touches_only_the_claims_it_names() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2026-02-01", {"country": ["CD"]}, issued=VOID)
    proved = {"at": "2025-06-01", "basis": Basis.PROVED}
    assert journal.ask("boreal", country="CA", **proved).outcome is YES
    assert journal.ask("boreal", country="CD", **proved).reason is Reason.CREDENTIAL_VOIDED
    assert journal.ask("boreal", **proved).outcome is UNDETERMINED


def test_a_reinstatement_takes_back_the_doubt() -> None:
    journal, _, boreal = irma_and_its_auditor()
    suspension = journal.suspend(boreal, "2026-02-01", issued=DOUBT)
    journal.reinstate(suspension, "2026-02-20")
    assert journal.ask("boreal", "2025-06-01", basis=Basis.PROVED).outcome is YES


def test_a_scheme_owner_that_falls_takes_the_credentials_below_with_it_if_it_says_so() -> None:
    journal, irma, _ = irma_and_its_auditor()
    journal.withdraw(irma, "2026-02-01", issued=VOID)
    assert journal.ask("boreal", "2025-06-01", basis=Basis.PROVED).reason is (
        Reason.CREDENTIAL_VOIDED
    )


# Exclusions.


def test_an_exclusion_overrides_every_path_within_its_scope_and_time() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.authorise(ROOT, "boreal")
    journal.exclude("boreal", "2026-02-01", {"commodity": ["cobalt"]}, until_day="2026-04-01")
    assert journal.ask("boreal", commodity="cobalt").reason is Reason.EXCLUDED
    assert journal.ask("boreal", commodity="copper").outcome is YES
    assert journal.ask("boreal").outcome is UNDETERMINED
    assert journal.ask("boreal", "2026-01-31", commodity="cobalt").outcome is YES
    assert journal.ask("boreal", "2026-04-01", commodity="cobalt").outcome is YES


@pytest.mark.parametrize(
    ("basis", "outcome"),
    [(Basis.ASKED, YES), (Basis.PROVED, YES), (Basis.ASSERTED, NO)],
)
def test_an_excluded_issuers_word_for_an_earlier_time_is_not_taken(basis, outcome) -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("boreal", "2026-02-01")
    assert journal.ask("boreal", "2025-06-01", basis=basis).outcome is outcome


# Keys.


@pytest.mark.parametrize(
    ("key", "at", "basis", "outcome"),
    [
        ("stolen", "2025-06-01", Basis.PROVED, YES),
        ("stolen", "2026-02-01", Basis.PROVED, NO),
        ("stolen", "2025-06-01", Basis.ASSERTED, NO),
        ("stolen", TODAY, Basis.NOW, NO),
        ("another", TODAY, Basis.NOW, YES),
        (None, TODAY, Basis.ASKED, YES),
    ],
)
def test_a_compromised_key_counts_only_for_signatures_proved_earlier(key, at, basis, outcome) -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.compromise("boreal", "stolen", "2026-02-01")
    assert journal.ask("boreal", at, basis=basis, key=key).outcome is outcome


# The two axes of time.


def test_a_question_is_answered_with_what_was_known_then() -> None:
    """What would we have answered on that day?"""
    journal, _, boreal = irma_and_its_auditor()
    before = journal.size
    journal.withdraw(boreal, "2025-01-01", on="2026-02-01")
    asked = {"at": "2025-06-01"}
    assert journal.ask("boreal", known=before, **asked).outcome is YES
    assert journal.ask("boreal", **asked).reason is Reason.WITHDRAWN


def test_a_withdrawal_may_reach_back_for_fraud() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.withdraw(boreal, "2025-01-01", on="2026-02-01")
    assert journal.ask("boreal", "2024-12-31").outcome is YES
    assert journal.ask("boreal", "2025-01-01").outcome is NO


def test_a_party_or_a_statement_not_yet_recorded_does_not_exist() -> None:
    journal = Journal()
    empty = journal.size
    journal.party("boreal")
    registered = journal.size
    journal.authorise(ROOT, "boreal")
    assert journal.ask("boreal", known=empty).reason is Reason.UNKNOWN_ISSUER
    assert journal.ask("boreal", known=registered).reason is Reason.NO_STATEMENT
    assert journal.ask("boreal").outcome is YES


def test_a_reinstatement_not_yet_recorded_lifts_nothing() -> None:
    journal, _, boreal = irma_and_its_auditor()
    suspension = journal.suspend(boreal, "2026-02-01")
    before = journal.size
    journal.reinstate(suspension, "2026-02-20")
    assert journal.ask("boreal", known=before).outcome is NO
    assert journal.ask("boreal").outcome is YES


def test_each_journal_size_has_its_framework() -> None:
    journal, _, _ = irma_and_its_auditor()
    before = journal.size
    journal.adopt(reserved=PERMITS, on="2026-02-01")
    permit = {"activity": "permit", "country": "CA-BC"}
    old, new = journal.ask("boreal", known=before, **permit), journal.ask("boreal", **permit)
    assert (old.framework.version, old.outcome) == (1, YES)
    assert (new.framework.version, new.outcome) == (2, NO)


def test_before_the_first_framework_nothing_can_be_asked() -> None:
    journal, _, _ = irma_and_its_auditor()
    with pytest.raises(InvalidQuestionError):
        journal.ask("boreal", known=0)


@pytest.mark.parametrize(("at", "later"), [("2015-06-01", True), ("2024-06-01", False)])
def test_a_backdated_grant_answers_for_the_past_and_says_that_it_was_recorded_later(
    at: str, later: bool
) -> None:
    journal = Journal()
    journal.authorise(ROOT, "ministry", since="2010-01-01", on="2023-05-01")
    decision = journal.ask("ministry", at, activity="permit")
    assert decision.outcome is YES
    assert [step.recorded_later for step in decision.chain] == [later]


# When was it issued?


def test_an_issuers_word_for_the_time_suffices_while_it_is_still_authorised() -> None:
    journal, _, _ = irma_and_its_auditor()
    assert journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED).outcome is YES


@pytest.mark.parametrize(
    ("accepts", "ends", "outcome"),
    [
        (False, "expiry", UNDETERMINED),
        (True, "expiry", YES),
        (True, "expiry of the scheme owner", YES),
        (True, "withdrawal", UNDETERMINED),
        (True, "suspension", UNDETERMINED),
        (True, "expiry and withdrawal", UNDETERMINED),
    ],
)
def test_a_framework_may_take_an_issuers_word_where_authority_plainly_expired(
    accepts: bool, ends: str, outcome: Outcome
) -> None:
    journal = Journal(accept_asserted_after_expiry=accepts)
    owner_ends = "2026-01-01" if "scheme owner" in ends else None
    firm_ends = "2026-01-01" if ends in {"expiry", "expiry and withdrawal"} else None
    journal.accredit(ROOT, "irma", until_day=owner_ends)
    boreal = journal.authorise("irma", "boreal", until_day=firm_ends)
    if "withdrawal" in ends:
        journal.withdraw(boreal, "2025-12-01")
    if "suspension" in ends:
        journal.suspend(boreal, "2025-12-01")
    assert journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED).outcome is outcome


def test_withdrawing_one_of_two_expired_grants_does_not_weaken_the_other() -> None:
    """Else removing the withdrawn grant would raise the answer."""
    journal = Journal(accept_asserted_after_expiry=True)
    direct = journal.authorise(ROOT, "boreal", until_day="2026-01-01")
    journal.withdraw(direct, "2025-12-01")
    journal.accredit(ROOT, "irma", until_day="2026-01-01")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED).outcome is YES


# The validity models.


def outcome_under(decision: Decision, model: ValidityModel) -> Outcome:
    return dict(decision.models)[model]


def test_under_shell_the_whole_chain_must_hold_under_chain_each_link_when_the_next_was_made() -> (
    None
):
    """IRMA approved Boreal in time and has lapsed since; Boreal issues."""
    for model, expected in ((ValidityModel.SHELL, NO), (ValidityModel.CHAIN, YES)):
        journal = Journal(model=model)
        journal.accredit(ROOT, "irma", until_day="2025-01-01")
        journal.authorise("irma", "boreal", on="2024-06-01")
        decision = journal.ask("boreal", "2026-01-01")
        assert decision.outcome is expected
        assert outcome_under(decision, ValidityModel.SHELL) is NO
        assert outcome_under(decision, ValidityModel.CHAIN) is YES


def test_under_chain_a_grant_made_before_its_authority_began_never_holds() -> None:
    journal = Journal(model=ValidityModel.CHAIN)
    journal.accredit(ROOT, "irma", since="2024-01-01")
    journal.authorise("irma", "boreal", on="2023-06-01")
    decision = journal.ask("boreal", "2026-01-01")
    assert decision.reason is Reason.AUTHORITY_NOT_YET_VALID
    assert outcome_under(decision, ValidityModel.SHELL) is YES


def test_the_steps_of_a_chain_say_at_which_instant_each_had_to_hold() -> None:
    journal = Journal(model=ValidityModel.CHAIN)
    journal.accredit(ROOT, "irma", on="2023-01-01")
    journal.authorise("irma", "boreal", on="2024-06-01")
    decision = journal.ask("boreal", "2026-01-01")
    assert [step.at for step in decision.chain] == [day("2026-01-01"), day("2024-06-01")]


def test_a_suspension_does_not_reach_down_under_chain() -> None:
    journal = Journal(model=ValidityModel.CHAIN)
    irma = journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", on="2024-06-01")
    journal.suspend(irma, "2025-01-01")
    assert journal.ask("boreal").outcome is YES


# The two horizons.


def now(journal: Journal) -> Decision:
    return journal.ask("boreal", basis=Basis.NOW)


def test_a_yes_holds_until_the_first_expiry_on_its_chain() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma", until_day="2026-06-01")
    journal.authorise("irma", "boreal", until_day="2027-01-01")
    assert now(journal).valid_until == day("2026-06-01")


def test_a_yes_holds_until_a_suspension_that_is_already_announced() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-05-01", on="2026-02-01")
    assert now(journal).valid_until == day("2026-05-01")


def test_a_no_holds_until_the_suspension_ends() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.suspend(boreal, "2026-02-01", until_day="2026-04-01")
    decision = now(journal)
    assert (decision.outcome, decision.valid_until) == (NO, day("2026-04-01"))


def test_a_no_holds_until_the_approval_begins() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", since="2026-04-01")
    assert now(journal).valid_until == day("2026-04-01")


def test_an_answer_about_a_fixed_instant_never_changes_by_itself() -> None:
    journal = Journal()
    journal.authorise(ROOT, "boreal", until_day="2026-06-01")
    assert journal.ask("boreal", "2025-06-01", basis=Basis.PROVED).valid_until is None


def test_an_answer_goes_stale_before_its_horizon() -> None:
    journal = Journal(max_staleness_ms=60_000)
    journal.authorise(ROOT, "boreal", until_day="2026-06-01")
    assert now(journal).fresh_until == day(TODAY) + 60_000


def test_an_answer_is_not_kept_beyond_its_horizon() -> None:
    journal = Journal(max_staleness_ms=10 * 86_400_000)
    journal.authorise(ROOT, "boreal", until_day="2026-03-03")
    assert now(journal).fresh_until == day("2026-03-03")
