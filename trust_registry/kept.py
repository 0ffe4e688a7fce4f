"""What an act did, kept beside its entry, so that a start need not judge every entry again.

Kept is what took effect at once and moved nothing that waits for a board: the daily work of
authorities, which most of a long journal is. Every other entry is judged again at each start. What
is kept is believed as the stored signatures are: until the audit has judged each entry again, and
found that it did just that.
"""

import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, Self

import orjson

from policies.index import Index
from policies.lines import ChangeLine, PartyLine, StatementLine
from policies.statements import Party, Statement, StatusChange
from resolver.instant import Instant
from trust_registry.acts import Act
from trust_registry.case import Outcome
from trust_registry.docket import Names, names_of
from trust_registry.entries import Entry
from trust_registry.opening import SignedAct
from trust_registry.proposals import Status

_FORMAT = b"\x01"
_HEAD = struct.Struct(">c32s32s16sq")
_NONCE = 16


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


class Kept(NamedTuple):
    """What an act did that was executed where it was recorded.

    Attributes:
        leaf: the hash of its entry (RFC 6962 2.1).
        recorded_at: the entry's time.
        act: the act's id, as bytes.
        nonce: what stands for its signer and nonce; see `nonce_of`.
        who: whose allowance it used up.
        kind: the act's type.
        maker: who may take a change back that it made.
        parties: the parties that it registered or changed.
        statements: the statements that it made.
        changes: the changes of status.
    """

    leaf: bytes
    recorded_at: Instant
    act: bytes
    nonce: bytes
    who: str
    kind: str
    maker: str
    parties: tuple[KeptParty, ...]
    statements: tuple[StatementLine, ...]
    changes: tuple[ChangeLine, ...]

    def to_bytes(self) -> bytes:
        """Write it; the same always gives the same bytes."""
        head = _HEAD.pack(_FORMAT, self.leaf, self.act, self.nonce, self.recorded_at)
        parties = [
            ((*each.line,), sorted(each.given_up), sorted(each.names)) for each in self.parties
        ]
        lines = [[(*each,) for each in lines] for lines in (self.statements, self.changes)]
        return head + orjson.dumps([self.who, self.kind, self.maker, parties, *lines])

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """Read what `to_bytes` wrote, or return None where that was in another format.

        Raises:
            ValueError: it is not what that wrote.
        """
        if not is_present_format(data):
            return None
        try:
            _, leaf, act, nonce, at = _HEAD.unpack_from(data)
            written = orjson.loads(data[_HEAD.size :])
            who, kind, maker, parties, statements, changes = written
            return cls(
                leaf,
                Instant(at),
                act,
                nonce,
                who,
                kind,
                maker,
                tuple([_party(*each) for each in parties]) if parties else (),
                tuple(map(StatementLine._make, statements)) if statements else (),
                tuple(map(ChangeLine._make, changes)) if changes else (),
            )
        except (struct.error, TypeError) as error:
            raise ValueError(str(error)) from None


def is_present_format(data: bytes) -> bool:
    """Tell whether what is kept is in the format that is written now; another one is not read."""
    return data.startswith(_FORMAT)


def _party(line: list[str], given_up: Iterable[list[str]], names: Iterable[list[str]]) -> KeptParty:
    return KeptParty(PartyLine(*line), _names(given_up), _names(names))  # type: ignore[arg-type]  # checked where they are read


def _names(written: Iterable[list[str]]) -> Names:
    return frozenset((kind, name) for kind, name in written)


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
    kept = Kept(
        entry.leaf,
        entry.recorded_at,
        bytes.fromhex(signed.id),
        nonce_of(signed.act),
        who,
        signed.act.type,
        outcome.maker,
        tuple(parties),
        tuple(statements),
        tuple(changes),
    )
    return kept.to_bytes()
