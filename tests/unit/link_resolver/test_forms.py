"""A redirect in the form of another one of its kind is what the rules alone would have said."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from link_resolver.answering import Answering
from link_resolver.description import Domain
from link_resolver.doorkeeper import Doorkeeper
from link_resolver.forms import Forms, Kind
from link_resolver.links import Link, Written
from link_resolver.publishers import Standing
from link_resolver.reply import Reply, Request
from link_resolver.schemes import default_schemes
from resolver.instant import BEGINNING, DAY, END, Instant
from tests.unit.link_resolver.shelf import MAKER, PILLS, RICE, START, Shelf, link, open_shelf

GTINS = (RICE, PILLS, "/01/09506000164908")
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"default": True},
    "no default": {},
    "described": {"default": True, "itemDescription": "Something"},
    "for a language": {"default": True, "hreflang": ["de"], "type": "text/html"},
    "for roles": {"accessRole": ["Owner"]},
    "later": {"default": True, "activeFrom": "2026-01-02T00:00:00Z"},
    "ending": {"default": True, "activeUntil": "2026-01-02T00:00:00Z"},
    "without query": {"default": True, "fwqs": False},
}
ASKED = (
    {},
    {"accept_language": "fr"},
    {"accept": "application/linkset+json"},
    {"accept": "text/html"},
)


class Learned(Forms):
    """Forms that remember how often they were of use."""

    used = 0

    def fill(self, kind: Kind, path: str, link: Written, now: Instant) -> Reply | None:
        reply = super().fill(kind, path, link, now)
        self.used += reply is not None
        return reply


class Unlearned(Forms):
    """Forms that are never known, so that the rules say all."""

    def learn(self, *_: object) -> None:
        return None


def answerings(shelf: Shelf) -> tuple[Answering, Answering]:
    """Make two over one store, whose publisher's authority nothing has touched."""

    def make(forms: Forms) -> Answering:
        domains = (Domain("https://id.test"), Domain("https://other.test"))
        return Answering(shelf.cache, shelf.clock, default_schemes(), domains, forms=forms)

    shelf.publishers.standings[MAKER.did] = Standing(BEGINNING)
    shelf.publishers.version += 1
    return make(Learned()), make(Unlearned())


def both(shelf: Shelf, asked: Mapping[str, str], pair: tuple[Answering, Answering]) -> list[Reply]:
    replies = []
    for path in GTINS:
        for host in ("id.test", "other.test"):
            learned, worked_out = (
                each.answer(Request(target=path, host=host, **asked)) for each in pair
            )
            assert learned == worked_out, (path, host, asked)
            replies.append(learned)
    return replies


@pytest.fixture(autouse=True)
def nothing_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doorkeeper, "admits", lambda *_: False)


@pytest.mark.parametrize("kind", KINDS)
async def test_forms_say_what_the_rules_say(tmp_path: Path, kind: str) -> None:
    async with open_shelf(tmp_path) as shelf:
        for number, path in enumerate(GTINS):
            target = f"https://shop.test/{number}?%C3%A9={number}"
            said = link(anchor=path, href=target, title=f"Title {number}", **KINDS[kind])
            assert (await shelf.publish(said)).lines[0].status == "created"
        pair = answerings(shelf)
        for day in range(3):
            shelf.clock.instant = Instant(START + day * DAY + 5000)
            for asked in ASKED:
                both(shelf, asked, pair)
        used = pair[0].forms
        assert isinstance(used, Learned)
        assert bool(used.used) is (kind != "for roles")


async def test_a_form_ends_with_the_authority_and_with_the_link(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as shelf:
        for path in GTINS:
            await shelf.publish(link(anchor=path, href=f"https://shop.test{path}", default=True))
        pair = answerings(shelf)
        assert [reply.status for reply in both(shelf, {}, pair)] == [307] * 6
        assert isinstance(shelf.cache.alone(RICE), Written)
        shelf.publishers.standings[MAKER.did] = Standing(END)
        shelf.publishers.end(MAKER)
        ended = both(shelf, {}, pair)
        assert not any(reply.headers[0][1].startswith("https://shop.test") for reply in ended)


async def test_only_a_single_link_comes_as_it_is_written(tmp_path: Path) -> None:
    async with open_shelf(tmp_path) as shelf:
        await shelf.publish(link(default=True))
        await shelf.publish(link(anchor=PILLS), link(anchor=PILLS, linkType="dpp"))
        answerings(shelf)
        alone, several = shelf.cache.alone(RICE), shelf.cache.alone(PILLS)
        assert isinstance(alone, Written)
        assert (alone.link(),) == shelf.cache.links([RICE])[RICE]
        assert not isinstance(several, Written)
        assert several == shelf.cache.links([PILLS])[PILLS]
        assert all(isinstance(each, Link) for each in several)
        assert shelf.cache.alone("/01/00000000000000") == ()
