"""Serving: the whole service over the demo's ecosystem, as it would be over any other."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from touchstone.demo.data import DemoData
from touchstone.demo.ecosystem import JOURNAL, Ecosystem, ecosystem
from touchstone.demo.http import reserve, serving
from touchstone.demo.issuing import issue, request_body
from touchstone.demo.keys import demo_key
from touchstone.demo.linking import publish
from touchstone.demo.publishing import SNAPSHOTS, publish_snapshot
from touchstone.service.app import build_app
from touchstone.service.checking import open_checking
from touchstone.service.links import open_links
from touchstone.service.settings import Settings
from touchstone.service.signed import AnswerSigner


@asynccontextmanager
async def served(data: DemoData, folder: Path, listen: str) -> AsyncIterator[tuple[Ecosystem, str]]:
    """Serve the whole service over the demo's ecosystem for as long as the context is open.

    Args:
        data: the demo's data.
        folder: an existing folder for the journal, the certificates, the credentials and the keys.
        listen: address and port; port 0 takes a free one.

    Yields:
        The ecosystem, and the origin at which it is served.

    Raises:
        DemoStoppedError: the port is in use, or the ecosystem could not be brought up.
    """
    settings = Settings.load(listen=listen, access_log=False)
    with closing(reserve(settings.host, settings.port)) as listener:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        origin = f"http://{host}:{listener.getsockname()[1]}"
        placed = {"data": folder / JOURNAL, "snapshots": folder / SNAPSHOTS}
        own = settings.model_copy(update={**placed, "origin": origin})
        async with ecosystem(data, folder, own) as eco:
            await asyncio.to_thread(write_credentials, data, folder / "credentials")
            await asyncio.to_thread(write_keys, data, folder / "keys")
            await asyncio.to_thread(publish_snapshot, data, folder)
            async with (
                open_links(own, eco.registry, eco.resolver, eco.clock) as links,
                open_checking(own, eco.fetcher) as checks,
            ):
                await publish(links, data, origin)
                app = build_app(
                    eco.registry,
                    eco.resolver,
                    eco.fetcher,
                    eco.clock,
                    own,
                    links,
                    eco.resolving,
                    signer=AnswerSigner(demo_key("answers"), origin, eco.clock),
                    checks=checks,
                )
                async with serving(app, listener):
                    yield eco, origin


def write_credentials(data: DemoData, folder: Path) -> None:
    """Write each credential as a body that `POST /v1/credentials/verify` takes. It blocks."""
    folder.mkdir(exist_ok=True)
    for credential in data.credentials:
        path = folder / f"{credential.id}.json"
        path.write_bytes(request_body(issue(credential, data)))


def write_keys(data: DemoData, folder: Path) -> None:
    """Write each party's first test key as a JWK, so that whoever tries can act. It blocks."""
    folder.mkdir(exist_ok=True)
    for name in data.parties:
        path = folder / f"{name}.jwk"
        path.touch(mode=0o600)
        path.write_text(json.dumps(demo_key(name).jwk()) + "\n")
