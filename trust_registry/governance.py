"""Governance: the one way in. Signed acts are verified, judged, made durable and taken up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument, Relationship
from resolver.errors import ErrorCode, ResolutionError, VerificationMethodError
from resolver.instant import Instant
from resolver.strict_json import Json
from trust_registry.acts import AdoptFramework
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError, Refusal, StoreMovedError
from trust_registry.journal import Journal
from trust_registry.opening import SignedAct, open_act, verify_signature
from trust_registry.proposals import Status
from trust_registry.state import State

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
    """

    id: str
    index: int
    status: Status
    recorded_at: Instant
    size: int
    root: bytes


class Governance:
    """Takes acts in, one after the other.

    Args:
        journal: where they are recorded.
        state: what they change.
        documents: where signers' DID documents come from.
        origin: the registry's name; acts for another one are refused.
        catch_up: takes up, off the event loop, what another process appended.
        framework: the digest of the framework that alone may begin an empty journal; any, if None.
    """

    def __init__(
        self,
        journal: Journal,
        state: State,
        documents: DocumentSource,
        origin: str,
        catch_up: Callable[[], None],
        framework: str | None = None,
    ) -> None:
        self._journal = journal
        self._state = state
        self._documents = documents
        self._origin = origin
        self._catch_up = catch_up
        self._framework = framework
        self._turn = asyncio.Lock()
        self._commits: set[asyncio.Task[Submission]] = set()

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
        signer = await self._signer(signed)
        verify_signature(signed, signer)
        # A caller that goes away must not stop an act halfway between the journal and the state.
        task = asyncio.create_task(self._commit(signed, signer))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for the acts that are being recorded."""
        await asyncio.gather(*self._commits, return_exceptions=True)

    async def _signer(self, signed: SignedAct) -> Signer:
        """Find the signer's key in its present DID document, which can revoke it but not pin it."""
        self._refuse_strangers(signed)
        try:
            document = await self._documents.document(signed.act.by)
        except ResolutionError as error:
            if error.deactivated or error.code in _FINAL:
                raise ActRefusedError(Refusal.KEY_NOT_LISTED, str(error), "by") from None
            message = f"its DID document cannot be read now: {error}"
            raise ActRefusedError(Refusal.DID_UNAVAILABLE, message, "by") from None
        try:
            method = document.verification_method(
                signed.method, Relationship.ASSERTION_METHOD, at=self._journal.next_instant()
            )
        except VerificationMethodError as error:
            raise ActRefusedError(Refusal.KEY_NOT_LISTED, str(error), "protected.kid") from None
        if method.key is None or method.controller != signed.act.by:
            message = "the verification method has no key we know, or another controller"
            raise ActRefusedError(Refusal.KEY_NOT_LISTED, message, "protected.kid")
        return Signer(signed.method, method.key, document.digest)

    def _refuse_strangers(self, signed: SignedAct) -> None:
        """Refuse acts of DIDs that nothing here names before anything is fetched for them."""
        did, state = signed.act.by, self._state
        if signed.act.registry.origin != self._origin:
            message = "meant for another registry"
            raise ActRefusedError(Refusal.WRONG_REGISTRY, message, "registry.origin")
        if state.size == 0:
            self._refuse_other_founders(signed)
            return
        if state.index.party_of(did, state.size) is not None:
            return
        pending = (p.act for p in state.proposals.values() if p.status is Status.PENDING)
        proposed = (act.framework for act in pending if isinstance(act, AdoptFramework))
        if not any(member.did == did for each in proposed for member in each.members):
            raise ActRefusedError(Refusal.UNKNOWN_SIGNER, f"nobody here has the DID {did}", "by")

    def _refuse_other_founders(self, signed: SignedAct) -> None:
        carries = isinstance(signed.act, AdoptFramework)
        if self._framework is None or (carries and signed.framework_digest == self._framework):
            return
        message = "this journal begins with another framework"
        raise ActRefusedError(Refusal.WRONG_FRAMEWORK, message, "framework")

    async def _commit(self, signed: SignedAct, signer: Signer) -> Submission:
        async with self._turn:
            try:
                return await self._record(signed, signer)
            except StoreMovedError:
                await asyncio.to_thread(self._catch_up)
                return await self._record(signed, signer)

    async def _record(self, signed: SignedAct, signer: Signer) -> Submission:
        if (receipt := self._receipt(signed.id)) is not None:
            return receipt
        at = self._journal.next_instant()
        outcome = self._state.admit(signed, signer.key.thumbprint, at)
        entry = Entry(signed.jws.flattened(), at, signer)
        await self._journal.append(entry)
        self._state.take(signed, outcome, entry.to_bytes())
        receipt = self._receipt(signed.id)
        assert receipt is not None  # noqa: S101  # it was recorded two lines above
        return receipt

    def _receipt(self, id_: str) -> Submission | None:
        recording = self._state.recording(id_)
        if recording is None:
            return None
        first = self._journal.receipt(recording.position)
        return Submission(
            id_, first.index, recording.status, first.recorded_at, first.size, first.root
        )
