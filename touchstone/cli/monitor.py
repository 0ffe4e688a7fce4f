"""`touchstone monitor`: follow a log, and say when it is not to be believed."""

import asyncio
import json
import os
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click

from resolver.clock import SystemClock
from resolver.strict_json import Json
from touchstone.cli.printing import Exit, give_up, json_option, note, printable
from touchstone.cli.reading import HttpSource
from touchstone.cli.trusting import Trusted, trust_options
from trust_registry.errors import CorruptJournalError, StoreError, TrustRegistryError
from trust_registry.log.policies import Policy
from trust_registry.monitor.changes import atom
from trust_registry.monitor.following import MisbehaviourError, Monitor, SourceError
from trust_registry.stores.sqlite import SqliteStore

_FEED = 100
"""How many acts the feed shows."""


class _Asked(NamedTuple):
    """What the command line asks for."""

    prefix: str
    policy: Policy
    data: Path
    every_s: float
    once: bool
    feed: Path | None
    as_json: bool


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 nothing is wrong, 1 the log is not to be believed, 4 it cannot be read.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone monitor https://registry.example --policy witnesses.policy --data mirror.db\n"
    )
)
@click.argument("registry", metavar="URL")
@trust_options
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Its own copy.")
@click.option("--every", default=30.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--atom", "feed", type=click.Path(path_type=Path), help="Keep an Atom feed here.")
@json_option
def monitor(
    *,
    registry: str,
    trusted: Trusted,
    data: Path,
    every: float,
    once: bool,
    feed: Path | None,
    as_json: bool,
) -> None:
    """Follow the log of the registry at URL: keep a copy, replay each act, print what changed.

    --policy or --vkey says whose signature is believed.
    """
    prefix = f"{registry.rstrip('/')}/log"
    asked = _Asked(prefix, trusted.policy(), data, max(every, 1.0), once, feed, as_json)
    try:
        asyncio.run(_follow(asked))
    except MisbehaviourError as error:
        _tell(asked, {"alarm": str(error)}, f"ALARM: {error}")
        raise SystemExit(int(Exit.NO)) from None
    except CorruptJournalError as error:
        give_up(f"{data}: the copy is damaged: {error}")
    except TrustRegistryError as error:
        give_up(str(error))


async def _follow(asked: _Asked) -> None:
    store = await asyncio.to_thread(SqliteStore, asked.data)
    async with aiohttp.ClientSession() as session:
        follower = Monitor(store, HttpSource(session, asked.prefix), asked.policy, SystemClock())
        try:
            await asyncio.to_thread(follower.load)
            while True:
                await _look(asked, follower)
                if asked.once:
                    return
                await asyncio.sleep(asked.every_s)
        finally:
            await asyncio.to_thread(follower.close)


async def _look(asked: _Asked, follower: Monitor) -> None:
    before = follower.journal.size
    try:
        async for change in follower.follow():
            _tell(asked, change.json(), str(change))
    except SourceError as error:
        if asked.once:
            raise
        note(printable(str(error)))
        return
    size, root = follower.journal.size, follower.journal.root.hex()
    witnessed = follower.cosigned if asked.policy.cosigners else None  # nobody was to witness it
    head: dict[str, Json] = {"size": size, "root": root, "witnessed": witnessed}
    if size != before or asked.once:
        unwitnessed = "" if follower.cosigned else "; too few of the policy's witnesses cosigned"
        _tell(asked, head, f"consistent: {size} entries, root {root}{unwitnessed}")
    if asked.feed is not None and (size != before or not asked.feed.exists()):
        await asyncio.to_thread(_write_feed, asked.feed, follower)


def _tell(asked: _Asked, value: dict[str, Json], line: str) -> None:
    click.echo(json.dumps(value, ensure_ascii=False) if asked.as_json else printable(line))


def _write_feed(path: Path, follower: Monitor) -> None:
    """Write the feed beside its place, and then move it there. It blocks."""
    text = atom(
        follower.state.origin.partition("://")[2],
        list(follower.recent(_FEED)),
        follower.journal.latest,
    )
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 - rename over what is there
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
