"""`touchstone monitor`: follow a log, and say when it is not to be believed, or silent."""

import asyncio
import json
from contextlib import AsyncExitStack
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
from trust_registry.fields import milliseconds
from trust_registry.log.policies import Policy
from trust_registry.monitor.alerts import Alert, AlertKind
from trust_registry.monitor.feed import atom
from trust_registry.monitor.following import MisbehaviourError, Monitor, SourceError
from trust_registry.monitor.silence import Watch
from trust_registry.snapshot.disk import put
from trust_registry.stores.diary import SqliteDiary
from trust_registry.stores.sqlite import SqliteStore

_FEED = 100
"""How many acts, and how many alerts, the feed shows."""
_CLOCK = SystemClock()


class _Asked(NamedTuple):
    """What the command line asks for."""

    prefix: str
    policy: Policy
    data: Path
    every_s: float
    stale_after_ms: int | None
    once: bool
    feed: Path | None
    as_json: bool


class _Watching(NamedTuple):
    """What follows the log, what listens for it, and what both remember."""

    follower: Monitor
    watch: Watch
    diary: SqliteDiary


def _duration(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        duration = milliseconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not duration:
        raise click.BadParameter("longer than nothing")
    return duration


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 nothing is wrong, 1 the log is not to be believed, 3 it is silent (--once),\n"
        "4 it cannot be read.\n"
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
@click.option(
    "--stale-after",
    metavar="DURATION",
    callback=_duration,
    help="Alarm when the last sign of life is older, such as 30m. "
    "[default: 1h where the policy names witnesses, else 7d]",
)
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--atom", "feed", type=click.Path(path_type=Path), help="Keep an Atom feed here.")
@json_option
def monitor(
    *,
    registry: str,
    trusted: Trusted,
    data: Path,
    every: float,
    stale_after: int | None,
    once: bool,
    feed: Path | None,
    as_json: bool,
) -> None:
    """Follow the log of the registry at URL: keep a copy, replay each act, print what changed.

    --policy or --vkey says whose signature is believed.
    """
    prefix, policy = f"{registry.rstrip('/')}/log", trusted.policy()
    asked = _Asked(prefix, policy, data, max(every, 1.0), stale_after, once, feed, as_json)
    try:
        silent = asyncio.run(_follow(asked))
    except MisbehaviourError:
        raise SystemExit(int(Exit.NO)) from None
    except CorruptJournalError as error:
        give_up(f"{data}: the copy is damaged: {error}")
    except TrustRegistryError as error:
        give_up(str(error))
    raise SystemExit(int(Exit.UNDETERMINED if silent else Exit.YES))


async def _follow(asked: _Asked) -> bool:
    """Look until stopped, or once; return whether the log is silent."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        store = await asyncio.to_thread(SqliteStore, asked.data)
        source = HttpSource(session, asked.prefix)
        follower = Monitor(store, source, asked.policy, _CLOCK)
        stack.push_async_callback(asyncio.to_thread, follower.close)
        diary = await asyncio.to_thread(SqliteDiary, asked.data)
        stack.push_async_callback(asyncio.to_thread, diary.close)
        watch = await asyncio.to_thread(Watch, diary, asked.policy, _CLOCK, asked.stale_after_ms)
        await asyncio.to_thread(follower.load)
        while True:
            await _look(asked, _Watching(follower, watch, diary))
            if asked.once:
                return watch.silent
            await asyncio.sleep(asked.every_s)


async def _look(asked: _Asked, watching: _Watching) -> None:
    """Look once, and tell what is new and what is wrong."""
    follower, watch, _ = watching
    before, failure = follower.journal.size, None
    try:
        async for change in follower.follow():
            _tell(asked, change.json(), str(change))
    except MisbehaviourError as error:
        await _alert(asked, watching, Alert(_CLOCK.now(), AlertKind.MISBEHAVED, str(error)))
        raise
    except SourceError as error:
        failure = error
    else:
        grew = follower.journal.size != before
        await asyncio.to_thread(watch.looked, follower.attested_at, grew=grew)
        _tell_head(asked, follower, grew=grew)
        if asked.feed is not None and (grew or not await asyncio.to_thread(asked.feed.exists)):
            await asyncio.to_thread(_write_feed, asked, watching)
    alert = watch.judge(str(failure or ""))
    if alert is not None:
        await _alert(asked, watching, alert)
    if failure is not None:
        if asked.once and not watch.silent:
            raise failure
        note(printable(str(failure)))


def _tell_head(asked: _Asked, follower: Monitor, *, grew: bool) -> None:
    if not grew and not asked.once:
        return
    size, root = follower.journal.size, follower.journal.root.hex()
    witnessed = follower.cosigned if asked.policy.cosigners else None  # nobody was to witness it
    head: dict[str, Json] = {"size": size, "root": root, "witnessed": witnessed}
    unwitnessed = "" if follower.cosigned else "; too few of the policy's witnesses cosigned"
    _tell(asked, head, f"consistent: {size} entries, root {root}{unwitnessed}")


async def _alert(asked: _Asked, watching: _Watching, alert: Alert) -> None:
    """Tell of it first: one that is told twice, after a crash, is better than one never told."""
    _tell(asked, alert.json(), str(alert))
    await asyncio.to_thread(watching.watch.told, alert)
    if asked.feed is not None:
        await asyncio.to_thread(_write_feed, asked, watching)


def _tell(asked: _Asked, value: dict[str, Json], line: str) -> None:
    click.echo(json.dumps(value, ensure_ascii=False) if asked.as_json else printable(line))


def _write_feed(asked: _Asked, watching: _Watching) -> None:
    """Put the feed in its place, whole. It blocks."""
    path = asked.feed
    if path is None:
        return
    origin = next(iter(asked.policy.logs)).name.removesuffix("/log")
    changes = list(watching.follower.recent(_FEED))
    text = atom(origin, changes, watching.diary.alerts(_FEED), _CLOCK.now())
    try:
        put(path, text.encode())
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
