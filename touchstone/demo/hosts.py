"""The demo's did:web hosts: real HTTPS over loopback, for names that exist nowhere else."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

import orjson

from resolver.fetch import FetchPolicy
from resolver.instant import Instant
from resolver.strict_json import Json
from touchstone.demo.certificates import make_certificates
from touchstone.demo.data import DemoData, PartyData
from touchstone.demo.http import host_application, reserve, serving
from touchstone.demo.keys import demo_key

_RELATIONSHIPS = ("authentication", "assertionMethod", "capabilityInvocation")


def did_document(name: str, party: PartyData) -> dict[str, Json]:
    """Return a party's DID document, with all its test keys."""
    methods: list[Json] = [
        {
            "id": f"{party.did}#key-{number}",
            "type": "Multikey",
            "controller": party.did,
            "publicKeyMultibase": demo_key(name, number).public.multikey,
        }
        for number in range(1, party.keys + 1)
    ]
    ids: list[Json] = [f"{party.did}#key-{number}" for number in range(1, party.keys + 1)]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": party.did,
        "verificationMethod": methods,
        **dict.fromkeys(_RELATIONSHIPS, ids),
    }


def did_pages(data: DemoData) -> Mapping[tuple[str, str], bytes]:
    """Return every DID document by host name and path (did:web 3.2)."""
    pages = {}
    for name, party in data.parties.items():
        _, _, host, *folders = party.did.split(":")
        folder = "/".join(folders) or ".well-known"
        pages[host, f"/{folder}/did.json"] = orjson.dumps(did_document(name, party))
    return pages


@asynccontextmanager
async def serve_hosts(data: DemoData, folder: Path, now: Instant) -> AsyncIterator[FetchPolicy]:
    """Serve every host of the demo on one loopback port, for as long as the context is open.

    Args:
        data: the demo's data.
        folder: where the authority's certificate is written.
        now: the present, from which the certificates hold.

    Yields:
        The fetch policy with which the guarded fetcher finds these hosts, and trusts them.
    """
    pages = did_pages(data)
    hosts = {host for host, _ in pages}
    tls, authority = await asyncio.to_thread(_tls, hosts, folder, now)
    with closing(reserve("127.0.0.1", 0)) as listener:
        address = ("127.0.0.1", int(listener.getsockname()[1]))
        async with serving(host_application(pages), listener, tls):
            yield FetchPolicy(
                allow_loopback=True, hosts=dict.fromkeys(hosts, address), ca_file=authority
            )


def _tls(hosts: set[str], folder: Path, now: Instant) -> tuple[ssl.SSLContext, Path]:
    certificates = make_certificates(hosts, now)
    authority, chain = folder / "authority.pem", folder / "hosts.pem"
    authority.write_bytes(certificates.authority)
    chain.touch(mode=0o600)
    chain.write_bytes(certificates.chain)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    return context, authority
