"""Changes: what a monitor tells of the acts it has seen, as lines and JSON."""

from dataclasses import asdict, dataclass

from resolver.instant import Instant, format_instant
from resolver.strict_json import Json
from trust_registry.acts import Act, Vote
from trust_registry.entries import Entry
from trust_registry.folding import apply
from trust_registry.opening import open_entry
from trust_registry.state import State

_TARGETS = ("entity", "dids", "statement", "change", "proposal", "party", "did", "appeal")


@dataclass(frozen=True, slots=True)
class Change:
    """An act in a journal, in a few words.

    Attributes:
        index: where it stands.
        id: the act's id.
        recorded_at: when, in milliseconds.
        type: of the act.
        by: the DID that signed it.
        about: what it is about: a DID, a statement, a proposal.
        status: what has become of it.
        executes: the type of the proposal that it carried over its quorum, where it did.
    """

    index: int
    id: str
    recorded_at: Instant
    type: str
    by: str
    about: str
    status: str
    executes: str = ""

    def __str__(self) -> str:
        """One line."""
        about = f" {self.about}" if self.about else ""
        done = f", which executes {self.executes}" if self.executes else ""
        when = format_instant(self.recorded_at)
        return f"#{self.index} {when} {self.type}{about} by {self.by}: {self.status}{done}"

    def json(self) -> dict[str, Json]:
        """The same as JSON."""
        return {**asdict(self), "recorded_at": format_instant(self.recorded_at)}


def change_of(entry: Entry, index: int, state: State, before: str | None = None) -> Change:
    """Describe an entry.

    Args:
        entry: it.
        index: where it stands.
        state: the state once it was taken up.
        before: the status of the proposal that it votes on, before it.
    """
    signed = open_entry(entry, index)
    status, act = state.status(signed.id), signed.act
    executes = ""
    if isinstance(act, Vote) and before == "pending" and state.status(act.proposal) == "executed":
        executes = state.proposals[act.proposal].act.type
    shown = status.value if status else ""
    by = act.by.text
    return Change(index, signed.id, entry.recorded_at, act.type, by, _about(act), shown, executes)


def admitted(entry: Entry, index: int, state: State) -> Change:
    """Verify and admit an entry as the next of a state, take it up, and describe it.

    Raises:
        CorruptJournalError: it was never to be admitted here.
    """
    act = open_entry(entry, index).act
    before = state.status(act.proposal) if isinstance(act, Vote) else None
    apply(state, entry, index, verify=True)
    return change_of(entry, index, state, before)


def _about(act: Act) -> str:
    for name in _TARGETS:
        value = getattr(act, name, None)
        if value:
            return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return ""
