"""A request that is signed proves the roles that it names, and nothing else does by it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner

from link_resolver.signed_reads import LIFETIME_MS, TAG, sign_read
from resolver.clock import SystemClock
from resolver.instant import SECOND, Instant
from resolver.proofs.http_signatures.fields import Coverage
from resolver.proofs.http_signatures.messages import Component, Headers, Request
from resolver.proofs.http_signatures.signing import sign
from tests.http.conftest import Answer, Service, running
from tests.http.test_link_roles import CUSTOMS, OWNER, SECRET, prepare, proof
from tests.http.test_links import resolve
from tests.unit.link_resolver.shelf import PILLS, RICE
from tests.unit.trust_registry.board import ORIGIN, someone
from touchstone.cli import main

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROLE = "accessRole=untp:accessRole%23Customs"
PASSPORT = f"{RICE}?linkType=dpp&{ROLE}"
METHOD, TARGET = Component("@method"), Component("@target-uri")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async for each in running(tmp_path_factory.mktemp("signed-reads")):
        await prepare(each)
        yield each


def fields(service: Service, path: str = PASSPORT, name: str = "customs", **more: Any) -> Headers:
    person = someone(name)
    given = {"kid": person.kid, "key": person.key, "now": service.board.clock.now(), **more}
    return sign_read(ORIGIN + path, **given)


def by_hand(
    service: Service, *covered: Component, label: str = "role", path: str = PASSPORT, **stated: Any
) -> Headers:
    person, now = someone("customs"), service.board.clock.now() // SECOND
    says = {"created": now, "keyid": person.kid, "tag": TAG, **stated}
    coverage = Coverage(
        covered or (METHOD, TARGET), {name: each for name, each in says.items() if each is not None}
    )
    return sign(Request("GET", ORIGIN + path), label, coverage, person.key).headers()


async def ask(service: Service, path: str, headers: Headers, method: str = "GET") -> Answer:
    return await service.ask(method, path, headers=headers, allow_redirects=False)


async def test_who_signs_the_request_is_shown_the_link(asked: Service) -> None:
    for _ in range(2):
        found = await ask(asked, PASSPORT, fields(asked))
        assert (found.status, found.headers["Location"]) == (307, SECRET + PASSPORT[len(RICE) :])
        assert found.headers["Cache-Control"] == "private, no-store"
    head = await ask(asked, PASSPORT, fields(asked, method="HEAD"), "HEAD")
    assert head.status == 307
    path = f"{RICE}?linkType=linkset&profile=rfc9264&{ROLE}"
    listed = await ask(asked, path, fields(asked, path))
    assert listed.json["linkset"][0]["dpp"][0]["accessRole"] == [CUSTOMS]


async def test_nobody_else_is_and_unsigned_names_prove_nothing(asked: Service) -> None:
    assert (await resolve(asked, PASSPORT)).status == 404
    assert (await ask(asked, f"{RICE}?linkType=dpp", fields(asked))).status == 404, "no role named"
    other = f"{PILLS}?linkType=dpp&{ROLE}"
    assert (await ask(asked, other, fields(asked, other))).status == 404
    assert (await ask(asked, PASSPORT, by_hand(asked, tag="another-use"))).status == 404
    assert (await ask(asked, PASSPORT, by_hand(asked, tag=None))).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        (("Signature-Input", 'a=("@authority" "agent";key="x");tag="crawler"'), ("Signature", "a=:AA==:")),
        (("Signature-Input", "nonsense("),),
        (("Signature", "a=:AA==:"),),
    ],
)  # fmt: skip
async def test_other_signatures_are_none_of_ours(asked: Service, headers: Headers) -> None:
    plain = await resolve(asked, RICE)
    answer = await ask(asked, RICE, headers)
    assert (answer.status, answer.headers["Location"]) == (307, plain.headers["Location"])
    assert "private" not in answer.headers.get("Cache-Control", "")


async def test_a_query_is_read_as_far_as_a_hundred_parameters(asked: Service) -> None:
    path = PASSPORT + "&a" * 98
    assert (await ask(asked, path, fields(asked, path))).status == 307
    basic = (("Authorization", "Basic YTpi"),)
    assert (await ask(asked, f"{RICE}?a{'&a' * 100}", basic)).status == 307, "read for roles alone"


async def test_a_token_goes_before_a_signature(asked: Service) -> None:
    token = ("Authorization", f"Bearer {proof(asked)}")
    assert (await ask(asked, f"{RICE}?linkType=dpp", (token, *fields(asked)))).status == 307
    bad = ("Authorization", "Bearer x.y")
    assert (await ask(asked, PASSPORT, (bad, *fields(asked)))).status == 401


def _ago(service: Service, by_ms: int) -> Instant:
    return Instant(service.board.clock.now() - by_ms)


def _without(headers: Headers, text: str) -> Headers:
    assert any(text in value for _, value in headers)
    return tuple((name, value.replace(text, "")) for name, value in headers)


TWICE = f"{PASSPORT}&{ROLE}"
BOTH = f"{PASSPORT}&accessRole=untp:accessRole%23Owner"
MANY = PASSPORT + "&a" * 99
BAD: dict[str, tuple[str, Callable[[Service], Headers], str]] = {
    "another address": (PASSPORT, lambda s: fields(s, f"{PILLS}?linkType=dpp&{ROLE}"), "match"),
    "another query": (PASSPORT, lambda s: fields(s, f"{RICE}?{ROLE}"), "match"),
    "another method": (PASSPORT, lambda s: fields(s, method="HEAD"), "match"),
    "another resolver": (
        PASSPORT,
        lambda _: sign_read(
            f"https://other.example{PASSPORT}",
            kid=someone("customs").kid,
            key=someone("customs").key,
            now=_ago(_, 0),
        ),
        "match",
    ),
    "too old": (PASSPORT, lambda s: fields(s, now=_ago(s, LIFETIME_MS + SECOND)), "too long ago"),
    "from the future": (PASSPORT, lambda s: fields(s, now=_ago(s, -62 * SECOND)), "future"),
    "expired": (
        PASSPORT,
        lambda s: by_hand(s, expires=s.board.clock.now() // SECOND),
        "expired",
    ),
    "no time": (PASSPORT, lambda s: by_hand(s, created=None), "when it was created"),
    "no method": (PASSPORT, lambda s: by_hand(s, TARGET), 'does not cover "@method"'),
    "no target": (
        PASSPORT,
        lambda s: by_hand(s, METHOD, Component("@path")),
        'does not cover "@target-uri"',
    ),
    "stripped": (PASSPORT, lambda s: _without(by_hand(s, METHOD, TARGET, Component("@scheme")), ' "@scheme"'), "match"),
    "another algorithm": (PASSPORT, lambda s: by_hand(s, alg="hmac-sha256"), "ed25519 alone"),
    "more said": (PASSPORT, lambda s: by_hand(s, admin="yes"), "admin is not understood"),
    "no key": (PASSPORT, lambda s: by_hand(s, keyid=None), "keyid"),
    "a key without a name": (PASSPORT, lambda s: fields(s, kid=someone("customs").did), "fragment"),
    "no such key": (PASSPORT, lambda s: fields(s, kid=f"{someone('customs').did}#2"), "no such"),
    "another's key": (PASSPORT, lambda s: fields(s, key=someone("maker of rice").key), "match"),
    "a stranger": (PASSPORT, lambda s: fields(s, name="stranger"), "nobody here"),
    "who holds no role": (PASSPORT, lambda s: fields(s, name="maker of rice"), "does not hold"),
    "a role that is not held": (BOTH, lambda s: fields(s, BOTH), f"the role {OWNER}"),
    "a role twice": (TWICE, lambda s: fields(s, TWICE), "once"),
    "too much to read": (MANY, lambda s: fields(s, MANY), "cannot be read"),
    "two signatures": (
        PASSPORT,
        lambda s: (*by_hand(s), *by_hand(s, label="more")),
        "more than one",
    ),
    "a label twice": (PASSPORT, lambda s: (*by_hand(s), *by_hand(s)), "twice"),
    "no signature": (PASSPORT, lambda s: by_hand(s)[:1], "other signatures"),
    "folded": (PASSPORT, lambda _: (("Signature-Input", 'a=("@method"\t"@target-uri")'),), "Signature-Input"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_a_signature_that_does_not_hold_is_refused_whatever_is_there(
    asked: Service, name: str
) -> None:
    path, make, why = BAD[name]
    answer = await ask(asked, path, make(asked))
    assert answer.status == 401, answer.body
    assert answer.json["type"] == "/problems/role-not-proved"
    assert why in str(answer.json["detail"])
    assert SECRET.encode() not in answer.body


async def test_a_refusal_says_nothing_of_what_is_there(asked: Service) -> None:
    seen = set()
    for path in (RICE, PILLS, f"{RICE}/21/none"):
        query = f"{path}?{ROLE}"
        answer = await ask(asked, query, fields(asked, query, name="maker of rice"))
        assert answer.status == 401
        seen.add(answer.body)
    assert len(seen) == 1


async def test_the_command_line_signs_what_a_service_takes(asked: Service, tmp_path: Path) -> None:
    key = tmp_path / "customs.jwk"
    await asyncio.to_thread(key.write_text, json.dumps(someone("customs").key.jwk()))
    signer = ["--key", str(key), "--kid", someone("customs").kid]

    async def run(url: str, *more: str) -> Any:
        # A thread, as other commands are run in one.
        given = ["link", "sign", url, *(more or signer)]
        return await asyncio.to_thread(CliRunner().invoke, main, given)

    signed = await run(ORIGIN + PASSPORT)
    assert signed.exit_code == 0, signed.stderr
    lines = [line.partition(": ") for line in signed.stdout.splitlines()]
    assert [name for name, _, _ in lines] == ["Signature-Input", "Signature"]
    asked.board.clock.instant = SystemClock().now()
    found = await ask(asked, PASSPORT, tuple((name, value) for name, _, value in lines))
    assert found.status == 307, found.body
    as_json = await run(ORIGIN + PASSPORT, *signer, "--json")
    assert {*json.loads(as_json.stdout)} == {"Signature-Input", "Signature"}
    for url, more in (
        (ORIGIN + RICE, ()),
        (PASSPORT, ()),
        (ORIGIN + MANY, ()),
        (ORIGIN + PASSPORT, ("--key", str(key), "--kid", "nobody")),
    ):
        assert (await run(url, *more)).exit_code == 4
