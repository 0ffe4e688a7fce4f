"""What acts cost that touch much at once: a framework, a control group, a party's retirement."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import Any

from policies.authorise import decide
from policies.index import Index
from policies.scope import Vocabulary
from policies.statements import Party, Recorded, StatementId
from touchstone.bench.registries import NOW, Questions
from trust_registry.acts import DeclareControlGroup, RetireParty
from trust_registry.acts.parties import MAX_GROUPED
from trust_registry.docket import BOARD
from trust_registry.effects import Item, effects, put

_ROUNDS = 3
_ASKED = 2_000
_HELD = 10_000


def longest_s(index: Index, questions: Questions) -> float:
    """Return the CPU seconds of the longest of these acts, each at the best of some rounds.

    Args:
        index: a synthetic one; it is changed.
        questions: about its issuers, some of which are asked first, since what is kept about
            issuers is what such acts may have to drop.
    """
    acts = _Acts(index, len(questions))
    rounds = [
        [_seconds(act, index, questions) for act in (acts.adopt, acts.group, acts.retire)]
        for _ in range(_ROUNDS)
    ]
    return float(max(map(min, zip(*rounds, strict=True))))


def _seconds(act: Callable[[], None], index: Index, questions: Questions) -> float:
    for number in range(min(_ASKED, len(questions))):
        decide(questions[number], index)
    began = time.thread_time()
    act()
    return time.thread_time() - began


class _Acts:
    """Acts, each of which has another subject each time."""

    def __init__(self, index: Index, issuers: int) -> None:
        self._index = index
        self._position = 10 * issuers
        self._holding = [self._fill(party) for party in self._issuers(0, _ROUNDS)]
        self._groups = [
            [*self._issuers(each * MAX_GROUPED, MAX_GROUPED)] for each in range(1, _ROUNDS + 1)
        ]

    def _issuers(self, start: int, count: int) -> Iterator[Party]:
        """Yield parties that hold statements and grant none."""
        first = self._index.anchors() + start
        return islice(self._index.registrations(), first, first + count)

    def _recorded(self) -> Recorded:
        self._position += 1
        return Recorded(self._position, NOW)

    def _fill(self, party: Party) -> Party:
        """Let a party hold much."""
        given = next(self._index.statements(about=party.id))
        for number in range(_HELD):
            id_ = StatementId(sha256(f"{party.id} {number}".encode()).hexdigest())
            self._index.add_statement(replace(given, id=id_, recorded=self._recorded()))
        return party

    def adopt(self) -> None:
        """Adopt a framework with another vocabulary."""
        vocabulary = Vocabulary(commodities={f"ore {self._position}": "copper"})
        framework = self._index.frameworks()[-1]
        recorded = self._recorded()
        put(self._index, (replace(framework, vocabulary=vocabulary, recorded=recorded),))

    def group(self) -> None:
        """Declare a control group as large as one act can."""
        dids = tuple(party.dids[0] for party in self._groups.pop())
        said: dict[str, Any] = {"dids": dids, "control_group": "group"}
        self._take(DeclareControlGroup.model_construct(**said))

    def retire(self) -> None:
        """Retire a party that holds much."""
        said: dict[str, Any] = {"party": self._holding.pop().dids[0], "effective_from": NOW}
        self._take(RetireParty.model_construct(**said))

    def _take(self, act: DeclareControlGroup | RetireParty) -> None:
        items: tuple[Item, ...] = effects(act, "0" * 64, "", BOARD, self._index, self._recorded())
        put(self._index, items)
