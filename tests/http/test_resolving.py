"""Resolution over HTTPS: what the standards ask, and what was seen to fail elsewhere."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from link_resolver.description import Domain
from link_resolver.link_types import GS1
from link_resolver.resolving import Handover, Profile
from resolver.clock import FixedClock
from resolver.instant import Instant, parse_instant
from resolver.proofs.http_signatures.messages import Request
from tests.links import MemoryStore, make_link
from tests.loopback import TestCa
from tests.resolving import ROOT, Client, serve

pytestmark = pytest.mark.asyncio(loop_scope="session")

RICE = "/01/09506000134352"
PILLS = "/01/09506000134376"
SHIRT = "/01/09506000164908"
LINKSET = "application/linkset+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OWNER = "untp:accessRole#Owner"
NOW = parse_instant("2026-06-01T00:00:00Z")


def links() -> list:
    return [
        make_link(
            RICE,
            "gs1:pip",
            "https://t.example/rice?a=b",
            title="Rice </script><b>",
            item="Risotto </script><script>alert(1)</script>",
            default=True,
        ),
        make_link(
            RICE,
            "dpp",
            "https://t.example/dpp.jwt",
            media_type="application/vc+jwt",
            hreflang=("zh-Hant",),
            rel=("describedby",),
        ),
        make_link(RICE, "gs1:dpp", "https://t.example/dpp.html", media_type="text/html"),
        make_link(f"{RICE}/10/L%2F1", "dpp", "https://t.example/lot"),
        make_link(RICE, "dte", "https://t.example/secret", access_role=(OWNER,)),
        make_link(f"{RICE}/21/HIDDEN", "dte", "https://t.example/hidden", access_role=(OWNER,)),
        *(
            make_link(PILLS, "gs1:pip", f"https://t.example/{tag}", hreflang=(tag,), default=True)
            for tag in ("en", "de", "fr")
        ),
        make_link(SHIRT, "gs1:pip", "https://t.example/ended", default=True, authorised=False),
        make_link(SHIRT, "gs1:pip", "https://t.example/écru#top", hreflang=("fr",)),
        make_link(SHIRT, "dcc", "https://t.example/{01}"),
    ]


class BearerRoles:
    async def of(self, request: Request) -> frozenset[str]:
        proved = ("Authorization", "Bearer owner") in request.headers
        return frozenset({OWNER} if proved else ())


class Seen:
    def __init__(self) -> None:
        self.counted: list[tuple[str, str]] = []

    def count(self, key: str, link_type: str) -> None:
        self.counted.append((key, link_type))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(ca: TestCa, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    domains = (
        Domain(ROOT, "Main"),
        Domain("https://untp.example", profile=Profile.UNTP, contact={"fn": "Operator"}),
    )
    async with serve(
        ca,
        tmp_path_factory.mktemp("resolving"),
        MemoryStore(links()),
        domains=domains,
        roles=BearerRoles(),
        handovers=(Handover("gs1", "9506999", "https://other.example"),),
        namespaces=(("acme", "https://acme.example.com/voc/"),),
    ) as client:
        yield client


# What the community edition was seen to do (the first of each pair), and what is right.


async def test_a_default_in_several_languages_none_of_which_matches(client: Client) -> None:
    answer = await client.get(PILLS, Accept_Language="es")
    assert (answer.status, answer.location) == (307, "https://t.example/en")  # not 300


async def test_an_unknown_batch_of_a_known_product(client: Client) -> None:
    answer = await client.get(f"{RICE}/10/UNKNOWNLOT")
    assert (answer.status, answer.location) == (307, "https://t.example/rice?a=b")  # not 500


@pytest.mark.parametrize(
    "path",
    [f"{RICE}/21/S1/10/L1", f"{RICE}/17/261231", f"{RICE}/235/X/21/S1", f"{RICE}/10", "/01/1"],
)
async def test_a_wrong_order_or_attribute_in_the_path(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 400  # not 500


@pytest.mark.parametrize(
    ("path", "status"),
    [("/foo", 404), ("/eh3074257BF7194E4000001A85", 501), ("/ex0123456789ABCDEF0123", 501)],
)
async def test_what_is_no_identifier(client: Client, path: str, status: int) -> None:
    assert (await client.get(path)).status == status  # not 500


async def test_a_slash_within_a_value(client: Client) -> None:
    answer = await client.get(f"{RICE}/10/L%2F1?linkType=dpp")
    assert answer.location == "https://t.example/lot?linkType=dpp"  # not 400


async def test_a_target_that_has_a_query_already(client: Client) -> None:
    answer = await client.get(f"{RICE}?linkType=gs1:pip&x=%20y")
    assert answer.location == "https://t.example/rice?a=b&linkType=gs1:pip&x=%20y"  # one "?"


async def test_the_link_header(client: Client) -> None:
    header = (await client.get(RICE)).headers["Link"]
    assert header == f'<{ROOT}{RICE}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'


async def test_the_linkset(client: Client) -> None:
    answer = await client.get(f"{RICE}?linkType=linkset")
    assert answer.headers["Content-Type"] == LINKSET  # not text/html
    assert answer.json.keys() == {"linkset"}  # no @context


@pytest.mark.parametrize(
    "written",
    ["gs1:pip", "pip", "https://gs1.org/voc/pip", "https%3A%2F%2Fref.gs1.org%2Fvoc%2Fpip"],
)
async def test_a_type_by_any_of_its_names(client: Client, written: str) -> None:
    answer = await client.get(f"{RICE}?linkType={written}")
    assert answer.location == f"https://t.example/rice?a=b&linkType={written}"  # not 404


@pytest.mark.parametrize(
    "written",
    [
        "dpp",
        "DPP",
        "untp:dpp",
        "untp:digitalProductPassport",
        "https://vocabulary.uncefact.org/untp/linkType%23dpp",
        "https://test.uncefact.org/vocabulary/linkTypes/dpp",
    ],
)
async def test_a_untp_type_by_any_of_its_names(client: Client, written: str) -> None:
    answer = await client.get(f"{RICE}?linkType={written}", Accept="application/vc+jwt")
    assert answer.location == f"https://t.example/dpp.jwt?linkType={written}"


async def test_the_passports_of_both_vocabularies_answer_for_each_other(client: Client) -> None:
    answer = await client.get(f"{RICE}/10/L%2F1?linkType=gs1:dpp")
    assert answer.location == "https://t.example/lot?linkType=gs1:dpp"


async def test_a_wrong_check_digit(client: Client) -> None:
    answer = await client.get("/01/09506000134353")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "01"
    assert answer.json["position"] == 17
    assert answer.json["rule"]


async def test_health_is_not_taken_for_an_identifier(client: Client) -> None:
    assert (await client.get("/health")).status in (200, 503)
    assert (await client.get("/openapi.yaml")).status == 200
    assert (await client.get("/v1/decisions")).status == 400
    assert (await client.ask("POST", RICE)).status == 405
    assert (await client.ask("DELETE", "/v1/decisions")).status == 405


# What pyx-identity-resolver was seen to do.


async def test_redirects_are_307(client: Client) -> None:
    assert (await client.get(RICE)).status == 307  # not 302


@pytest.mark.parametrize(
    "asked", ["?linkType=linkset", "?linkType=all", "?linkType=all&language=de"]
)
async def test_both_words_for_a_linkset(client: Client, asked: str) -> None:
    answer = await client.get(RICE + asked)
    assert answer.status == 200
    [item] = answer.json["linkset"]
    assert item["itemDescription"]  # not description
    assert "description" not in item


async def test_levels_are_walked_up(client: Client) -> None:
    items = (await client.get(f"{RICE}/10/L%2F1/21/S", Accept=LINKSET)).json["linkset"]
    assert [e["anchor"].removeprefix(ROOT) for e in items] == [f"{RICE}/10/L%2F1", RICE]


async def test_the_query_is_passed_on_unasked(client: Client) -> None:
    assert "utm=1" in ((await client.get(f"{RICE}?utm=1")).location or "")


async def test_languages_fall_back(client: Client) -> None:
    for asked, found in (
        ("de-CH-1996", "de"),
        ("fr-CA, en;q=0.9", "fr"),
        ("xx, en-GB;q=0.1", "en"),
    ):
        assert (
            await client.get(PILLS, Accept_Language=asked)
        ).location == f"https://t.example/{found}"


async def test_a_language_in_the_query_overrides_the_header(client: Client) -> None:
    answer = await client.get(f"{PILLS}?linkType=pip&language=fr", Accept_Language="de")
    assert answer.location == "https://t.example/fr?linkType=pip&language=fr"


async def test_a_role_in_the_query_proves_nothing(client: Client) -> None:
    role = "untp%3AaccessRole%23Owner"
    for link_type in ("linkset", "all", "dte"):
        answer = await client.get(f"{RICE}?linkType={link_type}&accessRole={role}")
        assert b"secret" not in answer.body
        assert "secret" not in str(answer.headers)


# Access.


@pytest.mark.parametrize("accept", ["*/*", LINKSET, BROWSER, "application/ld+json"])
@pytest.mark.parametrize(
    "query", ["", "?linkType=dte", "?linkType=linkset", "?linkType=gs1:nosuchlt"]
)
@pytest.mark.parametrize("hidden", ["HIDDEN", "NOTHERE"])
async def test_a_link_for_a_role_does_not_show(
    client: Client, accept: str, query: str, hidden: str, ca: TestCa, tmp_path: Path
) -> None:
    """Compare with a resolver that lacks those links: status, headers, body, number of reads."""
    path = f"{RICE}/21/{hidden}"
    without = MemoryStore(each for each in links() if not each.access_role)
    async with serve(
        ca, tmp_path, without, domains=(Domain(ROOT, "Main"),), roles=BearerRoles()
    ) as other:
        client.store.generation += 1  # nothing that was kept counts
        before = client.store.reads
        seen = await client.get(path + query, Accept=accept)
        reads = client.store.reads - before
        expected = await other.get(path + query, Accept=accept)
    assert reads == without.reads == 1
    assert (seen.status, seen.body) == (expected.status, expected.body)
    unlike = {"Date"}
    assert [e for e in seen.headers.items() if e[0] not in unlike] == [
        e for e in expected.headers.items() if e[0] not in unlike
    ]


async def test_who_proves_a_role_sees_its_links_and_nobody_after_it_does(client: Client) -> None:
    proved = await client.get(f"{RICE}?linkType=dte", Authorization="Bearer owner")
    assert proved.location == "https://t.example/secret?linkType=dte"
    assert proved.headers["Cache-Control"] == "private, no-store"
    assert (await client.get(f"{RICE}?linkType=dte")).status == 404
    everything = await client.get(f"{RICE}?linkType=linkset", Authorization="Bearer owner")
    assert "dte" in everything.json["linkset"][0]
    assert "dte" not in (await client.get(f"{RICE}?linkType=linkset")).json["linkset"][0]


async def test_a_link_whose_publisher_lost_authority_is_marked(client: Client) -> None:
    undecided = await client.get(SHIRT)
    assert undecided.status == 300
    [item] = (await client.get(f"{SHIRT}?linkType=linkset")).json["linkset"]
    assert f"{GS1}defaultLink" not in item
    contexts = {each["href"]: each.get("context") for each in item[f"{GS1}pip"]}
    assert contexts["https://t.example/ended"] == ["authority-ended"]
    page = await client.get(f"{SHIRT}?linkType=linkset", Accept=BROWSER)
    assert b"authority over the identifier has ended" in page.body


async def test_a_redirect_to_such_a_link_says_so(ca: TestCa, tmp_path: Path) -> None:
    ended = make_link(SHIRT, "gs1:pip", "https://t.example/ended", default=True, authorised=False)
    async with serve(ca, tmp_path, MemoryStore([ended])) as client:
        answer = await client.get(f"{SHIRT}?linkType=gs1:pip")
        assert answer.status == 307
        assert answer.headers["Link-Authority"] == "ended"
        assert (await client.get(SHIRT)).status == 300


# Negotiation.


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (LINKSET, LINKSET),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/json, text/plain, */*", "application/json"),
        (f"{LINKSET};q=0.9, application/ld+json", "application/ld+json"),
        (f'{LINKSET}; profile="https://untp.unece.org/schema/idr/linkset-schema"', LINKSET),
    ],
)
async def test_accept_alone_asks_for_a_linkset(
    client: Client, accept: str, content_type: str
) -> None:
    answer = await client.get(RICE, Accept=accept)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.json["linkset"][0]["anchor"] == f"{ROOT}{RICE}"
    assert ("@context" in answer.json) == (content_type == "application/ld+json")


@pytest.mark.parametrize(
    "accept", ["*/*", BROWSER, "text/html", "image/png", "", f"*/*, {LINKSET};q=0.5"]
)
async def test_all_others_are_redirected(client: Client, accept: str) -> None:
    assert (await client.get(RICE, Accept=accept)).status == 307


@pytest.mark.parametrize("link_type", ["linkset", "all"])
async def test_a_page_is_readable_and_has_the_same_as_data(client: Client, link_type: str) -> None:
    answer = await client.get(f"{RICE}?linkType={link_type}", Accept=BROWSER)
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert text.count("<script") == 1  # the data, which nothing in it can end
    start = text.index('ld+json">') + len('ld+json">')
    data = json.loads(text[start : text.index("</script>")])
    assert data["linkset"][0]["itemDescription"].startswith("Risotto </script>")
    assert '<a href="https://t.example/rice?a=b"' in text
    assert "Rice &lt;/script&gt;" in text


async def test_people_are_told_of_errors_on_a_page(client: Client) -> None:
    for path, status in ((f"{RICE}?linkType=gs1:nosuchlt", 404), (f"{RICE}/foo<b>", 400)):
        answer = await client.get(path, Accept=BROWSER)
        assert answer.status == status
        assert answer.headers["Content-Type"].startswith("text/html")
        assert b"<b>" not in answer.body
    missing = await client.get(f"{RICE}?linkType=gs1:nosuchlt", Accept=BROWSER)
    assert b"https://t.example/rice" in missing.body


async def test_profiles(client: Client) -> None:
    strict = await client.get(f"{RICE}?linkType=linkset")
    [item] = strict.json["linkset"]
    assert item["dpp"] == [
        {
            "href": "https://t.example/dpp.jwt",
            "title": f"dpp of {RICE}",
            "type": "application/vc+jwt",
            "hreflang": ["zh"],
        }
    ]
    assert 'linkset-schema>; rel="profile"' in strict.headers["Link"]
    assert 'profile=rfc9264>; rel="alternate"' in strict.headers["Link"]
    untp = await client.get(f"{RICE}?linkType=linkset&profile=untp")
    assert untp.json["linkset"][0]["dpp"][0]["rel"] == ["describedby"]
    full = await client.get(f"{RICE}?linkType=linkset&profile=rfc9264")
    assert full.json["linkset"][0]["dpp"][0]["hreflang"] == ["zh-Hant"]
    assert "alternate" not in full.headers["Link"]
    assert (await client.get(f"{RICE}?linkType=linkset&profile=other")).status == 400
    assert (await client.get(f"{RICE}?profile=other")).status == 307  # is the target's to read


async def test_candidates_are_listed_where_nothing_decides(client: Client) -> None:
    answer = await client.get(f"{RICE}?linkType=gs1:dpp", Accept="*/*")
    assert answer.location == "https://t.example/dpp.html?linkType=gs1:dpp"
    several = await client.get(f"{PILLS}?linkType=pip&language=xx")
    assert several.status == 300
    [item] = several.json["linkset"]
    assert len(item[f"{GS1}pip"]) == 3
    assert f"{GS1}defaultLink" not in item


# Domains, profiles, other resolvers, time.


async def test_each_domain_speaks_of_itself(client: Client) -> None:
    second = await client.get(f"{RICE}?linkType=linkset", "untp.example")
    assert second.json["linkset"][0]["anchor"] == f"https://untp.example{RICE}"
    assert second.json["linkset"][0]["dpp"][0]["rel"] == ["describedby"]
    described = (await client.get("/.well-known/resolver", "untp.example")).json
    assert described["resolverRoot"] == "https://untp.example"
    assert described["contact"] == {"fn": "Operator"}
    assert {"namespace": "https://acme.example.com/voc/", "prefix": "acme:"} in described[
        "supportedLinkType"
    ]
    unknown = await client.get(RICE, "unknown.example")
    assert f"<{ROOT}{RICE}?" in unknown.headers["Link"]


async def test_a_missing_type_by_untps_rules(client: Client) -> None:
    assert (await client.get(f"{RICE}?linkType=dcc")).status == 404
    answer = await client.get(f"{RICE}?linkType=dcc", "untp.example")
    assert (answer.status, answer.location) == (307, "https://t.example/rice?a=b&linkType=dcc")


async def test_another_resolver_handles_a_prefix(client: Client) -> None:
    path = "/01/09506999000010/21/A%2FB"
    answer = await client.get(f"{path}?linkType=dpp")
    assert (answer.status, answer.location) == (307, f"https://other.example{path}?linkType=dpp")
    assert answer.headers["Link"] == f'<https://other.example{path}>; rel="{GS1}handledBy"'
    assert (await client.get(path, Accept=LINKSET)).location == f"https://other.example{path}"


async def test_a_compressed_uri_is_answered_without_a_detour(client: Client) -> None:
    answer = await client.get("/ARFKk4XB0CDKWcnpq")  # 01/09506000134376/10/LOT01
    assert (answer.status, answer.location) == (307, "https://t.example/en")
    assert f'<{ROOT}{PILLS}/10/LOT01>; rel="owl:sameAs"' in answer.headers["Link"]


async def test_a_target_is_escaped_and_keeps_its_fragment(client: Client) -> None:
    answer = await client.get(f"{SHIRT}?linkType=pip&language=fr")
    assert answer.location == "https://t.example/%C3%A9cru?linkType=pip&language=fr#top"


async def test_as_of(ca: TestCa, tmp_path: Path) -> None:
    old = make_link(RICE, "gs1:pip", "https://t.example/old", id="1", default=True, recorded_at=NOW)
    new = make_link(
        RICE,
        "gs1:pip",
        "https://t.example/new",
        id="1",
        version=2,
        default=True,
        recorded_at=Instant(NOW + 1000),
        predecessor="https://t.example/old",
    )
    clock = FixedClock(Instant(NOW + 5000))
    async with serve(ca, tmp_path, MemoryStore([old, new]), clock=clock) as client:
        assert (await client.get(RICE)).location == "https://t.example/new"
        past = await client.get(f"{RICE}?asOf=2026-06-01T00:00:00.500Z")
        assert (past.location or "").startswith("https://t.example/old?")
        listed = await client.get(f"{RICE}?linkType=linkset&asOf=2026-06-01T00:00:00Z")
        assert listed.json["linkset"][0][f"{GS1}pip"][0]["href"] == "https://t.example/old"
        versions = await client.get(f"{RICE}?linkType=linkset&profile=untp")
        now, before = versions.json["linkset"][0][f"{GS1}pip"]
        assert now["href"] == "https://t.example/new"
        assert (before["href"], before["rel"]) == ("https://t.example/old", ["predecessor-version"])
        assert (await client.get(f"{RICE}?asOf=2026-05-31T23:59:59Z")).status == 404
        for wrong in ("2026-06-01", "now", "2027-01-01T00:00:00Z"):
            answer = await client.get(f"{RICE}?asOf={wrong}")
            assert (answer.status, answer.json["field"]) == (400, "asOf")


async def test_what_is_kept_ends_with_a_change_or_in_time(ca: TestCa, tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    store = MemoryStore(
        [
            make_link(
                RICE,
                "gs1:pip",
                "https://t.example/1",
                id="1",
                default=True,
                active_until=Instant(NOW + 1000),
            ),
            make_link(
                RICE,
                "gs1:pip",
                "https://t.example/2",
                id="2",
                default=True,
                active_from=Instant(NOW + 1000),
            ),
        ]
    )
    seen = Seen()
    async with serve(ca, tmp_path, store, clock=clock, counts=seen) as client:
        for _ in range(4):
            assert (await client.get(RICE)).location == "https://t.example/1"
        assert store.reads == 2, "kept from the second time on"
        clock.instant = Instant(NOW + 1000)
        assert (await client.get(RICE)).location == "https://t.example/2"
        store.put(
            make_link(RICE, "gs1:pip", "https://t.example/3", id="2", version=2, default=True)
        )
        assert (await client.get(f"{RICE}/")).location == "https://t.example/3"
        assert (await client.get(RICE)).location == "https://t.example/3"
        await client.get(f"{RICE}/21/S?linkType=linkset")
    assert seen.counted == [(RICE, f"{GS1}pip")] * 7


# Hostile input.


@pytest.mark.parametrize(
    "path",
    [
        "/01/%FF%FE",
        "/01/09506000134352%00",
        "/01/09506000134352/10/%00",
        "/01/09506000134352/10/%C3%28",
        "/01/09506000134352/10/a%2",
        "/01//10/",
        "/01/" + "9" * 4000,
        "/01/09506000134352/10/" + "%41" * 1300,
        "/8004/" + "%2F" * 100,
        "/01/09506000134352/10/%0D%0ASet-Cookie:x",
        "/01/09506000134352/../../etc/passwd",
    ],
)
async def test_hostile_paths(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert 400 <= answer.status < 500
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "linkType=%FF",
        "linkType=dpp&linkType=dcc",
        "language=%E2%82",
        "language=;;;",
        "linkType=" + "x" * 1001,
        "&".join(["context=AU"] * 17),
        "asOf=%00",
    ],
)
async def test_hostile_parameters(client: Client, query: str) -> None:
    answer = await client.get(f"{RICE}?{query}")
    assert answer.status == 400
    assert answer.json["field"] == query.partition("=")[0]


@pytest.mark.parametrize("linkType", ["javascript:alert(1)", "foo:bar", "a%20b", "%3Cb%3E"])
async def test_what_is_no_type_is_not_there(client: Client, linkType: str) -> None:  # noqa: N803 - the parameter's own name
    assert (await client.get(f"{RICE}?linkType={linkType}")).status == 404
    page = await client.get(f"{RICE}?linkType={linkType}", Accept=BROWSER)
    assert b"<b>" not in page.body


async def test_strange_headers(client: Client) -> None:
    for value in ("," * 500, "en;q=" + "1" * 300, "*;q=0", "text/html;q=2", '"', "a/b;c=d;" * 100):
        answer = await client.get(RICE, Accept=value, Accept_Language=value)
        assert answer.status == 307
