"""Rows of a bench's table: a figure, what it stands beside, and what was promised."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

Tell = Callable[[str], None]
"""Takes what is measured now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: of what was measured.
        figure: with its unit.
        share: of the floor, or how many times as much; None where it stands alone.
        beside: the floor, measured in the same run.
        promised: the bound on it; empty where nothing is promised.
        kept: whether it is as good as promised.
    """

    name: str
    figure: str
    share: float | None = None
    beside: str = ""
    promised: str = ""
    kept: bool = True


def as_json(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return rows as JSON."""
    return [asdict(row) for row in rows]


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print rows as a table."""
    table = Table(title=title)
    for name in ("what", "figure", "share", "beside", "promised", ""):
        table.add_column(name, justify="left" if name in ("what", "beside") else "right")
    for row in rows:
        share = "" if row.share is None else f"{row.share:.2f}"
        mark = "" if not row.promised else "kept" if row.kept else "NOT KEPT"
        table.add_row(row.name, row.figure, share, row.beside, row.promised, mark)
    Console(emoji=False, markup=False).print(table)
