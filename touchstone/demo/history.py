"""The history: every act signed by whoever makes it, submitted and voted on, as anyone would."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from resolver.instant import SECOND, Instant
from resolver.strict_json import Json
from touchstone.demo.clock import StoryClock
from touchstone.demo.data import ActData, AppealData, DemoData, Grant, StatusAct, instant_on
from touchstone.demo.errors import DemoStoppedError
from touchstone.demo.framework import framework_document
from touchstone.demo.keys import demo_key
from touchstone.demo.payloads import act_payloads, written_evidence
from trust_registry.documents import document_digest
from trust_registry.errors import ActRefusedError
from trust_registry.governance import Submission
from trust_registry.proposals import Status
from trust_registry.registry import Registry
from trust_registry.writing import cosign_act, found, sign_act, vote_on, write_for

_MORNING = 8
"""The hour, UTC, at which a day of the story begins."""
_MINUTE = 60 * SECOND


async def populate(registry: Registry, clock: StoryClock, data: DemoData) -> dict[str, str]:
    """Fill an empty registry by its own governance, moving the clock through the history.

    Args:
        registry: an empty one, which reads this very clock.
        clock: it is released at the end.
        data: the demo's data, whose DIDs the registry can resolve.

    Returns:
        The id of each act that the data names, by that name.

    Raises:
        DemoStoppedError: the registry refused an act; the message says which and why.
    """
    story = _Story(registry, clock, data)
    await story.found()
    for act in data.history.acts:
        await story.tell(act)
    await story.end()
    clock.release()
    return story.ids


class _Waiting(NamedTuple):
    """A last vote that is cast when the public period is over."""

    on: date
    act: ActData
    proposal: str
    approver: str


class _Story:
    def __init__(self, registry: Registry, clock: StoryClock, data: DemoData) -> None:
        self._registry = registry
        self._clock = clock
        self._data = data
        self._framework = framework_document(data)
        self._digest = document_digest(self._framework)
        self._waiting: list[_Waiting] = []
        self.ids: dict[str, str] = {}

    async def found(self) -> None:
        """Begin the journal with the framework, signed by the member who founds it."""
        founder = self._data.history.founded_by
        self._begin(self._data.history.founded_on)
        payload = found(
            self._framework,
            by=self._did(founder),
            origin=self._registry.origin,
            issued=self._clock.now(),
        )
        await self._submit(founder, payload, "the framework")

    async def tell(self, act: ActData) -> None:
        """Make an act, or each of several, and have the board decide where it must."""
        await self._decide(act.day)
        self._begin(act.day)
        evidence = written_evidence(act.evidence)
        proposed = []
        for members in act_payloads(act, self._data, self.ids):
            receipt = await self._make(act.by, {**members, "evidence": evidence}, act)
            if isinstance(act, Grant | StatusAct | AppealData):
                self.ids[act.id] = receipt.id
            if receipt.status is Status.PENDING:
                proposed.append(receipt.id)
        for proposal in proposed:
            await self._approve(act, proposal)

    async def end(self) -> None:
        """Have the board decide what still waits."""
        await self._decide(None)

    async def _approve(self, act: ActData, proposal: str) -> None:
        """Have each approver sign; where a public period must pass, the last one waits for it."""
        approvers = list(act.approved_by)
        if act.decided_on is not None:
            self._waiting.append(_Waiting(act.decided_on, act, proposal, approvers.pop()))
        for approver in approvers:
            receipt = await self._make(approver, vote_on(proposal, self._digest), act)
            if receipt.status is Status.EXECUTED:
                return
        if act.decided_on is None:
            raise _undecided(act)

    async def _decide(self, until: date | None) -> None:
        """Cast the last votes that are due by a day, in the order of their days."""
        due = [each for each in self._waiting if until is None or each.on <= until]
        self._waiting = [each for each in self._waiting if each not in due]
        for each in sorted(due, key=lambda waiting: waiting.on):
            self._begin(each.on)
            vote = vote_on(each.proposal, self._digest)
            receipt = await self._make(each.approver, vote, each.act)
            if receipt.status is not Status.EXECUTED:
                raise _undecided(each.act)

    async def _make(self, party: str, members: Mapping[str, Json], act: ActData) -> Submission:
        try:
            payload = write_for(
                self._registry, members, by=self._did(party), issued=self._clock.now()
            )
        except ActRefusedError as error:
            raise DemoStoppedError(f"{_name(act)} by {party}: {error.member}: {error}") from error
        return await self._submit(party, payload, _name(act), self._concerned(members))

    def _concerned(self, members: Mapping[str, Json]) -> tuple[str, ...]:
        """Name the parties that an act says who they are: they sign it, too."""
        if members["type"] == "amend_party":
            return (self._data.named(str(members["party"])),)
        dids = members.get("dids", []) if members["type"] == "register_party" else []
        return tuple(self._data.named(str(did)) for did in dids) if isinstance(dids, list) else ()

    async def _submit(
        self, party: str, payload: bytes, name: str, also: tuple[str, ...] = ()
    ) -> Submission:
        jws: dict[str, Json] = {**sign_act(payload, self._key_id(party), demo_key(party))}
        for other in also:
            if other != party:
                jws = cosign_act(jws, self._key_id(other), demo_key(other))
        try:
            receipt = await self._registry.submit(jws)
        except ActRefusedError as error:
            text = f"{name} by {party}: {error.code.value} {error.member}: {error}"
            raise DemoStoppedError(text) from error
        self._clock.move(Instant(self._clock.now() + _MINUTE))
        return receipt

    def _begin(self, on: date) -> None:
        """Go to the morning of a day, where that is not past already."""
        self._clock.move(max(self._clock.now(), instant_on(on, _MORNING)))

    def _key_id(self, party: str) -> str:
        return f"{self._did(party)}#key-1"

    def _did(self, party: str) -> str:
        return self._data.parties[party].did


def _name(act: ActData) -> str:
    return getattr(act, "id", act.act)


def _undecided(act: ActData) -> DemoStoppedError:
    return DemoStoppedError(f"{_name(act)}: the board did not reach its quorum")
