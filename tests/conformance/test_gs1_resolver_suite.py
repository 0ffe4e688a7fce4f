# ruff: noqa: N802 - the names are those of the suite
"""GS1's resolver test suite, test by test, against the running service over HTTPS.

Each test has the id that the suite gives it. Where the suite is odd, what it really looks at is
tested: the `Link` of an OPTIONS reply, a header split at commas, and a `Location` that is compared
after everything from `linkType=` on is cut off.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from jsonschema import Draft7Validator

from link_resolver.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, GS1, KNOWN
from link_resolver.parsing import parse_uri
from link_resolver.schemes import default_schemes
from tests.conftest import VECTORS
from tests.links import MemoryStore, links_of, make_link
from tests.loopback import TestCa
from tests.resolving import HOST, ROOT, Answer, Client, serve

SHIRT = "/01/09506000164908"
BATCH = f"{SHIRT}/10/LOT01"
SERIAL = f"{SHIRT}/21/1234"
CREW = "/01/09506000134376"
URIS = [SHIRT, BATCH, SERIAL, CREW]
SCHEMES = default_schemes()
LINKSET = "application/linkset+json"
_FOLDER = VECTORS / "gs1" / "resolver"


@pytest.fixture(scope="module")
def schemas(vectors: Path) -> dict[str, Draft7Validator]:
    files = ("description-file-schema-1.2.0.json", "linkset/gs1-linkset-schema.json")
    checker = Draft7Validator.FORMAT_CHECKER
    return {
        each: Draft7Validator(json.loads((_FOLDER / each).read_text()), format_checker=checker)
        for each in files
    }


@pytest.fixture(scope="module")
def suite(vectors: Path) -> list[dict[str, str]]:
    listed = json.loads((_FOLDER / "conformance" / "testsuite-tests.json").read_text())
    assert isinstance(listed, list)
    return listed


def model_links() -> list[Any]:
    """GS1's model linkset, and a product whose default varies; what the suite must be run with."""
    path = _FOLDER / "linkset" / "modelLinkset.json"
    links = links_of(json.loads(path.read_text()), "https://id.gs1.org")
    pages = {"en": "en", "de": "de", "fr": "fr"}
    return [
        *links,
        make_link(
            CREW, "gs1:pip", "https://t.example/any", title="Info", item="Crew", default=True
        ),
        *(
            make_link(CREW, "gs1:pip", f"https://t.example/{page}", hreflang=(tag,), default=True)
            for tag, page in pages.items()
        ),
        make_link(CREW, "gs1:dpp", "https://t.example/dpp", media_type="application/vc+jwt"),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(
    vectors: Path, ca: TestCa, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    store = MemoryStore(model_links())
    async with serve(ca, tmp_path_factory.mktemp("suite"), store) as client:
        yield client


pytestmark = pytest.mark.asyncio(loop_scope="session")
each_uri = pytest.mark.parametrize("uri", URIS)


async def linkset_of(client: Client, uri: str) -> Any:
    return (await client.get(uri, Accept=LINKSET)).json


async def preflight(client: Client, uri: str) -> Answer:
    return await client.ask(
        "OPTIONS",
        uri,
        Origin="https://ref.gs1.org",
        Access_Control_Request_Method="GET,HEAD,OPTIONS",
    )


def links_in(header: str) -> Iterable[str]:
    """Split a Link header as the suite does: at every comma."""
    return (each.strip() for each in header.split(","))


def cut(location: str | None) -> str:
    """Cut a location as the suite does before it compares it."""
    assert location is not None
    return location.partition("linkType=")[0].rstrip("?&")


async def test_every_test_of_the_suite_is_here(suite: list[dict[str, str]]) -> None:
    ids = {re.split(r"[{ ]", each["id"])[0] for each in suite}
    assert ids <= {name.partition("_")[2].partition("__")[0] for name in globals()}


@each_uri
async def test_isURL(uri: str) -> None:
    assert re.fullmatch(r"https?://[^/]+\.[^/]+/.+", ROOT + uri)


@each_uri
async def test_isHttps(uri: str) -> None:
    assert (ROOT + uri).startswith("https://")


@each_uri
async def test_plausibleDL(uri: str) -> None:
    assert re.fullmatch(r"https?://[^/]+(/[^/]+)*?/(01|414|8004)/[^/]+(/\d\d/[^/]+)*", ROOT + uri)


@each_uri
async def test_validDL(uri: str) -> None:
    identifier = parse_uri(ROOT + uri, SCHEMES)
    assert identifier.key.code == "01"
    assert len(identifier.key.value) == 14


@pytest.mark.parametrize("uri", [SHIRT, CREW])
async def test_basicWalkUp(client: Client, uri: str) -> None:
    # The suite is content with anything but 404; we are not.
    answer = await client.get(f"{uri}/10/KL8G")
    assert answer.status == 307
    assert answer.location == (await client.get(uri)).location


async def test_tlsOK(client: Client) -> None:
    assert (await client.ask("HEAD", "/")).status


async def test_rdFile(client: Client, schemas: dict[str, Draft7Validator]) -> None:
    answer = await client.get("/.well-known/gs1resolver", Accept="application/json")
    assert answer.status == 200
    assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
    schemas["description-file-schema-1.2.0.json"].validate(answer.json)
    assert answer.json["resolverRoot"] == ROOT
    assert (await client.get("/.well-known/resolver")).json == answer.json


async def test_httpVersion(client: Client) -> None:
    assert (await client.ask("HEAD", "/")).version >= (1, 1)


@each_uri
async def test_corsCheck(client: Client, uri: str) -> None:
    assert (await preflight(client, uri)).headers.getall("Access-Control-Allow-Origin") == ["*"]
    assert (await client.get(uri)).headers.getall("Access-Control-Allow-Origin") == ["*"]


@each_uri
async def test_methodsCheck(client: Client, uri: str) -> None:
    answer = await preflight(client, uri)
    assert answer.status < 300
    methods = answer.headers["Access-Control-Allow-Methods"]
    assert {"GET", "HEAD", "OPTIONS"} <= {each.strip() for each in methods.split(",")}
    head, get = await client.ask("HEAD", uri), await client.get(uri)
    assert (head.status, head.location, head.body) == (get.status, get.location, b"")


@each_uri
async def test_linkOnRedirect(client: Client, uri: str) -> None:
    # The suite looked at the OPTIONS reply, and since June 2026 at the redirect: both have it.
    for answer in (await preflight(client, uri), await client.get(uri)):
        [link] = [each for each in links_in(answer.headers["Link"]) if 'rel="linkset"' in each]
        target = link[1 : link.index(">")]
        assert target == f"{ROOT}{uri}?linkType=linkset"
        assert (await client.get(target.removeprefix(ROOT))).status == 200


@each_uri
async def test_legacyLinkHeaders(client: Client, uri: str) -> None:
    for answer in (await preflight(client, uri), await client.get(uri)):
        assert 'rel="gs1:' not in answer.headers["Link"]


@each_uri
async def test_reportWith400(client: Client, uri: str) -> None:
    answer = await client.get(f"{uri}/foo")
    assert answer.status == 400
    assert answer.json["rule"]


@each_uri
async def test_noErrorWith200(client: Client, uri: str) -> None:
    for accept in ("*/*", "text/html", LINKSET):
        assert (await client.get(f"{uri}/foo", Accept=accept)).status == 400


@each_uri
async def test_trailingSlash(client: Client, uri: str) -> None:
    bare, slashed = await client.get(uri), await client.get(f"{uri}/")
    assert (slashed.status, slashed.location) == (bare.status, bare.location)


@each_uri
async def test_qsPassedOn(client: Client, uri: str) -> None:
    assert "foo=bar" in ((await client.get(f"{uri}?foo=bar")).location or "")


@each_uri
async def test_ltLinksetNoRedirect(client: Client, uri: str) -> None:
    answer = await client.get(f"{uri}?linkType=linkset")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == LINKSET


@each_uri
async def test_ltAllNoRedirect(client: Client, uri: str) -> None:
    every = await client.get(f"{uri}?linkType=all")
    assert every.status == 200
    assert every.json == await linkset_of(client, uri)


@each_uri
async def test_ltAcceptHeader(client: Client, uri: str) -> None:
    assert (await client.get(f"{uri}?linkType=all", Accept=LINKSET)).status == 200
    assert (await client.get(uri, Accept=LINKSET)).status == 200


@each_uri
async def test_validLinkset(client: Client, uri: str, schemas: dict[str, Draft7Validator]) -> None:
    schemas["linkset/gs1-linkset-schema.json"].validate(await linkset_of(client, uri))


@each_uri
async def test_linksetJsonldCheck(client: Client, uri: str) -> None:
    header = (await client.get(uri, Accept=LINKSET)).headers["Link"]
    [context] = [each for each in links_in(header) if "ns/json-ld#context" in each]
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in context
    assert 'type="application/ld+json"' in context


@each_uri
async def test_declaredContentType(client: Client, uri: str) -> None:
    answer = await client.get(uri, Accept=LINKSET)
    assert answer.headers["Content-Type"].startswith(LINKSET)


async def nearest(client: Client, uri: str, key: str) -> list[Any]:
    """Walk up the anchors two segments at a time, as the suite does."""
    items = (await linkset_of(client, uri))["linkset"]
    segments = uri.split("/")
    while len(segments) > 2:
        anchor = ROOT + "/".join(segments)
        for item in items:
            if item["anchor"] == anchor and key in item:
                return list(item[key])
        segments = segments[:-2]
    return []


@each_uri
async def test_defaultLinkExists(client: Client, uri: str) -> None:
    assert await nearest(client, uri, DEFAULT_LINK)


@each_uri
async def test_singleDefaulLink(client: Client, uri: str) -> None:
    [default] = await nearest(client, uri, DEFAULT_LINK)
    assert default.keys() == {"href", "title"}


@each_uri
async def test_defaultTarget(client: Client, uri: str) -> None:
    [default] = await nearest(client, uri, DEFAULT_LINK)
    assert (await client.get(uri)).location == default["href"]


async def test_singleMultiLink(client: Client) -> None:
    for uri in URIS:
        assert len(await nearest(client, uri, DEFAULT_LINK_MULTI)) != 1
    varying = await nearest(client, CREW, DEFAULT_LINK_MULTI)
    assert [each["hreflang"] for each in varying] == [["en"], ["de"], ["fr"]]
    for each in varying:
        answer = await client.get(CREW, Accept_Language=each["hreflang"][0])
        assert answer.location == each["href"]


async def typed(client: Client, uri: str) -> list[tuple[str, list[Any]]]:
    """Return GS1's types that the linkset has for a URI, by their local name."""
    found: dict[str, list[Any]] = {}
    for item in (await linkset_of(client, uri))["linkset"]:
        for key, targets in item.items():
            if key.startswith(GS1) and key not in (DEFAULT_LINK, DEFAULT_LINK_MULTI):
                found.setdefault(key.removeprefix(GS1), targets)
    assert found
    return list(found.items())


def hrefs(answer: Answer) -> set[str]:
    """Return where a reply leads to, be it a page or a linkset."""
    if answer.headers["Content-Type"].startswith("text/html"):
        return {unescape(each) for each in re.findall(r'<a href="([^"]+)"', answer.body.decode())}
    return {
        target["href"]
        for item in answer.json["linkset"]
        for targets in item.values()
        if isinstance(targets, list)
        for target in targets
    }


def attributes(target: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in target.items() if k not in ("href", "title")})


@each_uri
async def test_loFor(client: Client, uri: str) -> None:
    for name, targets in await typed(client, uri):
        if len(targets) == 1:
            answer = await client.get(f"{uri}?linkType=gs1:{name}")
            assert cut(answer.location) == targets[0]["href"], name


@each_uri
async def test_loFor__attributes(client: Client, uri: str) -> None:
    """Several links of a type: each is found by its attributes; those without a difference, 300.

    The suite's helper decodes twice, so that its context never arrives. Ours does.
    """
    for name, targets in await typed(client, uri):
        for target in targets if len(targets) > 1 else ():
            headers = {}
            if "type" in target:
                headers["Accept"] = target["type"]
            if "hreflang" in target:
                headers["Accept_Language"] = target["hreflang"][0]
            context = f"&context={quote(target['context'][0])}" if "context" in target else ""
            answer = await client.get(f"{uri}?linkType=gs1:{name}{context}", **headers)
            alike = {e["href"] for e in targets if attributes(e) == attributes(target)}
            if len(alike) > 1:
                assert answer.status == 300
                assert hrefs(answer) == alike
            else:
                assert answer.status == 307
                assert cut(answer.location) == target["href"]


@each_uri
async def test_linkTypesDefined(client: Client, uri: str) -> None:
    for name, _ in await typed(client, uri):
        assert f"{GS1}{name}" in KNOWN


@each_uri
async def test_specificLinkTypeNotFound(client: Client, uri: str) -> None:
    answer = await client.get(f"{uri}?linkType=gs1:nosuchlt")
    assert answer.status == 404
    assert answer.json["linkset"] == f"{ROOT}{uri}?linkType=linkset"
    assert HOST in answer.json["linkset"]
