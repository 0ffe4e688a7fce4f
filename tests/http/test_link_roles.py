"""Links for roles: shown to who proves the role, and to nobody else by any sign."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from link_resolver.roles import LIFETIME_MS, MAX_TOKEN, SKEW_MS, TOKEN_TYPE, sign_proof
from link_resolver.stores.sqlite import SqliteLinks
from resolver.did import Did
from resolver.instant import SECOND, Instant
from resolver.jcs import canonicalise
from resolver.proofs.jose import sign_compact
from resolver.strict_json import Json
from tests.http.conftest import Answer, Service, running
from tests.http.test_links import may_publish, publish, resolve
from tests.unit.link_resolver.shelf import PILLS, RICE, link
from tests.unit.trust_registry.board import ORIGIN, grant, party, someone

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUSTOMS, OWNER = "untp:accessRole#Customs", "untp:accessRole#Owner"
SECRET = "https://secret.test/passport"


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(own_service: Service) -> Service:
    """A service with a link for customs officers on one of two keys that are alike otherwise."""
    await prepare(own_service)
    return own_service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The same, for tests that change nothing."""
    async for each in running(tmp_path_factory.mktemp("roles")):
        await prepare(each)
        yield each


async def prepare(service: Service) -> None:
    passes_on: Json = {"actions": ["link"], "depth": 0}
    await service.board.anchor("mark", scope={"rest": "any"}, passes_on=passes_on)
    for name in ("maker of rice", "customs"):
        await service.board.act("mark", party(name))
    await may_publish(service, "maker of rice")
    await may_know(service, CUSTOMS)
    public = {"title": "For everybody", "default": True}
    await publish(service, *(link(anchor=path, **public) for path in (RICE, PILLS)))
    hidden = link(linkType="dpp", href=SECRET, accessRole=[CUSTOMS])
    assert (await publish(service, hidden)).status == 201


async def may_know(service: Service, role: str, **more: Json) -> str:
    scope: Json = {"credential_type": ["access-role"], "scheme": [role], "rest": "any"}
    act = grant("authorise", "customs", action="link", scope=scope, **more)
    submitted = await service.board.act("mark", act)
    assert submitted.status == "executed"
    return submitted.id


def proof(service: Service, *roles: str, name: str = "customs", **more: Any) -> str:
    person = someone(name)
    given: dict[str, Any] = {
        "caller": Did.parse(person.did),
        "kid": person.kid,
        "key": person.key,
        "resolver": ORIGIN,
        "now": service.board.clock.now(),
        **more,
    }
    return sign_proof(roles or (CUSTOMS,), **given)


async def ask(service: Service, path: str, token: str, **headers: str) -> Answer:
    return await resolve(service, path, headers={"Authorization": f"Bearer {token}", **headers})


async def test_who_proves_the_role_is_shown_the_link(asked: Service) -> None:
    token = proof(asked)
    for _ in range(2):
        found = await ask(asked, f"{RICE}?linkType=dpp", token)
        assert (found.status, found.headers["Location"]) == (307, f"{SECRET}?linkType=dpp")
        assert found.headers["Cache-Control"] == "private, no-store"
    listed = await ask(asked, f"{RICE}?linkType=linkset&profile=rfc9264", token)
    assert listed.json["linkset"][0]["dpp"][0]["accessRole"] == [CUSTOMS]
    assert (await resolve(asked, f"{RICE}?linkType=dpp")).status == 404, "nobody else"
    assert (await ask(asked, f"{PILLS}?linkType=dpp", token)).status == 404


async def test_other_credentials_are_none_of_ours(asked: Service) -> None:
    for value in ("Basic YTpi", "Bearer", "Digest x"):
        answer = await resolve(asked, RICE, headers={"Authorization": value})
        assert answer.status == 307


def _signed(service: Service, kind: str = TOKEN_TYPE, **changed: Json) -> str:
    person, now = someone("customs"), service.board.clock.now() // SECOND
    claims: dict[str, Json] = {
        "iss": person.did,
        "aud": ORIGIN,
        "iat": now,
        "exp": now + 60,
        "roles": [CUSTOMS],
        **changed,
    }
    payload = canonicalise({name: each for name, each in claims.items() if each is not None})
    return sign_compact(payload, {"kid": person.kid, "typ": kind}, person.key)


def _touched(token: str) -> str:
    place = token.rindex(".") + 10
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def _now(service: Service, by_ms: int) -> int:
    return (service.board.clock.now() + by_ms) // SECOND


BAD: dict[str, tuple[Callable[[Service], str], str]] = {
    "no token": (lambda _: "x.y", "three parts"),
    "too long": (lambda _: "x" * (MAX_TOKEN + 1), "larger than"),
    "another kind": (lambda s: _signed(s, "links+jws"), "typ"),
    "another audience": (lambda s: _signed(s, aud="https://other.example"), "another resolver"),
    "several audiences": (lambda s: _signed(s, aud=[ORIGIN]), "strings"),
    "expired": (lambda s: _signed(s, iat=_now(s, -60_000), exp=_now(s, 0)), "expired"),
    "for too long": (lambda s: _signed(s, exp=_now(s, LIFETIME_MS + 1000)), "300 seconds"),
    "backwards": (lambda s: _signed(s, exp=_now(s, 0)), "300 seconds"),
    "from the future": (
        lambda s: _signed(s, iat=_now(s, SKEW_MS + 2000), exp=_now(s, SKEW_MS + 3000)),
        "future",
    ),
    "no time": (lambda s: _signed(s, exp=None), "exactly"),
    "a time that is none": (lambda s: _signed(s, iat=True), "whole seconds"),
    "a time past all time": (lambda s: _signed(s, exp=2**53 - 1), "whole seconds"),
    "a member more": (lambda s: _signed(s, admin=True), "exactly"),
    "no role": (lambda s: _signed(s, roles=[]), "1 to 20"),
    "a role twice": (lambda s: _signed(s, roles=[CUSTOMS, CUSTOMS]), "once"),
    "no list": (lambda s: _signed(s, roles=CUSTOMS), "a list"),
    "another issuer": (lambda s: _signed(s, iss=someone("maker of rice").did), "iss"),
    "no issuer": (lambda s: _signed(s, iss="customs"), "iss"),
    "a role that is not held": (lambda s: proof(s, CUSTOMS, OWNER), "does not hold"),
    "a publisher is no officer": (lambda s: proof(s, name="maker of rice"), "does not hold"),
    "a stranger": (lambda s: proof(s, name="stranger"), "nobody here"),
    "another's key": (lambda s: proof(s, key=someone("maker of rice").key), "signature"),
    "touched": (lambda s: _touched(proof(s)), "signature"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_proof_that_does_not_hold_is_refused_whatever_is_there(
    asked: Service, name: str
) -> None:
    make, why = BAD[name]
    answers = [await ask(asked, path, make(asked)) for path in (RICE, PILLS, f"{RICE}/21/none")]
    for answer in answers:
        assert answer.status == 401, answer.body
        assert answer.json["type"] == "/problems/role-not-proved"
        assert why in answer.json["detail"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert len({answer.body for answer in answers}) == 1


async def test_a_proof_ends_by_itself_and_with_the_role(guarded: Service) -> None:
    token, path = proof(guarded, lifetime_ms=60_000), f"{RICE}?linkType=dpp"
    assert (await ask(guarded, path, token)).status == 307
    guarded.board.clock.instant = Instant(guarded.board.clock.now() + 60_000)
    assert (await ask(guarded, path, token)).status == 401

    statement = await may_know(guarded, OWNER)
    token = proof(guarded, OWNER)
    assert (await ask(guarded, path, token)).status == 404, "another role than the link's"
    withdraw: dict[str, Json] = {
        "type": "withdraw",
        "statement": statement,
        "issued_credentials": "doubt",
        "ground": "tested",
    }
    await guarded.board.act("mark", withdraw)
    refused = await ask(guarded, path, token)
    assert refused.status == 401
    assert "does not hold" in refused.json["detail"]


REQUESTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("?linkType=dpp", {}),
    ("?linkType=untp:dpp", {"Accept": "text/html"}),
    ("?linkType=linkset", {}),
    ("?linkType=linkset&profile=rfc9264", {}),
    ("?linkType=all", {"Accept": "text/html"}),
    ("?linkType=dpp&accessRole=untp:accessRole%23Customs", {}),
    ("", {"Accept": "application/ld+json"}),
    ("/21/serial", {}),
    ("/10/lot/21/serial?linkType=dpp", {}),
    ("?asOf=2199-01-01T00:00:00Z", {}),
)


@pytest.mark.parametrize(("query", "headers"), REQUESTS)
async def test_a_hidden_link_shows_in_nothing(
    asked: Service, query: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    read = SqliteLinks._read

    def counted(self: SqliteLinks, text: str, parameters: Any) -> Any:
        nonlocal reads
        reads += "FROM versions" in text
        return read(self, text, parameters)

    monkeypatch.setattr(SqliteLinks, "_read", counted)
    seen = []
    for method in ("get", "head", "options"):
        for path in (RICE, PILLS):
            asked.links.cache._forget()
            reads = 0
            url = f"{asked.address}{path}{query}"
            async with asked.session.request(
                method, url, allow_redirects=False, headers=headers
            ) as answer:
                body = (await answer.read()).replace(path[1:].encode(), b"PATH")
                shown = {
                    name: value.replace(path[1:], "PATH")
                    for name, value in answer.headers.items()
                    if name != "Date"
                }
            seen.append((answer.status, shown, body, reads))
            assert SECRET.encode() not in body
    assert seen[0] == seen[1]
    assert seen[2] == seen[3]
    assert seen[4] == seen[5]
    assert seen[0][3] <= 1, "one read of the store"


async def test_neither_counts_nor_pages_tell_of_a_hidden_link(guarded: Service) -> None:
    serial = f"{RICE}/21/only-hidden"
    await publish(guarded, link(anchor=serial, accessRole=[CUSTOMS]))
    await publish(guarded, link(anchor=f"{RICE}/21/public"))
    assert (await ask(guarded, f"{RICE}?linkType=dpp", proof(guarded))).status == 307
    await guarded.links.write_counts()
    today = guarded.board.now[:10]
    counts = await guarded.get(f"/v1/links/counts?key={RICE}&to={today}")
    assert counts.json["days"] == {}
    url: str | None = "/v1/links?limit=1"
    while url:
        page = await guarded.get(url)
        assert len(page.body.splitlines()) <= 1
        assert b"hidden" not in page.body
        following = page.headers.get("Link")
        assert "hidden" not in (following or "")
        url = following.partition(">")[0].removeprefix("<") if following else None
