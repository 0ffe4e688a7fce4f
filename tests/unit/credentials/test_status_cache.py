"""The cache of status lists: one fetch for all who ask, fresh for as long as it may be."""

import asyncio
import time
from dataclasses import dataclass, field
from hashlib import sha256

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.sources import Limits
from credentials.status.cache import StatusLists
from credentials.status.entries import ListKind
from credentials.status.errors import StatusListError
from credentials.status.keeping import Wanted
from credentials.status.policy import ListPolicy
from credentials.status.query import StatusQuery
from credentials.verify import Report, verify
from resolver.encodings import base58btc
from resolver.errors import FetcherBusyError, FetchError, UnreachableError
from resolver.instant import SECOND, Instant
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from tests.unit.credentials.issuing import (
    LIST_URL,
    NOW,
    Fetched,
    Issuer,
    Shelf,
    credential,
    encoded_list,
    status_entry,
    status_list,
)

DID = "did:web:certifier.example"
WANTED = Wanted(ListKind.BITSTRING, LIST_URL)


def after(seconds: float) -> Instant:
    return Instant(NOW + int(seconds * SECOND))


@dataclass
class Host:
    """A host of one list, which counts who asks and may be slow, silent, or unchanged."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    error: FetchError | None = None
    gate: asyncio.Event | None = None
    asked: list[str | None] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> Fetched:
        self.asked.append(if_none_match)
        self.began.set()
        body, headers = self.body, dict(self.headers)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if if_none_match is not None and if_none_match == headers.get("ETag"):
            return Fetched(b"", 304, {"ETag": if_none_match})
        return Fetched(body, 200, headers)


class Case:
    def __init__(self, policy: ListPolicy | None = None, limits: Limits | None = None) -> None:
        self.shelf, self.host = Shelf(), Host()
        self.issuer = Issuer.on(self.shelf, DID)
        self.lists = StatusLists(self.host, policy, limits or Limits())
        self.publish()

    def publish(self, *set_bits: int, entries: int = 131_072, **subject: Json) -> None:
        body = status_list(DID, encoded_list(set_bits, entries), subject=subject)
        self.host.body = self.issuer.jwt(body).encode()

    async def report(self, *, now: Instant = NOW, index: int = 7, fresh: bool = False) -> Report:
        token = self.issuer.jwt(credential(DID, credentialStatus=status_entry(index)))
        query = StatusQuery(self.lists, fresh=fresh)
        return await verify(token, self.shelf.verifier(now=now, status=query))

    async def outcome(self, *, now: Instant = NOW, fresh: bool = False) -> CheckOutcome:
        return (await self.report(now=now, fresh=fresh)).check(CheckId.STATUS).outcome


PASSED, FAILED, UNDETERMINED = (
    CheckOutcome.PASSED,
    CheckOutcome.FAILED,
    CheckOutcome.UNDETERMINED,
)


async def test_a_fresh_list_is_not_asked_for_again() -> None:
    case = Case()
    for _ in range(3):
        assert await case.outcome() is PASSED
    case.publish(7)
    assert await case.outcome(now=after(299)) is PASSED
    assert len(case.host.asked) == 1
    assert case.lists.hits == 3
    assert await case.outcome(now=after(300)) is FAILED
    assert len(case.host.asked) == 2


async def test_how_old_the_list_is_stands_in_the_report() -> None:
    case = Case()
    case.publish(ttl=120_000)
    await case.report()
    report = await case.report(now=after(60))
    inputs = report.check(CheckId.STATUS).inputs
    assert inputs["list_fetched"] == "2026-11-25T00:00:00Z"
    assert inputs["list_age_s"] == "60"
    assert inputs["list_ttl_ms"] == "120000"
    assert inputs["fresh_until"] == "2026-11-25T00:02:00Z"
    assert report.fresh_until == after(120)


@pytest.mark.parametrize(
    ("ttl", "headers", "fresh_s"),
    [
        (None, {}, 300),
        (60_000, {}, 60),
        (60_000, {"Cache-Control": "max-age=5"}, 60),
        (None, {"Cache-Control": "max-age=5"}, 5),
        (None, {"Cache-Control": "no-store"}, 0),
        (0, {}, 0),
        (10**12, {}, 3600),
        (None, {"Cache-Control": "max-age=99999999"}, 3600),
    ],
)
async def test_a_list_says_itself_how_long_it_is_fresh(
    ttl: int | None, headers: dict[str, str], fresh_s: int
) -> None:
    case = Case()
    case.publish(**({} if ttl is None else {"ttl": ttl}))
    case.host.headers = headers
    held = await case.lists.get(WANTED, NOW)
    assert held.fresh_until == after(fresh_s)
    assert held.is_fresh(after(fresh_s - 1)) is (fresh_s > 0)
    assert not held.is_fresh(after(fresh_s))
    assert not held.is_fresh(after(-1)), "the clock went back behind it"


async def test_a_list_that_ends_is_not_read_past_its_end() -> None:
    case = Case()
    body = status_list(DID, validUntil="2026-11-25T00:01:00Z")
    case.host.body = case.issuer.jwt(body).encode()
    report = await case.report(index=6)
    assert report.verified
    assert report.fresh_until == after(60)
    assert (await case.report(index=6, now=after(60))).check(CheckId.STATUS).outcome is UNDETERMINED
    assert len(case.host.asked) == 1


async def test_a_list_is_not_read_past_the_end_of_its_proof() -> None:
    case = Case()
    body = status_list(DID)
    proof: dict[str, Json] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": case.issuer.kid,
        "proofPurpose": "assertionMethod",
        "expires": "2026-11-25T00:01:00Z",
        "@context": body["@context"],
    }
    hashed = b"".join(sha256(canonicalise(each)).digest() for each in (proof, body))
    proof["proofValue"] = "z" + base58btc(case.issuer.key.sign(hashed))
    case.host.body = orjson.dumps(body | {"proof": proof})
    report = await case.report(index=6, now=after(59))
    assert report.verified
    assert report.fresh_until == after(60)
    found = (await case.report(index=6, now=after(60))).check(CheckId.STATUS)
    assert found.outcome is UNDETERMINED
    assert "a proof that expired" in found.message
    assert len(case.host.asked) == 1


async def test_many_who_ask_at_once_cost_one_fetch() -> None:
    case = Case()
    case.host.gate = asyncio.Event()
    asked = [asyncio.create_task(case.outcome()) for _ in range(20)]
    await case.host.began.wait()
    case.host.gate.set()
    assert set(await asyncio.gather(*asked)) == {PASSED}
    assert len(case.host.asked) == 1


async def test_one_who_gives_up_takes_the_list_from_nobody() -> None:
    case = Case()
    case.host.gate = asyncio.Event()
    hasty, patient = (asyncio.create_task(case.lists.get(WANTED, NOW)) for _ in range(2))
    await case.host.began.wait()
    hasty.cancel()
    await asyncio.sleep(0)
    case.host.gate.set()
    assert (await patient).list.bits.value(7) == 0
    assert len(case.host.asked) == 1


async def test_who_wants_it_fresh_waits_for_a_fetch_that_began_after_the_question() -> None:
    case = Case()
    gate = case.host.gate = asyncio.Event()
    early = asyncio.create_task(case.lists.get(WANTED, NOW))
    await case.host.began.wait()
    late = [asyncio.create_task(case.lists.get(WANTED, NOW, fresh=True)) for _ in range(5)]
    await asyncio.sleep(0)
    case.publish(7)
    gate.set()
    assert (await early).list.bits.value(7) == 0
    assert [(await each).list.bits.value(7) for each in late] == [1] * 5
    assert len(case.host.asked) == 2
    assert (await case.lists.get(WANTED, NOW)).list.bits.value(7) == 1


async def test_no_cache_asks_the_host() -> None:
    case = Case()
    assert await case.outcome() is PASSED
    case.publish(7)
    assert await case.outcome() is PASSED
    assert await case.outcome(fresh=True) is FAILED
    assert await case.outcome() is FAILED


async def test_a_failure_is_remembered_for_a_while_and_never_good() -> None:
    case = Case()
    case.host.error = UnreachableError("nobody is there")
    assert await case.outcome() is UNDETERMINED
    case.host.error = None
    assert await case.outcome(now=after(29)) is UNDETERMINED
    assert len(case.host.asked) == 1
    assert await case.outcome(now=after(29), fresh=True) is PASSED
    assert await case.outcome(now=after(29)) is PASSED
    assert case.lists.failures == 1


async def test_that_no_fetch_was_free_is_no_news_of_the_host() -> None:
    case = Case()
    case.host.error = FetcherBusyError("try again")
    assert await case.outcome() is UNDETERMINED
    case.host.error = None
    assert await case.outcome() is PASSED


async def test_a_list_that_is_no_longer_fresh_is_not_read_when_its_host_is_gone() -> None:
    case = Case()
    assert await case.outcome() is PASSED
    case.host.error = UnreachableError("nobody is there")
    assert await case.outcome(now=after(299)) is PASSED
    assert await case.outcome(now=after(300)) is UNDETERMINED


async def test_an_unchanged_list_is_only_confirmed() -> None:
    case = Case()
    case.host.headers = {"ETag": '"1"'}
    first = await case.lists.get(WANTED, NOW)
    case.host.body = b"must not be read"
    second = await case.lists.get(WANTED, after(400))
    assert case.host.asked == [None, '"1"']
    assert second.list is first.list
    assert second.fetched == after(400)
    assert second.fresh_until == after(700)
    assert second.etag == '"1"'


async def test_that_it_is_unchanged_means_nothing_where_nothing_is_kept() -> None:
    class Liar(Host):
        async def fetch(self, url: str, **asked: object) -> Fetched:
            return Fetched(b"", 304)

    lists = StatusLists(Liar())
    with pytest.raises(StatusListError, match="304"):
        await lists.get(WANTED, NOW)


@pytest.mark.parametrize("etag", ["", "x" * 257, "ä", '"\x00"'])
async def test_a_tag_that_is_none_is_not_repeated(etag: str) -> None:
    case = Case()
    case.host.headers = {"ETag": etag}
    assert (await case.lists.get(WANTED, NOW)).etag is None


async def test_a_purged_list_is_asked_for_again() -> None:
    case = Case()
    assert not case.lists.purge(LIST_URL)
    assert await case.outcome() is PASSED
    case.publish(7)
    assert case.lists.purge(LIST_URL)
    assert (len(case.lists), case.lists.size) == (0, 0)
    assert await case.outcome() is FAILED


async def test_a_list_fetched_before_a_purge_is_not_kept_after_it() -> None:
    case = Case()
    before, after_it = asyncio.Event(), asyncio.Event()
    case.host.gate = before
    early = asyncio.create_task(case.lists.get(WANTED, NOW))
    await case.host.began.wait()
    case.lists.purge(LIST_URL)
    case.publish(7)
    case.host.gate = after_it
    late = [asyncio.create_task(case.lists.get(WANTED, NOW)) for _ in range(2)]
    await asyncio.sleep(0)
    before.set()
    assert (await early).list.bits.value(7) == 0
    assert case.lists.kept(WANTED, NOW) is None
    late.append(asyncio.create_task(case.lists.get(WANTED, NOW)))
    await asyncio.sleep(0)
    after_it.set()
    assert [(await each).list.bits.value(7) for each in late] == [1] * 3
    assert len(case.host.asked) == 2
    assert await case.outcome() is FAILED


async def test_the_room_is_bounded_and_the_least_used_goes_first() -> None:
    case = Case(ListPolicy(bytes=70_000))
    for n in range(6):
        body = status_list(DID, id=f"{LIST_URL}/{n}")
        case.host.body = case.issuer.jwt(body).encode()
        await case.lists.get(Wanted(ListKind.BITSTRING, f"{LIST_URL}/{n}"), NOW)
        first = case.lists.kept(Wanted(ListKind.BITSTRING, f"{LIST_URL}/0"), NOW)
        assert first is not None, "what is used stays"
        assert case.lists.size <= 70_000
    assert 2 <= len(case.lists) < 6
    assert case.lists.kept(Wanted(ListKind.BITSTRING, f"{LIST_URL}/1"), NOW) is None


async def test_a_list_without_room_is_read_and_not_kept() -> None:
    case = Case(ListPolicy(bytes=10_000))
    assert await case.outcome() is PASSED
    assert (len(case.lists), case.lists.size) == (0, 0)


async def test_a_key_that_its_issuer_took_back_vouches_no_longer() -> None:
    case = Case()
    lister = Issuer.on(case.shelf, DID)
    assert await case.outcome() is PASSED
    resolved = len(case.shelf.resolved)
    assert await case.outcome() is PASSED
    assert len(case.shelf.resolved) > resolved, "the document is looked at each time"
    document = lister.document()
    other = Issuer.on(Shelf(), DID, seed=3)
    case.issuer = Issuer(DID, other.key, "key-2")
    document["verificationMethod"] = [case.issuer.method()]
    document["assertionMethod"] = [case.issuer.kid]
    case.shelf.documents[DID] = document
    report = await case.report()
    assert report.check(CheckId.PROOF).outcome is PASSED
    assert report.check(CheckId.STATUS).outcome is UNDETERMINED
    assert "key_binding" in report.check(CheckId.STATUS).message
    assert len(case.host.asked) == 1


async def test_closing_ends_what_is_under_way() -> None:
    case = Case()
    case.host.gate = asyncio.Event()
    asked = asyncio.create_task(case.lists.get(WANTED, NOW))
    await case.host.began.wait()
    await case.lists.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_bomb_costs_no_more_than_its_bound() -> None:
    case = Case(limits=Limits(max_inflated_bytes=16 * 1024 * 1024))
    case.publish(entries=8 * 64 * 1024 * 1024)
    began = time.process_time()
    assert await case.outcome() is UNDETERMINED
    assert time.process_time() - began < 1
    assert case.lists.size == 0
