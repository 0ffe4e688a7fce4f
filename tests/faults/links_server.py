"""A publisher in a process of its own, to be watched, starved and killed.

`publish PATH`: publishes links for ever; prints each receipt once it is acknowledged.
`several PATH COUNT`: publishes so many links, each on a serial of its own, and prints the receipts.
`fill PATH BYTES`: the same, with files that cannot grow beyond so many bytes; then reads on.
"""

import asyncio
import os
import resource
import sys
from pathlib import Path

from link_resolver.errors import LinkStoreError
from tests.unit.link_resolver.shelf import RICE, Shelf, link, open_shelf


async def one(shelf: Shelf, number: int) -> str:
    path = f"{RICE}/21/{number}"
    receipt = await shelf.publish(link(anchor=path, title=f"{os.getpid()} {'x' * 200}"))
    return f"{receipt.position} {receipt.record} {path}"


async def publish(folder: Path) -> None:
    async with open_shelf(folder) as shelf:
        number = shelf.store.last.size * 1000
        while True:
            print(await one(shelf, number), flush=True)
            number += 1


async def several(folder: Path, count: int) -> None:
    async with open_shelf(folder) as shelf:
        for number in range(count):
            receipt = await shelf.publish(link(anchor=f"{RICE}/21/{os.getpid()}-{number}"))
            print(receipt.position, receipt.record, flush=True)


async def fill(folder: Path, limit: int) -> None:
    async with open_shelf(folder) as shelf:
        await one(shelf, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        number = 1
        try:
            while True:
                print("acknowledged", await one(shelf, number), flush=True)
                number += 1
        except LinkStoreError:
            print("refused", flush=True)
        found = shelf.cache.links([f"{RICE}/21/{each}" for each in range(number + 1)])
        print("reads", sum(map(len, found.values())), number, flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("acknowledged", await one(shelf, number), flush=True)


if __name__ == "__main__":
    where = Path(sys.argv[2])
    if sys.argv[1] == "publish":
        asyncio.run(publish(where))
    elif sys.argv[1] == "several":
        asyncio.run(several(where, int(sys.argv[3])))
    else:
        asyncio.run(fill(where, int(sys.argv[3])))
