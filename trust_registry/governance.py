"""Governance: the one way in. Signed acts are verified, judged, made durable and taken up."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from resolver.did import Did
from resolver.document import DidDocument, Relationship
from resolver.errors import ErrorCode, ResolutionError, VerificationMethodError
from resolver.instant import Instant
from resolver.strict_json import Json
from trust_registry.acts import AdoptFramework, RegisterParty
from trust_registry.case import Outcome
from trust_registry.deliberation import full_board
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError, Refusal, StoreError, StoreMovedError
from trust_registry.journal import Journal
from trust_registry.lifetimes import USUAL_MS, refuse_longer
from trust_registry.log.errors import KeyUnavailableError
from trust_registry.log.keys import LogKey
from trust_registry.opening import Signature, SignedAct, open_act, verify_signature
from trust_registry.proposals import Status
from trust_registry.receipts import Receipt
from trust_registry.state import State

MAX_GROUP = 256
"""How many acts are written in one transaction at most."""

_FINAL = frozenset({ErrorCode.INVALID_DID, ErrorCode.METHOD_NOT_SUPPORTED})


class DocumentSource(Protocol):
    """Where DID documents come from, such as `resolver.resolution.Resolver`."""

    async def document(self, did: Did) -> DidDocument:
        """Return the present document of a DID.

        Raises:
            ResolutionError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """The receipt of an act.

    Attributes:
        id: the act's id.
        index: its position in the journal.
        status: what became of it when it was recorded.
        recorded_at: when.
        size: the journal's size with it.
        root: the Merkle root of that size.
        receipt: the registry's signed word on it; empty where there is no key to sign with.
    """

    id: str
    index: int
    status: Status
    recorded_at: Instant
    size: int
    root: bytes
    receipt: str = ""


@dataclass(slots=True, eq=False)
class _Waiting:
    """An act whose signatures were verified, and that waits to be judged and written."""

    signed: SignedAct
    signers: tuple[Signer, ...]
    settled: asyncio.Future[None]
    error: Exception | None = None


class _Judged(NamedTuple):
    """An act that is admitted: what it does, and the entry that will be written."""

    signed: SignedAct
    outcome: Outcome
    entry: Entry
    effect: bytes
    position: int


class Governance:
    """Takes acts in, one after the other; those that come at once are written at once.

    Args:
        journal: where they are recorded.
        state: what they change.
        documents: where signers' DID documents come from.
        origin: the registry's name; acts for another one are refused.
        catch_up: takes up, off the event loop, what another process appended.
        replayed: folds the journal anew, off the event loop; needed where a write failed.
        framework: the digest of the framework that alone may begin an empty journal; any, if None.
        log_key: what signs receipts.
    """

    def __init__(
        self,
        journal: Journal,
        state: State,
        documents: DocumentSource,
        origin: str,
        catch_up: Callable[[], None],
        replayed: Callable[[], State],
        framework: str | None = None,
        log_key: LogKey | None = None,
    ) -> None:
        self._log_key = log_key
        self._journal = journal
        self._state = state
        self._documents = documents
        self._origin = origin
        self._catch_up = catch_up
        self._replayed = replayed
        self._waiting: list[_Waiting] = []
        self._framework = framework
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, jws: Json) -> Submission:
        """Take an act into the journal.

        Args:
            jws: the act as a flattened JWS. One that is recorded already gets its first receipt.

        Raises:
            ActRefusedError: it is not admitted; nothing was recorded.
            StoreError: it could not be recorded.
        """
        signed = open_act(jws)
        if (receipt := self._receipt(signed.id)) is not None:
            return receipt
        self._refuse_strangers(signed)
        self._state.refuse_more(signed.act, self._journal.next_instant())
        # One by one: nothing is fetched for cosigners before it is certain whose act they cosign.
        signers = [await self._signer(each) for each in signed.signatures]
        act = _Waiting(signed, tuple(signers), asyncio.get_running_loop().create_future())
        self._waiting.append(act)
        if self._writing is None:
            # A task of its own: a caller that goes away stops no act halfway to the state.
            self._writing = asyncio.create_task(self._write_all())
        await act.settled
        if act.error is not None:
            raise act.error
        receipt = self._receipt(signed.id)
        assert receipt is not None  # noqa: S101  # it was settled without an error
        return receipt

    async def settle(self) -> None:
        """Wait for the acts that are being recorded."""
        if self._writing is not None:
            await self._writing

    async def _signer(self, signature: Signature) -> Signer:
        """Find who signed by its present DID document, which can revoke a key but not pin it.

        Raises:
            ActRefusedError: the document does not list the key, or cannot be read, or the signature
                does not verify with it.
        """
        did = signature.did
        try:
            document = await self._documents.document(did)
        except ResolutionError as error:
            if error.deactivated or error.code in _FINAL:
                raise ActRefusedError(Refusal.KEY_NOT_LISTED, str(error), "by") from None
            message = f"the DID document of {did} cannot be read now: {error}"
            raise ActRefusedError(Refusal.DID_UNAVAILABLE, message, "by") from None
        try:
            method = document.verification_method(
                signature.method, Relationship.ASSERTION_METHOD, at=self._journal.next_instant()
            )
        except VerificationMethodError as error:
            raise ActRefusedError(Refusal.KEY_NOT_LISTED, str(error), "protected.kid") from None
        if method.key is None or method.controller != did:
            message = "the verification method has no key we know, or another controller"
            raise ActRefusedError(Refusal.KEY_NOT_LISTED, message, "protected.kid")
        verify_signature(signature, method.key)
        return Signer(signature.method, method.key, document.digest)

    def _refuse_strangers(self, signed: SignedAct) -> None:
        """Refuse acts of DIDs that nothing here names before anything is fetched for them."""
        did, state = signed.act.by, self._state
        if signed.act.registry.origin != self._origin:
            message = "meant for another registry"
            raise ActRefusedError(Refusal.WRONG_REGISTRY, message, "registry.origin")
        if state.size == 0:
            self._refuse_other_founders(signed)
            return
        party = state.index.party_of(did, state.size)
        if (party is not None and not party.retired) or self._applies(signed):
            return
        pending = (state.proposals[each].act for each in state.docket.pending)
        proposed = (act.framework for act in pending if isinstance(act, AdoptFramework))
        if not any(member.did == did for each in proposed for member in each.members):
            raise ActRefusedError(Refusal.UNKNOWN_SIGNER, f"nobody here has the DID {did}", "by")

    def _applies(self, signed: SignedAct) -> bool:
        """Tell whether a stranger's act may be an application, as the board takes them.

        Raises:
            ActRefusedError: as many wait for the board as it takes at once.
        """
        act, state = signed.act, self._state
        most = state.framework.applications
        if not most or not isinstance(act, RegisterParty) or act.by not in act.dids:
            return False
        if len(state.docket.waiting(self._journal.next_instant())) >= most:
            raise ActRefusedError(Refusal.TOO_MANY_PENDING, full_board(most))
        return True

    def _refuse_other_founders(self, signed: SignedAct) -> None:
        carries = isinstance(signed.act, AdoptFramework)
        if self._framework is None or (carries and signed.framework_digest == self._framework):
            return
        message = "this journal begins with another framework"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework")

    async def _write_all(self) -> None:
        """Write the acts that wait, group by group, until none does."""
        while self._waiting:
            group = self._waiting[:MAX_GROUP]
            del self._waiting[:MAX_GROUP]
            await self._settle(group)
        self._writing = None

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        """Write a group; what befalls the whole of it befalls each act that is not refused."""
        try:
            try:
                await self._write(group, hold=len(group) > 1)
            except StoreMovedError:  # another process wrote first, and may write faster than this
                await self._write(group, hold=True)
        except Exception as error:  # noqa: BLE001 - each of the acts raises it
            for act in group:
                act.error = act.error or error
        for act in group:
            if not act.settled.done():  # its caller may have gone away
                act.settled.set_result(None)
            await asyncio.sleep(0)  # each signs its receipt, and readers do not wait for all

    async def _write(self, group: Sequence[_Waiting], *, hold: bool) -> None:
        """Judge acts one after the other, and write those that are admitted in one transaction.

        An act is taken into the state before the next one is judged, and so before it is durable.
        Nobody sees it until then: readers look at the state as of the journal's size.
        """
        judged: list[_Judged] = []
        # One act alone is taken into the state after it was written: whoever wrote first is seen
        # when it is appended, and nothing has to be taken back.
        async with self._journal.held(self._catch_up) if hold else nullcontext():
            for act in group:
                if judged:
                    self._take(judged[-1])
                if self._state.recording(act.signed.id) is None:
                    try:
                        judged.append(self._judge(act, judged))
                    except ActRefusedError as error:
                        error.receipt = self._refusal(act.signed.id, error)
                        act.error = error
                await asyncio.sleep(0)  # readers do not wait for a whole group
            if judged:
                await self._append(judged)

    async def _append(self, judged: Sequence[_Judged]) -> None:
        try:
            entries, effects = (each.entry for each in judged), [each.effect for each in judged]
            await self._journal.append(*entries, effects=effects)
        except StoreError:
            if self._state.size > self._journal.size:
                self._state.become(await asyncio.to_thread(self._replayed))
            raise
        self._take(judged[-1])

    def _judge(self, act: _Waiting, before: Sequence[_Judged]) -> _Judged:
        at = self._journal.next_instant()
        if before:
            at = max(at, before[-1].entry.recorded_at)
        if not self._state.size or self._state.framework.act_lifetime_ms is None:
            refuse_longer(act.signed.act, USUAL_MS)
        outcome = self._state.admit(act.signed, act.signers, at)
        entry = Entry(act.signed.written(), at, act.signers[0], act.signers[1:])
        entry.to_bytes()  # it is refused here where it is too large
        effect = self._state.effect(act.signed, outcome, entry)
        return _Judged(act.signed, outcome, entry, effect, self._state.size)

    def _take(self, judged: _Judged) -> None:
        """Take an act into the state, once."""
        if self._state.size == judged.position:
            self._state.take(judged.signed, judged.outcome, judged.entry)

    def _receipt(self, id_: str) -> Submission | None:
        recording = self._state.recording(id_)
        if recording is None or recording.position >= self._journal.size:
            return None
        first = self._journal.receipt(recording.position)
        signed = self._signed(id_, first.recorded_at, first.size, first.root)
        return Submission(
            id_, first.index, recording.status, first.recorded_at, first.size, first.root, signed
        )

    def _refusal(self, id_: str, error: ActRefusedError) -> str:
        """Sign why an act is refused, and at which state of the journal.

        One that is judged among others of its group may rest on what is not durable yet; then
        nothing is signed, and it may be submitted again.
        """
        journal = self._journal
        if error.retryable or self._state.size != journal.size:
            return ""
        at = journal.next_instant()
        return self._signed(id_, at, journal.size, journal.root, error.code)

    def _signed(
        self, id_: str, at: Instant, size: int, root: bytes, refused: Refusal | None = None
    ) -> str:
        if self._log_key is None:
            return ""
        origin = self._log_key.public.name
        try:
            return Receipt(origin, id_, at, size, root, refused).signed(self._log_key)
        except KeyUnavailableError:
            return ""  # the act is what it is; whoever submits it again gets its receipt later
