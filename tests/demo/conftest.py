from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from resolver.strict_json import Json
from touchstone.demo.data import DemoData, read_demo
from touchstone.demo.ecosystem import Ecosystem
from touchstone.demo.serving import served


@dataclass(frozen=True)
class Service:
    """The whole service over the demo's ecosystem, asked over HTTP on the loopback interface."""

    eco: Ecosystem
    origin: str
    folder: Path
    session: aiohttp.ClientSession

    async def verify(self, credential: Json) -> dict[str, Json]:
        url = f"{self.origin}/v1/credentials/verify"
        async with self.session.post(url, json={"credential": credential}) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def get(self, path: str, accept: str = "*/*") -> dict[str, Json]:
        headers = {"Accept": accept}
        async with self.session.get(f"{self.origin}{path}", headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.json(content_type=None)


@pytest.fixture(scope="session")
def data() -> DemoData:
    return read_demo()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(
    data: DemoData, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """One service for all tests that only ask it."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TOUCHSTONE_LISTEN", "TOUCHSTONE_CONFIG"):
            patch.delenv(name, raising=False)
        async with served(data, folder, "127.0.0.1:0") as (eco, origin):
            # Let go of sooner than the service does, however long nothing was asked meanwhile.
            connector = aiohttp.TCPConnector(keepalive_timeout=5)
            async with aiohttp.ClientSession(connector=connector) as session:
                yield Service(eco, origin, folder, session)
