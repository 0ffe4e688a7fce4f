"""The demo's hosts answer the real resolver over real TLS, and its credentials bear real proofs."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from resolver.clock import SystemClock
from resolver.did import Did, DidUrl
from resolver.document import Relationship
from resolver.errors import ErrorCode, ResolutionError
from resolver.fetch import Fetcher
from resolver.proofs.data_integrity import proofs_of, verify_proof
from resolver.proofs.jose import parse_compact, verify_jws
from resolver.resolution import Resolver, native_resolver
from tests.demo.conftest import Service
from touchstone.demo.data import CredentialData, read_demo
from touchstone.demo.hosts import serve_hosts
from touchstone.demo.issuing import issue
from touchstone.demo.keys import demo_key

DATA = read_demo()
CLOCK = SystemClock()
RESULT = "application/did-resolution"


async def test_every_party_resolves_to_its_keys(tmp_path: Path) -> None:
    async with serve_hosts(DATA, tmp_path, CLOCK.now()) as policy, Fetcher(policy) as fetcher:
        resolver = native_resolver(fetcher, CLOCK)
        dids = [Did.parse(party.did) for party in DATA.parties.values()]
        documents = await asyncio.gather(*map(resolver.document, dids))
    for name, document in zip(DATA.parties, documents, strict=True):
        keys = [method.key for method in document.verification_methods.values()]
        numbers = range(1, DATA.parties[name].keys + 1)
        assert keys == [demo_key(name, number).public for number in numbers]


async def test_other_hosts_and_paths_are_not_found(tmp_path: Path) -> None:
    async with serve_hosts(DATA, tmp_path, CLOCK.now()) as policy, Fetcher(policy) as fetcher:
        with pytest.raises(ResolutionError) as found:
            await native_resolver(fetcher, CLOCK).document(Did.parse("did:web:irma.example:else"))
    assert found.value.code is ErrorCode.NOT_FOUND


async def test_without_the_demos_authority_nothing_is_trusted(tmp_path: Path) -> None:
    async with serve_hosts(DATA, tmp_path, CLOCK.now()) as policy:
        async with Fetcher(replace(policy, ca_file=None)) as fetcher:
            with pytest.raises(ResolutionError) as found:
                await native_resolver(fetcher, CLOCK).document(Did.parse("did:web:irma.example"))
    assert found.value.code is ErrorCode.INTERNAL_ERROR


async def test_every_credential_is_signed_by_its_issuer(tmp_path: Path) -> None:
    async with serve_hosts(DATA, tmp_path, CLOCK.now()) as policy, Fetcher(policy) as fetcher:
        resolver = native_resolver(fetcher, CLOCK)
        for credential in DATA.credentials:
            await _verify(credential, resolver)


async def _verify(credential: CredentialData, resolver: Resolver) -> None:
    issued = issue(credential, DATA)
    if isinstance(issued, dict) and credential.form == "embedded":
        (proof,) = proofs_of(issued)
        url = DidUrl.parse(proof.verification_method)
    else:
        text = issued if isinstance(issued, str) else str(issued["id"]).partition(",")[2]
        jws = parse_compact(text)
        assert jws.header["typ"] == "vc+jwt"
        url = DidUrl.parse(jws.kid or "")
    assert url.did.text == DATA.parties[credential.issuer].did
    document = await resolver.document(url.did)
    key = document.verification_method(url, Relationship.ASSERTION_METHOD).key
    assert key is not None
    if credential.form == "embedded":
        verify_proof(issued, proof, key, now=CLOCK.now())
    else:
        verify_jws(jws, key)


@pytest.mark.asyncio(loop_scope="session")
async def test_what_the_hosts_publish_is_kept_as_by_the_service(service: Service) -> None:
    for cached in (False, True):
        if not cached:
            await service.eco.resolving.purge([Did.parse("did:web:irma.example")])
        result = await service.get("/1.0/identifiers/did:web:irma.example", RESULT)
        assert result["didResolutionMetadata"]["cached"] is cached
    counts = dict(service.eco.resolving.caches.by_method["web"].counts.items())
    assert counts["hits"] >= 1
    assert counts["purges"] >= 1
