"""Publishing: who may, what becomes of it, and what can be shown afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from link_resolver.doorkeeper import MOST_SEEN, Doorkeeper
from link_resolver.errors import LinkStoreError, PublicationRefusedError
from link_resolver.publishing import Receipt
from link_resolver.records import MAX_LIFETIME_MS, MAX_LINKS, SKEW_MS, sign_record, write_record
from link_resolver.rules import MAX_PATH_LINKS, Status
from link_resolver.stores import next_head
from link_resolver.stores.sqlite import SqliteLinks
from resolver.did import Did
from resolver.instant import DAY, Instant
from resolver.jcs import canonicalise
from resolver.proofs.jose import sign_compact, sign_flattened, verify_jws
from resolver.strict_json import Json, parse_json
from tests.unit.link_resolver.shelf import (
    HEIR,
    MAKER,
    ORIGIN,
    PILLS,
    RICE,
    START,
    Publisher,
    Shelf,
    link,
    open_shelf,
)


@pytest_asyncio.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with open_shelf(tmp_path) as opened:
        yield opened


async def refused(shelf: Shelf, *links: Json, **given: object) -> PublicationRefusedError:
    before = shelf.store.last
    with pytest.raises(PublicationRefusedError) as caught:
        await shelf.publish(*links, **given)
    assert shelf.store.last == before, "a refused record left something behind"
    return caught.value


def statuses(receipt: Receipt) -> list[Status]:
    return [line.status for line in receipt.lines]


async def test_a_link_is_published_kept_and_found(shelf: Shelf) -> None:
    receipt = await shelf.publish(link(default=True))
    assert statuses(receipt) == [Status.CREATED]
    assert receipt.position == 0
    (found,) = shelf.cache.links([RICE])[RICE]
    assert (found.href, found.version, found.publisher) == ("https://rice.test/", 1, MAKER.did)
    assert (found.record, found.authorised, found.default) == (receipt.record, True, True)


async def test_the_same_record_again_gets_its_first_receipt(shelf: Shelf) -> None:
    record = shelf.record(link())
    first = await shelf.publishing.publish(record)
    shelf.clock.instant = Instant(START + 400 * DAY)  # long expired
    again = await shelf.publishing.publish(record)
    assert again.repeated
    assert (again.position, again.head) == (first.position, first.head)
    assert shelf.store.last.size == 1


async def test_what_is_said_already_is_not_kept_again(shelf: Shelf) -> None:
    await shelf.publish(link())
    again = await shelf.publish(link())
    assert statuses(again) == [Status.UNCHANGED]
    assert again.position is None
    assert shelf.store.last.size == 1


async def test_a_change_is_a_new_version_and_the_old_ones_stay(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    moved = await shelf.publish(link(id=id_, href="https://rice.test/new"))
    assert statuses(moved) == [Status.CHANGED]
    await shelf.publish(link(id=id_, href="https://rice.test/new", title="New title"))
    versions = shelf.cache.history(id_)
    assert [each.version for each in versions] == [1, 2, 3]
    assert [each.href for each in versions] == [
        "https://rice.test/",
        "https://rice.test/new",
        "https://rice.test/new",
    ]
    assert [each.predecessor for each in versions] == [
        None,
        "https://rice.test/",
        "https://rice.test/",
    ]
    assert shelf.hrefs() == ["https://rice.test/new"]


async def test_a_deleted_link_is_gone_and_its_history_stays(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    gone = {"anchor": RICE, "id": id_, "deleted": True}
    assert statuses(await shelf.publish(gone)) == [Status.DELETED]
    assert shelf.hrefs() == []
    assert [each.deleted for each in shelf.cache.history(id_)] == [False, True]
    assert statuses(await shelf.publish(gone)) == [Status.UNCHANGED]
    assert statuses(await shelf.publish(link())) == [Status.CHANGED]
    assert shelf.hrefs() == ["https://rice.test/"]


async def test_what_was_known_at_a_time_can_be_asked_for_ever(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    first = shelf.clock.now()
    await shelf.publish(link(id=id_, href="https://rice.test/new"))
    second = shelf.clock.now()
    await shelf.publish({"anchor": RICE, "id": id_, "deleted": True})

    def known(at: Instant) -> list[str]:
        return [each.href for each in shelf.cache.links([RICE], at).get(RICE, ())]

    assert known(Instant(first - 1)) == []
    assert known(first) == ["https://rice.test/"]
    assert known(second) == ["https://rice.test/new"]
    assert known(Instant(second + 10)) == []


async def test_links_keep_their_order_when_they_change(shelf: Shelf) -> None:
    hrefs = [f"https://rice.test/{number}" for number in range(4)]
    receipt = await shelf.publish(*[link(href=href) for href in hrefs])
    assert shelf.hrefs() == hrefs
    await shelf.publish(link(id=receipt.lines[1].link, href="https://rice.test/changed"))
    assert shelf.hrefs() == [hrefs[0], "https://rice.test/changed", *hrefs[2:]]


# Defaults.


async def test_a_second_default_cannot_be_registered(shelf: Shelf) -> None:
    await shelf.publish(link(default=True))
    other = link(href="https://other.test/", default=True)
    assert (await refused(shelf, other)).rule == "second-default"
    assert (await refused(shelf, other, by=HEIR)).rule == "second-default"
    both = [
        link(anchor="/01/09506000134376", href=f"https://x.test/{n}", default=True) for n in "ab"
    ]
    assert (await refused(shelf, *both)).rule == "second-default"


async def test_a_default_is_handed_on_in_one_record_in_whatever_order(shelf: Shelf) -> None:
    await shelf.publish(link(default=True))
    new = link(href="https://other.test/", default=True)
    receipt = await shelf.publish(new, link())
    assert statuses(receipt) == [Status.CREATED, Status.CHANGED]
    assert [each.default for each in shelf.cache.links([RICE])[RICE]] == [False, True]


async def test_defaults_may_follow_each_other_in_time_and_vary(shelf: Shelf) -> None:
    noon = "2026-06-01T12:00:00Z"
    receipt = await shelf.publish(
        link(default=True, activeUntil=noon),
        link(href="https://rice.test/evening", default=True, activeFrom=noon),
        link(href="https://rice.test/de", default=True, hreflang=["de"]),
        link(href="https://rice.test/es", default=True, hreflang=["es"]),
    )
    assert statuses(receipt) == [Status.CREATED] * 4
    again = link(href="https://rice.test/de2", default=True, hreflang=["de"])
    assert (await refused(shelf, again)).rule == "second-default"


# Authority.


async def test_nobody_publishes_without_authority(shelf: Shelf) -> None:
    stranger = Publisher("stranger")
    assert (await refused(shelf, link(), by=stranger)).rule == "unknown-publisher"
    shelf.publishers.may[stranger.did] = ("123",)
    assert (await refused(shelf, link(), by=stranger)).rule == "not-authorised"
    shelf.publishers.may[MAKER.did] = ("950600013435",)
    mixed = await refused(shelf, link(), link(anchor="/01/09506000134376"))
    assert (mixed.rule, mixed.field) == ("not-authorised", "links[1].anchor")


async def test_another_publishers_link_stays_as_it_is(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    moved = link(id=id_, href="https://elsewhere.test/")
    assert (await refused(shelf, moved, by=HEIR)).rule == "another-publisher"
    gone = {"anchor": RICE, "id": id_, "deleted": True}
    assert (await refused(shelf, gone, by=HEIR)).rule == "another-publisher"
    shelf.publishers.parties = (frozenset({MAKER.did, HEIR.did}),)
    assert statuses(await shelf.publish(moved, by=HEIR)) == [Status.CHANGED]


async def test_when_authority_ends_links_stay_marked_and_the_next_publisher_takes_over(
    shelf: Shelf,
) -> None:
    id_ = (await shelf.publish(link(default=True))).lines[0].link
    (before,) = shelf.cache.links([RICE])[RICE]
    assert before.authorised
    generation = shelf.cache.generation
    shelf.publishers.end(MAKER)
    assert shelf.cache.generation != generation
    (ended,) = shelf.cache.links([RICE])[RICE]
    assert (ended.href, ended.authorised) == ("https://rice.test/", False)
    assert (await refused(shelf, link(title="x"))).rule == "not-authorised"
    taken = await shelf.publish(link(href="https://heir.test/", default=True), by=HEIR)
    assert statuses(taken) == [Status.CREATED]
    assert statuses(await shelf.publish(link(id=id_, href="https://heir.test/2"), by=HEIR)) == [
        Status.CHANGED
    ]
    assert {each.publisher for each in shelf.cache.links([RICE])[RICE]} == {HEIR.did}


async def test_whoever_took_over_stays_the_default_when_authority_returns(shelf: Shelf) -> None:
    await shelf.publish(link(default=True))
    shelf.publishers.end(MAKER)
    await shelf.publish(link(href="https://heir.test/", default=True), by=HEIR)
    shelf.publishers.may[MAKER.did] = ("9506000",)
    shelf.publishers.version += 1
    links = shelf.cache.links([RICE])[RICE]
    assert [(each.publisher, each.authorised, each.default) for each in links] == [
        (MAKER.did, True, False),
        (HEIR.did, True, True),
    ]


async def test_what_a_key_signed_after_others_had_it_is_marked_and_no_default(shelf: Shelf) -> None:
    await shelf.publish(link(anchor=PILLS, default=True))
    stolen_at = Instant(shelf.clock.now() + 1)
    published = await shelf.publish(link(default=True))
    (fresh,) = shelf.cache.links([RICE])[RICE]
    assert fresh.key == MAKER.key.public.multikey
    shelf.publishers.compromised[MAKER.key.public.thumbprint] = stolen_at
    shelf.publishers.version += 1
    assert not shelf.cache.links([RICE])[RICE][0].authorised
    assert shelf.cache.links([PILLS])[PILLS][0].authorised, "it was here before"
    assert not shelf.cache.history(published.lines[0].link)[0].authorised
    assert not shelf.cache.links([RICE], shelf.clock.now())[RICE][0].authorised
    taken = await shelf.publish(link(href="https://heir.test/", default=True), by=HEIR)
    assert statuses(taken) == [Status.CREATED], "another default can be"


async def test_authority_that_expires_by_itself_shows_by_itself(shelf: Shelf) -> None:
    await shelf.publish(link())
    shelf.publishers.until[MAKER.did] = Instant(shelf.clock.now() + DAY)
    shelf.publishers.version += 1
    assert shelf.cache.links([RICE])[RICE][0].authorised
    generation = shelf.cache.generation
    shelf.clock.instant = Instant(shelf.clock.now() + DAY)
    assert shelf.cache.generation != generation
    assert not shelf.cache.links([RICE])[RICE][0].authorised


# Signatures.


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"resolver": "https://other.test"}, "wrong-resolver"),
        ({"issued": Instant(START + SKEW_MS + DAY)}, "not-yet-issued"),
        ({"issued": Instant(START - 2 * DAY)}, "expired"),
        ({"expires": Instant(START + MAX_LIFETIME_MS + DAY)}, "malformed"),
    ],
)
async def test_a_record_for_another_place_or_time_or_by_another_is_refused(
    shelf: Shelf, given: dict[str, object], rule: str
) -> None:
    assert (await refused(shelf, link(), **given)).rule == rule


async def test_nobody_signs_in_anothers_name(shelf: Shelf) -> None:
    payload = write_record([link()], by=HEIR.did, resolver=ORIGIN, issued=shelf.clock.now())
    with pytest.raises(PublicationRefusedError) as caught:
        await shelf.publishing.publish({**sign_record(payload, MAKER.kid, MAKER.key)})
    assert (caught.value.rule, caught.value.field) == ("wrong-header", "by")


async def test_a_key_that_the_document_does_not_list_signs_nothing(shelf: Shelf) -> None:
    payload = write_record([link()], by=MAKER.did, resolver=ORIGIN, issued=shelf.clock.now())
    strange = sign_record(payload, f"{MAKER.did}#other", MAKER.key)
    wrong = sign_record(payload, MAKER.kid, HEIR.key)
    for record, rule in ((strange, "key-not-listed"), (wrong, "bad-signature")):
        with pytest.raises(PublicationRefusedError) as caught:
            await shelf.publishing.publish({**record})
        assert caught.value.rule == rule
    assert shelf.store.last.size == 0


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ({"typ": "links+jws"}, "wrong-header"),
        ({"kid": MAKER.kid}, "wrong-header"),
        ({"kid": MAKER.kid, "typ": "trust-act+jws"}, "wrong-header"),
        ({"kid": MAKER.kid, "typ": "links+jws", "x": 1}, "wrong-header"),
        ({"kid": MAKER.did, "typ": "links+jws"}, "wrong-header"),
        ({"kid": "not a did", "typ": "links+jws"}, "wrong-header"),
    ],
)
async def test_a_header_says_exactly_what_it_must(
    shelf: Shelf, header: dict[str, Json], rule: str
) -> None:
    payload = write_record([link()], by=MAKER.did, resolver=ORIGIN, issued=shelf.clock.now())
    with pytest.raises(PublicationRefusedError) as caught:
        await shelf.publishing.publish({**sign_flattened(payload, header, MAKER.key)})
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        (b"{}", "malformed"),
        (b'{"a":1,"a":2}', "malformed"),
        (b"[]", "malformed"),
        (b"nonsense", "malformed"),
        (b'{ "by": 1 }', "not-canonical"),
        (b"\xff", "malformed"),
    ],
)
async def test_a_payload_that_is_no_record_is_refused(
    shelf: Shelf, payload: bytes, rule: str
) -> None:
    header: dict[str, Json] = {"kid": MAKER.kid, "typ": "links+jws"}
    with pytest.raises(PublicationRefusedError) as caught:
        await shelf.publishing.publish({**sign_flattened(payload, header, MAKER.key)})
    assert caught.value.rule == rule


@pytest.mark.parametrize("links", [[], "x", None, [link()] * (MAX_LINKS + 1)])
async def test_a_record_holds_a_bounded_list_of_links(shelf: Shelf, links: Json) -> None:
    record: dict[str, Json] = {
        "resolver": ORIGIN,
        "by": MAKER.did,
        "issued": "2026-01-01T00:00:00Z",
        "expires": "2026-01-02T00:00:00Z",
        "atomic": True,
        "links": links,
    }
    header: dict[str, Json] = {"kid": MAKER.kid, "typ": "links+jws"}
    with pytest.raises(PublicationRefusedError, match="1 to 1,000 links") as caught:
        await shelf.publishing.publish(sign_compact(canonicalise(record), header, MAKER.key))
    assert caught.value.rule == "too-many-links"


async def test_a_compact_record_is_as_good_as_a_flattened_one(shelf: Shelf) -> None:
    payload = write_record([link()], by=MAKER.did, resolver=ORIGIN, issued=shelf.clock.now())
    header: dict[str, Json] = {"kid": MAKER.kid, "typ": "links+jws"}
    receipt = await shelf.publishing.publish(sign_compact(payload, header, MAKER.key))
    assert statuses(receipt) == [Status.CREATED]


async def test_a_record_that_was_held_back_moves_nothing_later(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    held_back = shelf.record(link(id=id_, href="https://old-plan.test/"))
    shelf.clock.instant = Instant(shelf.clock.now() + 1000)
    await shelf.publish(link(id=id_, href="https://new-plan.test/"))
    with pytest.raises(PublicationRefusedError) as caught:
        await shelf.publishing.publish(held_back)
    assert caught.value.rule == "superseded"
    assert shelf.hrefs() == ["https://new-plan.test/"]


async def test_every_version_can_be_proved_by_the_record_that_made_it(shelf: Shelf) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    await shelf.publish(link(anchor="/01/09506000134376"))
    await shelf.publish(link(id=id_, href="https://rice.test/new"))
    head = bytes(32)
    seen = []
    for version in shelf.store.history(id_):
        kept = shelf.store.record(version.record)
        assert kept is not None
        verify_jws(kept.jws, kept.key)
        signed = parse_json(kept.jws.payload)
        assert isinstance(signed, dict)
        assert signed["by"] == version.publisher == MAKER.did
        seen.append(signed["links"][0]["href"])
    assert seen == ["https://rice.test/", "https://rice.test/new"]
    for position in range(3):
        text = "SELECT id, recorded_at, head FROM records WHERE position = ?"
        ((id_bytes, recorded_at, stored),) = shelf.store._read(text, (position,))
        head = next_head(head, id_bytes.hex(), recorded_at)
        assert head == stored
    assert head == shelf.store.last.head


async def test_records_and_versions_can_neither_be_changed_nor_removed(shelf: Shelf) -> None:
    await shelf.publish(link())
    for statement in (
        "DELETE FROM records",
        "UPDATE records SET recorded_at = 0",
        "DELETE FROM versions",
        "UPDATE versions SET body = x'00'",
        "UPDATE versions SET path = '/01/09506000134376'",
    ):
        with pytest.raises(Exception, match="append-only"):
            await asyncio.to_thread(shelf.store._writing.execute, statement)


# Several links at once.


async def test_all_or_nothing_is_nothing_where_one_is_wrong_and_the_report_names_each(
    shelf: Shelf,
) -> None:
    wrong = [link(anchor="/01/09506000134353"), link(href="javascript:x"), link(bad=1)]
    error = await refused(shelf, link(), *wrong)
    assert [line["line"] for line in error.report] == [1, 2, 3]
    assert [line["field"] for line in error.report] == ["anchor", "href", "bad"]
    assert error.field == "links[1].anchor"


async def test_line_by_line_takes_what_is_good(shelf: Shelf) -> None:
    receipt = await shelf.publish(
        link(anchor="/01/09506000134353"),
        link(),
        link(),
        link(href="javascript:x"),
        link(href="https://b.test/"),
        atomic=False,
    )
    expected = ["refused", "created", "refused", "refused", "created"]
    assert [line.status for line in receipt.lines] == expected
    assert [line.rule for line in receipt.lines if line.rule] == [
        "incorrect-check-digit",
        "repeated",
        "malformed",
    ]
    assert (await refused(shelf, link(href="x:y"), atomic=False)).rule == "malformed"


async def test_links_for_roles_are_signed_apart(shelf: Shelf) -> None:
    secret = link(href="https://secret.test/", accessRole=["auditor"])
    assert (await refused(shelf, link(), secret)).rule == "mixed-roles"
    receipt = await shelf.publish(secret)
    kept = shelf.store.record(receipt.record)
    assert kept is not None
    assert kept.for_roles
    gone = {"anchor": RICE, "id": receipt.lines[0].link, "deleted": True}
    assert (await refused(shelf, link(), gone)).rule == "mixed-roles", "its end is as hidden"
    assert statuses(await shelf.publish(gone)) == [Status.DELETED]


async def test_an_anchor_has_a_bounded_number_of_links(shelf: Shelf) -> None:
    many = [link(href=f"https://rice.test/{number}") for number in range(MAX_PATH_LINKS + 1)]
    receipt = await shelf.publish(*many, atomic=False)
    assert receipt.lines[-1].rule == "too-many-links"
    assert len(shelf.hrefs()) == MAX_PATH_LINKS


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"id": "0" * 32}, "unknown-link"),
        ({"linkType": "dpp"}, "link-type"),
    ],
)
async def test_only_a_link_that_is_there_can_be_changed_and_it_keeps_its_type(
    shelf: Shelf, changed: dict[str, Json], rule: str
) -> None:
    id_ = (await shelf.publish(link())).lines[0].link
    assert (await refused(shelf, link(**{"id": id_, **changed}))).rule == rule


async def test_publications_at_once_are_taken_one_after_the_other(shelf: Shelf) -> None:
    records = [
        shelf.record(link(href=f"https://rice.test/{number}", default=True)) for number in range(8)
    ]
    outcomes = await asyncio.gather(
        *(shelf.publishing.publish(record) for record in records), return_exceptions=True
    )
    assert sum(isinstance(each, Receipt) for each in outcomes) == 1
    assert len(shelf.hrefs()) == 1


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    file = tmp_path / "no database"
    file.write_text("x" * 5000)
    for path in (file, tmp_path / "no folder" / "links.sqlite"):
        with pytest.raises(LinkStoreError, match="no "):
            SqliteLinks(path)


async def test_hot_paths_in_memory_are_bounded_and_right(shelf: Shelf) -> None:
    shelf.cache._capacity = 4
    paths = [f"{RICE}/21/{number}" for number in range(10)]
    await shelf.publish(*[link(anchor=path) for path in paths])
    assert all(len(links) == 1 for links in shelf.cache.links(paths).values())
    assert not shelf.cache._hot, "what is asked for once is not worth keeping"
    asked = shelf.publishers.asked
    assert all(len(links) == 1 for links in shelf.cache.links(paths).values())
    assert len(shelf.cache._hot) == 4
    assert shelf.publishers.asked == asked, "one holder is asked about once"


async def test_serials_asked_for_once_leave_what_is_hot_in_memory(shelf: Shelf) -> None:
    shelf.cache._capacity = 4
    await shelf.publish(link())
    for number in range(100):
        shelf.cache.links([f"{RICE}/21/{number}", RICE])
    assert [*shelf.cache._hot] == [RICE]


def test_a_doorkeeper_remembers_a_bounded_number() -> None:
    door = Doorkeeper()
    assert not door.admits("/01/1")
    assert door.admits("/01/1")
    for number in range(MOST_SEEN):
        door.admits(number)
    assert len(door._seen) <= MOST_SEEN
    assert not door.admits("/01/1")


async def test_the_same_party_is_told_by_the_registry(shelf: Shelf) -> None:
    assert not shelf.publishers.same(Did.parse(MAKER.did), Did.parse(HEIR.did))
