"""Others' verifiers read a log of 70,000 entries: `make interop`.

The log is served as every registry serves its own. Go's module database and npm's Sigstore verifier
check what they can of it, and that they refuse what was changed. npm's TUF client syncs snapshots.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from resolver.clock import FixedClock
from resolver.did import DidUrl
from resolver.instant import Instant
from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from tests.interop.snapshots import lay_out
from tests.unit.trust_registry.board import ORIGIN, START, someone
from trust_registry.entries import Entry, Signer
from trust_registry.log.http import routes
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.publisher import log_origin
from trust_registry.registry import Registry
from trust_registry.stores.sqlite import SqliteStore
from trust_registry.writing import sign_act

HERE = Path(__file__).parent
ENTRIES = 70_000
GROUP = 1_000
GO_LIBRARIES = "/usr/share/gocode"
NEEDED = {
    "go": "Go 1.19 or later (Debian: golang-go, golang-golang-x-mod-dev)",
    "node": "Node.js 20 or later",
    "npm": "npm, which comes with Node.js",
}
KEYS = [
    SigningKey.from_seed(log_origin(ORIGIN), kind, b"i" * 32)
    for kind in (KeyKind.ED25519, KeyKind.ML_DSA_44)
]


async def fill(registry: Registry) -> None:
    """Append entries that differ in their times alone; the log asks nothing else of them."""
    founder = someone("irma")
    jws = sign_act(b"{}", founder.kid, founder.key)
    signer = Signer(DidUrl.parse(founder.kid), founder.key.public, "0" * 64)
    for start in range(0, ENTRIES, GROUP):
        times = [Instant(START + 1000 * number) for number in range(start, start + GROUP)]
        async with registry.journal.held(registry.load):
            await registry.journal.append(*(Entry(jws, at, signer) for at in times))


async def run(*command: str, **more: str) -> bool:
    process = await asyncio.create_subprocess_exec(*command, cwd=HERE, env={**os.environ, **more})
    return await process.wait() == 0


async def verified(address: str, work: Path, cases: str) -> bool:
    arguments = (address, str(KEYS[0].public), str(ENTRIES))
    go = {"GO111MODULE": "off", "GOPATH": GO_LIBRARIES, "GOCACHE": str(work / "go-cache")}
    program = str(work / "log")
    return (
        await run("go", "build", "-o", program, "log.go", **go)
        and await run(program, *arguments)
        and await run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund")
        and await run("node", "log.mjs", *arguments)
        and await run("node", "snapshots.mjs", f"{address}/snapshots", str(work), cases)
    )


async def main(work: Path) -> bool:
    clock = FixedClock(START)
    registry = Registry(
        await asyncio.to_thread(SqliteStore, work / "journal.sqlite"),
        clock=clock,
        resolver=Resolver({"key": KeyMethod()}, clock),
        origin=ORIGIN,
        log_keys=KEYS,
    )
    await fill(registry)
    assert registry.publisher is not None
    await registry.publisher.start(None)
    app = web.Application()
    app.add_routes(routes(registry))
    repositories = work / "repositories"
    cases = await asyncio.to_thread(lay_out, repositories)
    app.router.add_static("/snapshots", repositories)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        return await verified(f"http://127.0.0.1:{runner.addresses[0][1]}", work, cases)
    finally:
        await runner.cleanup()
        await registry.close()


if __name__ == "__main__":
    missing = [what for command, what in NEEDED.items() if shutil.which(command) is None]
    if missing:
        sys.exit(f"make interop needs {'; '.join(missing)}: install it, and try again")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if asyncio.run(main(Path(folder))) else 1)
