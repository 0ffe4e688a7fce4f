"""Judging checkpoints: what a witness answers, and what it remembers before it answers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple, Protocol

from resolver.clock import Clock
from trust_registry.errors import StoreMovedError
from trust_registry.log.checkpoints import EMPTY_ROOT, Checkpoint
from trust_registry.log.errors import (
    InvalidCheckpointError,
    InvalidNoteError,
    InvalidProofError,
    UntrustedNoteError,
)
from trust_registry.log.keys import SigningKey, VerifierKey, verify_note
from trust_registry.log.lines import from_decimal, from_hash
from trust_registry.log.notes import MAX_NOTE, Note
from trust_registry.log.proofs import MAX_PROOF, verify_consistency

MAX_BODY = MAX_NOTE + 64 * 64
"""Bytes: of a request, its proof and its note."""
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class Cosigned(NamedTuple):
    """The last checkpoint that a witness cosigned for a log."""

    size: int
    root: bytes
    note: str


class CosignedStore(Protocol):
    """Where a witness remembers. Every method blocks."""

    def last(self, origin: str) -> Cosigned | None:
        """Return what was cosigned last for a log, or None.

        Raises:
            StoreError: it cannot be read.
        """
        ...

    def advance(self, origin: str, old: int, new: Cosigned) -> None:
        """Remember a checkpoint in place of one of size `old`; durable when this returns.

        Raises:
            StoreMovedError: another one was remembered since.
            StoreError: it could not be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness says to a request.

    Attributes:
        status: of HTTP.
        text: cosignature lines, a size, or why not.
        content_type: of the text.
    """

    status: HTTPStatus
    text: str
    content_type: str = TEXT_TYPE


class _Refusal(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: HTTPStatus, text: str, content_type: str = TEXT_TYPE) -> None:
        super().__init__(text)
        self.reply = Reply(status, f"{text}\n", content_type)


class _Request(NamedTuple):
    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


class Witness:
    """A witness of some logs.

    Args:
        store: where it remembers.
        keys: what it cosigns with.
        logs: the keys of each log that it follows; a log's name is its keys' name.
        clock: dates its cosignatures.
    """

    def __init__(
        self,
        store: CosignedStore,
        keys: Sequence[SigningKey],
        logs: Iterable[VerifierKey],
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = tuple(keys)
        self._clock = clock
        self._logs: dict[str, tuple[VerifierKey, ...]] = {}
        for key in logs:
            self._logs[key.name] = (*self._logs.get(key.name, ()), key)
        self._turn = asyncio.Lock()

    @property
    def logs(self) -> Mapping[str, tuple[VerifierKey, ...]]:
        """The keys of each log that it follows, by its origin."""
        return self._logs

    async def add_checkpoint(self, body: bytes) -> Reply:
        """Cosign a checkpoint, or say why not (C2SP tlog-witness, "add-checkpoint").

        Raises:
            StoreError: it could not be remembered, so it was not cosigned.
        """
        try:
            request = _parse(body)
            signed = self._authentic(request)
            async with self._turn:
                return await asyncio.to_thread(self._cosign, request, signed)
        except _Refusal as refusal:
            return refusal.reply

    def _authentic(self, request: _Request) -> Note:
        """Return the note with the signatures of its log alone."""
        keys = self._logs.get(request.checkpoint.origin)
        if keys is None:
            raise _Refusal(HTTPStatus.NOT_FOUND, "not a log that is followed here")
        try:
            verified = verify_note(request.note, keys)
        except UntrustedNoteError as error:
            raise _Refusal(HTTPStatus.FORBIDDEN, str(error)) from None
        if request.old > request.checkpoint.size:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's")
        return Note(request.note.text, tuple(each.signature for each in verified))

    def _cosign(self, request: _Request, signed: Note) -> Reply:
        """Compare with what is remembered, remember, and only then sign. It blocks."""
        new = request.checkpoint
        last = self._store.last(new.origin) or Cosigned(0, EMPTY_ROOT, "")
        if request.old != last.size:
            raise _conflict(last.size)
        if not new.possible:
            raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "an empty tree has another root")
        try:
            verify_consistency(last.size, new.size, last.root, new.root, request.proof)
        except InvalidProofError as error:
            raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        at = self._clock.now()
        lines = tuple(key.sign(signed.text, at) for key in self._keys)
        kept = Cosigned(new.size, new.root, str(signed.with_signatures(lines)))
        try:
            self._store.advance(new.origin, last.size, kept)
        except StoreMovedError:
            now = self._store.last(new.origin)
            raise _conflict(now.size if now else 0) from None
        return Reply(HTTPStatus.OK, "".join(map(str, lines)))

    async def checkpoint(self, origin_hash: str) -> str | None:
        """Return what was cosigned last for a log, by the hash of its origin in hex, or None."""
        for origin in self._logs:
            if sha256(origin.encode()).hexdigest() == origin_hash:
                last = await asyncio.to_thread(self._store.last, origin)
                return last.note if last else None
        return None


def _conflict(size: int) -> _Refusal:
    return _Refusal(HTTPStatus.CONFLICT, str(size), SIZE_TYPE)


def _parse(body: bytes) -> _Request:
    head, blank, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        parsed = Note.parse(note)
        checkpoint = Checkpoint.parse(parsed.text)
    except (UnicodeDecodeError, InvalidNoteError, InvalidCheckpointError) as error:
        raise _Refusal(HTTPStatus.BAD_REQUEST, f"not a checkpoint: {error}") from None
    old = from_decimal(first.removeprefix("old "))
    proof = [from_hash(line) for line in lines[: MAX_PROOF + 1]]
    hashes = tuple(each for each in proof if each is not None)
    if not blank or not first.startswith("old ") or old is None:
        raise _Refusal(HTTPStatus.BAD_REQUEST, "the first line is the old size")
    if len(lines) > MAX_PROOF or len(hashes) < len(lines):
        text = f"a proof has at most {MAX_PROOF} lines, each the base64 of a hash"
        raise _Refusal(HTTPStatus.BAD_REQUEST, text)
    return _Request(old, hashes, parsed, checkpoint)
