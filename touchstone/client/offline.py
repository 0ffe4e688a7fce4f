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
from policies.decision import Basis, Decision, Outcome, Question
from policies.statements import PartyId
from resolver.clock import Clock, SystemClock
from resolver.did import Did
from resolver.instant import SECOND, Instant, format_instant
from resolver.strict_json import Json
from touchstone.service.answers import Answers, Knowledge
from touchstone.service.errors import RequestError
from touchstone.service.questions import Asked, question_of_json
from trust_registry.snapshot.errors import SnapshotError
from trust_registry.snapshot.kept import Kept, Shelf

_MAX_CLAIMS = 64


class ExpiredSnapshotError(SnapshotError):
    """Nobody says any more that this is the latest snapshot: sync again."""


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """An answer from a snapshot.

    Attributes:
        outcome: authorised, not authorised, or undetermined.
        document: the answer as the service gives it, with a member `offline` besides.
        decisions: the decisions on the single claims, the worst first.
        age_ms: how old the snapshot is, in milliseconds.
        stale: whether that is more than the framework lets answers be reused.
    """

    outcome: Outcome
    document: dict[str, Json]
    decisions: tuple[Decision, ...]
    age_ms: int
    stale: bool


class Offline:
    """A registry's state at hand.

    Args:
        kept: the snapshot, with what is known of it.
        clock: tells the present.
        even_expired: whether to answer though the snapshot may have been superseded long since.
    """

    def __init__(self, kept: Kept, clock: Clock, *, even_expired: bool = False) -> None:
        self._snapshot = kept.snapshot
        self._notes = kept.notes
        self._clock = clock
        self._even_expired = even_expired
        self._answers = Answers(kept.snapshot.index)
        self._knowledge = Knowledge(kept.snapshot.size, kept.snapshot.root.hex())

    @classmethod
    def open(cls, folder: Path, *, clock: Clock | None = None, even_expired: bool = False) -> Self:
        """Open what was synced into a folder. It blocks, for some two seconds a million statements.

        Raises:
            SnapshotError: nothing was synced, or it is damaged.
        """
        return cls(Shelf(folder).read(), clock or SystemClock(), even_expired=even_expired)

    @property
    def made_at(self) -> Instant:
        """When the snapshot was made: what came later is not known."""
        return self._notes.made_at

    def ask(self, question: Json) -> OfflineAnswer:
        """Answer a question as `POST /v1/decisions` takes it, but for `known_at`.

        Raises:
            RequestError: it is not understood; the error names the member.
            PolicyError: it cannot be asked.
            ExpiredSnapshotError: the snapshot is too old to be relied on.
        """
        now = self._clock.now()
        if now >= self._notes.expires and not self._even_expired:
            expired = format_instant(self._notes.expires)
            raise ExpiredSnapshotError(f"what is at hand was to be renewed by {expired}")
        asked = question_of_json(question, _MAX_CLAIMS)
        if asked.known_at is not None:
            raise RequestError("invalid-value", "is not answered offline", field="known_at")
        worst, decisions = decide_all(self._questions(asked, now), self._snapshot.index)
        age = max(0, now - self._notes.made_at)
        stale = age > worst.framework.max_staleness_ms
        document = {**self._document(asked, decisions), "offline": self._offline(age, stale=stale)}
        return OfflineAnswer(worst.outcome, document, decisions, age, stale)

    def _questions(self, asked: Asked, now: Instant) -> list[Question]:
        return [
            Question(
                asked.issuer,
                claim,
                now if asked.at is None else asked.at,
                now,
                self._snapshot.size,
                asked.action,
                Basis.NOW if asked.at is None else Basis.ASKED,
                asked.key,
                self._accepted(asked.authorities),
            )
            for claim in asked.claims
        ]

    def _accepted(self, authorities: tuple[str, ...] | None) -> frozenset[PartyId] | None:
        """Return the accepted authorities as the rules name them."""
        return None if authorities is None else frozenset(map(self._authority, authorities))

    def _authority(self, text: str) -> PartyId:
        index = self._snapshot.index
        if text.startswith("did:"):
            party = index.party_of(Did.parse(text), self._snapshot.size)
            return party.id if party else PartyId(text)
        if all(text != framework.id for framework in index.frameworks()):
            detail = f"{text!r} is neither a DID nor the id of a framework of this registry"
            raise RequestError("invalid-value", detail, field="authorities")
        return PartyId(text)

    def _document(self, asked: Asked, decisions: tuple[Decision, ...]) -> dict[str, Json]:
        if len(decisions) == 1:
            written = self._answers.one(decisions[0], asked, self._knowledge)
        else:
            written = self._answers.many(decisions, asked, self._knowledge)
        document: dict[str, Json] = orjson.loads(written)
        promised = self._notes.made_at + decisions[0].framework.max_staleness_ms
        fresh_until = min(promised, *(each.fresh_until for each in decisions))
        document["fresh_until"] = format_instant(Instant(fresh_until))
        return document

    def _offline(self, age: int, *, stale: bool) -> dict[str, Json]:
        notes = self._notes
        return {
            "made_at": format_instant(notes.made_at),
            "synced_at": format_instant(notes.synced_at),
            "expires": format_instant(notes.expires),
            "age_seconds": age // SECOND,
            "stale": stale,
        }
