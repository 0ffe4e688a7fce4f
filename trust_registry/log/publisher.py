"""Publishing: a checkpoint is signed only once what it covers was read back and verified."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from resolver.clock import Clock
from trust_registry.errors import (
    CorruptJournalError,
    StoreError,
    StoreMovedError,
    TrustRegistryError,
)
from trust_registry.journal import Journal
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import InvalidKeyTextError, KeyUnavailableError, LogError
from trust_registry.log.keys import (
    KeyKind,
    LogKey,
    Verified,
    VerifierKey,
    open_checkpoint,
    verify_note,
)
from trust_registry.log.lines import to_base64
from trust_registry.log.notes import Note, parse_signatures
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import ProofFile
from trust_registry.merkle import MerkleTree

LOG_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44)
_BATCH = 256


def log_origin(registry: str) -> str:
    """Return the name of a registry's log: where it is served, without the scheme."""
    return f"{registry.partition('://')[2] or registry}/log"


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that was signed, and who has cosigned it so far.

    Attributes:
        checkpoint: what was signed.
        signed: the note with the log's own signatures.
        cosigned: the witnesses' cosignatures.
    """

    checkpoint: Checkpoint
    signed: Note
    cosigned: tuple[Verified, ...] = ()

    @property
    def note(self) -> Note:
        """The note with all signatures."""
        return self.signed.with_signatures(tuple(each.signature for each in self.cosigned))


class Publisher:
    """Signs the journal's checkpoints, one after the other, and gathers cosignatures on them.

    Args:
        journal: what is published.
        origin: the log's name.
        keys: the log's; the first signs with Ed25519, as every witness asks.
        clock: dates the signatures that carry a time.
        policy: the witnesses that are asked, and how many make a quorum.

    Attributes:
        latest: the last checkpoint that was signed.
        witnessed: the last one on which the policy's quorum agreed.
        failure: why nothing more is signed, where that is so.
    """

    def __init__(
        self,
        journal: Journal,
        origin: str,
        keys: Sequence[LogKey],
        clock: Clock,
        policy: Policy | None = None,
    ) -> None:
        if not keys or keys[0].public.kind is not KeyKind.ED25519:
            raise InvalidKeyTextError("a log's first key is of the kind Ed25519")
        self.origin = origin
        self.policy = policy or Policy()
        self.latest: Published | None = None
        self.witnessed: Published | None = None
        self.failure: TrustRegistryError | None = None
        self._journal = journal
        self._keys = tuple(keys)
        self._clock = clock
        self._verified = MerkleTree()
        self._wanted = False
        self._started = False
        self._task: asyncio.Task[None] | None = None

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        """The log's public keys."""
        return tuple(key.public for key in self._keys)

    async def start(self, stored: bytes | None) -> None:
        """Take up the last checkpoint that was signed, and sign what was appended since.

        Args:
            stored: that checkpoint, read before the journal was: another process may append and
                sign meanwhile, and what it signed then is no sign of entries that are gone.

        Raises:
            CorruptJournalError: what was signed is not a beginning of this journal, or was signed
                with other keys.
            StoreError: it cannot be read or written.
            KeyUnavailableError: a key cannot be used now.
        """
        if stored is not None:
            self._take_up(stored)
        await self._publish()
        self._started = True

    def _take_up(self, stored: bytes) -> None:
        """Go on from a checkpoint in the store, which must be a beginning of the journal."""
        try:
            note = Note.parse(stored)
            checkpoint = open_checkpoint(note, self.vkeys)
        except LogError as error:
            text = f"the last checkpoint cannot be gone on from: {error}"
            raise CorruptJournalError(self._journal.size, text) from None
        self._demand(checkpoint)
        edge = self._journal.tree.edge(checkpoint.size)
        self._verified = MerkleTree(edge, checkpoint.size)
        self.latest = Published(checkpoint, note)

    def _demand(self, signed: Checkpoint) -> None:
        """Raise unless what was signed is a beginning of the journal."""
        if signed.size > self._journal.size:
            text = f"a checkpoint of {signed.size} entries was signed, and these are gone"
            raise CorruptJournalError(self._journal.size, text)
        if self._journal.root_at(signed.size) != signed.root:
            text = "another root was signed for the entries up to this one"
            raise CorruptJournalError(max(signed.size - 1, 0), text)

    async def hold_against(self, shown: bytes) -> None:
        """Hold the journal against a checkpoint that a witness shows; sign no more if it fails.

        What this log never signed proves nothing. What it did sign is a beginning of the journal,
        unless the journal was restored from a backup.

        Raises:
            CorruptJournalError: it is not.
            StoreError: the store cannot be read.
        """
        try:
            signed = open_checkpoint(Note.parse(shown), self.vkeys)
        except LogError:
            return
        stored = await self._journal.checkpoint()
        ahead = Checkpoint.parse(Note.parse(stored).text).size if stored else 0
        if self._journal.size < signed.size <= ahead:
            return  # another process appended and signed, which this one has not read yet
        try:
            self._demand(signed)
        except CorruptJournalError as error:
            self.failure = error
            raise

    def wake(self) -> None:
        """Have what was appended published soon, once started; this never waits."""
        self._wanted = True
        if not self._started or self.failure is not None:
            return
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="publisher")

    async def _run(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                await self._publish()
            except (StoreError, KeyUnavailableError):
                return  # the next act, or a restart, tries again
            except (CorruptJournalError, LogError) as error:
                self.failure = error  # never sign again: only a restart reads everything
                return

    async def settle(self) -> None:
        """Wait for what is being published."""
        if self._task is not None:
            await self._task

    async def _publish(self) -> None:
        while True:  # each time round another process signed more, and up to this size at most
            try:
                await self._sign(self._journal.size)
            except StoreMovedError:
                stored = await self._journal.checkpoint()
                if stored is None:
                    raise
                if Checkpoint.parse(Note.parse(stored).text).size > self._journal.size:
                    return
                self._take_up(stored)
            else:
                return

    async def _sign(self, size: int) -> None:
        old = self.latest.checkpoint.size if self.latest else None
        if old is not None and (size < old or (size == old and self._signed_by_all)):
            return
        verified = MerkleTree(self._verified.edge, self._verified.size)
        while verified.size < size:
            end = min(size, verified.size + _BATCH)
            for entry in await self._journal.stored(verified.size, end):
                verified.append(entry)
        if verified.root != self._journal.root_at(size):
            raise CorruptJournalError(size - 1, "the stored entries have another root")
        checkpoint = Checkpoint(self.origin, size, verified.root)
        signed = await asyncio.to_thread(self._note, checkpoint)
        await self._journal.publish(old, size, str(signed).encode())
        self._verified = verified
        self.latest = Published(checkpoint, signed)

    @property
    def _signed_by_all(self) -> bool:
        """Whether every key signed the latest checkpoint: a new one has not, until it is signed."""
        signatures = self.latest.signed.signatures if self.latest else ()
        return all(any(map(key.made, signatures)) for key in self.vkeys)

    def _note(self, checkpoint: Checkpoint) -> Note:
        """Sign with every key, and verify each signature before anybody sees it. It blocks."""
        text, at = str(checkpoint), self._clock.now()
        signed = Note(text, tuple(key.sign(text, at) for key in self._keys))
        for key in self.vkeys:
            verify_note(signed, [key])
        return signed

    def request(self, old: int) -> tuple[Checkpoint, str]:
        """Write the body that asks a witness to cosign the latest checkpoint (C2SP tlog-witness).

        Args:
            old: the size that the witness cosigned last.

        Returns:
            The checkpoint, and the body.

        Raises:
            LogError: nothing was signed yet, or the witness knows more entries than there are.
        """
        latest = self.latest
        if latest is None or old > latest.checkpoint.size:
            raise LogError(f"the witness has seen {old} entries, and there are fewer")
        proof = self._journal.tree.consistency(old, latest.checkpoint.size)
        lines = "".join(f"{to_base64(each)}\n" for each in proof)
        return latest.checkpoint, f"old {old}\n{lines}\n{latest.signed}"

    def add(self, lines: str, witness: VerifierKey, of: Checkpoint) -> None:
        """Take a witness's answer up, if it still is about the latest checkpoint.

        Raises:
            InvalidNoteError: it holds no signature lines.
            UntrustedNoteError: none is the witness's, or it is false.
        """
        latest = self.latest
        signatures = parse_signatures(lines)
        (verified,) = verify_note(Note(str(of), signatures), [witness])
        if latest is None or latest.checkpoint != of:
            return
        kept = tuple(each for each in latest.cosigned if each.key != witness)
        self.latest = Published(of, latest.signed, (*kept, verified))
        if self.policy.met([each.key for each in self.latest.cosigned]):
            self.witnessed = self.latest

    async def proof(self, index: int) -> ProofFile | None:
        """Prove that an entry is in the log; None where no signed checkpoint covers it yet.

        Raises:
            CorruptJournalError: the stored entry is not what was acknowledged.
        """
        for published in (self.witnessed, self.latest):
            if published is not None and index < published.checkpoint.size:
                size = published.checkpoint.size
                hashes = tuple(self._journal.tree.inclusion(index, size))
                (entry,) = await self._journal.stored(index, index + 1)
                return ProofFile(index, hashes, published.note, entry)
        return None
