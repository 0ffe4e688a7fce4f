"""What an act did, kept beside its entry, so that a start need not judge every entry again.

Kept is what took effect at once and moved nothing that waits for a board: the daily work of
authorities, which most of a long journal is. Every other entry is judged again at each start. What
is kept is believed as the stored signatures are: until the audit has judged each entry again, and
found that it did just that.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Self

from msgspec.json import Decoder, Encoder

from policies.index import Index
from policies.lines import ChangeLine, PartyLine, StatementLine
from policies.statements import Party, PartyId, Statement, StatusChange
from resolver.instant import Instant
from trust_registry.acts import Act
from trust_registry.case import Outcome
from trust_registry.docket import Names, names_of
from trust_registry.entries import Entry
from trust_registry.errors import CorruptJournalError
from trust_registry.opening import SignedAct
from trust_registry.proposals import Status

_FORMAT = b"\x01"
_HEAD = struct.Struct(">c32s32s16sq")
_NONCE = 16
_AT_ONCE = 128
"""Acts that are taken up at once, at most: gone before Python looks for garbage among them."""


class KeptParty(NamedTuple):
    """A party as an act left it.

    Attributes:
        line: it.
        given_up: the names that were its alone before; see `docket.names_of`.
        names: those that are now.
    """

    line: PartyLine
    given_up: Names
    names: Names


class Deed(NamedTuple):
    """What an act did.

    Attributes:
        who: whose allowance it used up.
        kind: the act's type.
        maker: who may take a change back that it made.
        parties: the parties that it registered or changed.
        statements: the statements that it made.
        changes: the changes of status.
    """

    who: str
    kind: str
    maker: PartyId
    parties: tuple[KeptParty, ...]
    statements: tuple[StatementLine, ...]
    changes: tuple[ChangeLine, ...]

    @property
    def lines(self) -> Sequence[PartyLine | StatementLine]:
        """What it added to the index's rows, in their order."""
        if not self.parties:
            return self.statements
        return (*[each.line for each in self.parties], *self.statements)


class Kept(NamedTuple):
    """What is kept of an act that was executed where it was recorded.

    Attributes:
        leaf: the hash of its entry (RFC 6962 2.1).
        act: the act's id, as bytes.
        nonce: what stands for its signer and nonce; see `nonce_of`.
        recorded_at: the entry's time.
        deed: what it did.
    """

    leaf: bytes
    act: bytes
    nonce: bytes
    recorded_at: Instant
    deed: Deed

    def to_bytes(self) -> bytes:
        """Write it; the same always gives the same bytes."""
        *head, deed = self
        return _HEAD.pack(_FORMAT, *head) + _WRITER.encode(deed)


class Run(NamedTuple):
    """What is kept of acts that follow one another, in columns: so many are taken up at once.

    Attributes:
        leaves: see `Kept`.
        acts: likewise.
        nonces: likewise.
        times: when each was recorded.
        deeds: what each did.
    """

    leaves: Sequence[bytes]
    acts: Sequence[bytes]
    nonces: Sequence[bytes]
    times: Sequence[Instant]
    deeds: Sequence[Deed]

    @classmethod
    def of(cls, kept: Sequence[bytes]) -> Self:
        """Read what `Kept.to_bytes` wrote, in the present format.

        Raises:
            ValueError: it is not what that wrote.
        """
        try:
            _, leaves, acts, nonces, times = zip(*map(_HEAD.unpack_from, kept), strict=True)
        except struct.error as error:
            raise ValueError(str(error)) from None
        deeds = _READER.decode(b"[%b]" % b",".join([each[_HEAD.size :] for each in kept]))
        if len(deeds) != len(kept):
            raise ValueError("what one act did is written as that of several")
        return cls(leaves, acts, nonces, times, deeds)


_WRITER, _READER = Encoder(order="deterministic"), Decoder(list[Deed])


def runs(effects: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Run]]:
    """Read what is kept of entries in as few runs as there can be; another format is left out.

    Args:
        effects: what is kept, with the entries' positions, in their order.

    Yields:
        Each run, and the position of its first entry.

    Raises:
        CorruptJournalError: one is unreadable.
    """
    first, some = 0, list[bytes]()
    for position, effect in effects:
        if position != first + len(some) or len(some) == _AT_ONCE:
            if some:
                yield first, _run(first, some)
            first, some = position, []
        if is_present_format(effect):
            some.append(effect)
    if some:
        yield first, _run(first, some)


def _run(first: int, kept: Sequence[bytes]) -> Run:
    try:
        return Run.of(kept)
    except ValueError as error:
        unreadable = (at for at, each in enumerate(kept, first) if not _is_readable(each))
        text = f"what is kept of it: {error}"
        raise CorruptJournalError(next(unreadable, first), text) from None


def _is_readable(kept: bytes) -> bool:
    try:
        Run.of([kept])
    except ValueError:
        return False
    return True


def is_present_format(data: bytes) -> bool:
    """Tell whether what is kept is in the format that is written now; another one is not read."""
    return data.startswith(_FORMAT)


def nonce_of(act: Act) -> bytes:
    """Return what stands for an act's signer and nonce: 16 bytes of a SHA-256 digest."""
    return sha256(f"{act.by.text}\0{act.nonce}".encode()).digest()[:_NONCE]


def effect_of(signed: SignedAct, outcome: Outcome, entry: Entry, who: str, index: Index) -> bytes:
    """Write what an act does, or nothing where it is to be judged at each start.

    Args:
        signed: the act.
        outcome: what came of judging it.
        entry: its entry.
        who: whose allowance it uses up.
        index: the state before it.
    """
    moved = (outcome.proposal, outcome.appeal, outcome.ratifies)
    if outcome.status is not Status.EXECUTED or any(each is not None for each in moved):
        return b""
    parties, statements, changes = [], [], []
    for item in outcome.items:
        match item:
            case Party():
                before = index.party(item.id)
                given_up = names_of(before) if before else frozenset()
                parties.append(KeptParty(PartyLine.of(item), given_up, names_of(item)))
            case Statement():
                statements.append(StatementLine.of(item))
            case StatusChange() if item.lifted is None:
                changes.append(ChangeLine.of(item))
            case _:
                return b""
    deed = Deed(
        who, signed.act.type, outcome.maker, tuple(parties), tuple(statements), tuple(changes)
    )
    return Kept(
        entry.leaf,
        bytes.fromhex(signed.id),
        nonce_of(signed.act),
        entry.recorded_at,
        deed,
    ).to_bytes()
