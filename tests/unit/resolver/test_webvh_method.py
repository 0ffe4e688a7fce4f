"""did:webvh as a method: what is read of a host, kept, compared, and refused."""

from dataclasses import dataclass, field

import pytest

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.errors import ErrorCode, ResolutionError
from resolver.heads import Head, VolatileHeads
from resolver.hosting import Uncached
from resolver.methods import Version
from resolver.methods.webvh import ScidMethod, WebvhMethod, parallel_web, path_target
from resolver.methods.webvh.address import parse_address
from resolver.methods.webvh.writing import approvals, next_entry
from tests.webvh import (
    LOG_URL,
    NOW,
    WITNESS_URL,
    Pages,
    did_of,
    genesis,
    key,
    method_over,
    publish,
    raw_of,
    resolved,
    second,
)

WATCHER = "https://watcher.example/w"


@dataclass
class Reports:
    seen: list[tuple[Head, Head, str]] = field(default_factory=list)

    def rollback(self, known: Head, offered: Head, source: str) -> None:
        self.seen.append((known, offered, source))


def grown(count: int, parameters=None):
    log = [genesis(parameters)]
    while len(log) < count:
        log.append(next_entry(log[-1], key(1), second(len(log))))
    return log


async def test_a_log_that_stands_is_the_state_itself():
    for how in ({"tags": True}, {"ranges": True}, {}, {"tags": True, "ranges": True}):
        log = grown(3)
        method = method_over(publish(log, **how))
        state = await method.load(did_of(log), None)
        assert await method.load(did_of(log), state) is state


@pytest.mark.parametrize("how", [{}, {"ranges": True}, {"tags": True, "ranges": True}])
async def test_a_log_that_grew(how):
    log = grown(40)
    host = publish(log[:-1], **how)
    method = method_over(host)
    state = await method.load(did_of(log), None)
    host.pages[LOG_URL] = raw_of(log)
    host.sent = 0
    after = await method.load(did_of(log), state)
    assert after.log.head.id == log[-1].version_id
    assert after.size == len(raw_of(log)) - 1
    if how.get("ranges"):
        assert host.sent == len(log[-1].line) + len(log[-2].line)


async def test_a_log_whose_end_is_another_is_read_whole():
    log = grown(3)
    other = [*log[:2], next_entry(log[1], key(1), second(9))]
    host = publish(log, ranges=True)
    method = method_over(host, heads=VolatileHeads())
    state = await method.load(did_of(log), None)
    host.pages[LOG_URL] = raw_of(other)
    with pytest.raises(ResolutionError, match="lacks entry 3-"):
        await method.load(did_of(log), state)
    assert host.asked[-1] == (LOG_URL, 0)


async def test_a_tail_that_does_not_verify():
    log = grown(3)
    host = publish(log, ranges=True)
    method = method_over(host)
    state = await method.load(did_of(log), None)
    host.pages[LOG_URL] += next_entry(log[-1], key(9), second(9)).line
    after = await method.load(did_of(log), state)
    assert after.ttl_s == 0
    assert after.log.versions == state.log.versions
    with pytest.raises(ResolutionError, match="entry 4"):
        method.answer(after, did_of(log), Version())
    host.pages[LOG_URL] = raw_of(log)
    assert (await method.load(did_of(log), after)).log == state.log


@pytest.mark.parametrize("kept", [True, False])
async def test_a_rollback_is_refused_and_reported(kept):
    log, reports, heads = grown(3), Reports(), VolatileHeads()
    host = publish(log)
    method = method_over(host, heads=heads, security=reports)
    state = await method.load(did_of(log), None)
    host.pages[LOG_URL] = raw_of(log[:2])
    with pytest.raises(ResolutionError, match="verified before") as caught:
        await method.load(did_of(log), state if kept else None)
    assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT
    ((known, offered, source),) = reports.seen
    assert (known.number, offered.number, source) == (3, 2, LOG_URL)
    assert heads.known(known.scid) == known


async def test_a_fork_is_refused_and_reported():
    log, reports = grown(3), Reports()
    fork = [
        *log[:1],
        next_entry(log[0], key(1), second(5)),
    ]
    while len(fork) < 5:
        fork.append(next_entry(fork[-1], key(1), second(5 + len(fork))))
    host = publish(log)
    method = method_over(host, security=reports)
    await method.load(did_of(log), None)
    host.pages[LOG_URL] = raw_of(fork)
    with pytest.raises(ResolutionError, match="lacks entry 3-"):
        await method.load(did_of(log), None)
    assert [(known.number, offered.number) for known, offered, _ in reports.seen] == [(3, 5)]


async def test_a_broken_log_does_not_move_the_head():
    log, heads = grown(3), VolatileHeads()
    broken = [*log, next_entry(log[-1], key(9), second(9))]
    method = method_over(publish(broken), heads=heads)
    state = await method.load(did_of(log), None)
    assert state.log.fault
    assert heads.known(state.log.parameters.scid) is None


async def test_no_log():
    with pytest.raises(ResolutionError) as caught:
        await method_over(Pages()).load(did_of([genesis()]), None)
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_watcher_stands_in_for_a_host():
    log = grown(2, {"watchers": [WATCHER]})
    scid = log[0].entry["parameters"]["scid"]
    copy = f"{WATCHER}/log?scid={scid}"
    host = Pages({copy: raw_of(log)})
    configured = method_over(host, watchers=("https://none.example", WATCHER))
    state = await configured.load(did_of(log), None)
    assert state.source == copy
    host.pages = {LOG_URL: raw_of(log)}
    method = method_over(host)
    state = await method.load(did_of(log), None)
    host.pages = {copy: raw_of(log)}
    assert (await method.load(did_of(log), state)).source == copy
    host.pages = {}
    with pytest.raises(ResolutionError) as caught:
        await method.load(did_of(log), state)
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_watcher_gives_witnesses_too():
    witness = {"threshold": 1, "witnesses": [{"id": f"did:key:{key(11).public.multikey}"}]}
    log = [genesis({"witness": witness})]
    query = f"scid={log[0].entry['parameters']['scid']}"
    pages = {
        f"{WATCHER}/log?{query}": raw_of(log),
        f"{WATCHER}/witness?{query}": approvals({log[0].version_id: [key(11)]}),
    }
    state = await method_over(Pages(pages), watchers=(WATCHER,)).load(did_of(log), None)
    assert state.log.fault is None


async def test_a_watcher_is_not_believed():
    log = grown(2)
    forged = [log[0], next_entry(log[0], key(9), second(1))]
    copy = f"{WATCHER}/log?scid={log[0].entry['parameters']['scid']}"
    with pytest.raises(ResolutionError) as caught:
        await method_over(Pages({copy: raw_of(forged)}), watchers=(WATCHER,)).load(
            did_of(log), None
        )
    assert caught.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("theirs", [3, 1])
async def test_what_a_host_hides_a_watcher_shows(theirs):
    log, reports = grown(3), Reports()
    copy = f"{WATCHER}/log?scid={log[0].entry['parameters']['scid']}"
    host = Pages({LOG_URL: raw_of(log[:2]), copy: raw_of(log[:theirs])})
    method = method_over(host, watchers=(WATCHER,), compare=True, security=reports)
    if theirs == 1:
        assert (await method.load(did_of(log), None)).log.fault is None
        return
    with pytest.raises(ResolutionError, match="lacks entry 3-"):
        await method.load(did_of(log), None)
    assert len(reports.seen) == 1


async def test_a_log_that_may_not_be_kept():
    log = [genesis({"ttl": 0})]
    assert (await method_over(publish(log)).load(did_of(log), None)).ttl_s == 0


async def test_kept_states_of_another_did_are_refused():
    log, other = grown(2), [genesis({"ttl": 5})]
    method = method_over(publish(log))
    kept = method.encode(await method.load(did_of(log), None))
    assert method.decode(did_of(log), kept).log.head.id == log[-1].version_id
    for did, raw in ((did_of(other), kept), (did_of(log), b"{}"), (did_of(log), b"x")):
        with pytest.raises(ResolutionError):
            method.decode(did, raw)


async def test_implicit_services():
    document = (await resolved([genesis()])).document
    assert document is not None
    own = document.id.text
    assert {each.id: each.endpoint for each in document.services} == {
        f"{own}#files": "https://example.com/",
        f"{own}#whois": "https://example.com/whois.vp",
    }
    assert path_target(document, "/whois") == "https://example.com/whois.vp"
    assert path_target(document, "/a/b.json") == "https://example.com/a/b.json"


@pytest.mark.parametrize("absolute", [True, False])
async def test_services_that_a_document_defines_itself(absolute):
    prefix = "did:webvh:{SCID}:example.com" if absolute else ""
    services = [
        {
            "id": f"{prefix}#files",
            "type": "relativeRef",
            "serviceEndpoint": "https://cdn.example/x",
        },
        {
            "id": f"{prefix}#whois",
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": "ipfs://x",
        },
    ]
    document = (await resolved([genesis(service=services)])).document
    assert document is not None
    assert len(document.services) == 2
    assert path_target(document, "/a") == "https://cdn.example/x/a"
    with pytest.raises(ResolutionError) as caught:
        path_target(document, "/whois")
    assert caught.value.code is ErrorCode.INVALID_DID


async def test_a_document_without_the_service():
    from resolver.document import parse_document

    did = Did.parse("did:web:example.com")
    with pytest.raises(ResolutionError) as caught:
        path_target(parse_document({"id": did.text}, did), "/whois")
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_services_that_are_no_list():
    with pytest.raises(ResolutionError) as caught:
        await resolved([genesis(service={})])
    assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT


def test_the_did_web_beside_it():
    log = [genesis(alsoKnownAs=["did:web:example.com", "https://example.com/"])]
    own = str(log[0].state["id"])
    beside = parallel_web(log[0].state, parse_address(own))
    assert beside["id"] == "did:web:example.com"
    assert beside["alsoKnownAs"] == ["https://example.com/", own]
    assert [each["id"] for each in beside["service"]] == [
        "did:web:example.com#files",
        "did:web:example.com#whois",
    ]


async def test_an_alias_without_a_place():
    own = "did:webvh:{SCID}:example.com"
    method = {"id": f"{own}#k", "type": "Multikey", "controller": own}
    log = [genesis(verificationMethod=[method], authentication=[f"{own}#k"], alsoKnownAs=["x:y"])]
    scid = log[0].entry["parameters"]["scid"]
    aliases = ScidMethod(Uncached(method_over(publish(log))))
    did = Did.parse(f"did:scid:vh:1:{scid}")
    found = await aliases.resolve(did, src="example.com")
    assert found.document is not None
    assert found.document.id == did
    assert list(found.document.verification_methods) == [f"{did}#k"]
    assert found.document.also_known_as == ("x:y", did_of(log).text)
    assert found.metadata.equivalent_id == (did_of(log).text,)
    assert (await aliases.resolve(did, Version(number=1), src="https://example.com/")).document


@pytest.mark.parametrize(
    ("tail", "src", "code"),
    [
        ("", None, ErrorCode.NOT_FOUND),
        ("", "127.0.0.1", ErrorCode.INVALID_DID),
        ("", "example.com/../x", ErrorCode.INVALID_DID),
        ("", "example.com?x", ErrorCode.INVALID_DID),
        ("", "other.example.com", ErrorCode.NOT_FOUND),
        (":example.com", "example.com", ErrorCode.INVALID_DID),
    ],
)
async def test_an_alias_that_leads_nowhere(tail, src, code):
    log = [genesis()]
    did = Did.parse(f"did:scid:vh:1:{log[0].entry['parameters']['scid']}{tail}")
    with pytest.raises(ResolutionError) as caught:
        await ScidMethod(Uncached(method_over(publish(log)))).resolve(did, src=src)
    assert caught.value.code is code


@pytest.mark.parametrize(
    "place", ["example.com:8443:a:b", "example.com:8443/a/b", "example.com%3A8443:a:b"]
)
async def test_where_an_alias_lies(place):
    log = [genesis()]
    host = Pages()
    did = Did.parse(f"did:scid:vh:1:{log[0].entry['parameters']['scid']}")
    with pytest.raises(ResolutionError):
        await ScidMethod(Uncached(method_over(host))).resolve(did, src=place)
    assert host.asked == [("https://example.com:8443/a/b/did.jsonl", 0)]


async def test_another_alias_method():
    with pytest.raises(ResolutionError) as caught:
        await ScidMethod(Uncached(method_over(Pages()))).resolve(
            Did.parse("did:scid:ke:1:x"), src="example.com"
        )
    assert caught.value.code is ErrorCode.INVALID_DID


async def test_a_clock_that_is_behind():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), "2026-01-01T00:04:00Z"))
    early = WebvhMethod(publish(log), FixedClock(NOW - 120_000))
    state = await early.load(did_of(log), None)
    assert state.log.fault
    assert (await method_over(publish(log)).load(did_of(log), None)).log.fault is None
    assert WITNESS_URL not in [url for url, _ in publish(log).asked]
