"""What one authority, or several together, can make a decision look at."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from policies import chains, misses
from policies.chains import MAX_LINKS, Chain
from policies.decision import Basis, Outcome, Reason
from policies.holders import Link
from policies.links import judge
from policies.misses import MAX_LINKS_JUDGED
from policies.party_rows import PartyRows
from policies.paths import MAX_CHAINS
from policies.statements import Action, Party, PartyId
from resolver.did import Did
from resolver.instant import END
from tests.unit.policies.minerals import ROOT, Journal, irma_and_its_auditor

YES, NO, UNDETERMINED = Outcome.AUTHORISED, Outcome.NOT_AUTHORISED, Outcome.UNDETERMINED
MANY = 300


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the chains that are laid out, and the statements that are judged."""
    counted: Counter[str] = Counter()

    class Counted(Chain):
        __slots__ = ()

        def __init__(self, *given: object) -> None:
            counted["chains"] += 1
            super().__init__(*given)

    def counting(link: Link, *given: object) -> object:
        counted["judged"] += 1
        return judge(link, *given)

    monkeypatch.setattr(chains, "Chain", Counted)
    monkeypatch.setattr(misses, "judge", counting)
    return counted


def rival(journal: Journal) -> None:
    """Another authority, which may accredit and authorise as irma may, but for cobalt alone."""
    journal.accredit(ROOT, "rival", {"commodity": ["cobalt"]}, depth=2)


@pytest.mark.parametrize(
    "said", [{"until_day": "2021-01-01"}, {"since": "2030-01-01"}, {"within": {"country": ["CD"]}}]
)
def test_what_does_not_hold_by_itself_costs_no_chains(
    work: Counter[str], said: dict[str, object]
) -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    rival(journal)
    for _ in range(MANY):
        journal.authorise("rival", "boreal", **said)
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", commodity="copper", country="CA").outcome is YES
    assert work == {"chains": 1}


def test_what_cannot_come_first_costs_no_chains(work: Counter[str]) -> None:
    journal, _, boreal = irma_and_its_auditor()
    for _ in range(MANY):
        journal.authorise("irma", "boreal")
    assert journal.ask("boreal").chain[0].statement == boreal
    assert work == {"chains": 1}
    shorter = journal.authorise(ROOT, "boreal")
    assert journal.ask("boreal").chain[0].statement == shorter
    assert work == {"chains": 3}


def test_what_was_withdrawn_costs_no_chains(work: Counter[str]) -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    rival(journal)
    for _ in range(MANY):
        journal.withdraw(journal.authorise("rival", "boreal"), "2021-01-01")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", commodity="cobalt").outcome is YES
    assert work["chains"] == 1


def test_each_statement_is_judged_once_for_each_model(work: Counter[str]) -> None:
    journal, _, _ = irma_and_its_auditor({"country": ["CA"]})
    for _ in range(MANY):
        journal.authorise("irma", "boreal", {"country": ["CL"]})
    decision = journal.ask("boreal", country="CD")
    assert decision.reason is Reason.OUT_OF_SCOPE
    assert len(decision.nearest_miss) == 2
    assert work["judged"] <= 2 * (MANY + 3)


def test_a_no_names_a_statement_where_there_is_too_much_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, _, boreal = irma_and_its_auditor({"country": ["CA"]})
    rival(journal)
    for _ in range(MANY):
        journal.accredit("rival", "irma", depth=1)
    monkeypatch.setattr(misses, "MAX_LINKS_JUDGED", MANY)
    decision = journal.ask("boreal", country="CD", commodity="copper")
    assert (decision.outcome, decision.reason) == (NO, Reason.OUT_OF_SCOPE)
    assert [step.statement for step in decision.nearest_miss] == [boreal]


def test_accreditations_pressed_on_an_authority_leave_its_issuers_their_yes() -> None:
    """More of them than are followed: they could once make every answer undetermined."""
    journal, _, boreal = irma_and_its_auditor()
    rival(journal)
    for _ in range(2 * MAX_LINKS):
        journal.accredit("rival", "irma", depth=1)
    decision = journal.ask("boreal", commodity="copper")
    assert decision.outcome is YES
    assert decision.chain[0].statement == boreal
    few = journal.authorise("irma", "later")
    assert journal.ask("later", commodity="copper").chain[0].statement == few


def test_statements_pressed_on_an_issuer_leave_it_its_yes(work: Counter[str]) -> None:
    """Where they hold by themselves, and nothing above them does."""
    journal = Journal()
    rival(journal)
    journal.accredit(ROOT, "irma")
    for _ in range(MANY):
        journal.authorise("rival", "boreal")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", commodity="copper").outcome is YES
    assert work["chains"] == MANY + 1


def test_no_ring_of_accreditors_keeps_an_answer_waiting(
    work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve that accredit one another make a hundred thousand ways, none of which leads up."""
    looked_at = Counter[str]()
    looking_at = chains.Chains._looking_at

    def counting(self: chains.Chains, links: list[Link]) -> object:
        for link in looking_at(self, links):
            looked_at[link.entity] += 1
            yield link

    monkeypatch.setattr(chains.Chains, "_looking_at", counting)
    journal = Journal()
    ring = [f"puppet-{number}" for number in range(12)]
    for puppet in ring:
        for other in ring:
            if puppet != other:
                journal.accredit(puppet, other, depth=9)
    for _ in range(2):
        journal.authorise(ring[0], "boreal")
    decision = journal.ask("boreal", commodity="copper")
    assert (decision.outcome, decision.reason) == (UNDETERMINED, Reason.SOURCE_UNAVAILABLE)
    assert sum(looked_at.values()) <= MAX_LINKS  # once for both, which are alike
    assert work["judged"] <= 2 * 2 * MAX_LINKS_JUDGED
    journal.accredit(ROOT, "irma")
    journal.authorise("irma", "boreal")
    assert journal.ask("boreal", commodity="copper").outcome is YES


@pytest.mark.parametrize("above", [[], ["irma"]])
def test_no_ring_of_accreditors_hides_the_roots_of_whom_it_accredits(above: list[str]) -> None:
    """Not even where it was there first, and the board spoke last."""
    journal = Journal()
    ring = [f"puppet-{number}" for number in range(12)]
    for puppet in ring:
        for other in (*ring, "certifier"):
            if puppet != other:
                journal.accredit(puppet, other, depth=9)
    journal.authorise("certifier", "boreal")
    assert journal.ask("boreal", commodity="copper").outcome is UNDETERMINED
    steps = [ROOT, *above, "certifier"]
    for number, (authority, entity) in enumerate(pairwise(steps), 1):
        journal.accredit(authority, entity, depth=len(above) + 1 - number)
    decision = journal.ask("boreal", commodity="copper")
    assert decision.outcome is YES
    assert len(decision.chain) == len(above) + 2


def test_a_crowd_that_accredits_an_anchor_does_not_hide_its_root() -> None:
    """However many they are, and though they came first."""
    journal = Journal()
    for number in range(MAX_LINKS + 1):
        journal.accredit(f"puppet-{number}", "irma", depth=9)
    journal.authorise("irma", "boreal")
    journal.accredit(ROOT, "irma", depth=0)
    assert journal.ask("boreal", commodity="copper").outcome is YES


def test_past_too_many_chains_the_first_that_carries_is_good_enough(work: Counter[str]) -> None:
    journal = Journal()
    for number in range(50):
        journal.accredit(ROOT, f"anchor-{number}", depth=1)
        journal.accredit(f"anchor-{number}", "irma")
    for _ in range(MAX_CHAINS // 50 + 10):
        journal.authorise("irma", "boreal", since="2021-01-01", on="2021-01-01")
    assert journal.ask("boreal").outcome is YES
    assert work["chains"] <= MAX_CHAINS + 50
    unknown = journal.ask("boreal", authorities={"somebody-else"})
    assert (unknown.outcome, unknown.reason) == (UNDETERMINED, Reason.SOURCE_UNAVAILABLE)


def test_what_plainly_expired_is_found_in_the_order_of_the_journal() -> None:
    journal = Journal(accept_asserted_after_expiry=True)
    journal.accredit(ROOT, "irma", depth=1)
    given = [journal.authorise("irma", "boreal", until_day="2025-01-01") for _ in range(9)]
    decision = journal.ask("boreal", "2024-01-01", basis=Basis.ASSERTED)
    assert decision.outcome is YES
    assert decision.chain[0].statement == given[0]
    held = journal.index.held(PartyId("boreal"), Action.ISSUE)
    held.any_scheme.reverse()
    assert journal.ask("boreal", "2024-01-01", basis=Basis.ASSERTED) == decision


def test_those_whom_one_authority_names_share_their_ways_to_the_roots() -> None:
    journal = Journal()
    journal.accredit(ROOT, "irma")
    names = ("boreal", "austral")
    for name in names:
        journal.authorise("irma", name)
    links: list[Link] = []
    for name in names:
        assert journal.ask(name).outcome is YES
        links += journal.index.held(PartyId(name), Action.ISSUE).all
    one, other = links
    assert one.ways is not None
    assert one.ways is other.ways


def amended(journal: Journal, name: str, times: int) -> None:
    for number in range(times):
        journal.amend(name, "2020-01-02", trading_names=(f"{name} {number}",))


def test_a_party_that_amends_itself_for_ever_slows_nobody_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, _, boreal = irma_and_its_auditor()
    journal.party("daughter", group="holding")
    journal.accredit("irma", "daughter")
    for name in ("irma", "boreal", "daughter"):
        amended(journal, name, MANY)
    looked_at: Counter[str] = Counter()
    for name in ("boreal", "daughter"):
        journal.ask(name)
        amended(journal, name, 1)
    versions, version, has = PartyRows.versions, PartyRows.version, PartyRows.has

    def walking(self: PartyRows, number: int) -> Iterator[int]:
        for each in versions(self, number):
            looked_at["walked"] += 1
            yield each

    def reading(self: PartyRows, number: int) -> Party:
        looked_at["read"] += 1
        return version(self, number)

    def finding(self: PartyRows, version: int, did: Did) -> bool:
        looked_at["found"] += 1
        return has(self, version, did)

    monkeypatch.setattr(PartyRows, "has", finding)
    monkeypatch.setattr(PartyRows, "versions", walking)
    monkeypatch.setattr(PartyRows, "version", reading)
    assert journal.ask("boreal").chain[0].statement == boreal
    assert journal.ask("boreal", "2020-01-01").outcome is YES  # before all these amendments
    assert journal.ask("daughter", action=Action.ACCREDIT).outcome is NO
    assert looked_at.total() < 20


def test_groups_are_told_alike_from_rows_that_were_filled_from_outside() -> None:
    journal = Journal()
    journal.party("lone", "moved", "left")
    journal.party("first", group="holding")
    for group, name in (
        ("holding", "moved"),
        ("holding", "left"),
        ("", "left"),
        ("other", "moved"),
    ):
        journal.amend(name, "2020-01-02", control_group=group)
        amended(journal, name, 2)
    rows, filled = journal.index.ledger.parties, PartyRows()
    for name, column in rows.columns().items():
        filled.columns()[name][:] = column
    filled.check(journal.size)
    told = [
        (filled.grouping(number, position), rows.grouping(number, position))
        for number in range(len(rows.latest))
        for position in range(journal.size)
    ]
    assert all(one == other for one, other in told)
    lone, moved, left, first = (rows.find(PartyId(n)) for n in ("lone", "moved", "left", "first"))
    holding, other = (rows.find(PartyId(name)) for name in ("holding", "other"))
    size = journal.size
    assert [rows.group_at(n, size, size, END) for n in (lone, moved, left, first)] == [
        lone, other, left, holding,
    ]  # fmt: skip
    assert [len(rows.regroupings(n, 0)) for n in (lone, moved, left, first)] == [0, 2, 2, 0]
