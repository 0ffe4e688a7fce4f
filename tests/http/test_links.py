"""Links over HTTP: published by those with authority, resolved by everybody."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from link_resolver.errors import LinkStoreError
from link_resolver.records import MAX_LINKS, sign_record, write_record
from link_resolver.stores.sqlite import SqliteLinks
from resolver.instant import DAY
from resolver.jcs import canonicalise
from resolver.proofs.jose import sign_compact, sign_flattened
from resolver.strict_json import Json
from tests.http.conftest import Answer, Service, running
from tests.http.test_openapi import check, schema_of
from tests.unit.link_resolver.shelf import PILLS, RICE, link
from tests.unit.trust_registry.board import ORIGIN, grant, party, someone

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCOPE: Json = {"product": ["gcp:9506000"], "rest": "any"}


@pytest_asyncio.fixture(loop_scope="session")
async def linking(own_service: Service) -> Service:
    """A service in which the maker may publish for one company prefix, and the heir is known."""
    await prepare(own_service)
    return own_service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The same, for tests that change nothing."""
    async for each in running(tmp_path_factory.mktemp("links")):
        await prepare(each)
        yield each


async def prepare(service: Service) -> None:
    passes_on: Json = {"actions": ["link"], "depth": 0}
    await service.board.anchor("mark", scope={"rest": "any"}, passes_on=passes_on)
    for name in ("maker of rice", "heir"):
        await service.board.act("mark", party(name))
    await may_publish(service, "maker of rice")


async def may_publish(service: Service, name: str, **more: Json) -> str:
    act = grant("authorise", name, action="link", scope=SCOPE, **more)
    submitted = await service.board.act("mark", act)
    assert submitted.status == "executed"
    return submitted.id


async def publish(
    service: Service, *links: Json, by: str = "maker of rice", atomic: bool = True
) -> Answer:
    service.board.pass_time(1)
    return await service.post("/v1/links", record(service, *links, by=by, atomic=atomic))


def record(service: Service, *links: Json, by: str, atomic: bool = True) -> dict[str, str]:
    person, now = someone(by), service.board.clock.now()
    payload = write_record(links, by=person.did, resolver=ORIGIN, issued=now, atomic=atomic)
    return sign_record(payload, person.kid, person.key)


async def resolve(service: Service, path: str, **given: object) -> Answer:
    return await service.get(path, allow_redirects=False, **given)


async def test_from_a_signed_record_to_a_redirect_and_its_history(linking: Service) -> None:
    assert (await resolve(linking, RICE)).status == 404
    published = await publish(linking, link(default=True))
    assert published.status == 201
    check(published.json, schema_of("LinksReceipt"))
    found = await resolve(linking, f"{RICE}/10/ABC?x=1")
    assert (found.status, found.headers["Location"]) == (307, "https://rice.test/?x=1")
    assert found.headers.getall("Access-Control-Allow-Origin") == ["*"]
    id_ = published.json["links"][0]["id"]
    moved = await publish(linking, link(id=id_, href="https://rice.test/2", default=True))
    assert moved.status == 201
    assert (await resolve(linking, RICE)).headers["Location"] == "https://rice.test/2"
    history = await linking.get(f"/v1/links/{id_}/history")
    check(history.json, schema_of("LinkHistory"))
    versions = history.json["versions"]
    assert [each["link"]["href"] for each in versions] == [
        "https://rice.test/",
        "https://rice.test/2",
    ]
    kept = await linking.get(published.headers["Location"])
    assert kept.status == 200
    assert kept.json["id"] == published.json["record"]
    assert set(kept.json["jws"]) == {"payload", "protected", "signature"}


async def test_a_record_again_is_answered_200_and_changes_nothing(linking: Service) -> None:
    sent = record(linking, link(), by="maker of rice")
    assert (await linking.post("/v1/links", sent)).status == 201
    again = await linking.post("/v1/links", sent)
    assert (again.status, again.json["repeated"]) == (200, True)
    assert (await publish(linking, link())).status == 200


async def test_nobody_publishes_without_a_grant(linking: Service) -> None:
    for by in ("heir", "stranger"):
        answer = await publish(linking, link(), by=by)
        assert (answer.status, answer.json["type"]) == (403, "/problems/publisher-not-authorised")
        check(answer.json, schema_of("Problem"))
    other = await publish(linking, link(anchor="/01/09521234543213"))
    assert (other.status, other.json["rule"]) == (403, "not-authorised")
    facility = await publish(linking, link(anchor="/414/9506000134352"))
    assert facility.status == 403, "the grant is for products"


async def test_authority_that_ends_is_shown_and_handed_on(linking: Service) -> None:
    until = linking.board.later(10 * DAY)
    await linking.board.act("mark", party("season"))
    await may_publish(linking, "season", valid_until=until)
    anchor = f"{PILLS}/21/1"
    published = await publish(linking, link(anchor=anchor, default=True), by="season")
    assert (await resolve(linking, anchor)).status == 307
    linking.board.pass_time(11 * DAY)
    listed = await resolve(linking, f"{anchor}?linkType=linkset")
    (target,) = listed.json["linkset"][0]["https://ref.gs1.org/voc/pip"]
    assert "authority-ended" in target["context"]
    assert "https://ref.gs1.org/voc/defaultLink" not in listed.json["linkset"][0]
    await may_publish(linking, "heir")
    taken = await publish(
        linking, link(anchor=anchor, href="https://heir.test/", default=True), by="heir"
    )
    assert taken.status == 201, taken.body
    assert (await resolve(linking, anchor)).headers["Location"] == "https://heir.test/"
    id_ = published.json["links"][0]["id"]
    (version,) = (await linking.get(f"/v1/links/{id_}/history")).json["versions"]
    assert version["authorised"] is False


async def test_a_withdrawn_grant_shows_at_once(linking: Service) -> None:
    await linking.board.act("mark", party("brief"))
    statement = await may_publish(linking, "brief")
    anchor = f"{PILLS}/10/B"
    await publish(linking, link(anchor=anchor, default=True), by="brief")
    assert (await resolve(linking, anchor)).status == 307
    withdraw: dict[str, Json] = {
        "type": "withdraw",
        "statement": statement,
        "issued_credentials": "doubt",
        "ground": "tested",
    }
    await linking.board.act("mark", withdraw)
    assert (await resolve(linking, anchor)).status != 307
    assert (await publish(linking, link(anchor=anchor, title="x"), by="brief")).status == 403


async def test_an_auditor_sees_what_was_known_then(linking: Service) -> None:
    published = await publish(linking, link(default=True))
    then = linking.board.now
    linking.board.pass_time(DAY)
    id_ = published.json["links"][0]["id"]
    await publish(linking, link(id=id_, href="https://rice.test/now", default=True))
    past = await resolve(linking, f"{RICE}?asOf={then}")
    assert past.headers["Location"].startswith("https://rice.test/?")
    assert (await resolve(linking, RICE)).headers["Location"] == "https://rice.test/now"


async def test_a_link_for_a_role_does_not_show_anywhere(linking: Service) -> None:
    published = await publish(linking, link(accessRole=["auditor"], href="https://secret.test/"))
    assert published.status == 201
    id_ = published.json["links"][0]["id"]
    nobody = "0" * 32
    pairs = [
        (RICE, PILLS),
        (f"{RICE}?linkType=linkset", f"{PILLS}?linkType=linkset"),
        (f"{RICE}?linkType=gs1:pip", f"{PILLS}?linkType=gs1:pip"),
        (f"/v1/links/{id_}/history", f"/v1/links/{nobody}/history"),
        (published.headers["Location"], f"/v1/links/records/{nobody}{nobody}"),
    ]
    for hidden, absent in pairs:
        one, other = await resolve(linking, hidden), await resolve(linking, absent)
        assert one.status == other.status == 404
        assert set(one.headers) == set(other.headers)
        assert b"secret" not in one.body
    assert b"secret" not in (await linking.get("/v1/links")).body


async def test_an_export_comes_in_pages_and_can_be_published_again(linking: Service) -> None:
    links = [link(anchor=f"{RICE}/21/{number}", hreflang=["en"]) for number in range(5)]
    await publish(linking, *links)
    lines: list[dict[str, Json]] = []
    url: str | None = "/v1/links?limit=2"
    while url:
        page = await linking.get(url)
        assert page.headers["Content-Type"] == "application/jsonl"
        lines += [orjson.loads(line) for line in page.body.splitlines()]
        following = page.headers.get("Link")
        url = following.partition(">")[0].removeprefix("<") if following else None
    assert [line["anchor"] for line in lines] == [each["anchor"] for each in links]
    again = await publish(linking, *lines)
    assert again.status == 200
    assert {line["status"] for line in again.json["links"]} == {"unchanged"}


async def test_resolves_are_counted_by_key_type_and_day_and_by_nothing_else(
    linking: Service,
) -> None:
    await publish(linking, link(default=True), link(linkType="dpp", href="https://dpp.test/"))
    for path in (RICE, f"{RICE}/21/one", f"{RICE}?linkType=dpp", f"{RICE}?linkType=linkset"):
        await resolve(linking, path)
    await linking.links.write_counts()
    today = linking.board.now[:10]
    answer = await linking.get(f"/v1/links/counts?key={RICE}&to={today}")
    assert answer.json["days"] == {today: {"gs1:pip": 2, "dpp": 1}}
    assert (await linking.get(f"/v1/links/counts?key={PILLS}&to={today}")).json["days"] == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "key"),
        (f"key={RICE}&from=tomorrow", "from"),
        (f"key={RICE}&from=1960-01-01", "from"),
        (f"key={RICE}&from=2000-01-01&to=2026-01-01", "from"),
        (f"key={RICE}&key={RICE}", "key"),
        (f"key={RICE}&x=1", "x"),
    ],
)
async def test_a_bad_question_about_counts_names_the_parameter(
    asked: Service, query: str, field: str
) -> None:
    answer = await asked.get(f"/v1/links/counts?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)


# Hostile input.


async def test_a_million_links_in_one_body_are_refused_with_the_limit(asked: Service) -> None:
    person = someone("maker of rice")
    one = canonicalise(link())
    payload = b'{"links":[' + b",".join([one] * 1_000_000) + b"]}"
    header: dict[str, Json] = {"kid": person.kid, "typ": "links+jws"}
    body = await asyncio.to_thread(
        lambda: json.dumps(sign_flattened(payload, header, person.key)).encode()
    )
    try:
        async with asked.session.post(
            f"{asked.address}/v1/links",
            data=io.BytesIO(body),
            headers={"Content-Type": "application/json"},
        ) as response:
            assert response.status == 413
            assert "1,000,000 bytes" in (await response.json())["detail"]
    except ConnectionError:
        pass  # the server hung up on the rest of 100 MB
    await asked.still_answers()


async def test_more_links_than_a_record_holds_are_refused_with_the_limit(
    asked: Service,
) -> None:
    small: dict[str, Json] = {"anchor": RICE}
    answer = await publish(asked, *[small] * (MAX_LINKS + 1))
    assert (answer.status, answer.json["field"]) == (400, "links")
    assert "1 to 1,000 links" in str(answer.json["detail"])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'{"payload":"","payload":""}', "application/json"),
        (b"[]", "application/json"),
        (b'"x.y.z"', "application/json"),
        (b"\xff\xfe", "application/jose"),
        (b"a.b", "application/jose"),
        (b"..", "application/jose"),
        (b"[" * 100_000, "application/json"),
        (b"NaN", "application/json"),
    ],
)
async def test_what_is_no_record_is_refused_as_such(asked: Service, body: bytes, kind: str) -> None:
    answer = await asked.ask("POST", "/v1/links", data=body, headers={"Content-Type": kind})
    assert (answer.status, answer.json["type"]) == (400, "/problems/publication-refused")


async def test_duplicate_names_inside_the_signed_payload_are_refused(asked: Service) -> None:
    person = someone("maker of rice")
    payload = b'{"atomic":true,"atomic":false,"by":"x","expires":"x","issued":"x","links":[]}'
    header: dict[str, Json] = {"kid": person.kid, "typ": "links+jws"}
    answer = await asked.ask(
        "POST",
        "/v1/links",
        data=sign_compact(payload, header, person.key),
        headers={"Content-Type": "application/jose"},
    )
    assert answer.status == 400
    assert "twice" in str(answer.json["detail"])


async def test_only_records_are_taken(asked: Service) -> None:
    answer = await asked.ask(
        "POST", "/v1/links", data=b"anchor,href", headers={"Content-Type": "text/csv"}
    )
    assert (answer.status, answer.json["type"]) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize("id_", ["x", "0" * 31, "0" * 33, "G" * 32, "%00", "..%2f..", "0" * 5000])
async def test_no_history_for_what_is_no_id(asked: Service, id_: str) -> None:
    answer = await asked.get(f"/v1/links/{id_}/history")
    assert (answer.status, answer.json["type"]) == (404, "/problems/link-not-found")


# QR codes.


async def test_an_identifier_is_drawn_as_a_qr_code(asked: Service) -> None:
    svg = await asked.get(f"/qr{RICE}/10/A%2FB?17=261231&error=Q&border=6")
    assert (svg.status, svg.headers["Content-Type"]) == (200, "image/svg+xml")
    assert svg.body.startswith(b"<?xml")
    png = await asked.get(f"/qr{RICE}?format=png&scale=3")
    assert (png.status, png.headers["Content-Type"]) == (200, "image/png")
    assert png.body.startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/01/09506000134353", 400, "invalid-identifier"),
        (f"{RICE}?border=3", 400, "invalid-value"),
        (f"{RICE}?border=-1", 400, "invalid-value"),
        (f"{RICE}?scale=21", 400, "invalid-value"),
        (f"{RICE}?scale=1e1", 400, "invalid-value"),
        (f"{RICE}?error=Z", 400, "invalid-value"),
        (f"{RICE}?format=gif", 400, "invalid-value"),
        (f"{RICE}?format=png&format=svg", 400, "invalid-value"),
        (f"{RICE}?link=x", 400, "invalid-value"),
        (f"{RICE}?17=1", 400, "invalid-identifier"),
        ("/nonsense", 400, "invalid-identifier"),
        ("/%ff", 400, "invalid-identifier"),
    ],
)
async def test_what_cannot_be_drawn_is_refused(
    asked: Service, path: str, status: int, kind: str
) -> None:
    answer = await asked.get(f"/qr{path}")
    assert (answer.status, answer.json["type"]) == (status, f"/problems/{kind}"), answer.body


# Answers that leave without routing.


@pytest.mark.parametrize("path", [RICE, f"{RICE}?linkType=linkset", PILLS, "/01/123"])
async def test_an_answer_that_was_laid_out_says_what_another_one_says(
    linking: Service, path: str
) -> None:
    await publish(linking, link(default=True))
    seen = []
    for how in ("keep-alive", "keep-alive", "keep-alive", "close"):
        answer = await resolve(linking, path, headers={"Connection": how})
        headers = {
            name: answer.headers.getall(name)
            for name in answer.headers
            if name not in {"Date", "Connection", "Content-Type"}
        }
        kind = answer.headers.get("Content-Type") if answer.body else None
        seen.append((answer.status, headers, kind, answer.body))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert seen[0] == seen[1] == seen[2] == seen[3]


async def test_answers_without_routing_are_counted_by_their_status(linking: Service) -> None:
    await publish(linking, link(default=True))
    for _ in range(3):
        await resolve(linking, RICE)
    text = (await linking.get("/metrics")).body.decode()
    (line,) = [
        each
        for each in text.splitlines()
        if each.startswith("touchstone_http_request_duration_seconds_count")
        and 'status="307"' in each
    ]
    assert line.endswith(" 3.0")
    assert 'route="/{code}/{rest}"' in line


async def test_a_target_cannot_add_headers(linking: Service) -> None:
    await publish(linking, link(default=True))
    for query in ("?x=%0d%0aSet-Cookie:%20a", "?x=\u2028", "?x=%0A"):
        answer = await resolve(linking, f"{RICE}{query}")
        assert answer.status == 307
        assert "Set-Cookie" not in answer.headers


async def test_a_store_that_cannot_be_read_is_not_ready(
    linking: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LinkStoreError("disk I/O error")

    monkeypatch.setattr(SqliteLinks, "_read", broken)
    answer = await resolve(linking, RICE)
    assert (answer.status, answer.json["type"]) == (503, "/problems/not-ready")
    monkeypatch.undo()
    assert (await resolve(linking, RICE)).status == 404
