"""Drafts in their order, signed and submitted: the registry then says what the list said."""

from pathlib import Path

from tests.unit.trust_registry.board import Board, open_board, someone
from tests.unit.trust_registry.imports.test_lists import drafts
from trust_registry.exports import WRITERS, Publisher, holdings_of, listing_of
from trust_registry.imports import Drafts, Meanings
from trust_registry.views import View, party_json, statement_json

HEAD = "did,name,jurisdiction,by,type,commodity,country,rest,valid_until\n"


def written(board: Board) -> bytes:
    registry = board.registry
    index = registry.index
    seen = View(index, registry.journal.size, board.clock.now())
    held = holdings_of(
        registry.origin,
        seen.at,
        map(party_json, index.parties()),
        (statement_json(each, seen) for each in index.statements()),
    )
    return WRITERS["csv"](listing_of(held, Publisher("Board"), Meanings())).data


def said(found: Drafts) -> list[dict[str, object]]:
    """What drafts say, but for when and by which list."""
    left_out = ("evidence", "valid_from")
    return [{k: v for k, v in each.members.items() if k not in left_out} for each in found.acts]


async def test_drafts_are_admitted_in_their_order(tmp_path: Path) -> None:
    board = await open_board(tmp_path / "journal.sqlite")
    await board.anchor("irma")
    row = (
        f"did:web:listed.example,Listed,CL,{someone('irma').did},authorise,copper|cobalt,"
        "except CD,any,2028-01-01T00:00:00Z\n"
    )
    found = drafts("csv", (HEAD + row).encode(), now=board.clock.now())
    registered, granted = found.acts
    # Nobody signs for who is listed: its evidence is what the board decides by.
    await board.decide(registered.members)
    assert granted.by is not None
    await board.act("irma", granted.members)
    again = drafts("csv", written(board), now=board.clock.now())
    assert said(found)[0] in said(again)
    assert {**said(found)[1], "action": "issue", "scope": sorted_scope(found)} in said(again)
    await board.registry.close()


def sorted_scope(found: Drafts) -> object:
    """The scope of a draft as a registry writes it: its values are in order."""
    scope = found.acts[1].members["scope"]
    assert isinstance(scope, dict)
    return {k: sorted(v) if isinstance(v, list) else v for k, v in scope.items()}
