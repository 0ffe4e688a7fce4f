"""Proof files: that an entry is in a log, to be checked without asking anyone (C2SP tlog-proof)."""

from dataclasses import dataclass
from typing import Self

from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import InvalidNoteError, InvalidProofError, QuorumUnmetError
from trust_registry.log.keys import Verified, open_checkpoint, verify_note
from trust_registry.log.lines import from_base64, from_decimal, from_hash, to_base64
from trust_registry.log.notes import Note
from trust_registry.log.policies import Policy
from trust_registry.log.proofs import verify_inclusion
from trust_registry.merkle import leaf_hash

MAX_FILE = 1_000_000
"""Bytes: an entry in base64, and a note."""
_HEAD = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a proof file was found to prove.

    Attributes:
        index: of the entry, from 0.
        checkpoint: of the log that holds it.
        cosignatures: of the policy's witnesses.
    """

    index: int
    checkpoint: Checkpoint
    cosignatures: tuple[Verified, ...]


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A proof that an entry is in a log.

    Attributes:
        index: of the entry, from 0.
        hashes: the inclusion proof.
        checkpoint: the signed checkpoint.
        extra: what nobody signed; ours is the entry itself, which the proof then proves.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a proof file.

        Raises:
            InvalidProofError: it is none.
        """
        try:
            text = data[: MAX_FILE + 1].decode()
            head, blank, note = text.partition("\n\n")
            if len(data) > MAX_FILE or not blank:
                raise InvalidProofError("a proof file is some lines, an empty line, a checkpoint")
            return cls(*_head(head.split("\n")), Note.parse(note.encode()), _extra(head))
        except (UnicodeDecodeError, InvalidNoteError) as error:
            raise InvalidProofError(f"not a proof file: {error}") from None

    def __str__(self) -> str:
        """The file's text."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        lines = [_HEAD, *extra, f"index {self.index}", *map(to_base64, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines) + str(self.checkpoint)

    def verify(self, entry: bytes, policy: Policy) -> Evidence:
        """Verify that the entry is in a log that the policy trusts, and seen by its witnesses.

        Raises:
            UntrustedNoteError: no log of the policy signed, or a signature is false.
            QuorumUnmetError: too few of its witnesses cosigned.
            InvalidProofError: the entry is not in the log.
            InvalidCheckpointError: it is none, or an impossible one.
        """
        checkpoint = open_checkpoint(self.checkpoint, policy.logs)
        cosigned = verified_cosignatures(self.checkpoint, policy)
        if not policy.met([each.key for each in cosigned]):
            raise QuorumUnmetError("too few of the policy's witnesses cosigned")
        leaf = leaf_hash(entry)
        verify_inclusion(self.index, checkpoint.size, leaf, self.hashes, checkpoint.root)
        return Evidence(self.index, checkpoint, cosigned)


def verified_cosignatures(note: Note, policy: Policy) -> tuple[Verified, ...]:
    """Return the policy's witnesses' cosignatures on a note.

    Raises:
        UntrustedNoteError: one of them is false.
    """
    keys = [key for key in policy.cosigners.values() if any(map(key.made, note.signatures))]
    return verify_note(note, keys) if keys else ()


def _extra(head: str) -> bytes | None:
    line = head.split("\n")[1]
    if not line.startswith("extra "):
        return None
    extra = from_base64(line.removeprefix("extra "))
    if extra is None:
        raise InvalidProofError("extra data is in base64")
    return extra


def _head(lines: list[str]) -> tuple[int, tuple[bytes, ...]]:
    if lines[0] != _HEAD or len(lines) == 1:
        raise InvalidProofError(f"a proof file begins with {_HEAD}")
    rest = lines[2:] if lines[1].startswith("extra ") else lines[1:]
    index = from_decimal(rest[0].removeprefix("index ")) if rest else None
    if index is None or not rest[0].startswith("index "):
        raise InvalidProofError("the entry's index is missing, or not in decimal")
    hashes = tuple(map(from_hash, rest[1:]))
    if not all(hashes):
        raise InvalidProofError("a hash is the base64 of 32 bytes")
    return index, tuple(each for each in hashes if each)
