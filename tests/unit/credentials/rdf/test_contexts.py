"""Contexts are admitted by URL and digest, and by nothing else."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from credentials.rdf.context_sources import Fetched, Texts, configured
from credentials.rdf.contexts import (
    Contexts,
    InvalidPinsError,
    context_urls,
    digest_of,
    own_pins,
    read_pins,
)
from credentials.rdf.errors import InvalidJsonLdError, UnreadableContextError
from resolver.errors import RefusedAddressError

ONE, TWO, THREE = (f"https://contexts.example/{n}" for n in (1, 2, 3))
TEXTS = {
    ONE: json.dumps({"@context": {"a": {"@id": "urn:a", "@context": TWO}}}).encode(),
    TWO: json.dumps({"@context": [THREE, {"b": "urn:b"}]}).encode(),
    THREE: json.dumps({"@context": {"@import": ONE, "c": "urn:c"}}).encode(),
}
PINS = {url: frozenset({digest_of(raw)}) for url, raw in TEXTS.items()}


@dataclass
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Hosts:
    """Serves texts by URL, and counts."""

    texts: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)
    status: int = 200

    async def fetch(self, url: str, **_options: object) -> Answer:
        self.asked.append(url)
        await asyncio.sleep(0)
        if url not in self.texts:
            raise RefusedAddressError("no")
        return Answer(self.status, self.texts[url])


async def test_all_that_a_context_uses_comes_with_it() -> None:
    contexts = Contexts(PINS, [Texts({digest_of(raw): raw for raw in TEXTS.values()})])
    found = await contexts.closure([ONE])
    assert {each.url: each.raw for each in found} == TEXTS
    assert await contexts.closure([]) == ()


async def test_what_is_not_admitted_is_named() -> None:
    contexts = Contexts({ONE: PINS[ONE]}, [Texts({digest_of(raw): raw for raw in TEXTS.values()})])
    with pytest.raises(UnreadableContextError, match=f"{TWO} is not admitted; to admit it"):
        await contexts.closure([ONE])


async def test_another_text_than_the_admitted_one_is_not_taken() -> None:
    class Liar:
        async def find(self, url: str, digests: frozenset[str]) -> bytes | None:
            return b'{"@context": {}}'

    with pytest.raises(UnreadableContextError, match="admitted but not at hand"):
        await Contexts(PINS, [Liar()]).closure([ONE])


async def test_a_text_is_fetched_once_and_kept(tmp_path: Path) -> None:
    hosts = Hosts(TEXTS)
    contexts = Contexts(PINS, [Fetched(hosts, tmp_path)])
    await asyncio.gather(*(contexts.closure([ONE]) for _ in range(5)))
    assert sorted(hosts.asked) == [ONE, TWO, THREE]
    kept = await asyncio.to_thread(Texts.of_folder, tmp_path)
    assert len(await Contexts(PINS, [kept]).closure([ONE])) == 3


@pytest.mark.parametrize(
    ("hosts", "why"),
    [
        (Hosts({}), "unreachable"),
        (Hosts({ONE: b"{}"}), "another text"),
        (Hosts(TEXTS, status=404), "not found"),
    ],
)
async def test_what_cannot_be_fetched_is_asked_for_again(hosts: Hosts, why: str) -> None:
    contexts = Contexts(PINS, [Fetched(hosts, None)])
    for _ in range(2):
        with pytest.raises(
            UnreadableContextError, match=f"put its text, with the SHA-256 {digest_of(TEXTS[ONE])}"
        ):
            await contexts.closure([ONE])
    assert hosts.asked == [ONE, ONE], why


async def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    contexts = Contexts(PINS, [Fetched(Hosts(TEXTS), tmp_path / "absent")])
    assert len(await contexts.closure([ONE])) == 3


def test_an_operator_admits_by_a_list_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "any-name.json").write_bytes(TEXTS[ONE])
    (tmp_path / "contexts.json").write_text(json.dumps({ONE: digest_of(TEXTS[ONE])}))
    pins, sources = configured(tmp_path, None)
    assert pins[ONE] == PINS[ONE]
    assert own_pins().items() <= pins.items()
    assert len(sources) == 2
    (tmp_path / "contexts.json").write_text("[]")
    with pytest.raises(InvalidPinsError):
        configured(tmp_path, None)


OWN = own_pins()


async def test_pyld_carries_the_texts_of_the_data_model() -> None:
    contexts = Contexts(OWN, [await asyncio.to_thread(Texts.of_pyld)])
    for url in ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"):
        assert len(await contexts.closure([url])) == 1


def test_our_own_list_is_that_of_the_vectors(vectors: Path) -> None:
    """Every context whose digest is published is admitted by just it, or by equal JSON."""
    folder = vectors / "vc" / "contexts"
    texts = {digest_of(raw.read_bytes()): raw for raw in folder.glob("*.json*")}
    for entry in json.loads((folder / "pinned.json").read_bytes()):
        admitted = own_pins()[entry["url"]]
        assert entry["sha256"] in admitted
        others = admitted - {entry["sha256"]}
        bundled = Texts.of_pyld()._texts
        for other in others:
            assert json.loads(bundled[other]) == json.loads(texts[entry["sha256"]].read_bytes())


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"https://a": 1}', '{"https://a": []}', '{"https://a": ["abc"]}']
)
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidPinsError):
        read_pins(text.encode())


def test_contexts_are_urls_and_stand_at_the_top() -> None:
    inside = {"@context": [TWO], "type": "VerifiableCredential"}
    document = {"@context": [ONE, TWO, ONE], "verifiableCredential": [inside, {"@context": THREE}]}
    assert context_urls(document) == (ONE, TWO, THREE)
    assert context_urls({}) == ()
    for bad in (
        {"@context": {"a": "urn:a"}},
        {"@context": [ONE, None]},
        {"@context": ONE, "a": {"@context": TWO}},
        {"@context": ONE, "a": [[{"b": {"@context": TWO}}]]},
        {"@context": ONE, "verifiableCredential": {"@context": {}}},
        {"@context": ONE, "verifiableCredential": {"@context": ONE, "a": {"@context": ONE}}},
    ):
        with pytest.raises(InvalidJsonLdError, match="context"):
            context_urls(bad)
