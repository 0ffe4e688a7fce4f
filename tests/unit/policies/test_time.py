"""Time: what was known and what held, when it was issued, and how long an answer lasts."""

import pytest

from policies.decision import Basis, Decision, Outcome, Reason
from policies.errors import InvalidQuestionError
from policies.framework import ValidityModel
from tests.unit.policies.minerals import PERMITS, ROOT, TODAY, Journal, day, irma_and_its_auditor

YES, UNDETERMINED, NO = Outcome.AUTHORISED, Outcome.UNDETERMINED, Outcome.NOT_AUTHORISED


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


def test_an_exclusion_not_yet_recorded_excludes_nobody() -> None:
    journal, _, _ = irma_and_its_auditor()
    before = journal.size
    journal.exclude("boreal", "2026-02-01")
    assert journal.ask("boreal", known=before).outcome is YES
    assert journal.ask("boreal").reason is Reason.EXCLUDED


def test_an_adverse_act_not_yet_recorded_is_no_warning() -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.authorise(ROOT, "boreal")
    before = journal.size
    journal.suspend(boreal, "2026-02-01")
    assert not journal.ask("boreal", known=before).warnings
    assert journal.ask("boreal").warnings


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


def test_a_grant_for_later_is_not_recorded_later() -> None:
    """It was recorded after the time asked about, and never meant to hold then."""
    journal = Journal()
    journal.authorise(ROOT, "boreal", since="2024-01-01", on="2023-05-01")
    decision = journal.ask("boreal", "2022-01-01")
    assert decision.reason is Reason.NOT_YET_VALID
    assert [step.recorded_later for step in decision.nearest_miss] == [False]


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


@pytest.mark.parametrize(
    ("made", "outcome"),
    [("2023-12-31", NO), ("2024-01-01", YES), ("2024-05-31", YES), ("2024-06-01", NO)],
)
def test_under_chain_a_grant_is_made_from_the_first_instant_to_just_before_the_last(
    made: str, outcome: Outcome
) -> None:
    journal = Journal(model=ValidityModel.CHAIN)
    journal.accredit(ROOT, "irma", since="2024-01-01", until_day="2024-06-01")
    journal.authorise("irma", "boreal", on=made)
    assert journal.ask("boreal").outcome is outcome


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


def test_a_no_holds_until_a_reinstatement_that_is_already_announced() -> None:
    journal, _, boreal = irma_and_its_auditor()
    suspension = journal.suspend(boreal, "2026-02-01")
    before = journal.size
    journal.reinstate(suspension, "2026-04-01")
    assert now(journal).valid_until == day("2026-04-01")
    assert journal.ask("boreal", basis=Basis.NOW, known=before).valid_until is None


def test_a_no_holds_until_the_exclusion_ends() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("boreal", "2026-02-01", until_day="2026-04-01")
    decision = now(journal)
    assert (decision.reason, decision.valid_until) == (Reason.EXCLUDED, day("2026-04-01"))


def test_a_yes_holds_until_an_exclusion_that_is_already_announced() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("boreal", "2026-05-01")
    decision = now(journal)
    assert (decision.outcome, decision.valid_until) == (YES, day("2026-05-01"))


def test_a_no_holds_until_the_approval_begins() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal", since="2026-04-01")
    assert now(journal).valid_until == day("2026-04-01")


def test_a_yes_on_the_issuers_word_for_the_time_holds_while_it_is_authorised() -> None:
    journal = Journal()
    journal.authorise(ROOT, "boreal", until_day="2026-06-01")
    decision = journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED)
    assert (decision.outcome, decision.valid_until) == (YES, day("2026-06-01"))


def test_a_no_on_the_issuers_word_for_the_time_holds_until_the_exclusion_ends() -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.exclude("boreal", "2026-02-01", until_day="2026-04-01")
    decision = journal.ask("boreal", "2025-06-01", basis=Basis.ASSERTED)
    assert (decision.reason, decision.valid_until) == (Reason.EXCLUDED, day("2026-04-01"))


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
