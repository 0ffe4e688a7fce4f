"""The W3C Bitstring Status List suite's statements, asked of the verifier.

The suite looks at what an issuer made, and has the verifier accept it. Here an issuer that exists
for the tests alone also makes what breaks each statement, and the running service has to refuse it
with the error that the specification names.
"""

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from resolver.encodings import base64url
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.http.conftest import small_registry
from tests.loopback import TestCa, serve_tls
from tests.unit.credentials.issuing import (
    LIST_URL,
    Issuer,
    credential,
    status_entry,
    status_list,
)
from tests.unit.trust_registry.board import someone
from touchstone.service.app import build_app
from touchstone.service.serving import listening
from touchstone.service.settings import Settings

HOST = "status.example"
BYTES = 16 * 1024
MALFORMED = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
RANGE = "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"
RETRIEVAL = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"
VERIFICATION = "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"
LENGTH = "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR"


def packed(raw: bytes) -> str:
    return "u" + base64url(gzip.compress(raw))


def messages(count: int) -> list[Json]:
    return [{"status": hex(value), "message": f"message {value}"} for value in range(count)]


def issuer_of(name: str) -> Issuer:
    person = someone(name)
    return Issuer(person.did, person.key, person.key.public.multikey)


ISSUER = issuer_of("auditor")


@dataclass
class World:
    """The service, and a host whose list each test writes."""

    address: str
    session: aiohttp.ClientSession
    served: dict[str, bytes] = field(default_factory=dict)

    async def verify(self, entry: Json, listed: Json | bytes | None) -> dict[str, Any]:
        """Publish a list, issue a credential that names it, and have it verified."""
        self.served.clear()
        if listed is not None:
            body = listed if isinstance(listed, bytes) else ISSUER.jwt(as_object(listed)).encode()
            self.served["/lists/1"] = body
        issued = ISSUER.jwt(credential(ISSUER.did, credentialStatus=entry))
        request = {"credential": issued, "no_cache": True}
        url = f"{self.address}/v1/credentials/verify"
        async with self.session.post(url, json=request) as response:
            assert response.status == 200
            answer = await response.json(content_type=None)
        (found,) = [each for each in answer["checks"] if each["id"] == "status"]
        return {"verified": answer["credential"]["verification"] == "verified", **found}


def as_object(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, ca: TestCa) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("suite")
    board = await small_registry(folder / "journal.sqlite")
    served: dict[str, bytes] = {}

    async def site(request: web.Request) -> web.Response:
        body = served.get(request.path)
        return web.Response(status=404) if body is None else web.Response(body=body)

    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        resolver = native_resolver(fetcher, board.clock)
        settings = Settings(access_log=False)
        app = build_app(board.registry, resolver, fetcher, board.clock, settings)
        async with listening(app, "127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
            yield World(address, session, served)
    await board.registry.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


def listed(encoded: str | None = None, **subject: Json) -> dict[str, Json]:
    return status_list(ISSUER.did, encoded or packed(bytes(BYTES)), subject=subject)


TWO_BITS: Json = status_entry(statusSize=2, statusMessage=messages(4))

ACCEPTED = {
    "an entry in a conforming credential": (status_entry(), listed()),
    "without an id": (
        {key: value for key, value in as_object(status_entry()).items() if key != "id"},
        listed(),
    ),
    "an index in base 10": (status_entry("0"), listed()),
    "the last index": (status_entry("131071"), listed()),
    "a size of one": (status_entry(statusSize=1), listed()),
    "one bit with its two messages": (status_entry(statusMessage=messages(2)), listed()),
    "two bits with their four messages": (TWO_BITS, listed(packed(bytes(2 * BYTES)))),
    "a reference": (status_entry(statusReference="https://example.org/why"), listed()),
    "several references": (
        status_entry(statusReference=["https://example.org/a", "https://example.org/b"]),
        listed(),
    ),
    "one of several purposes": (
        status_entry(),
        listed(statusPurpose=["suspension", "revocation"]),
    ),
    "a list without an id": (
        status_entry(),
        {key: value for key, value in listed().items() if key != "id"},
    ),
    "the purpose refresh": (status_entry(purpose="refresh"), listed(statusPurpose="refresh")),
    "the purpose message": (
        status_entry(purpose="message", statusSize=2, statusMessage=messages(4)),
        listed(packed(bytes(2 * BYTES)), statusPurpose="message"),
    ),
    "several entries": (
        [status_entry("1"), status_entry("2", "suspension")],
        listed(statusPurpose=["suspension", "revocation"]),
    ),
    "a time to live": (status_entry(), listed(ttl=300_000)),
}

REFUSED = {
    "the id is the list's": (status_entry(id=LIST_URL), listed(), MALFORMED),
    "the type is absent": (status_entry(type=None), listed(), MALFORMED),
    "the purpose is no string": (status_entry(statusPurpose=["revocation"]), listed(), MALFORMED),
    "the purpose is absent": (status_entry(statusPurpose=None), listed(), MALFORMED),
    "the index is a boolean": (status_entry(True), listed(), MALFORMED),
    "the index is negative": (status_entry("-1"), listed(), MALFORMED),
    "the index is not in base 10": (status_entry("0x1"), listed(), MALFORMED),
    "the index has leading zeros": (status_entry("01"), listed(), MALFORMED),
    "the index is absent": (status_entry(None), listed(), MALFORMED),
    "the list is no URL": (status_entry(statusListCredential="lists/1"), listed(), MALFORMED),
    "the list is absent": (status_entry(statusListCredential=None), listed(), MALFORMED),
    "the size is zero": (status_entry(statusSize=0), listed(), MALFORMED),
    "the size is no integer": (status_entry(statusSize=1.5), listed(), MALFORMED),
    "no messages for two bits": (status_entry(statusSize=2), listed(), MALFORMED),
    "too few messages": (
        status_entry(statusSize=2, statusMessage=messages(2)),
        listed(),
        MALFORMED,
    ),
    "too many messages": (status_entry(statusMessage=messages(3)), listed(), MALFORMED),
    "messages that are no array": (status_entry(statusMessage={}), listed(), MALFORMED),
    "a message without its status": (
        status_entry(statusMessage=[{"message": "a"}, {"message": "b"}]),
        listed(),
        MALFORMED,
    ),
    "a status that is not hexadecimal": (
        status_entry(statusMessage=[{"status": str(n), "message": "a"} for n in range(2)]),
        listed(),
        MALFORMED,
    ),
    "a reference that is no URL": (status_entry(statusReference="why"), listed(), MALFORMED),
    "there is no list": (status_entry(), None, RETRIEVAL),
    "there is no credential": (status_entry(), b"not a credential", MALFORMED),
    "the list is of another type": (
        status_entry(),
        status_list(ISSUER.did, type=["VerifiableCredential"]),
        MALFORMED,
    ),
    "the list's subject is of another type": (status_entry(), listed(type="Other"), MALFORMED),
    "the list is for another purpose": (
        status_entry(),
        listed(statusPurpose="suspension"),
        VERIFICATION,
    ),
    "the list is for no purpose": (status_entry(), listed(statusPurpose=None), VERIFICATION),
    "the list is of another issuer": (
        status_entry(),
        issuer_of("mark").jwt(status_list(someone("mark").did)).encode(),
        VERIFICATION,
    ),
    "the list's proof does not hold": (
        status_entry(),
        Issuer(ISSUER.did, someone("mark").key, ISSUER.fragment)
        .jwt(status_list(ISSUER.did))
        .encode(),
        VERIFICATION,
    ),
    "the list has expired": (
        status_entry(),
        status_list(ISSUER.did, validUntil="2026-01-01T00:00:00Z"),
        VERIFICATION,
    ),
    "the list is not multibase": (
        status_entry(),
        listed("z" + packed(bytes(BYTES))[1:]),
        MALFORMED,
    ),
    "the list is not base64url": (status_entry(), listed("u+/+/"), MALFORMED),
    "the list is not gzip": (status_entry(), listed("u" + base64url(bytes(100))), MALFORMED),
    "the list is absent from its credential": (status_entry(), listed(encodedList=None), MALFORMED),
    "the list is shorter than 16 KiB": (status_entry(), listed(packed(bytes(BYTES - 1))), LENGTH),
    "the list is too short for two bits": (TWO_BITS, listed(packed(bytes(2 * BYTES - 1))), LENGTH),
    "the index lies outside": (status_entry("131072"), listed(), RANGE),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_what_conforms_is_accepted(world: World, name: str) -> None:
    entry, given = ACCEPTED[name]
    found = await world.verify(entry, given)
    assert found["verified"], found


@pytest.mark.parametrize("name", REFUSED)
async def test_what_does_not_conform_is_refused_by_its_type(world: World, name: str) -> None:
    entry, given, type_ = REFUSED[name]
    found = await world.verify(entry, given)
    assert not found["verified"]
    assert found["outcome"] in {"failed", "undetermined"}
    assert [each["type"] for each in found["problems"]] == [type_]


@pytest.mark.parametrize(("index", "good"), [("7", True), ("8", False), ("9", True)])
async def test_the_validate_algorithm_finds_the_bit(world: World, index: str, good: bool) -> None:
    raw = bytearray(BYTES)
    raw[1] = 0x80
    found = await world.verify(status_entry(index), listed(packed(bytes(raw))))
    assert found["verified"] is good
    assert found["inputs"]["value"] == ("0" if good else "1")


async def test_the_position_is_the_index_times_the_size(world: World) -> None:
    raw = bytearray(2 * BYTES)
    raw[1] = 0b10_01_00_11
    for index, value in ((4, 2), (5, 1), (6, 0), (7, 3)):
        entry: Json = status_entry(str(index), statusSize=2, statusMessage=messages(4))
        found = await world.verify(entry, listed(packed(bytes(raw))))
        assert found["inputs"]["value"] == str(value)
        assert found["inputs"]["message"] == f"message {value}"
        assert found["verified"] is (value == 0)
