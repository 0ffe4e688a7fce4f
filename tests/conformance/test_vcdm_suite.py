"""The W3C VCDM 2.0 suite's statements, asked of the running service.

The suite asks most of them of an issuer alone. Here an issuer that exists for the tests signs every
input, the wrong ones too, so that the verifier by itself has to accept the right and refuse the
wrong ones: what it accepts is answered with 200, what it refuses with 400.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from credentials.rdf.context_sources import configured
from credentials.rdf.contexts import Contexts
from resolver.encodings import base64url
from resolver.fetch import Fetcher
from resolver.resolution import native_resolver
from resolver.strict_json import Json
from tests.conformance.vcdm_issuer import FORMS, HOLDER, ISSUER, endpoint, issue, with_issuer
from tests.http.conftest import SETTINGS, small_registry
from tests.unit.credentials.holders import CHALLENGE, DOMAIN, enveloped
from tests.unit.credentials.issuing import V2
from tests.unit.credentials.rdf.graphs import Graphs
from tests.unit.credentials.rdf.signing import sign_graph
from touchstone.service.app import build_app
from touchstone.service.checking import checking
from touchstone.service.graphs import open_graphs
from touchstone.service.serving import listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = "https://www.w3.org/ns/credentials/examples/v2"
INLINE = frozenset(
    {
        "credential-redef-type2-fail",
        "credential-type-mapped-nonurl-fail",
        "credential-type-unmapped-fail",
    }
)
"""Wrong by what a context says that is written into them. Such a context is not processed under a
signature over the JSON: it is never verified, and not called wrong either."""
UNSIGNED = frozenset({"credential-proof-ok", "credential-proof-missing-type-fail"})
"""They hold a proof already, and none that could be verified."""
OBSOLETE = "presentation-enveloped-vc-ok"
"""Its data: URI has the media type of an old draft and a `vc` claim around version 2.0."""


@dataclass(frozen=True)
class Service:
    """The service, and the issuer's endpoints."""

    address: str
    issuers: dict[str, str]
    session: aiohttp.ClientSession

    async def post(self, url: str, body: Json) -> tuple[int, dict[str, Any]]:
        async with self.session.post(url, json=body) as response:
            return response.status, await response.json(content_type=None)

    async def issued(self, credential: Json, form: str) -> dict[str, Json]:
        _, body = await self.post(
            f"{self.issuers[form]}/credentials/issue", {"credential": credential}
        )
        return body

    async def verify(self, credential: Json) -> tuple[int, dict[str, Any]]:
        options: Json = {"checks": ["proof"]}
        body: Json = {"verifiableCredential": credential, "options": options}
        return await self.post(f"{self.address}/credentials/verify", body)

    async def verify_vp(self, presentation: Json) -> tuple[int, dict[str, Any]]:
        options: Json = {"challenge": CHALLENGE, "domain": DOMAIN}
        body: Json = {"verifiablePresentation": presentation, "options": options}
        return await self.post(f"{self.address}/presentations/verify", body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    board = await small_registry(tmp_path_factory.mktemp("vcdm") / "journal.sqlite")
    async with Fetcher() as fetcher, open_graphs(SETTINGS, fetcher) as graphs:
        await graphs.start()
        resolver = native_resolver(fetcher, board.clock)
        checks = checking(fetcher, SETTINGS, graphs=graphs)
        app = build_app(board.registry, resolver, fetcher, board.clock, SETTINGS, checks=checks)
        async with (
            listening(app, "127.0.0.1", 0) as address,
            listening(endpoint("embedded"), "127.0.0.1", 0) as embedding,
            listening(endpoint("enveloped"), "127.0.0.1", 0) as enveloping,
            aiohttp.ClientSession() as session,
        ):
            issuers = {"embedded": embedding, "enveloped": enveloping}
            yield Service(address, issuers, session)
    await board.registry.close()


def read(path: Path) -> dict[str, Json]:
    value = orjson.loads(path.read_bytes())
    assert isinstance(value, dict)
    return value


@pytest.fixture(scope="module")
def inputs(vectors: Path) -> dict[str, dict[str, Json]]:
    """Every input, by its name."""
    folder = vectors / "vc" / "vcdm2-suite-input"
    return {path.stem: read(path) for path in sorted(folder.rglob("*.json"))}


@pytest.fixture
def contexts() -> Contexts:
    """The contexts that the service has from the start."""
    pins, sources = configured(None, None)
    return Contexts(pins, sources)


GOOD: dict[str, Json] = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
}


def presented(presentation: dict[str, Json]) -> dict[str, Json]:
    """Sign a presentation and whatever stands in it, as the suite does."""
    body = dict(presentation)
    if isinstance(found := body.get("verifiableCredential"), list):
        body["verifiableCredential"] = [_signed(each) for each in found]
    if "holder" in body and "z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj" in str(
        body["holder"]
    ):
        # The suite's own key, which signs there what our holder signs here.
        body["holder"] = orjson.loads(
            orjson.dumps(body["holder"]).replace(
                b"did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj", HOLDER.did.encode()
            )
        )
    if "@context" in body:
        return HOLDER.proved(body)
    proved = HOLDER.proved({"@context": [V2], **body})
    del proved["@context"]
    return proved


def _signed(credential: Json) -> Json:
    if (
        not isinstance(credential, dict)
        or credential.get("type") == "EnvelopedVerifiableCredential"
    ):
        return credential
    return issue(credential | {"issuer": ISSUER.did})


@pytest.mark.parametrize("form", FORMS)
async def test_every_credential_that_is_right_and_none_that_is_wrong(
    service: Service, inputs: dict[str, dict[str, Json]], form: str
) -> None:
    seen = 0
    for name, body in inputs.items():
        if (
            name.startswith("presentation")
            or name in UNSIGNED
            or (form == "enveloped" and "proof" in body)
        ):
            continue
        if name in {"credential-no-issuer-fail", "credential-validUntil-validFrom-fail"}:
            continue  # the suite fills in what makes them wrong; see below
        status, result = await service.verify(await service.issued(body, form))
        seen += 1
        if name in INLINE:
            assert (status, result["verified"]) == (200, False), name
        elif name.endswith(("-fail", "-inject")):
            assert (status, result["verified"]) == (400, False), (name, result)
        else:
            assert status == 200, (name, result)
    assert seen > 50


async def test_what_the_suite_fills_in(service: Service) -> None:
    """4.7: an issuer there must be; 4.9: no end before the beginning."""
    nobody = dict(GOOD)
    assert (await service.verify(issue(nobody)))[0] == 400
    status, result = await service.verify(
        await service.issued(
            GOOD | {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2025-01-01T00:00:00Z"},
            "embedded",
        )
    )
    assert status == 400
    assert "RANGE_ERROR" in {each["title"] for each in result["problemDetails"]}


async def test_proofs_that_are_none(service: Service, inputs: dict[str, dict[str, Json]]) -> None:
    for name in UNSIGNED:
        status, result = await service.verify(with_issuer(inputs[name]))
        assert (status, result["verified"]) == (400, False), name


async def test_every_presentation_that_is_right_and_none_that_is_wrong(
    service: Service, inputs: dict[str, dict[str, Json]]
) -> None:
    seen = 0
    for name, body in inputs.items():
        if not name.startswith("presentation"):
            continue
        status, result = await service.verify_vp(presented(body))
        seen += 1
        inline = any(isinstance(each, dict) for each in body.get("@context") or [])
        if name.endswith(("-fail", "-inject")) or name == OBSOLETE:
            assert (status, result["verified"]) == (400, False), (name, result)
        elif inline:
            assert (status, result["verified"]) == (200, False), (name, result)
        else:
            assert (status, result["verified"]) == (200, True), (name, result)
    assert seen > 12


async def test_self_asserted_credentials_are_not_secured_by_their_presentation(
    service: Service, inputs: dict[str, dict[str, Json]]
) -> None:
    """4.13.3: the inputs' credentials as they are, without proofs of their own."""
    for name, body in inputs.items():
        if "self-asserted" in name:
            holder: dict[str, Json] = {"holder": HOLDER.did} if "holder" in body else {}
            status, result = await service.verify_vp(HOLDER.proved(body | holder))
            assert (status, result["verified"]) == (400, False), name


class TestConformance:
    """Section 1.3."""

    @pytest.mark.parametrize("form", FORMS)
    async def test_what_is_secured_is_verified(self, service: Service, form: str) -> None:
        status, result = await service.verify(await service.issued(GOOD, form))
        assert (status, result["verified"]) == (200, True), result

    async def test_a_document_that_is_neither_is_an_error(self, service: Service) -> None:
        for verify in (service.verify, service.verify_vp):
            status, result = await verify({"type": ["NonconformingDocument"]})
            assert (status, result["verified"]) == (400, False)


class TestContexts:
    """Section 4.3, of presentations."""

    @pytest.mark.parametrize(
        "context",
        [
            None,
            [],
            [OTHER, V2],
            [OTHER],
            [V2, "https ://not-a-url/contexts/example/v1"],
            [V2, 123192875],
            [{"x": "https://x.example/"}, V2],
        ],
        ids=str,
    )
    async def test_contexts_out_of_order_or_that_are_none(
        self, service: Service, inputs: dict[str, dict[str, Json]], context: Json
    ) -> None:
        body = inputs["presentation-ok"] | {"@context": context}
        if context is None:
            del body["@context"]
        for raw in (presented(body), HOLDER.vp_jwt(body)):
            given: Json = enveloped(raw) if isinstance(raw, str) else raw
            status, result = await service.verify_vp(given)
            assert (status, result["verified"]) == (400, False), result

    async def test_a_context_put_in_after_signing(
        self, service: Service, inputs: dict[str, dict[str, Json]]
    ) -> None:
        body = presented(inputs["presentation-multiple-vc-ok"])
        body["@context"] = [V2, "https://example.com"]
        assert (await service.verify_vp(body))[0] == 400


class TestTypes:
    """Sections 4.5 and 4.13."""

    @pytest.mark.parametrize("kind", [None, [], ["Presentation"], 7, [7]], ids=str)
    async def test_a_presentation_without_its_type(self, service: Service, kind: Json) -> None:
        body: dict[str, Json] = {"@context": [V2], "type": kind}
        if kind is None:
            del body["type"]
        assert (await service.verify_vp(HOLDER.proved(body)))[0] == 400


class TestAlgorithms:
    """Section 7.1."""

    async def test_a_broken_proof(
        self, service: Service, inputs: dict[str, dict[str, Json]]
    ) -> None:
        body = presented(inputs["presentation-ok"])
        assert (await service.verify_vp(body))[1]["verified"] is True
        proof = body["proof"]
        assert isinstance(proof, dict)
        body["proof"] = proof | {"proofValue": "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"}
        status, result = await service.verify_vp(body)
        assert status == 400
        assert "CRYPTOGRAPHIC_SECURITY_ERROR" in {
            each["title"] for each in result["problemDetails"]
        }


class TestGraphs:
    """Sections 4.3, 4.5 and 5.2, where a graph is signed and contexts are processed."""

    @pytest.mark.parametrize(
        "change",
        [
            {"type": ["VerifiableCredential", "Undefined"]},
            {"undefined": "term"},
            {"@context": [V2, {"Undefined": "https://x.example/"}]},
            {"@context": [V2, "https://unknown.example/"]},
        ],
        ids=str,
    )
    async def test_what_no_admitted_context_defines_is_refused(
        self, service: Service, contexts: Contexts, change: dict[str, Json]
    ) -> None:
        body = GOOD | {"issuer": ISSUER.did, "validFrom": "2026-01-01T00:00:00Z"}
        signed = await sign_graph(Graphs(contexts), body, ISSUER.kid, ISSUER.key)
        status, result = await service.verify(signed)
        assert (status, result["verified"]) == (200, True), result
        assert (await service.verify(signed | change))[0] == 400


class TestEnveloped:
    """Sections 4.13.1 and 4.13.2."""

    @pytest.mark.parametrize(
        "change",
        [
            {"@context": []},
            {"@context": OTHER},
            {"id": "no-data-uri"},
            {"type": None},
            {"type": "VerifiableCredential"},
            {"type": "VerifiablePresentation"},
        ],
        ids=str,
    )
    async def test_what_envelops_has_its_members(
        self, service: Service, change: dict[str, Json]
    ) -> None:
        credential = issue(with_issuer(GOOD), "enveloped")
        presentation = enveloped(
            HOLDER.vp_jwt(
                {
                    "@context": [V2],
                    "type": ["VerifiablePresentation"],
                    "verifiableCredential": [credential],
                }
            )
        )
        assert (await service.verify(credential))[1]["verified"] is True
        assert (await service.verify_vp(presentation))[1]["verified"] is True
        for given, verify in ((credential, service.verify), (presentation, service.verify_vp)):
            changed = {name: value for name, value in (given | change).items() if value is not None}
            assert (await verify(changed))[0] == 400


class TestRelatedResources:
    """Section 5.3."""

    @pytest.mark.parametrize(
        "resource",
        [
            ["https://www.w3.org/ns/credentials/v2"],
            [{"digestMultibase": "uEiBZlVzt"}],
            [{"id": "https://x.example/a", "digestSRI": "sha384-x"}] * 2,
            [{"id": "https://x.example/a"}],
        ],
        ids=str,
    )
    async def test_resources_that_are_none(self, service: Service, resource: Json) -> None:
        issued = await service.issued(GOOD | {"relatedResource": resource}, "embedded")
        assert (await service.verify(issued))[0] == 400

    async def test_the_digest_of_a_context_that_is_used(
        self, service: Service, contexts: Contexts
    ) -> None:
        text = await contexts.text(V2)
        assert text is not None
        right = "u" + base64url(b"\x12\x20" + sha256(text).digest())
        wrong = "u" + base64url(b"\x12\x20" + sha256(text + b" ").digest())
        for digest, status in ((right, 200), (wrong, 400)):
            resource: Json = {"id": V2, "digestMultibase": digest}
            issued = await service.issued(GOOD | {"relatedResource": resource}, "embedded")
            found, result = await service.verify(issued)
            assert (found, result["verified"]) == (status, status == 200)

    async def test_a_resource_that_is_not_used_is_not_fetched(self, service: Service) -> None:
        resource: Json = {
            "id": "https://x.example/a",
            "digestSRI": "sha384-AAAA",
            "mediaType": "a/b",
        }
        issued = await service.issued(GOOD | {"relatedResource": resource}, "embedded")
        assert (await service.verify(issued))[1]["verified"] is True
