"""The witness: the published session, restarts, races and rollbacks."""

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from resolver.clock import FixedClock
from resolver.instant import SECOND, Instant
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey, VerifierKey, verify_note
from trust_registry.log.lines import to_base64
from trust_registry.log.notes import Note, parse_signatures
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash
from trust_registry.stores.cosigned import SqliteCosigned
from trust_registry.witness.witnessing import Witness

LOG = SigningKey.from_seed("log.test", KeyKind.ED25519, b"l" * 32)
KEYS = [
    SigningKey.from_seed("witness.test", kind, b"w" * 32)
    for kind in (KeyKind.COSIGNATURE, KeyKind.ML_DSA_44)
]
CLOCK = FixedClock(Instant(1_790_000_000 * SECOND))


def grown(size: int, word: str = "entry") -> HashTree:
    tree = HashTree()
    for number in range(size):
        tree.append(leaf_hash(f"{word}-{number}".encode()))
    return tree


TREE = grown(40)


def asking(old: int, size: int, tree: HashTree = TREE) -> bytes:
    text = str(Checkpoint("log.test", size, tree.root(size)))
    note = Note(text, (LOG.sign(text, CLOCK.instant),))
    proof = "".join(f"{to_base64(each)}\n" for each in tree.consistency(old, size))
    return f"old {old}\n{proof}\n{note}".encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteCosigned]:
    opened = SqliteCosigned(tmp_path / "cosigned.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def witness(store: SqliteCosigned) -> Witness:
    return Witness(store, KEYS, [LOG.public], CLOCK)


@pytest.fixture
def session(vectors: Path) -> Any:
    return json.loads((vectors / "governance/tlog/witness-session.json").read_text())


async def test_the_published_session(store: SqliteCosigned, session: Any) -> None:
    witness = Witness(store, KEYS, [VerifierKey.parse(session["log_vkey"])], CLOCK)
    for step in session["session"]:
        reply = await witness.add_checkpoint(step["request"].encode())
        assert reply.status in (step["status"], *step.get("also_acceptable", [])), step["id"]
        if reply.status == 200:
            note = Note.parse(step["request"].encode().partition(b"\n\n")[2])
            lines = Note(note.text, parse_signatures(reply.text))
            verified = verify_note(lines, [key.public for key in KEYS])
            assert [each.made_at for each in verified] == [CLOCK.instant] * 2
        if reply.status == 409:
            assert reply.text == step["response_body"]
            assert reply.content_type == "text/x.tlog.size"


async def test_a_restart_forgets_nothing(witness: Witness, tmp_path: Path) -> None:
    assert (await witness.add_checkpoint(asking(0, 20))).status == 200
    again = await asyncio.to_thread(SqliteCosigned, tmp_path / "cosigned.sqlite")
    restarted = Witness(again, KEYS, [LOG.public], CLOCK)
    reply = await restarted.add_checkpoint(asking(0, 30))
    assert (reply.status, reply.text) == (409, "20\n")
    assert (await restarted.add_checkpoint(asking(20, 30))).status == 200
    again.close()


async def test_a_log_that_rolled_back_is_refused(witness: Witness) -> None:
    """A log restored from a backup goes on from where it was, or not at all."""
    assert (await witness.add_checkpoint(asking(0, 20))).status == 200
    assert (await witness.add_checkpoint(asking(20, 10, TREE))).status == 400
    assert (await witness.add_checkpoint(asking(10, 10))).text == "20\n"
    forked = grown(30, "other")
    for size in (20, 30):
        assert (await witness.add_checkpoint(asking(20, size, forked))).status == 422
    assert (await witness.add_checkpoint(asking(20, 40))).status == 200


async def test_of_many_at_once_each_goes_on_from_the_one_before(witness: Witness) -> None:
    await witness.add_checkpoint(asking(0, 5))
    replies = await asyncio.gather(
        *(witness.add_checkpoint(asking(5, size)) for size in range(6, 30))
    )
    assert sorted(int(each.status) for each in replies) == [200] + [409] * 23


async def test_two_processes_on_one_file_cosign_one_history(
    witness: Witness, tmp_path: Path
) -> None:
    store = await asyncio.to_thread(SqliteCosigned, tmp_path / "cosigned.sqlite")
    other = Witness(store, KEYS, [LOG.public], CLOCK)
    forked = grown(30, "other")
    replies = await asyncio.gather(
        witness.add_checkpoint(asking(0, 30)), other.add_checkpoint(asking(0, 30, forked))
    )
    assert sorted(int(each.status) for each in replies) == [200, 409]
    store.close()


async def test_what_was_cosigned_can_be_read(witness: Witness) -> None:
    origin = "13f1f1c3a1" + "0" * 54
    assert await witness.checkpoint(origin) is None
    known = sha256(b"log.test").hexdigest()
    assert await witness.checkpoint(known) is None
    await witness.add_checkpoint(asking(0, 20))
    text = await witness.checkpoint(known)
    assert text is not None
    keys = [LOG.public, *(key.public for key in KEYS)]
    assert len(verify_note(Note.parse(text.encode()), keys)) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n\n",
        b"\xff\n\n",
        b"old -1\n\nx",
        b"x" * 600_000,
        asking(0, 5).replace(b"old 0", b"old  0"),
        asking(4, 5).replace(b"=\n", b"\n", 1),
    ],
)
async def test_what_is_no_request_is_refused(witness: Witness, body: bytes) -> None:
    assert (await witness.add_checkpoint(body)).status == 400
