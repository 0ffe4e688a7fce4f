"""Holdings: the parties and statements of a registry at a moment, as its answers give them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from policies.statements import Action, Kind
from resolver.instant import Instant
from resolver.strict_json import Json
from trust_registry.acts import PowersMember
from trust_registry.errors import TrustRegistryError
from trust_registry.fields import DidMember, InstantMember, ScopeMember
from trust_registry.imports.pointers import first_fault


class InvalidListingError(TrustRegistryError):
    """What a registry answered is no list of parties or statements."""


class _Answered(BaseModel):
    """A part of an answer; a later version of the registry may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PartyRow(_Answered):
    """A party; see `RegisterParty`."""

    id: str
    name: str
    dids: tuple[DidMember, ...]
    trading_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    jurisdiction: str = ""


class Named(_Answered):
    """Who makes a statement, or whom it is about; a framework has no DID."""

    id: str
    did: DidMember | None


class StatementRow(_Answered):
    """A statement of authority with its state at the moment; see `Grant`."""

    id: str
    kind: Kind
    authority: Named
    entity: Named
    action: Action
    scope: ScopeMember
    passes_on: PowersMember | None
    valid_from: InstantMember
    valid_until: InstantMember | None
    state: str

    @property
    def act(self) -> str:
        """The type of the act that makes such a statement."""
        if self.authority.did is None:
            return "add_anchor"
        if self.kind is Kind.RECOGNITION:
            return "recognise"
        return "accredit" if self.action is Action.ACCREDIT else "authorise"


@dataclass(frozen=True, slots=True)
class Holdings:
    """A registry at a moment.

    Attributes:
        origin: the registry's name.
        at: the effective time.
        parties: by id.
        statements: in the order of the journal, in whatever state.
        excluded: ids of parties that an exclusion stands against, of any claims.
    """

    origin: str
    at: Instant
    parties: Mapping[str, PartyRow]
    statements: tuple[StatementRow, ...]
    excluded: frozenset[str] = frozenset()


def holdings_of(
    origin: str,
    at: Instant,
    parties: Iterable[Json],
    statements: Iterable[Json],
    excluded: frozenset[str] = frozenset(),
) -> Holdings:
    """Read answers into holdings.

    Args:
        origin: the registry's name.
        at: the effective time that was asked for.
        parties: as `GET /v1/parties` lists them.
        statements: as `GET /v1/statements` lists them.
        excluded: ids of parties that an exclusion stands against.

    Raises:
        InvalidListingError: one of them is none.
    """
    try:
        rows = [PartyRow.model_validate_json(json.dumps(each)) for each in parties]
        said = tuple(StatementRow.model_validate_json(json.dumps(each)) for each in statements)
    except ValidationError as error:
        raise InvalidListingError(": ".join(first_fault(error))) from None
    return Holdings(origin, at, {each.id: each for each in rows}, said, excluded)
