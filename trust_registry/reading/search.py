"""Search for parties by what they are called, forgiving slips of the pen.

Texts are compared by their runs of three letters: what was misspelt still shares most of them.
"""

import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from policies.statements import Party, PartyId

MAX_QUERY = 200
"""Characters of a query."""
GOOD = 0.5
"""The least share of a query's runs of letters that a text must have to be found by it."""
MAX_LOOKED_AT = 20_000
"""Texts that one search compares; the rarest runs of letters come first."""
_RUN = 3
_WITHIN = 0.9


class Match(NamedTuple):
    """A party that a query found.

    Attributes:
        party: its id.
        field: what of it was found: `name`, `trading_name`, `did`, `domain` or `identifier`.
        text: its text.
        score: from 0 to 1, where 1 is the text itself.
    """

    party: PartyId
    field: str
    text: str
    score: float


class _Text(NamedTuple):
    party: PartyId
    field: str
    text: str
    plain: str


class Search:
    """Texts of parties, by their runs of letters."""

    def __init__(self) -> None:
        self._texts: list[_Text] = []
        self._by_run: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, party: Party) -> None:
        """Take up what a party is called, as of one of its registrations; earlier names stay."""
        for field, text in called(party):
            plain = _plain(text)
            number = len(self._texts)
            self._texts.append(_Text(party.id, field, text, plain))
            for run in _runs(plain):
                self._by_run[run].append(number)

    def find(self, query: str) -> list[Match]:
        """Return the parties that a query may mean, the likeliest first, each once.

        Those with a score below `GOOD` are but the nearest there are.

        Args:
            query: at most `MAX_QUERY` characters.
        """
        plain = _plain(query)
        runs = _runs(plain)
        if not runs:
            return []
        counted: dict[int, int] = {}
        for run in sorted(runs, key=lambda run: len(self._by_run.get(run, ()))):
            for number in self._by_run.get(run, ()):
                if number in counted:
                    counted[number] += 1
                elif len(counted) < MAX_LOOKED_AT:
                    counted[number] = 1
        best: dict[PartyId, Match] = {}
        for number, shared in counted.items():
            text = self._texts[number]
            score = _score(plain, text.plain, shared / len(runs))
            match = Match(text.party, text.field, text.text, score)
            known = best.get(text.party)
            if known is None or _likelihood(match) < _likelihood(known):
                best[text.party] = match
        return sorted(best.values(), key=_likelihood)


def _likelihood(match: Match) -> tuple[float, int, str]:
    return (-match.score, len(match.text), match.text)


def _score(query: str, text: str, share: float) -> float:
    if query == text:
        return 1.0
    if query in text:
        return _WITHIN + (1 - _WITHIN) * len(query) / len(text)
    return min(share, 1.0) * _WITHIN


def called(party: Party) -> Iterable[tuple[str, str]]:
    """Yield what a party is called, each with the field that says so."""
    yield "name", party.name
    for trading in party.trading_names:
        yield "trading_name", trading
    for did in party.dids:
        yield "did", did.text
    for domain in party.domains:
        yield "domain", domain
    for identifier in party.identifiers:
        yield "identifier", str(identifier)


def _plain(text: str) -> str:
    """Leave out case, accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        each if each.isalnum() else " " for each in decomposed if not unicodedata.combining(each)
    )
    return " ".join("".join(kept).split())


def _runs(plain: str) -> set[str]:
    """Return the runs of letters, those at the beginnings of words marked."""
    runs = {plain[start : start + _RUN] for start in range(len(plain) - _RUN + 1)}
    return runs | {f" {word[: _RUN - 1]}" for word in plain.split()}
