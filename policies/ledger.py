"""The ledger: parties, statements and scopes in rows, and the objects that are read from them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain

from policies.columns import Column, nested
from policies.lines import PartyLine, Row, StatementLine
from policies.party_rows import PartyRows
from policies.recent import Recent
from policies.scope import Vocabulary
from policies.scoped import Scoped
from policies.statement_rows import StatementRows
from policies.statements import Recorded, Statement
from policies.texts import Texts
from policies.written import read_scope
from resolver.instant import Instant

_MOST_SCOPES = 4096
"""Scopes kept compiled at a time."""


class Ledger:
    """Parties and statements in rows, with the scopes that they share."""

    def __init__(self) -> None:
        self.parties = PartyRows()
        self.statements = StatementRows()
        self.scopes = Texts()
        self._scoped = Recent[int, Scoped](_MOST_SCOPES)
        self._scope_numbers = Recent[str, int](_MOST_SCOPES)
        self._vocabulary = Vocabulary()

    def adopt(self, vocabulary: Vocabulary) -> None:
        """Compile scopes under another vocabulary from now on."""
        self._vocabulary = vocabulary
        self._scoped.clear()

    def extend(self, rows: Sequence[Row[PartyLine | StatementLine]]) -> None:
        """Add parties and statements, in journal order.

        Raises:
            CorruptStateError: there is a statement of the id of one of them.
        """
        numbers = self.parties.numbers(chain.from_iterable([line.mentions for line, _, _ in rows]))
        parties = [(line, n, at) for line, n, at in rows if isinstance(line, PartyLine)]
        if parties:
            self.parties.extend(parties, numbers)
        statements = [(line, n, at) for line, n, at in rows if isinstance(line, StatementLine)]
        if statements:
            scopes = [self._scope_number(line.scope) for line, _, _ in statements]
            self.statements.extend(statements, numbers, scopes)

    def _scope_number(self, scope: str) -> int:
        number = self._scope_numbers.get(scope)
        if number is None:
            number = self.scopes.number(scope.encode())
            self._scope_numbers.keep(scope, number)
        return number

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Take many parties and statements at once: what finds them is laid out at the end."""
        texts = (self.parties.ids, self.parties.dids, self.statements.ids, self.scopes)
        with ExitStack() as stack:
            for each in texts:
                stack.enter_context(each.filling())
            yield

    def columns(self) -> dict[str, Column]:
        """Return all that the ledger is made of but the statements' terms, by name."""
        return {
            **nested("parties", self.parties.columns()),
            **nested("statements", self.statements.columns()),
            **nested("scopes", self.scopes.columns()),
        }

    def check(self, size: int) -> None:
        """Check columns that were filled from outside.

        Args:
            size: the journal's size.

        Raises:
            CorruptStateError: they do not fit together.
        """
        self.scopes.check()
        self.parties.check(size)
        self.statements.check(len(self.parties.ids), len(self.scopes), size)

    def scoped(self, number: int) -> Scoped:
        """Return a scope by its number.

        Raises:
            CorruptStateError: its text is none of a scope.
        """
        found = self._scoped.get(number)
        if found is None:
            found = Scoped(read_scope(self.scopes[number]), self._vocabulary)
            self._scoped.keep(number, found)
        return found

    def statement(self, row: int) -> Statement:
        """Return a statement by its row."""
        rows = self.statements
        terms = rows.terms[rows.term[row]]
        return Statement(
            id=rows.id(row),
            kind=terms.kind,
            authority=self.parties.id(rows.authority[row]),
            entity=self.parties.id(rows.entity[row]),
            action=terms.action,
            scope=self.scoped(rows.scope[row]).scope,
            valid_from=Instant(rows.valid_from[row]),
            recorded=Recorded(rows.position[row], Instant(rows.recorded_at[row])),
            valid_until=Instant(rows.valid_until[row]),
            passes_on=terms.passes_on,
        )
