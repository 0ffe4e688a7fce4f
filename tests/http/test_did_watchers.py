"""What an operator may say of how did:webvh logs are read."""

from pathlib import Path

import pytest

from resolver.clock import FixedClock
from resolver.fetch import Fetcher
from resolver.methods.webvh.writing import Written, next_entry
from resolver.result import Resolution
from tests.loopback import TestCa, serve_tls
from tests.webvh import NOW, PLACE, did_of, genesis, key, raw_of, second
from touchstone.service.resolving import open_resolving
from touchstone.service.settings import Settings

WATCHER = "watcher.example"
LOG = "/.well-known/did.jsonl"


def grown(parameters: dict[str, object] | None = None) -> list[Written]:
    first = genesis(parameters)
    return [first, next_entry(first, key(1), second(1))]


async def resolved(
    ca: TestCa, folder: Path, own: list[Written], watched: list[Written], **given: object
) -> tuple[Resolution, int]:
    """Resolve, where host and watcher have these entries; and how many rollbacks were reported."""
    settings = Settings(data=folder / "journal.sqlite", **given)
    sites = {
        PLACE: {LOG: raw_of(own)} if own else {},
        WATCHER: {"/w/log": raw_of(watched)} if watched else {},
    }
    clock = FixedClock(NOW)
    async with serve_tls(ca, sites) as policy, Fetcher(policy) as fetcher:
        async with open_resolving(settings, fetcher, clock) as resolving:
            did = did_of(own or watched).text
            return await resolving.resolver.resolve(did), resolving.events.rollbacks


async def test_a_configured_watcher_is_asked_where_the_host_has_nothing(
    ca: TestCa, tmp_path: Path
) -> None:
    log = grown()
    found, _ = await resolved(ca, tmp_path, [], log)
    assert found.error is not None
    watchers = (f"https://{WATCHER}/w",)
    found, _ = await resolved(ca, tmp_path, [], log, resolver_watchers=watchers)
    assert found.document_metadata()["versionId"] == log[-1].version_id
    assert found.metadata()["source"].startswith(watchers[0])


@pytest.mark.parametrize("compare", [False, True])
async def test_what_the_host_hides_is_found_out_where_that_is_asked_for(
    ca: TestCa, tmp_path: Path, compare: bool
) -> None:
    log = grown()
    found, rollbacks = await resolved(
        ca,
        tmp_path,
        log[:1],
        log,
        resolver_watchers=(f"https://{WATCHER}/w",),
        resolver_watchers_compare=compare,
    )
    assert (found.error is not None, rollbacks) == (compare, int(compare))
    if compare:
        assert f"lacks entry {log[1].version_id}" in str(found.error)


async def test_parameters_of_a_profile_are_passed_over_where_named(
    ca: TestCa, tmp_path: Path
) -> None:
    log = grown({"profile_version": "swiss-profile-anchor:1.0.0"})
    found, _ = await resolved(ca, tmp_path, log, [])
    assert "unknown parameter 'profile_version'" in str(found.error)
    named = frozenset({"profile_version"})
    found, _ = await resolved(ca, tmp_path, log, [], resolver_tolerated=named)
    assert found.error is None
