"""What is read, what is refused, by which rule, of which code, and where."""

from typing import Final

import pytest

from link_resolver.errors import InvalidIdentifierError, UnsupportedIdentifierError
from link_resolver.parsing import parse_any, parse_path, parse_uri
from link_resolver.schemes import Schemes, default_schemes

SCHEMES: Final = default_schemes()
GTIN: Final = "/01/09506000134352"
HOST: Final = "https://r.example"

READ = [
    (f"{HOST}{GTIN}", GTIN),
    (f"HTTPS://r.example:8443/a/b%20c{GTIN}/10/ABC?linkType=gs1:pip#part", f"{GTIN}/10/ABC"),
    (f"{GTIN}/", GTIN),
    (f"{GTIN}/10/A%2FB", f"{GTIN}/10/A%2FB"),
    (f"{GTIN}/10/A+B", f"{GTIN}/10/A%2BB"),
    (f"{GTIN}/10/A(B)", f"{GTIN}/10/A%28B%29"),
    (f"{HOST}/00/106141411234567897{GTIN}", GTIN),
    (f"{GTIN}/235/TPX?10=ABC", f"{GTIN}/235/TPX"),
    ("/8004/9520614141234567?01=09521234543213", "/8004/9520614141234567"),
    ("(01)09506000134352(10)ABC(17)261231", f"{GTIN}/10/ABC"),
    ("(17)261231(21)S1(01)09506000134352", f"{GTIN}/21/S1"),
    ("(01)09506000134352(10)A\\(B", f"{GTIN}/10/A%28B"),
    ("010950600013435210ABC", f"{GTIN}/10/ABC"),
    ("^010950600013435210ABC^17261231", f"{GTIN}/10/ABC"),
    ("\x1d010950600013435210ABC\x1d17261231", f"{GTIN}/10/ABC"),
    ("]C1010950600013435210ABC\x1d21S", f"{GTIN}/10/ABC/21/S"),
    ("]d2010950600013435210ABC", f"{GTIN}/10/ABC"),
    ("]E09506000134352", GTIN),
    ("]E496385074", "/01/00000096385074"),
    ("09506000134352", GTIN),
    ("614141000036", "/01/00614141000036"),
    ("5493001KJTIIGC8Y1R12", "/gleif/lei/5493001KJTIIGC8Y1R12"),
    ("LEI:5493001kjtiigc8y1r12", "/gleif/lei/5493001KJTIIGC8Y1R12"),
    ("urn:gtr:gleif.org:5493001KJTIIGC8Y1R12", "/gleif/lei/5493001KJTIIGC8Y1R12"),
    (f"{HOST}/x/gleif/lei/5493001KJTIIGC8Y1R12", "/gleif/lei/5493001KJTIIGC8Y1R12"),
    ("51 824 753 556", "/abr/abn/51824753556"),
    ("https://abr.business.gov.au/ABN/View?abn=51824753556", "/abr/abn/51824753556"),
    ("https://orgbook.gov.bc.ca/entity/bc0827622", "/bc-registry/number/BC0827622"),
    ("/bc-mines/permit/M-199", "/bc-mines/permit/M-199"),
    ("/bc-mines/permit/mx-8-245", "/bc-mines/permit/MX-8-245"),
    ("/bc-mines/permit/CX-100012", "/bc-mines/permit/CX-100012"),
    ("/bc-registry/number/fm0823758", "/bc-registry/number/FM0823758"),
    ("urn:lei:5493001KJTIIGC8Y1R12", "/gleif/lei/5493001KJTIIGC8Y1R12"),
    ("did:web:r.example:a%3Ab", "/did/did/did%3Aweb%3Ar.example%3Aa%253Ab"),
    (
        "urn:uuid:0190D5A2-7C3E-7B1A-9D4E-3F5A6B7C8D9E",
        "/uuid/uuid/0190d5a2-7c3e-7b1a-9d4e-3f5a6b7c8d9e",
    ),
    (f"{HOST}/AQnYUc1gmiCNV4JG", "/01/05412345000013/10/ABC123"),
    ("/AQnYUc1gmiCNV4JG?linkType=all", "/01/05412345000013/10/ABC123"),
    ("/01/05412345000013/EEarwSM", "/01/05412345000013/10/ABC123"),
]


@pytest.mark.parametrize(("text", "path"), READ)
def test_read(text: str, path: str) -> None:
    found = parse_any(text, SCHEMES)
    assert found.path == path
    assert parse_path(path, "", SCHEMES).levels() == parse_path(path, "", SCHEMES).levels()
    assert parse_path(path, "", SCHEMES).path == path


REFUSED = [
    ("", "no-key", None, 0),
    ("/", "no-key", None, 1),
    ("/foo", "no-key", None, 1),
    ("/foo/bar", "no-key", None, 1),
    ("/01", "value-missing", "01", 1),
    ("/410/5060917510004", "not-a-key", "410", 1),
    ("/8020/REF", "not-a-key", "8020", 1),
    ("/89/X", "unknown-ai", "89", 1),
    (f"{GTIN}/89/X", "unknown-ai", "89", 19),
    (f"{GTIN}/10", "value-missing", "10", 19),
    (f"{GTIN}/10//21/S", "value-too-short", "10", 22),
    ("/01//10/A", "value-too-short", "01", 4),
    ("/01/0950600013435", "value-too-short", "01", 17),
    ("/01/095060001343521", "value-too-long", "01", 18),
    ("/01/09506000134353", "incorrect-check-digit", "01", 17),
    ("/01/0950600013435A", "non-digit-character", "01", 17),
    ("/01/٠٩٥٠٦٠٠٠١٣٤٣٥٢", "non-digit-character", "01", 4),
    (f"{GTIN}/10/A%20B", "invalid-cset82-character", "10", 23),
    (f"{GTIN}/10/A%2FB%00", "invalid-cset82-character", "10", 27),
    (f"{GTIN}/10/A%C3%A9", "invalid-cset82-character", "10", 23),
    (f"{GTIN}/10/%FF", "invalid-cset82-character", "10", 22),
    (f"{GTIN}/10/A%2", "percent-encoding", "10", 23),
    (f"{GTIN}/10/%41%ZZ", "percent-encoding", "10", 25),
    (f"{GTIN}/10/A<B", "uri-character", "10", 23),
    (f"{GTIN}/10/A B", "uri-character", "10", 23),
    (f"{GTIN}/21/S/10/B", "qualifier-order", "10", 24),
    (f"{GTIN}/10/A/10/B", "ai-repeated", "10", 24),
    (f"{GTIN}/22/V/235/T", "qualifiers-exclusive", "235", 24),
    (f"{GTIN}/17/261231", "qualifier-not-allowed", "17", 19),
    (f"/00/106141411234567897{GTIN}", "qualifier-not-allowed", "01", 23),
    ("/414/4226350800008/254/E/7040/1ABC", "qualifiers-exclusive", "7040", 25),
    ("/415/4226350800008", "ai-required", "415", 1),
    ("/8003/14012345678901", "not-zero", "8003", 6),
    ("/8003/04012345678902", "incorrect-check-digit", "8003", 19),
    ("/8004/ABCD123", "invalid-gcp-prefix", "8004", 6),
    ("/8013/1987654Ad4X4bL5ttr2310c2X", "incorrect-check-pair", "8013", 29),
    ("/8006/095060001343520201", "piece-number-exceeds-total", "8006", 20),
    (f"{GTIN}?17=261331", "illegal-month", "17", 24),
    (f"{GTIN}?x=1&17=26123", "value-too-short", "17", 31),
    (f"{GTIN}?x=1;17=261231&17=261231", "ai-repeated", "17", 33),
    (f"{GTIN}?01=09506000134352", "ai-repeated", "01", 19),
    (f"{GTIN}?21=S", "not-an-attribute", "21", 19),
    (f"{GTIN}?10=B", "qualifier-in-query", "10", 19),
    (f"{GTIN}?99=", "value-too-short", "99", 22),
    (f"{GTIN}?99=A+B", "invalid-cset82-character", "99", 23),
    (f"{GTIN}?04=X", "unknown-ai", "04", 19),
    (f"{GTIN}?x=<", "uri-character", None, 21),
    (f"{GTIN}?17=261231&37=5", "ai-excluded", "01", 1),
    (f"{GTIN}?3920=5", "ai-required", "3920", 19),
    ("/8003/04012345678901?8030=AB", "serial-required", "8003", 1),
    (f"{HOST}{GTIN}/", "trailing-slash", None, 35),
    (f"https://u@r.example{GTIN}", "uri-origin", None, 0),
    (f"https://r.example:99999{GTIN}", "uri-origin", None, 0),
    (f"Https://r.example{GTIN}", "uri-origin", None, 0),
    (f"{HOST}/a]b{GTIN}", "uri-character", None, 19),
    ("/QXSaVjC_dA", "compression-ambiguous", "417", 2),
    ("/01/05412345000013/I1j3FSNWcOGeFywaR5CZm", "compression-ambiguous", "235", 2),
    ("(01)09506000134352(99", "not-bracketed", None, 18),
    ("(01)09506000134352)", "value-too-long", "01", 18),
    ("(8888)1", "unknown-ai", "8888", 1),
    ("(10)A", "no-key", None, 0),
    ("(10)A(01)09506000134352(10)B", "ai-repeated", "10", 0),
    ("(01)09506000134352(8200)http://a.example", "not-an-attribute", "8200", 0),
    ("^", "no-elements", None, 1),
    ("^0109506000134352^99", "value-too-short", "99", 20),
    ("0109506000134353", "incorrect-check-digit", "01", 15),
    ("]X9123", "symbol", None, 0),
    ("]E09506000134353", "symbol", None, 0),
    ("9506000134353", "no-key", None, 0),
    ("9506000134352", "ambiguous", None, 0),
    ("80041234567897", "ambiguous", None, 0),
    ("urn:gtr:nope.example:1", "unknown-domain", None, 8),
    ("urn:gtr:gleif.org:1", "pattern", "lei", 18),
    ("urn:gtr:gs1.org:09506000134352", "unknown-domain", None, 8),
    ("/bc-mines/permit/X-199", "pattern", "permit", 17),
    ("/gleif", "unknown-code", None, 7),
    ("/gleif/foo/1", "unknown-code", "foo", 7),
    ("/gleif/lei", "value-missing", "lei", 7),
    ("/gleif/lei/5493001KJTIIGC8Y1R13", "check", "lei", 11),
    ("/abr/abn/51824753557", "check", "abn", 9),
    ("/abr/abn/51824753556/x/1", "qualifier-not-allowed", "x", 21),
    ("https://abr.business.gov.au/ABN/View?abn=51824753557", "check", "abn", 41),
    ("did:WEB:x", "pattern", "did", 0),
    ("/" + "A" * 5000, "too-long", None, 0),
]


@pytest.mark.parametrize(("text", "rule", "code", "position"), REFUSED)
def test_refused(text: str, rule: str, code: str | None, position: int) -> None:
    with pytest.raises(InvalidIdentifierError) as refusal:
        parse_any(text, SCHEMES)
    found = refusal.value
    assert (found.rule, found.code, found.position) == (rule, code, position)
    assert found.rule in str(found)
    assert found.detail in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "/eh3034257BF7194E4000001A85",
        f"{HOST}/eh3034257BF7194E4000001A85",
        "/exMDQle_cZTkAAABqF",
        "urn:epc:id:sgtin:4012345.011111.987",
    ],
)
def test_recognised_and_not_implemented(text: str) -> None:
    with pytest.raises(UnsupportedIdentifierError, match="EPC"):
        parse_any(text, SCHEMES)


def test_a_batch_that_looks_like_an_epc_is_a_batch() -> None:
    path = f"{GTIN}/10/eh3034257BF7194E40"
    assert parse_path(path, "", SCHEMES).path == path


@pytest.mark.parametrize("short", ["96385074", "614141000036", "9506000134352"])
def test_short_gtins_need_the_option(short: str) -> None:
    with pytest.raises(InvalidIdentifierError, match="too-short"):
        parse_path(f"/01/{short}", "", SCHEMES)
    tolerant = Schemes(short_gtins=True)
    assert parse_path(f"/01/{short}", "", tolerant).key.value == short.zfill(14)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{HOST}{GTIN}/10/A(B", "grammar-escape"),
        (f"{HOST}/00/106141411234567897{GTIN}", "grammar-one-key"),
        (f"{HOST}{GTIN}?", "grammar-parameter"),
        (f"{HOST}{GTIN}?x=1&y", "grammar-parameter"),
        (f"{HOST}{GTIN}#", "grammar-fragment"),
    ],
)
def test_who_writes_a_uri_is_held_to_the_grammar(text: str, rule: str) -> None:
    parse_uri(text, SCHEMES)
    with pytest.raises(InvalidIdentifierError, match=rule):
        parse_uri(text, SCHEMES, grammar=True)
