"""Listings: the statements that stand, ready to be written, and what is left out of every list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from policies.scope import Scope
from policies.statements import Action
from resolver.did import Did
from resolver.instant import DAY, Instant
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from trust_registry.exports.holdings import Holdings, PartyRow, StatementRow
from trust_registry.fields import ScopeMember
from trust_registry.imports.meanings import Meanings

_ROOT = "add_anchor"
_SCOPE: TypeAdapter[Scope] = TypeAdapter(ScopeMember)


@dataclass(frozen=True, slots=True)
class Loss:
    """What a list does not say.

    Attributes:
        of: the statement or party; empty for the whole.
        text: in plain words.
    """

    of: str
    text: str

    def written(self) -> dict[str, Json]:
        """Return its members."""
        return {"of": self.of, "lost": self.text}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes a list, and for how long.

    Attributes:
        name: what the list's operator is called.
        lifetime_ms: milliseconds after which a reader must fetch the next one.
        entity: its identifier in OpenID Federation; only what it says itself is then signed.
        key: signs, where a format is signed; None leaves it unsigned.
        kid: the key's id.
    """

    name: str
    lifetime_ms: int = DAY
    entity: str = ""
    key: PrivateKey | None = None
    kid: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement that stands, with whom it is about."""

    statement: StatementRow
    party: PartyRow

    @property
    def did(self) -> Did:
        """The DID of whom it is about."""
        return self.party.dids[0]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is written from.

    Attributes:
        origin: the registry's name.
        at: the effective time.
        rows: the statements that stand, in the order of the journal.
        publisher: who publishes.
        meanings: the mapping by which a list's words are found for statements.
        losses: what was left out before any format was asked.
    """

    origin: str
    at: Instant
    rows: Sequence[Row]
    publisher: Publisher
    meanings: Meanings = field(default_factory=Meanings)
    losses: Sequence[Loss] = ()

    def words(self, losses: list[Loss]) -> list[tuple[Row, str]]:
        """Pair each statement with the list's word for it; what has none is a loss."""
        paired: list[tuple[Row, str]] = []
        for row in self.rows:
            word = _word(row.statement, self.meanings)
            if word is None:
                text = "the mapping has no word for what this statement grants"
                losses.append(Loss(row.statement.id, text))
            else:
                paired.append((row, word))
        return paired


@dataclass(frozen=True, slots=True)
class Export:
    """A list.

    Attributes:
        data: its bytes.
        losses: what it does not say.
        says_so: whether the losses are listed in it; else they belong in a file beside it.
    """

    data: bytes
    losses: tuple[Loss, ...]
    says_so: bool = False


def listing_of(holdings: Holdings, publisher: Publisher, meanings: Meanings) -> Listing:
    """Select the statements that stand, each granted by one whose own accreditation stands.

    A statement that stands in part, and anything of a party that is excluded from some claims, is
    left out: a list would say more than is true.
    """
    losses = [
        Loss("", "Only statements that stand at that time: no history, no party that holds none."),
        Loss("", "That each scope lies within that of whoever granted it is not checked: ask."),
    ]
    standing: list[StatementRow] = []
    for each in holdings.statements:
        if each.state.startswith("partly_"):
            losses.append(Loss(each.id, f"it is {each.state.replace('_', ' ')}: left out"))
        elif each.entity.id in holdings.excluded or each.authority.id in holdings.excluded:
            losses.append(Loss(each.id, "a party to it is excluded from some claims: left out"))
        elif each.state == "active":
            standing.append(each)
    kept = _rooted(standing)
    losses += [
        Loss(each.id, "whoever granted it is itself not accredited now: left out")
        for each in standing
        if each.id not in kept
    ]
    rows = [
        Row(each, holdings.parties[each.entity.id])
        for each in standing
        if each.id in kept and each.entity.id in holdings.parties
    ]
    return Listing(holdings.origin, holdings.at, rows, publisher, meanings, losses)


def _rooted(standing: Sequence[StatementRow]) -> set[str]:
    """Return the ids of the statements that lead back to a trust anchor."""
    kept = {each.id for each in standing if each.act == _ROOT}
    by_authority: dict[str, list[StatementRow]] = {}
    for each in standing:
        by_authority.setdefault(each.authority.id, []).append(each)
    waiting = [each for each in standing if each.id in kept]
    while waiting:
        above = waiting.pop()
        if above.action is not Action.ACCREDIT:
            continue
        for each in by_authority.get(above.entity.id, ()):
            if each.id not in kept:
                kept.add(each.id)
                waiting.append(each)
    return kept


def _word(statement: StatementRow, meanings: Meanings) -> str | None:
    """Return the word that the mapping has for just what a statement grants, or None."""
    return next(
        (word for word, grant in meanings.grants.items() if _is_said(statement, grant)), None
    )


def _is_said(statement: StatementRow, grant: Mapping[str, Json]) -> bool:
    action = grant.get("action", "accredit" if statement.act == "accredit" else "issue")
    if grant["type"] != statement.act or (
        statement.act != "recognise" and action != statement.action.value
    ):
        return False
    powers, passes_on = statement.passes_on, grant.get("passes_on")
    if powers is not None:
        said = passes_on if isinstance(passes_on, dict) else {}
        actions = said.get("actions")
        named = {str(each) for each in actions} if isinstance(actions, list) else set()
        if said.get("depth") != powers.depth or named != {each.value for each in powers.actions}:
            return False
    return _scope(grant["scope"]) == statement.scope


def _scope(written: Json) -> Scope | None:
    try:
        return _SCOPE.validate_json(json.dumps(written))
    except ValidationError:
        return None
