"""What implementers gave the DID Core test suite: their documents, and how they resolve.

Methods that are not resolved here are served by an upstream resolver over HTTPS, as their
implementers say that they answered. The suite is of DID Core 1.0: its functions are mapped to what
the HTTP binding of DID Resolution makes of them.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from resolver.clock import SystemClock
from resolver.dereference import dereference
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import InvalidDidDocumentError
from resolver.fetch import Fetcher
from resolver.keys import PublicKey
from resolver.methods.upstream import Upstream
from resolver.options import DereferencingOptions, ResolutionOptions
from resolver.resolution import VERIFIED_HERE, Resolver, native_resolver
from tests.loopback import TestCa, serve_tls

HOST = "uni.example"
UPSTREAM = Upstream.parse(f"https://{HOST}/1.0/identifiers/{{did}}")
UPSTREAM_METHODS = ("cheqd", "ethr", "example", "hedera", "sov", "webs")
DOCUMENTS = (
    "did-cheqd",
    "did-ethr-dif",
    "did-hedera",
    "did-key-mattr",
    "did-key-transmute",
    "did-web-evernym",
    "did-web-mattr",
    "did-web-transmute",
    "did-webs",
    "did-webvh-dif-py",
    "did-webvh-dif-ts",
)
RESOLVERS = ("resolver-did-cheqd", "resolver-ethr-dif", "universal-resolver-resolver-tests")
DEREFERENCERS = ("dereferencer-cheqd", "dereferencer-example-didwg")

DISPUTED: Mapping[str, tuple[str, str]] = {
    "did:key:zUC7": ("INVALID_DID", "BLS12-381, which v0.9 of did:key does not list"),
    "did:key:z5Tc": ("INVALID_DID", "two keys on BLS12-381, which v0.9 of did:key does not list"),
    "did:key:z2J9": ("INVALID_DID", "P-521, which v0.9 of did:key does not list"),
    "did:sov:WRfX": (
        "INVALID_DID_DOCUMENT",
        "a verification method thrice under one id, which names one (Controlled Identifiers 2.2)",
    ),
    "did:example:222": (
        "INVALID_DID_DOCUMENT",
        "a verification method without the type that it must have (DID Core 5.2)",
    ),
}
"""Identifiers, by their beginnings, that are refused against the word of the suite; how, and why."""
REPEATED = frozenset({"created", "updated", "versionId"})
"""What an upstream says of a document that is repeated here."""
NAMES = {"invalidDid": "INVALID_DID", "invalidDidUrl": "INVALID_DID_URL", "notFound": "NOT_FOUND"}


Suite = Mapping[str, dict[str, Any]]


@pytest.fixture(scope="session")
def suite(vectors: Path) -> Suite:
    """The fixtures by the names of their files."""
    folder = vectors / "did" / "did-core-suite"
    return {file.stem: json.loads(file.read_bytes()) for file in folder.glob("*.json")}


def documents_of(given: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document of a fixture: as its data model, and in each representation."""
    for did in given["dids"]:
        for name, form in given[did].items():
            if name == "didDocumentDataModel":
                yield did, form["properties"]
            else:
                yield did, json.loads(form["representation"])


@asynccontextmanager
async def resolving(ca: TestCa) -> AsyncIterator[tuple[Resolver, dict[str, Any]]]:
    """A resolver over an upstream, and what that answers, by DID, for a test to fill."""
    answers: dict[str, Any] = {}

    async def site(request: web.Request) -> web.Response:
        did = request.path.rpartition("/")[2]
        if did not in answers:
            return web.json_response({"didResolutionMetadata": {"error": "notFound"}}, status=404)
        return web.json_response(answers[did])

    upstreams = dict.fromkeys(UPSTREAM_METHODS, UPSTREAM)
    async with serve_tls(ca, {HOST: site}) as policy, Fetcher(policy) as fetcher:
        yield native_resolver(fetcher, SystemClock(), upstreams), answers


def keys_of(document: DidDocument) -> dict[str, set[PublicKey | None]]:
    methods = document.verification_methods
    return {
        relationship.value: {methods[name].key for name in names if name in methods}
        for relationship, names in document.relationships.items()
    }


def code_of(metadata: Mapping[str, Any]) -> str:
    return str(metadata["error"]["type"]).rpartition("#")[2]


def expected_error(did: str, metadata: Mapping[str, Any]) -> str | None:
    return disputed_code(did) or NAMES.get(metadata.get("error", ""))


def disputed_code(did: str) -> str | None:
    """How a disputed identifier is refused, or None where nothing is disputed."""
    return next((code for start, (code, _) in DISPUTED.items() if did.startswith(start)), None)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_read(suite: Suite, name: str) -> None:
    seen = 0
    for did, document in documents_of(suite[name]):
        parsed = parse_document(document, Did.parse(did))
        assert parsed.id.text == did
        with pytest.raises(InvalidDidDocumentError):
            parse_document(document, Did.parse("did:example:another"))
        seen += 1
    assert seen


@pytest.mark.parametrize("name", ["did-key-mattr", "did-key-transmute"])
async def test_did_keys_have_the_keys_that_others_give_them(suite: Suite, name: str) -> None:
    resolver = native_resolver(Fetcher(), SystemClock())
    agreed = disputed = 0
    for did, document in documents_of(suite[name]):
        resolution = await resolver.resolve(did)
        if code := disputed_code(did):
            assert code_of(resolution.json()["didResolutionMetadata"]) == code
            disputed += 1
            continue
        assert resolution.document is not None
        # MATTR's fixture is older than the name that DID Core gives the list of keys.
        named = {**document, "verificationMethod": document.get("publicKey", [])}
        theirs = parse_document(
            document if "verificationMethod" in document else named, Did.parse(did)
        )
        assert keys_of(resolution.document) == keys_of(theirs), did
        agreed += 1
    assert agreed
    assert disputed


@pytest.mark.parametrize("name", ["did-cheqd", "did-ethr-dif", "did-hedera", "did-webs"])
async def test_documents_pass_through_an_upstream_unchanged(
    ca: TestCa, suite: Suite, name: str
) -> None:
    async with resolving(ca) as (resolver, answers):
        for did, document in documents_of(suite[name]):
            answers[did] = document
            result = (await resolver.resolve(did)).json()
            assert result["didDocument"] == document
            assert result["didResolutionMetadata"]["via"] == f"https://{HOST}"


@pytest.mark.parametrize("name", RESOLVERS)
async def test_resolutions_come_out_as_their_implementers_say(
    ca: TestCa, suite: Suite, name: str
) -> None:
    given = suite[name]
    outcomes = {at: name for name, each in given["expectedOutcomes"].items() for at in each}
    async with resolving(ca) as (resolver, answers):
        for at, execution in enumerate(given["executions"]):
            did, output = execution["input"]["did"], execution["output"]
            accept = execution["input"]["resolutionOptions"].get("accept")
            document = output.get("didDocument")
            if output.get("didDocumentStream"):
                document = json.loads(output["didDocumentStream"])
            answers[did] = {**output, "didDocument": document}
            resolution = await resolver.resolve(did, ResolutionOptions.parse((), accept))
            result = resolution.json()
            if outcomes[at] == "deactivatedOutcome":
                assert resolution.deactivated
                assert result["didDocument"] is None
            elif error := expected_error(did, output["didResolutionMetadata"]):
                assert code_of(result["didResolutionMetadata"]) == error
                assert result["didDocument"] is None
                assert result["didDocumentMetadata"] == {}
            else:
                assert outcomes[at] == "defaultOutcome"
                assert result["didDocument"] == document
                assert result["didResolutionMetadata"]["contentType"] == (
                    accept or "application/did"
                )
                theirs = {n: v for n, v in output["didDocumentMetadata"].items() if n in REPEATED}
                assert result["didDocumentMetadata"] == theirs


@pytest.mark.parametrize("name", DEREFERENCERS)
async def test_dereferencings_come_out_as_their_implementers_say(
    ca: TestCa, suite: Suite, name: str
) -> None:
    executions = suite[name]["executions"]
    whole = {
        (each["input"]["didUrl"], each["input"]["dereferenceOptions"]["accept"]): json.loads(
            each["output"]["contentStream"]
        )
        for each in executions
        if each["output"]["contentStream"] and "#" not in each["input"]["didUrl"]
    }
    async with resolving(ca) as (resolver, answers):
        for execution in executions:
            url, output = execution["input"]["didUrl"], execution["output"]
            accept = execution["input"]["dereferenceOptions"]["accept"]
            did = url.partition("#")[0]
            if (did, accept) in whole:
                answers[did] = whole[did, accept]
            options = DereferencingOptions.parse((), accept)
            result = (await dereference(resolver, url, options)).json()
            if error := expected_error(did, output["dereferencingMetadata"]):
                assert code_of(result["dereferencingMetadata"]) == error
                assert result["content"] is None
            else:
                # A part inherits its document's context, of which implementers give a selection.
                theirs = {**json.loads(output["contentStream"]), "@context": None}
                assert {**result["content"], "@context": None} == theirs


def test_every_method_of_the_suite_is_either_ours_or_an_upstreams(suite: Suite) -> None:
    methods = {given["didMethod"].partition(":")[2] for given in suite.values()}
    assert methods <= VERIFIED_HERE | set(UPSTREAM_METHODS)
