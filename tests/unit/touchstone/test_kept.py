"""An answer filled into a kept form is the answer that would have been worked out."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio

from resolver.errors import InvalidJsonError
from resolver.instant import DAY, Instant, format_instant
from resolver.strict_json import parse_json
from tests.unit.trust_registry.board import Board, grant, open_board, party, someone
from touchstone.service.desk import Desk
from touchstone.service.errors import RequestError
from touchstone.service.kept import Cut, Key, Prepared, cut_body, cut_query
from touchstone.service.questions import question_of_json, question_of_query
from touchstone.service.telemetry import Telemetry

AUDITOR = someone("auditor").did
MOST = 10
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    """Two auditors, one suspended for some days of the future."""
    board = await open_board(tmp_path / "journal.sqlite")
    await board.decide(party("auditor"))
    await board.decide(party("other"))
    await board.anchor("irma")
    granted = grant("authorise", "auditor", valid_until=board.later(99 * DAY))
    act = await board.act("irma", granted)
    suspension = {
        "type": "suspend",
        "statement": act.id,
        "issued_credentials": "nothing",
        "ground": "Findings",
        "effective_from": board.later(10 * DAY),
        "effective_until": board.later(20 * DAY),
    }
    await board.act("irma", suspension)
    board.pass_time(DAY)
    yield board
    await board.registry.close()


class Counter:
    """Asks as the routes do, and knows what was answered from a form."""

    def __init__(self, board: Board) -> None:
        self.desk = Desk(board.registry, Telemetry())
        self.board = board
        self.from_forms = 0

    async def ask(self, key: Key) -> Prepared:
        now = self.board.clock.now()
        cut = cut_query(key) if isinstance(key, str) else cut_body(key)
        filled = self.desk.filled(key, cut, now)
        if filled is not None:
            self.from_forms += 1
            return filled
        return await self.desk.answer(asked_by(key), key, cut, now)

    async def afresh(self, key: Key) -> Prepared:
        desk = Desk(self.board.registry, Telemetry())
        return await desk.answer(asked_by(key), None, None, self.board.clock.now())


def asked_by(key: Key):
    if isinstance(key, str):
        return question_of_query(key, MOST)
    return question_of_json(parse_json(key), MOST)


def query(at: int | None) -> str:
    rest = f"issuer={AUDITOR}&commodity=copper"
    return rest if at is None else f"{rest}&at={format_instant(Instant(at))}&country=CL"


def body(at: int | None) -> bytes:
    question = {"issuer": AUDITOR, "claim": {"commodity": "copper"}}
    if at is not None:
        question["at"] = format_instant(Instant(at))
    return orjson.dumps(question)


@pytest.mark.parametrize("write", [query, body])
async def test_over_time_forms_give_what_would_be_worked_out(board: Board, write) -> None:
    counter, outcomes = Counter(board), set()
    start = board.clock.now()
    for step in range(120):
        at = None if step % 4 == 3 else start + (step % 40) * DAY - 3 * DAY + step % 3
        key = write(at)
        answer = await counter.ask(key)
        assert answer == await counter.afresh(key)
        outcomes.add(orjson.loads(answer.body)["outcome"])
        board.pass_time(DAY // 7)
    assert outcomes == {"authorised", "not_authorised"}
    assert counter.from_forms > 40


def query_of(product: str, at: int) -> str:
    return f"{query(at)}&product={quote(product, safe='')}"


def body_of(product: str, at: int) -> bytes:
    claim = {"commodity": "copper", "product": product}
    question = {"issuer": AUDITOR, "claim": claim, "at": format_instant(Instant(at))}
    return orjson.dumps(question)


def about(did: str, key: Key) -> Key:
    if isinstance(key, str):
        return key.replace(AUDITOR, did)
    return key.replace(AUDITOR.encode(), did.encode())


@pytest.mark.parametrize("write", [query_of, body_of])
async def test_what_no_scope_speaks_of_may_be_another_one(board: Board, write) -> None:
    counter, now = Counter(board), board.clock.now()
    for number in range(40):
        mark = '"' if number % 4 == 3 else ""
        product = f"https://id.example/01/{number} {mark}ü at {format_instant(Instant(now))}"
        key = write(product, now - number % 5)
        answer = await counter.ask(key)
        assert answer == await counter.afresh(key)
        assert orjson.loads(answer.body)["question"]["claim"]["product"] == product
        board.pass_time(1)
    assert counter.from_forms > 20


@pytest.mark.parametrize("write", [query_of, body_of])
async def test_a_product_on_which_the_answer_depends_is_never_left_open(
    board: Board, write
) -> None:
    scope = {"commodity": ["copper"], "product": ["a", "b"], "rest": "any"}
    await board.act("irma", grant("authorise", "other", scope=scope))
    board.pass_time(DAY)
    counter, now, outcomes = Counter(board), board.clock.now(), set()
    for number in range(60):
        key = about(someone("other").did, write("acx"[number % 3], now - number))
        answer = await counter.ask(key)
        assert answer == await counter.afresh(key)
        outcomes.add(orjson.loads(answer.body)["outcome"])
        board.pass_time(1)
    assert outcomes == {"authorised", "not_authorised"}
    assert counter.from_forms > 40


@pytest.mark.parametrize("write", [query_of, body_of])
async def test_a_product_that_is_none_is_refused_by_its_name(board: Board, write) -> None:
    counter, now = Counter(board), board.clock.now()
    for number in range(3):
        await counter.ask(write(f"p{number}", now - number))
    for bad in ("", "x" * 2049):
        with pytest.raises(RequestError) as caught:
            await counter.ask(write(bad, now))
        assert caught.value.field in {"product", "claim.product"}


async def test_what_is_given_twice_is_split_or_refused_as_ever(board: Board) -> None:
    counter, now = Counter(board), board.clock.now()
    for number in range(5):
        key = query_of(f"p{number}", now - number) + "&product=q"
        answer = await counter.ask(key)
        assert answer == await counter.afresh(key)
        with pytest.raises(RequestError):
            await counter.ask(key + "&at=2026-01-01T00%3A00%3A00Z")
        body = body_of(f"p{number}", now - number)
        with pytest.raises(InvalidJsonError):
            await counter.ask(body.replace(b'{"commodity"', b'{"product":"z","commodity"'))
    assert counter.from_forms == 0


async def test_what_the_journal_learns_ends_every_form(board: Board) -> None:
    counter, now = Counter(board), board.clock.now()
    for second in range(3):
        await counter.ask(query(now - 1000 - second))
    assert counter.from_forms == 1
    await board.act("irma", grant("authorise", "auditor"))
    answer = await counter.ask(query(now - 9000))
    assert counter.from_forms == 1
    assert answer.size == board.registry.journal.size


async def test_a_time_that_cannot_be_read_is_refused_by_its_name(board: Board) -> None:
    counter, now = Counter(board), board.clock.now()
    for second in range(2):
        await counter.ask(query(now - 1000 - second))
    with pytest.raises(RequestError) as caught:
        await counter.ask(query(now).replace("at=20", "at=x20"))
    assert caught.value.field == "at"


async def test_only_time_and_product_are_cut_out() -> None:
    assert cut_query("at=x&a=1") == Cut("&at= &a=1", "x", None)
    assert cut_query("a=1&at=2026-01-01T00%3A00%3A00%2B02%3A00&product=%2F") == Cut(
        "&a=1&at= &product= ", "2026-01-01T00:00:00+02:00", "/"
    )
    assert cut_query("known_at=x&cat=1") == Cut("&known_at=x&cat=1", None, None)
    assert cut_query("product=1&product=2") == Cut("&product= &product=2", None, "1")
    assert cut_body(b'{"known_at": "2026", "claim": {}}').at is None
    assert cut_body(b'{"a": "\\"at\\": \\"2026\\""}').at is None
    assert cut_body(b'{"at" : "2026+1", "b": 1}') == Cut(b'{\x00, "b": 1}', "2026+1", None)
    assert cut_body(b'{"product":"\xff"}').product is None
    assert cut_body(b'{"product":"a\\u0041"}').product is None


async def test_a_time_whose_name_is_written_in_another_way_is_never_taken_for_now(
    board: Board,
) -> None:
    counter, now = Counter(board), board.clock.now()
    for at in (now - 5 * DAY, now - 5 * DAY, now - 5 * DAY, now + 14 * DAY):
        for key in (
            query(at).replace("&at=", "&%61t="),
            body(at).replace(b'"at"', b'"\\u0061t"'),
        ):
            answer = await counter.ask(key)
            assert orjson.loads(answer.body)["question"]["at"] == format_instant(Instant(at))
            board.pass_time(1)


async def test_a_claim_that_looks_like_the_time_is_left_as_it_is(board: Board) -> None:
    counter = Counter(board)
    named = format_instant(Instant(board.clock.now() - DAY))
    for back in (DAY, DAY, DAY, DAY - 60_000, DAY - 120_000):
        key = query(board.clock.now() - back) + f"&product={named}"
        answer = await counter.ask(key)
        assert answer == await counter.afresh(key)
        assert orjson.loads(answer.body)["question"]["claim"]["product"] == named
    board.pass_time(1)
