"""What was done against statements, parties and keys: by the numbers that the ledger gives them."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace

from policies.holders import Changed, Excluded
from policies.scope import Vocabulary
from policies.statements import (
    Exclusion,
    KeyCompromise,
    Lift,
    Retirement,
    StatementId,
    StatusChange,
)
from resolver.did import Did


def _recorded_as(changed: Changed) -> int:
    return changed.change.recorded.position


def _exclusion_recorded_as(excluded: Excluded) -> int:
    return excluded.exclusion.recorded.position


class Adverse:
    """Changes of status, exclusions, retirements and compromises of keys."""

    def __init__(self) -> None:
        self._changed: dict[StatementId, Changed] = {}
        self._changes: dict[int, list[Changed]] = {}  # by the statement's row
        self._against: dict[int, list[Changed]] = {}  # by the number of whom it is about
        self._excluded: dict[int, list[Excluded]] = {}  # by the party's number
        self._exclusions: dict[StatementId, Excluded] = {}
        self._retirements: dict[int, Retirement] = {}
        self._compromises: dict[tuple[str, str], list[KeyCompromise]] = {}

    # Writing.

    def add_change(self, row: int, party: int, changed: Changed) -> None:
        """Take up a change of the status of a statement about a party."""
        self._changed[changed.change.id] = changed
        insort(self._changes.setdefault(row, []), changed, key=_recorded_as)
        self._against.setdefault(party, []).append(changed)

    def lift_change(self, change: StatementId, lift: Lift) -> None:
        """End a status change by a reinstatement; what was lifted once stays as it was lifted.

        One member's suspension, which is recorded with its own lapse, ends before that.
        """
        changed = self._changed[change]
        before = changed.change.lifted
        lapses = before is not None and before.recorded == changed.change.recorded
        if before is None or (lapses and lift.effective_from < before.effective_from):
            changed.change = replace(changed.change, lifted=lift)

    def add_exclusion(self, party: int, excluded: Excluded) -> None:
        """Shut a party out of some claims."""
        self._exclusions[excluded.exclusion.id] = excluded
        insort(self._excluded.setdefault(party, []), excluded, key=_exclusion_recorded_as)

    def lift_exclusion(self, exclusion: StatementId, lift: Lift) -> None:
        """End an exclusion by a reinstatement; what was lifted once stays as it was lifted."""
        excluded = self._exclusions[exclusion]
        if excluded.exclusion.lifted is None:
            excluded.exclusion = replace(excluded.exclusion, lifted=lift)

    def add_retirement(self, party: int, retirement: Retirement) -> None:
        """End a party."""
        self._retirements[party] = retirement

    def add_compromise(self, compromise: KeyCompromise) -> None:
        """Record that others may have used a key."""
        key = (compromise.did.text, compromise.thumbprint)
        self._compromises.setdefault(key, []).append(compromise)

    # Reading.

    def against(self, party: int) -> Sequence[Changed]:
        """Return every change of status of a statement about a party, in journal order."""
        return self._against.get(party, ())

    def excluded(self, party: int) -> Sequence[Excluded]:
        """Return the exclusions of a party, in journal order."""
        return self._excluded.get(party, ())

    def retirement(self, party: int) -> Retirement | None:
        """Return the end of a party, or None where it has not come."""
        return self._retirements.get(party)

    def withdrawal(
        self, party: int, statement: StatementId, vocabulary: Vocabulary
    ) -> Changed | None:
        """Return what a party's retirement means for a statement about it, or None."""
        end = self._retirements.get(party)
        return None if end is None else Changed(end.withdrawal(statement), vocabulary)

    def changes(self, row: int, withdrawal: Changed | None) -> Sequence[Changed]:
        """Return what was done against a statement, a withdrawal with it, in journal order."""
        changes = self._changes.get(row, ())
        return sorted((*changes, withdrawal), key=_recorded_as) if withdrawal else changes

    def change(self, change: StatementId) -> StatusChange | None:
        """Return a status change by its id, or None."""
        changed = self._changed.get(change)
        return changed.change if changed else None

    def exclusion(self, exclusion: StatementId) -> Exclusion | None:
        """Return an exclusion by its id, or None."""
        excluded = self._exclusions.get(exclusion)
        return excluded.exclusion if excluded else None

    def compromises(self, did: Did, thumbprint: str, known: int) -> tuple[KeyCompromise, ...]:
        """Return what is known of a key's compromise."""
        found = self._compromises.get((did.text, thumbprint), ())
        return tuple(each for each in found if each.recorded.position < known)

    def all_changes(self) -> tuple[StatusChange, ...]:
        """Return every status change that an act made of one statement, in journal order."""
        return tuple(changed.change for changed in self._changed.values())

    def all_exclusions(self) -> tuple[Exclusion, ...]:
        """Return every exclusion, in journal order of each party."""
        return tuple(each.exclusion for found in self._excluded.values() for each in found)

    def all_retirements(self) -> tuple[Retirement, ...]:
        """Return the end of every party that has retired, in journal order."""
        return tuple(self._retirements.values())

    def all_compromises(self) -> tuple[KeyCompromise, ...]:
        """Return every key's compromise, in journal order of each key."""
        return tuple(each for found in self._compromises.values() for each in found)
