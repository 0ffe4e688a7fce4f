"""Offline: decisions from a snapshot at hand, by the same rules, without any network.

Nobody learns who is asked about. What cannot be known offline is how the registry stands now, so
each answer says how old its knowledge is, and none is given once the repository's word that this is
the latest snapshot has expired.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

from policies.authorise import decide_all
from policies.decision import Decision, Outcome
from resolver.clock import Clock, SystemClock
from resolver.instant import SECOND, Instant, format_instant, parse_instant
from resolver.strict_json import Json
from touchstone.client.examining import examine_offline
from touchstone.service.desk import Desk, question_for
from touchstone.service.errors import RequestError
from touchstone.service.questions import question_of_json
from touchstone.service.settings import Settings
from touchstone.service.telemetry import Telemetry
from trust_registry.snapshot.errors import SnapshotError
from trust_registry.snapshot.kept import Kept, Notes, Shelf
from trust_registry.snapshot.snapshot import Snapshot

_MAX_CLAIMS = 100
_OUTCOMES = {each.code: each for each in Outcome}


class ExpiredSnapshotError(SnapshotError):
    """Nobody says any more that this is the latest snapshot: sync again."""


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """An answer from a snapshot.

    Attributes:
        outcome: authorised, not authorised, or undetermined.
        document: the answer as the service gives it, with a member `offline` besides.
        age_ms: how old the snapshot is, in milliseconds.
        stale: whether that is more than the framework lets answers be reused.
        decisions: to a question, the decisions on the single claims, the worst first.
    """

    outcome: Outcome
    document: dict[str, Json]
    age_ms: int
    stale: bool
    decisions: tuple[Decision, ...] = ()


class Offline:
    """A registry's state at hand.

    Args:
        kept: the snapshot, with what is known of it.
        clock: tells the present.
        even_expired: whether to answer though the snapshot may have been superseded long since.
        settings: how much of a credential is looked at, and the schemas and contexts that are at
            hand; those of the environment where not given.
    """

    def __init__(
        self,
        kept: Kept,
        clock: Clock,
        *,
        even_expired: bool = False,
        settings: Settings | None = None,
    ) -> None:
        self._notes = kept.notes
        self._clock = clock
        self._even_expired = even_expired
        self._settings = settings
        self._desk = Desk(_Registry(kept.snapshot, kept.notes), Telemetry())

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        even_expired: bool = False,
        settings: Settings | None = None,
    ) -> Self:
        """Open what was synced into a folder. It blocks, for some two seconds a million statements.

        Raises:
            SnapshotError: nothing was synced, or it is damaged.
        """
        kept = Shelf(folder).read()
        return cls(kept, clock or SystemClock(), even_expired=even_expired, settings=settings)

    @property
    def made_at(self) -> Instant:
        """When the snapshot was made: what came later is not known."""
        return self._notes.made_at

    def ask(self, question: Json) -> OfflineAnswer:
        """Answer a question as `POST /v1/decisions` takes it.

        Raises:
            RequestError: it is not understood; the error names the member.
            PolicyError: it cannot be asked.
            ExpiredSnapshotError: the snapshot is too old to be relied on.
        """
        now = self._present()
        asked = question_of_json(question, _MAX_CLAIMS)
        frame = self._desk.frame(asked.known_at, asked.authorities, now)
        questions = [question_for(asked, frame, claim) for claim in asked.claims]
        _, decisions = decide_all(questions, self._desk.index)
        answers = self._desk.answers
        if len(decisions) == 1:
            written = answers.one(decisions[0], asked, frame.knowledge)
        else:
            written = answers.many(decisions, asked, frame.knowledge)
        return self._answer(written, now, decisions)

    async def check(self, request: Json) -> OfflineAnswer:
        """Answer a request to verify a credential, as `POST /v1/credentials/verify` takes it.

        What the network alone could tell, such as a status or the key of a did:web, is not
        verified: the check says so, and the answer is then never yes.

        Raises:
            RequestError: it is not understood; the error names the member.
            PolicyError: it cannot be asked.
            ExpiredSnapshotError: the snapshot is too old to be relied on.
            SettingsError: a folder of schemas or contexts cannot be used.
        """
        now = self._present()
        settings = self._settings or Settings.load()
        written = await examine_offline(self._desk, self._clock, settings, request)
        return self._answer(written, now)

    def _present(self) -> Instant:
        now = self._clock.now()
        if now >= self._notes.expires and not self._even_expired:
            expired = format_instant(self._notes.expires)
            raise ExpiredSnapshotError(f"what is at hand was to be renewed by {expired}")
        return now

    def _answer(
        self, written: bytes, now: Instant, decisions: tuple[Decision, ...] = ()
    ) -> OfflineAnswer:
        """Say with an answer how old it is, and let none outlive the framework's promise."""
        document: dict[str, Json] = orjson.loads(written)
        notes = self._notes
        most = self._desk.framework(notes.head.size).max_staleness_ms
        age = max(0, now - notes.made_at)
        fresh_until = document.get("fresh_until")
        if isinstance(fresh_until, str):
            least = min(parse_instant(fresh_until), notes.made_at + most)
            document["fresh_until"] = format_instant(Instant(least))
        journal = document.get("journal")
        if isinstance(journal, dict):
            journal["root"] = journal["root"] or None
        document["offline"] = {
            "size": notes.head.size,
            "root": notes.head.root,
            "made_at": format_instant(notes.made_at),
            "synced_at": format_instant(notes.synced_at),
            "expires": format_instant(notes.expires),
            "age_seconds": age // SECOND,
            "stale": age > most,
        }
        return OfflineAnswer(
            _OUTCOMES[str(document["outcome"])], document, age, age > most, decisions
        )


class _Journal:
    """The journal as a snapshot knows it: of its past the times, and not the roots."""

    def __init__(self, snapshot: Snapshot, notes: Notes) -> None:
        self._snapshot = snapshot
        self._made_at = notes.made_at
        self.size = snapshot.size

    def root_at(self, size: int) -> bytes | None:
        """Return the root; that of a past size is empty, since it takes every entry to tell it."""
        return self._snapshot.root if size == self.size else b""

    def size_at(self, instant: Instant) -> int:
        """Return how many entries were recorded by an instant."""
        size = self._snapshot.size_at(instant)
        if size is None:
            text = "the snapshot does not say when what was recorded"
            raise RequestError("unknowable-time", text, field="known_at")
        if instant > self._made_at:
            made = format_instant(self._made_at)
            text = f"lies after the snapshot was made, at {made}; sync again"
            raise RequestError("unknowable-time", text, field="known_at")
        return size


class _Registry:
    """A registry that is a snapshot; see `touchstone.service.desk.Registry`."""

    def __init__(self, snapshot: Snapshot, notes: Notes) -> None:
        self.index = snapshot.index
        self.journal = _Journal(snapshot, notes)
