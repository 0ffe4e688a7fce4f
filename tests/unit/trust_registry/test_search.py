"""What a party is called finds it, also misspelt; what nothing is called finds nothing."""

import pytest

from policies.statements import Party, PartyId, Recorded
from resolver.did import Did
from resolver.instant import Instant
from trust_registry.reading.search import GOOD, Search

PARTIES = {
    "irma": ("Initiative for Responsible Mining Assurance", ("IRMA",), "responsiblemining.net"),
    "mark": ("The Copper Mark Company", ("Copper Mark",), "coppermark.org"),
    "bc": ("Ministry of Mining and Critical Minerals", ("BC Mining",), "mines.gov.bc.example"),
    "alu": ("Aluminium Stewardship Initiative", ("ASI",), "asi.example"),
    "assurance": ("Assurance Services International", ("ASI",), "asi-assurance.example"),
    "cote": ("Ministère des Mines, Côte d'Ivoire", (), "mines.gouv.ci.example"),
}


@pytest.fixture
def search() -> Search:
    found = Search()
    for number, (id_, (name, trading, domain)) in enumerate(PARTIES.items()):
        did = Did.parse(f"did:web:{domain}")
        recorded = Recorded(number, Instant(0))
        found.add(
            Party(
                PartyId(id_),
                name,
                (did,),
                "",
                recorded,
                trading_names=trading,
                domains=(domain,),
                identifiers=(f"https://register.example/{number}77{number}",),
            )
        )
    return found


@pytest.mark.parametrize(
    ("query", "first", "field"),
    [
        ("Copper Mark", "mark", "trading_name"),
        ("coper mark", "mark", "trading_name"),
        ("copper mrak", "mark", "trading_name"),
        ("COPPER-MARK", "mark", "trading_name"),
        ("irma", "irma", "trading_name"),
        ("responsible mining assurence", "irma", "name"),
        ("did:web:coppermark.org", "mark", "did"),
        ("coppermark.org", "mark", "domain"),
        ("ministere des mines cote d'ivoire", "cote", "name"),
        ("stewardship", "alu", "name"),
        ("register.example/2772", "bc", "identifier"),
        ("bc", "bc", "trading_name"),
    ],
)
def test_a_party_is_found_by_what_it_is_called(
    search: Search, query: str, first: str, field: str
) -> None:
    match = search.find(query)[0]
    assert (match.party, match.field) == (first, field)
    assert match.score >= GOOD


def test_a_name_that_two_share_finds_both(search: Search) -> None:
    best = search.find("ASI")
    assert {match.party for match in best[:2]} == {"alu", "assurance"}
    assert best[0].score == best[1].score == 1.0


@pytest.mark.parametrize("query", ["zzzz", "cobalt refinery", "", "   ", "!!!", "\u0301"])
def test_what_nothing_is_called_finds_nothing(search: Search, query: str) -> None:
    assert [match for match in search.find(query) if match.score >= GOOD] == []


def test_a_former_name_still_finds_a_party(search: Search) -> None:
    did = Did.parse("did:web:coppermark.org")
    search.add(Party(PartyId("mark"), "Metals Mark", (did,), "", Recorded(9, Instant(0))))
    for query in ("metals mark", "copper mark company"):
        assert search.find(query)[0].party == "mark"


def test_the_likeliest_come_first(search: Search) -> None:
    scores = [match.score for match in search.find("mining")]
    assert scores == sorted(scores, reverse=True)
    assert len({match.party for match in search.find("mining")}) == len(scores)
