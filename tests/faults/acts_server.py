"""A registry in a process of its own, to be watched, starved and killed.

`serve PATH`: the registry's routes over HTTP; prints the port and its process id.
`append PATH`: appends acts for ever, and signs checkpoints; prints each receipt once it is acknowledged.
`fill PATH BYTES`: the same, with files that cannot grow beyond so many bytes; then reads on.
"""

import asyncio
import os
import resource
import sys
from pathlib import Path

from aiohttp import web

from tests.unit.trust_registry.board import ORIGIN, Board, open_board, party
from trust_registry.errors import StoreError
from trust_registry.http import routes
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.publisher import log_origin

LOG_KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"l" * 32)


async def opened(path: Path, *log_keys: SigningKey) -> Board:
    board = await open_board(path, log_keys=log_keys)
    # No nonce is used again, neither after a restart nor by another process.
    board.sent = board.registry.journal.size * 1000 + os.getpid() * 10**7
    return board


async def serve(path: Path) -> None:
    board = await opened(path)
    app = web.Application()
    app.add_routes(routes(board.registry))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], os.getpid(), flush=True)
    await asyncio.Event().wait()


async def append(path: Path) -> None:
    board = await opened(path, LOG_KEY)
    while True:
        receipt = await board.act("irma", party(f"party {board.sent}"))
        print(receipt.index, receipt.id, flush=True)


async def fill(path: Path, limit: int) -> None:
    board = await opened(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        while True:
            receipt = await board.act("irma", party(f"party {board.sent}"))
            print("acknowledged", receipt.index, receipt.id, flush=True)
    except StoreError as error:
        print("refused", type(error).__name__, flush=True)
    print("reads", len(board.registry.index.parties()), board.registry.journal.size, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    receipt = await board.act("irma", party("after"))
    print("acknowledged", receipt.index, receipt.id, flush=True)
    await board.registry.close()


if __name__ == "__main__":
    command, where = sys.argv[1], Path(sys.argv[2])
    match command:
        case "serve":
            asyncio.run(serve(where))
        case "append":
            asyncio.run(append(where))
        case "fill":
            asyncio.run(fill(where, int(sys.argv[3])))
