"""What `--trace` shows of a did:webvh: each step with its outcome, whichever way it went."""

from collections.abc import Sequence

import pytest

from resolver.clock import FixedClock
from resolver.errors import ResolutionError
from resolver.library import resolve
from resolver.methods.webvh import WebvhMethod
from resolver.methods.webvh.writing import Written, approvals, next_entry
from resolver.trace import Step, StepOutcome, Trace
from tests.loopback import TestCa, serve_tls
from tests.webvh import (
    LOG_URL,
    NOW,
    PLACE,
    Pages,
    did_of,
    genesis,
    key,
    method_over,
    publish,
    raw_of,
    second,
)

WITNESS = {"threshold": 1, "witnesses": [{"id": f"did:key:{key(9).public.multikey}"}]}
WATCHER = "https://watcher.example"


def two_entries(parameters: dict[str, object] | None = None) -> list[Written]:
    first = genesis(parameters)
    return [first, next_entry(first, key(1), second(1))]


async def steps(log: Sequence[Written], method: WebvhMethod, previous: object = None) -> list[Step]:
    with Trace(FixedClock(NOW)) as trace:
        try:
            await method.load(did_of(log, 0), previous)
        except ResolutionError:
            trace.add("load", "refused", StepOutcome.FAILED)
    return trace.steps


def told(found: Sequence[Step]) -> list[tuple[str, str]]:
    return [(each.name, str(each.outcome)) for each in found]


async def test_each_entry_with_its_hash_its_proof_its_witnesses_and_the_memory() -> None:
    log = two_entries({"witness": WITNESS})
    witnesses = approvals({log[1].version_id: [key(9)]})
    found = await steps(log, method_over(publish(log, witnesses)))
    assert told(found) == [
        ("scid", "passed"),
        ("entry", "passed"),
        ("proof", "passed"),
        ("entry", "passed"),
        ("proof", "passed"),
        ("entries", "passed"),
        ("witnesses", "passed"),
        ("witnesses", "passed"),
        ("memory", "passed"),
        ("memory", "passed"),
    ]
    for index, name in ((1, "hash"), (2, key(1).public.multikey)):
        for entry, place in ((log[0], index), (log[1], index + 2)):
            assert found[place].detail.startswith(entry.version_id)
            assert name in found[place].detail
    assert found[7].detail == "entry 2: 1 of 1 approve it, 1 must"
    assert found[9].detail == f"{log[1].version_id} is remembered"


async def test_from_the_name_to_the_digest(ca: TestCa) -> None:
    log = two_entries({"witness": WITNESS})
    site = {
        "/.well-known/did.jsonl": raw_of(log),
        "/.well-known/did-witness.json": approvals({log[1].version_id: [key(9)]}),
    }
    async with serve_tls(ca, {PLACE: site}) as policy:
        with Trace(FixedClock(NOW)) as trace:
            resolution = await resolve(did_of(log).text, policy=policy)
    assert resolution.document is not None
    names = [each.name for each in trace.steps]
    assert names[:3] == ["syntax", "options", "fetch"]
    assert names[-5:] == ["witnesses", "witnesses", "memory", "memory", "document"]
    assert names.count("fetch") == 2
    assert {str(each.outcome) for each in trace.steps} == {"passed"}
    assert "did-witness.json answers 200" in trace.steps[names.index("witnesses") - 1].detail


async def test_an_entry_that_does_not_verify() -> None:
    log = [*two_entries(), next_entry(two_entries()[1], key(2), second(2))]
    found = await steps(log, method_over(publish(log)))
    assert ("entries", "failed") in told(found)
    assert any("entry 3: its proof is by a key" in each.detail for each in found)
    assert [each.name for each in found].count("proof") == 2


async def test_an_entry_that_no_witness_approved() -> None:
    log = two_entries({"witness": WITNESS})
    found = await steps(log, method_over(publish(log, approvals({log[0].version_id: [key(9)]}))))
    assert ("witnesses", "failed") in told(found)
    assert any(each.detail == "entry 2: 0 of 1 approve it, 1 must" for each in found)


async def test_a_log_that_was_rolled_back() -> None:
    log, host = two_entries(), Pages()
    host.pages[LOG_URL] = raw_of(log)
    method = method_over(host)
    await method.load(did_of(log), None)
    host.pages[LOG_URL] = raw_of(log[:1])
    found = await steps(log, method)
    assert told(found)[-2] == ("rollback", "failed")
    assert log[0].version_id in found[-2].detail
    assert log[1].version_id in found[-2].detail


async def test_a_log_that_stands_and_a_log_that_grew() -> None:
    log, host = two_entries(), publish(two_entries()[:1], tags=True, ranges=True)
    method = method_over(host)
    state = await method.load(did_of(log), None)
    assert told(await steps(log, method, state)) == [("log", "passed"), ("memory", "passed")]
    host.pages[LOG_URL] = raw_of(log)
    grew = await steps(log, method, state)
    assert [each.name for each in grew] == ["entry", "proof", "entries", "memory", "memory"]
    assert grew[0].detail.startswith(log[1].version_id)
    assert grew[2].detail == "2 verified, 1 of them before"


@pytest.mark.parametrize("whole", [True, False])
async def test_a_watcher_that_is_asked(whole: bool) -> None:
    log = two_entries()
    copy = log if whole else [log[0], next_entry(log[0], key(2), second(1))]
    scid = str(did_of(log)).split(":")[2]
    host = Pages({f"{WATCHER}/log?scid={scid}": raw_of(copy)})
    found = await steps(log, method_over(host, watchers=(f"{WATCHER}/a", WATCHER)))
    assert told(found)[:2] == [("host", "failed"), ("watcher", "failed")]
    assert ("watcher", "passed" if whole else "failed") in told(found)[2:]
    assert (found[-1].name == "memory") is whole


async def test_a_long_log_is_told_to_its_end() -> None:
    log = [genesis()]
    while len(log) < 1_200:
        log.append(next_entry(log[-1], key(1), second(len(log))))
    found = await steps(log, method_over(publish(log)))
    assert [each.name for each in found].count("entry") == 1_200
    assert found[-1].name == "memory"
