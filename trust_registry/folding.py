"""Folding: entries of a journal become a state, judged again or as it is kept what they did."""

from collections.abc import Iterable, Iterator

from policies.errors import CorruptStateError
from trust_registry.case import Outcome
from trust_registry.effects import Item
from trust_registry.entries import Entry
from trust_registry.errors import ActRefusedError, CorruptJournalError
from trust_registry.kept import Run
from trust_registry.opening import SignedAct, open_entry, verify_signatures
from trust_registry.state import State


def apply(state: State, entry: Entry, index: int, *, verify: bool = False) -> tuple[Item, ...]:
    """Fold one entry of the journal into a state.

    Args:
        state: the fold of the entries before it.
        entry: the next one.
        index: where it stands.
        verify: whether to verify its signature again, too.

    Returns:
        What the index took up.

    Raises:
        CorruptJournalError: the entry was never to be admitted here.
    """
    signed, outcome = judge(state, entry, index, verify=verify)
    return state.take(signed, outcome, entry)


def judge(
    state: State, entry: Entry, index: int, *, verify: bool = False
) -> tuple[SignedAct, Outcome]:
    """Judge an entry of the journal where it stands; the state does not change.

    Args:
        state: the fold of the entries before it.
        entry: the next one.
        index: where it stands.
        verify: whether to verify its signature again, too.

    Raises:
        CorruptJournalError: the entry was never to be admitted here.
    """
    signed = open_entry(entry, index)
    if [each.method for each in signed.signatures] != [each.method for each in entry.signers]:
        raise CorruptJournalError(index, "its signers are not those of its signatures")
    try:
        if verify:
            verify_signatures(signed, entry.signers)
        outcome = state.admit(signed, entry.signers, entry.recorded_at)
    except ActRefusedError as error:
        raise CorruptJournalError(index, f"{error.code.value}: {error}") from error
    return signed, outcome


def recalled(state: State, found: Iterable[Run | Entry]) -> Iterator[Run | Entry]:
    """Fold a journal as far as it is kept what its entries did, and judge the others.

    Args:
        state: the fold of no entries.
        found: what `Journal.recall` reads.

    Yields:
        Each, once it is folded.

    Raises:
        CorruptJournalError: what is kept does not fit, or an entry was never to be admitted.
    """
    with state.index.ledger.filling():
        for each in found:
            if isinstance(each, Entry):
                apply(state, each, state.size)
            else:
                try:
                    state.recall(each)
                except (CorruptStateError, ValueError, OverflowError) as error:
                    text = f"what is kept of it, or soon after it, does not fit: {error}"
                    raise CorruptJournalError(state.size, text) from None
            yield each
