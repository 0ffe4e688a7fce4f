"""What nothing has touched since need not be asked about; what something touched is."""

from pathlib import Path

import pytest_asyncio

from link_resolver.identifier import Holder
from link_resolver.schemes import Schemes
from policies.statements import Action
from resolver.did import Did
from resolver.instant import DAY, END, Instant, format_instant
from resolver.strict_json import Json
from tests.unit.trust_registry.board import Board, grant, open_board, party, someone
from touchstone.service.publishers import RegistryPublishers
from touchstone.service.unshaken import unshaken

SCOPE: Json = {"product": ["gcp:9506000"], "rest": "any"}
RICE = Holder("gs1", "01", "09506000134352", ("9506", "95060", "950600", "9506000"))
MAKER = Did.parse(someone("maker of rice").did)


@pytest_asyncio.fixture
async def board(tmp_path: Path) -> Board:
    board = await open_board(tmp_path / "journal.sqlite")
    passes_on: Json = {"actions": ["link"], "depth": 0}
    await board.anchor("mark", scope={"rest": "any"}, passes_on=passes_on)
    await board.act("mark", party("maker of rice"))
    return board


async def granted(board: Board, **more: Json) -> str:
    board.pass_time(DAY)
    act = grant("authorise", "maker of rice", action="link", scope=SCOPE, **more)
    return (await board.act("mark", act)).id


def standing(board: Board) -> tuple[Instant, Instant]:
    index = board.registry.index
    known = index.party_of(MAKER, board.registry.journal.size)
    assert known is not None
    return unshaken(index, known.id, Action.LINK, board.clock.now())


def allowed(board: Board) -> bool:
    publishers = RegistryPublishers(board.registry, Schemes(), board.clock)
    return publishers.may_publish(MAKER, RICE, board.clock.now()).granted


async def test_a_grant_and_other_grants_shake_nothing(board: Board) -> None:
    await granted(board)
    board.pass_time(DAY)
    published = board.clock.now()
    assert allowed(board)
    await granted(board)
    await board.act("mark", party("another"))
    since, until = standing(board)
    assert since < published
    assert until == END


async def test_an_expiry_is_foreseen_and_then_remembered(board: Board) -> None:
    ends = Instant(board.clock.now() + 10 * DAY)
    await granted(board, valid_until=board.later(10 * DAY))
    assert standing(board)[1] == ends
    board.clock.instant = ends
    assert standing(board)[0] == ends
    assert not allowed(board)


async def test_what_is_done_to_the_publisher_or_to_who_authorised_it_shakes(board: Board) -> None:
    statement = await granted(board)
    board.pass_time(DAY)
    published = board.clock.now()
    board.pass_time(DAY)
    suspend: dict[str, Json] = {
        "type": "suspend",
        "statement": statement,
        "issued_credentials": "doubt",
        "ground": "tested",
        "effective_until": board.later(5 * DAY),
    }
    await board.act("mark", suspend)
    since, until = standing(board)
    assert since > published
    assert until == board.clock.now() + 5 * DAY
    assert not allowed(board)
    board.pass_time(6 * DAY)
    assert standing(board)[0] > published, "asked about, though it is good again"
    assert allowed(board)


async def test_a_did_that_its_party_gave_up_publishes_nothing(board: Board) -> None:
    await granted(board)
    rice, new = someone("maker of rice"), someone("maker later")
    assert allowed(board)
    published = board.clock.now()
    board.pass_time(DAY)
    moving: dict[str, Json] = {
        "type": "amend_party",
        "party": rice.did,
        "add_dids": [new.did],
    }
    assert (await board.act("maker of rice", moving)).status == "executed"
    pinning: dict[str, Json] = {
        "type": "rotate_keys",
        "party": rice.did,
        "add": [new.thumbprint],
    }
    assert (await board.act("maker of rice", pinning, also=["maker later"])).status == "executed"
    leaving: dict[str, Json] = {
        "type": "amend_party",
        "party": new.did,
        "remove_dids": [rice.did],
    }
    assert (await board.act("maker later", leaving)).status == "executed"
    publishers = RegistryPublishers(board.registry, Schemes(), board.clock)
    now = board.clock.now()
    assert not allowed(board)
    assert not publishers.knows(MAKER)
    assert publishers.standing(MAKER).since == now
    assert publishers.may_publish(MAKER, RICE, published).granted  # it was so then
    assert publishers.may_publish(Did.parse(new.did), RICE, now).granted


async def test_an_exclusion_shakes(board: Board) -> None:
    await granted(board)
    board.pass_time(DAY)
    published = board.clock.now()
    board.pass_time(DAY)
    exclude: dict[str, Json] = {"type": "exclude", "entity": MAKER.text, "ground": "tested"}
    await board.decide(exclude)
    assert standing(board)[0] > published
    assert not allowed(board)


async def test_a_key_that_others_had_shakes_and_fails_from_then_on(board: Board) -> None:
    await granted(board)
    board.pass_time(DAY)
    since, key = board.clock.now(), someone("maker of rice").key.public.thumbprint
    board.pass_time(DAY)
    publishers = RegistryPublishers(board.registry, Schemes(), board.clock)
    assert publishers.holds_key(MAKER, key, since)
    compromise: dict[str, Json] = {
        "type": "compromise_key",
        "did": MAKER.text,
        "thumbprint": key,
        "from": format_instant(since),
    }
    await board.decide(compromise)
    assert standing(board)[0] > since
    assert not publishers.holds_key(MAKER, key, since)
    assert publishers.holds_key(MAKER, key, Instant(since - 1)), "recorded before anybody had it"
    assert publishers.holds_key(MAKER, "another", since)
    assert publishers.holds_key(MAKER, key, since, since), "as it was known then"
