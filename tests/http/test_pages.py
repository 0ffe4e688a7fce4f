"""Pages: whole without scripts, without anything from elsewhere, and every link leads somewhere."""

import re
from html.parser import HTMLParser

import pytest

from tests.http.conftest import SETTINGS, Service
from touchstone.service.catalogue import KINDS

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ["/", "/docs", "/problems", *(f"/problems/{slug}" for slug in KINDS)]
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """What a page holds: its tags, links and ids; it fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append(name)
            if name in {"href", "src", "action"} and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)
        if tag == "img":
            assert dict(attrs).get("alt") is not None
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_whole_by_itself(service: Service, path: str) -> None:
    answer = await service.get(path)
    assert answer.status == 200
    page = Page(answer.body.decode())
    assert "script" not in page.tags
    assert "style" not in page.tags
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]
    assert len(page.ids) == len(set(page.ids))
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for link in page.links:
        assert link.startswith(("/", "#")), link
        target, _, fragment = link.partition("#")
        if fragment and not target:
            assert fragment in page.ids
        if target:
            assert (await service.get(target)).status == 200, link


async def test_a_page_that_is_held_is_not_sent_again(service: Service) -> None:
    first = await service.get("/docs")
    again = await service.get("/docs", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_the_reference_shows_every_operation_and_schema(service: Service) -> None:
    text = (await service.get("/docs")).body.decode()
    for words in (
        "/v1/decisions",
        "/v1/credentials/verify",
        "undetermined",
        "known_at",
        "Question",
    ):
        assert words in text


async def test_light_and_dark_and_print_are_one_style_sheet(service: Service) -> None:
    answer = await service.get("/touchstone.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    text = answer.body.decode()
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "http" not in text


@pytest.mark.parametrize("path", ["/docs", "/problems/unsupported-media-type"])
async def test_what_is_code_in_the_text_is_code_on_the_page(service: Service, path: str) -> None:
    text = (await service.get(path)).body.decode()
    assert "`" not in re.sub(r"(?s)<pre>.*?</pre>", "", text)
    assert "<code>Content-Type: application/json</code>" in text or path == "/docs"


async def test_the_examples_ask_the_service_that_shows_them(service: Service) -> None:
    text = (await service.get("/")).body.decode()
    assert f"curl -s &#39;{SETTINGS.audience}/v1/decisions" in text.replace("'", "&#39;")
