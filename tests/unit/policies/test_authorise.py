"""One scenario for every reason a decision can give, then what an answer shows.

The setting: a framework of minerals; IRMA, a scheme owner and trust anchor; Boreal, an audit firm
that IRMA approved; a provincial ministry of mines; a national accreditation body.
"""

from collections.abc import Callable

import pytest

from policies.authorise import decide, decide_all
from policies.claims import Dimension
from policies.decision import Basis, Decision, Outcome, Reason
from policies.errors import InvalidQuestionError
from policies.scope import Coverage
from policies.statements import Action, IssuedEffect
from tests.unit.policies.minerals import PERMITS, ROOT, Journal, did_of, irma_and_its_auditor

YES, UNDETERMINED, NO = Outcome.AUTHORISED, Outcome.UNDETERMINED, Outcome.NOT_AUTHORISED
VOID, DOUBT, NOTHING = IssuedEffect.VOID, IssuedEffect.DOUBT, IssuedEffect.NOTHING

SCENARIOS: list[tuple[Reason, Outcome, Callable[[], Decision]]] = []


Told = Callable[[], Decision]


def scenario(reason: Reason, outcome: Outcome = NO) -> Callable[[Told], Told]:
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


@scenario(Reason.COMMON_CONTROL)
def a_scheme_turns_out_to_own_the_audit_firm_that_it_approved() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.group("holding", "irma", "boreal", on="2026-02-01")
    return journal.ask("boreal")


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
def a_did_that_an_issuer_gave_up_signs_what_it_dates_before() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.amend("boreal", "2026-02-01", dids=(did_of("boreal-labs"),))
    return journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED)


@scenario(Reason.UNKNOWN_ISSUER)
def a_did_that_an_issuer_gave_up_is_nobodys() -> Decision:
    journal, _, _ = irma_and_its_auditor()
    journal.amend("boreal", "2026-02-01", dids=(did_of("boreal-labs"),))
    return journal.ask("boreal")


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


def test_the_shortest_of_many_good_chains_is_shown() -> None:
    journal, _, _ = irma_and_its_auditor()
    for _ in range(8):  # more than are looked at one by one
        journal.authorise("irma", "boreal")
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
