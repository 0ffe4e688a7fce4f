"""Links as UNTP, pyx and the GS1 community edition publish them: imported as they are, resolved."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from link_resolver import resolving
from link_resolver.answering import Answering
from link_resolver.answering import Request as Asked
from link_resolver.bulk import Entry, Format, batches, read_entries
from link_resolver.description import Domain
from link_resolver.publishing import Publishing, Receipt
from link_resolver.registration import Anchors
from link_resolver.rules import Status
from link_resolver.schemes import load_schemes
from tests.unit.link_resolver.shelf import ORIGIN, KnownPublishers, Shelf, open_shelf

SCHEMES = """
schemes:
  - name: sample-register
    title: The register of UNTP's examples
    keys:
      - code: products
        title: Product
        pattern: "[A-Z0-9]+"
        example: ABCD9876
        qualifiers:
          - {code: items, title: Item, pattern: "[0-9]+", example: "1234"}
  - name: acme
    title: The namespace of pyx's examples
    keys:
      - {code: product, title: Product, pattern: "[A-Za-z0-9]+", example: "12345"}
"""
NAMESPACES = (("acme", "https://acme.example.com/voc/"),)
MOVES = {
    "https://resolver.sample-register.example/products/": "/sample-register/products/",
    "https://your-resolver.example.com/api/v4/acme/01/": "/acme/product/",
}


class Everybody(KnownPublishers):
    """Each publisher may publish everything."""

    def may_publish(self, *given: Any, **named: Any) -> Any:
        return super().may_publish(*given, **named)._replace(granted=True)


@dataclass
class Imported:
    shelf: Shelf
    answering: Answering

    async def take(self, document: object) -> list[Receipt]:
        """Import a document as `touchstone link import` does; nothing of it may be refused."""
        entries = list(read_entries([json.dumps(document)], Format.JSON, MOVES))
        assert entries
        assert not [entry.error for entry in entries if entry.error]
        receipts = [
            await self.shelf.publish(*_records(batch), atomic=False) for batch in batches(entries)
        ]
        wrong = [line for each in receipts for line in each.lines if line.status is Status.REFUSED]
        assert not wrong
        return receipts

    def get(self, target: str, accept: str = "*/*", language: str = "") -> tuple[int, str, bytes]:
        reply = self.answering.answer(Asked(target, "id.test", accept, language))
        return reply.status, dict(reply.headers).get("Location", ""), reply.body

    def location(self, target: str, **given: str) -> str:
        status, location, body = self.get(target, **given)
        assert status == 307, body
        return location.partition("?linkType")[0]


def _records(batch: Iterable[Entry]) -> list[Any]:
    return [entry.record for entry in batch]


@pytest_asyncio.fixture
async def imported(tmp_path: Path) -> AsyncIterator[Imported]:
    async with open_shelf(tmp_path) as shelf:
        schemes = load_schemes(SCHEMES)
        anchors = Anchors(schemes)
        shelf.cache._anchors = anchors
        shelf.cache._publishers = everybody = Everybody(may=shelf.publishers.may)
        shelf.publishing = Publishing(
            shelf.store,
            shelf.cache,
            everybody,
            shelf.publishing._documents,
            anchors,
            shelf.clock,
            ORIGIN,
            NAMESPACES,
        )
        domain = Domain(ORIGIN, profile=resolving.Profile.UNTP)
        answering = Answering(shelf.cache, shelf.clock, schemes, (domain,), (), NAMESPACES)
        yield Imported(shelf, answering)


async def read(vectors: Path, name: str) -> Any:
    return json.loads(await asyncio.to_thread((vectors / "gs1" / name).read_text))


@pytest.fixture
def untp(vectors: Path) -> dict[str, Any]:
    return dict(json.loads((vectors / "gs1/untp/identity-resolver-examples.json").read_text()))


ITEM = "/sample-register/products/ABCD9876/items/1234"
PRODUCT = "/sample-register/products/ABCD9876"
STORE = "https://sample-credential-store.example/credentials"


async def test_untps_linkset_resolves_by_type_language_and_level(
    imported: Imported, untp: dict[str, Any]
) -> None:
    await imported.take(untp["linkset_format"])
    dpp = f"{STORE}/dpp/90664869327.json"
    assert imported.location(f"{ITEM}?linkType=dpp", language="en") == dpp
    german = imported.location(f"{ITEM}?linkType=dpp&language=de")
    assert german.partition("?")[0] == f"{STORE}/dpp/90664869311.json"
    walked_up = imported.location(f"{ITEM}?linkType=pip")
    assert walked_up == "https://sample-company.example/productInformation/ABCD9876"


async def test_untps_secondary_resolver_versions_edits_and_secrets_are_kept(
    imported: Imported, untp: dict[str, Any]
) -> None:
    for example in ("secondary_resolver", "versioned_targets", "creating_new_links"):
        await imported.take(untp[example])
    await imported.take(untp["secure_targets"])
    assert imported.location(f"{ITEM}?linkType=idr").startswith("https://resolver.sample-company")
    newest = imported.location(f"{PRODUCT}?linkType=dpp")
    assert newest == f"{STORE}/dpp/90664869327.json", "not the predecessor"
    status, _, body = imported.get(f"{PRODUCT}?linkType=linkset&profile=untp")
    assert status == 200
    (level,) = json.loads(body)["linkset"]
    edits = [each for each in level["dte"] if each.get("method") == ["POST", "X-API-Key"]]
    assert len(edits) == 1
    assert b"encryptionMethod" not in body, "a link for a role shows nowhere"
    roles = frozenset({"untp:accessRole#Owner"})
    told = imported.answering.answer(
        Asked(f"{PRODUCT}?linkType=linkset&profile=untp", "id.test", "*/*", ""), roles
    )
    assert b'"encryptionMethod":"AES-128"' in told.body


async def test_pyxs_registration_and_its_linkset_are_one_link_set(
    imported: Imported, vectors: Path
) -> None:
    requests = await read(vectors, "pyx-idr-v4/request-examples.json")
    await imported.take(requests[:2])
    told = imported.location("/acme/product/12345?linkType=acme:productDatasheet")
    assert told == "https://acme.example.com/products/12345/datasheet"
    assert imported.location("/acme/product/12345") == (
        "https://acme.example.com/products/12345/sustainability"
    )


async def test_pyxs_own_linkset_resolves(imported: Imported, vectors: Path) -> None:
    responses = await read(vectors, "pyx-idr-v4/response-examples.json")
    (linkset,) = [each for each in responses if "linkset" in each]
    await imported.take(linkset)
    own = "https://your-resolver.example.com/api/v4/voc/productDatasheet"
    told = imported.location(f"/acme/product/12345?linkType={own}")
    assert told == "https://acme.example.com/products/12345/datasheet"


@pytest.mark.parametrize(
    "name",
    [
        "ce-v3/test_01_09506000134352.json",
        "ce-v3/test_01_09506000134376.json",
        "ce-v3/test_8004_095060001343.json",
        "ce-v3/test_8004_0950600013430000001.json",
        "ce-v3/data_entry_v3_format.json",
        "ce-v3/data_entry_v2_format.json",
    ],
)
async def test_the_community_editions_data_is_imported_twice_with_one_effect(
    imported: Imported, vectors: Path, name: str
) -> None:
    document = await read(vectors, name)
    await imported.take(document)
    size = imported.shelf.store.last.size
    again = await imported.take(document)
    assert {line.status for each in again for line in each.lines} == {Status.UNCHANGED}
    assert imported.shelf.store.last.size == size


async def test_the_community_editions_data_resolves(imported: Imported, vectors: Path) -> None:
    for name in ("01_09506000134352", "01_09506000134376", "8004_095060001343"):
        await imported.take(await read(vectors, f"ce-v3/test_{name}.json"))
    rice, pills = "/01/09506000134352", "/01/09506000134376"
    spanish = imported.location(f"{rice}?linkType=gs1:pip", language="es")
    assert "index.html.es" in spanish
    pil = "https://dalgiardino.com/medicinal-compound/pil.html"
    assert imported.location(pills) == pil
    assert imported.location(f"{pills}/21/S%2F1") == f"{pil}?serial=S%2F1"
    lot = imported.location(f"{pills}/10/LOT01")
    assert "LOT01" in lot
    assert imported.location("/8004/095060001343").endswith("giai=095060001343")


async def test_gs1s_example_linksets_are_imported_and_come_out_again(
    imported: Imported, vectors: Path
) -> None:
    await imported.take(await read(vectors, "resolver/linkset/valid-gs1-example.json"))
    paths = imported.shelf.store.paths_after("", 100)
    assert paths
    for path in paths:
        status, _, body = imported.get(f"{path}?linkType=linkset")
        assert (status, len(json.loads(body)["linkset"]) > 0) == (200, True)
