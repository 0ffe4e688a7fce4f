"""What takes authority away: suspensions, withdrawals, exclusions, compromised keys."""

import pytest

from policies.decision import Basis, Outcome, Reason
from policies.statements import IssuedEffect
from tests.unit.policies.minerals import ROOT, TODAY, irma_and_its_auditor

YES, UNDETERMINED, NO = Outcome.AUTHORISED, Outcome.UNDETERMINED, Outcome.NOT_AUTHORISED
VOID, DOUBT, NOTHING = IssuedEffect.VOID, IssuedEffect.DOUBT, IssuedEffect.NOTHING


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
def test_a_suspension_holds_from_its_first_instant_to_just_before_its_last(
    at: str, outcome: Outcome
) -> None:
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


@pytest.mark.parametrize("issued", [NOTHING, DOUBT, VOID])
def test_what_is_superseded_leaves_credentials_issued_before_alone(issued: IssuedEffect) -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.supersede(boreal, "2026-02-01", issued=issued)
    assert journal.ask("boreal", "2025-06-01", basis=Basis.PROVED).outcome is YES


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
def test_an_excluded_issuers_word_for_an_earlier_time_is_not_taken(
    basis: Basis, outcome: Outcome
) -> None:
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
def test_a_compromised_key_counts_only_for_signatures_proved_earlier(
    key: str | None, at: str, basis: Basis, outcome: Outcome
) -> None:
    journal, _, _ = irma_and_its_auditor()
    journal.compromise("boreal", "stolen", "2026-02-01")
    assert journal.ask("boreal", at, basis=basis, key=key).outcome is outcome
