"""Receipts: the registry's word on an act, and how it is held against the log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from resolver.instant import Instant
from tests.unit.trust_registry.board import ORIGIN, START, Board, open_board, party
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.keys import KeyKind, SigningKey, open_checkpoint
from trust_registry.log.notes import Note
from trust_registry.log.publisher import log_origin
from trust_registry.receipts import MERGE_DELAY_MS, Receipt, is_broken, open_receipt

KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"k" * 32)
OTHER = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"o" * 32)


@pytest.fixture
async def signing(tmp_path: Path) -> AsyncIterator[Board]:
    board = await open_board(tmp_path / "journal", log_keys=[KEY])
    yield board
    await board.registry.close()


async def test_what_is_recorded_gets_a_signed_receipt_the_same_each_time(signing: Board) -> None:
    signed = signing.sign("irma", signing.write("irma", party("auditor")))
    first = await signing.registry.submit(signed)
    receipt = open_receipt(first.receipt.encode(), [KEY.public])
    assert (receipt.act, receipt.index, receipt.size) == (first.id, 1, 2)
    assert receipt.root == signing.registry.journal.root_at(2)
    assert receipt.due == START + MERGE_DELAY_MS
    signing.pass_time(1000)
    assert (await signing.registry.submit(signed)).receipt == first.receipt


async def test_what_is_refused_gets_the_reason_signed_and_the_state_it_was_judged_at(
    signing: Board,
) -> None:
    with pytest.raises(ActRefusedError) as caught:
        await signing.act("irma", party("auditor"), also=["irma"])
    receipt = open_receipt(caught.value.receipt.encode(), [KEY.public])
    assert receipt.refused is Refusal.SIGNATURE_MISSING
    assert (receipt.size, receipt.root) == (1, signing.registry.journal.root)


async def test_nothing_is_signed_for_what_was_not_judged(signing: Board, board: Board) -> None:
    with pytest.raises(ActRefusedError) as caught:
        await signing.act("stranger", party("stranger"))
    assert caught.value.receipt == ""
    assert (await board.act("irma", party("auditor"))).receipt == ""  # there is no key


async def test_a_withheld_act_convicts_the_log(signing: Board) -> None:
    given = await signing.act("irma", party("auditor"))
    receipt = open_receipt(given.receipt.encode(), [KEY.public])
    published = Checkpoint(log_origin(ORIGIN), 2, signing.registry.journal.root)
    without = Checkpoint(log_origin(ORIGIN), 1, signing.registry.journal.root_at(1) or b"")
    before, after = Instant(receipt.due - 1), receipt.due
    assert not is_broken(receipt, published, after, receipt.act)
    assert not is_broken(receipt, without, before, None)
    assert is_broken(receipt, without, after, None)
    assert is_broken(receipt, published, before, "0" * 64)  # another act in its place
    refused = Receipt(receipt.origin, "0" * 64, START, 1, without.root, Refusal.EXPIRED)
    assert not is_broken(refused, published, after, None)


async def test_a_receipt_is_the_logs_and_no_checkpoint(signing: Board) -> None:
    given = (await signing.act("irma", party("auditor"))).receipt.encode()
    with pytest.raises(LogError):
        open_receipt(given, [OTHER.public])
    with pytest.raises(LogError):
        open_checkpoint(Note.parse(given), [KEY.public])
    text = Note.parse(given).text
    for broken in (
        text.replace("size 2", "size 02"),
        text.replace("recorded 1", "recorded 0"),
        text.replace("due ", "due  "),
        text + "more 1\n",
        text.replace("touchstone-receipt/v1\n", ""),
        text.replace("act ", "act"),
        "",
    ):
        note = str(Note(broken or "\n", (KEY.sign(broken, START),)))
        with pytest.raises(LogError):
            open_receipt(note.encode(), [KEY.public])
