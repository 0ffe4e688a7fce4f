"""Synthetic registries of a given size, for the cost of a decision alone."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256

from policies.claims import DIMENSIONS, Claim, ClaimValue, Dimension
from policies.decision import Basis, Question
from policies.framework import Framework
from policies.index import Index
from policies.scope import Scope, scope_of
from policies.statements import (
    Action,
    Kind,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
)
from resolver.did import Did
from resolver.instant import Instant

_FRAMEWORK = PartyId("urn:bench:framework")
_ANCHORS = 20
_COMMODITIES = ("copper", "cobalt")
_PER_ISSUER = len(_COMMODITIES)
_BEGINNING = Instant(1_700_000_000_000)
NOW = Instant(1_760_000_000_000)


def synthetic(
    statements: int, around: AbstractContextManager[None] | None = None
) -> tuple[Index, "Questions"]:
    """Fill an index and make questions that are answered yes.

    Chains have two links, under one of twenty anchors; each issuer holds two statements, one for
    each of two commodities, in two countries, of which one answers the question.

    Args:
        statements: about how many statements the index shall hold.
        around: what each statement is added within.
    """
    around = around or nullcontext()
    index, journal = Index(), _Journal()
    index.add_framework(Framework(_FRAMEWORK, 1, "Bench", "0" * 64, (), {}, journal.next()))
    anchors = [_anchor(index, journal, number) for number in range(_ANCHORS)]
    for number in range(statements // _PER_ISSUER):
        anchor = anchors[number % _ANCHORS]
        issuer = _party(index, journal, f"issuer-{number}")
        scheme = _scheme(number % _ANCHORS)
        for commodity in _COMMODITIES:
            scope = _scope(scheme=[scheme], commodity=[commodity], country=["CD", "CL"])
            statement = Statement(
                StatementId(_digest(f"{number}-{commodity}")),
                Kind.AUTHORISATION,
                anchor.id,
                issuer.id,
                Action.ISSUE,
                scope,
                _BEGINNING,
                journal.next(),
            )
            with around:
                index.add_statement(statement)
    return index, Questions(statements, journal.size)


class _Journal:
    """Positions and times, as a journal would give them."""

    def __init__(self) -> None:
        self.size = 0

    def next(self) -> Recorded:
        self.size += 1
        return Recorded(self.size - 1, _BEGINNING)


def _did(name: str) -> Did:
    return Did.parse(f"did:web:{name}.example")


def _digest(name: str) -> str:
    """Return an id as acts have them."""
    return sha256(name.encode()).hexdigest()


def _scheme(number: int) -> str:
    return f"https://scheme-{number}.example"


def _scope(**stated: list[str]) -> Scope:
    return scope_of({**{dimension.value: "any" for dimension in DIMENSIONS}, **stated})


def _party(index: Index, journal: _Journal, name: str) -> Party:
    did = _did(name)
    id_, key = _digest(name), urlsafe_b64encode(sha256(name.encode()).digest()).decode()
    keys = frozenset({key.rstrip("=")})
    party = Party(PartyId(id_), f"{name.title()} Limited", (did,), id_, journal.next(), keys)
    index.add_party(party)
    return party


def _anchor(index: Index, journal: _Journal, number: int) -> Party:
    party = _party(index, journal, f"anchor-{number}")
    index.add_statement(
        Statement(
            StatementId(_digest(f"statement-{number}")),
            Kind.AUTHORISATION,
            _FRAMEWORK,
            party.id,
            Action.ACCREDIT,
            _scope(scheme=[_scheme(number)]),
            _BEGINNING,
            journal.next(),
            passes_on=PassesOn(frozenset({Action.ISSUE}), 1),
        )
    )
    return party


class Questions(Sequence[Question]):
    """A question about each issuer, made when it is asked for.

    Args:
        statements: about how many statements the index holds.
        size: the journal's size.
    """

    def __init__(self, statements: int, size: int) -> None:
        self._issuers = statements // _PER_ISSUER
        self._size = size

    def __len__(self) -> int:
        return self._issuers

    def __getitem__(self, index: int | slice) -> Question:  # type: ignore[override] # only ints come
        if isinstance(index, slice) or not 0 <= index < self._issuers:
            raise IndexError(index)
        number = index
        claim = Claim(
            {
                Dimension.CREDENTIAL_TYPE: ClaimValue("DigitalConformityCredential"),
                Dimension.SCHEME: ClaimValue(_scheme(number % _ANCHORS)),
                Dimension.COMMODITY: ClaimValue(_COMMODITIES[number % _PER_ISSUER]),
                Dimension.COUNTRY: ClaimValue("CD"),
            }
        )
        return Question(_did(f"issuer-{number}"), claim, NOW, NOW, self._size, basis=Basis.NOW)
