"""Collecting claims: split into single ones, each kept once, and bounded in number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from credentials.credential import CredentialClaim
from credentials.untp.dimensions import Values, merged
from credentials.untp.errors import InvalidUntpError
from policies.claims import MAX_CLAIMS, Claim, split
from policies.statements import Action

_Key = tuple[frozenset[object], bool, str]


@dataclass(slots=True)
class Claims:
    """The claims found so far; more than `MAX_CLAIMS` are refused before they are made.

    Attributes:
        base: what every claim of the credential states.
        action: what the issuer does by them.
    """

    base: Values
    action: Action = Action.ISSUE
    _found: dict[_Key, CredentialClaim] = field(default_factory=dict)
    _count: int = 0

    def add(self, stated: Sequence[Values], pointer: str, *, attested: bool, text: str) -> None:
        """Add what one part of the credential states, split into single claims.

        Raises:
            InvalidUntpError: there would be more than `MAX_CLAIMS`, repetitions included.
        """
        values = merged(self.base, *stated)
        self._count += prod(len(options) for options in values.values() if options)
        if self._count > MAX_CLAIMS:
            message = f"more than {MAX_CLAIMS} single claims, with repetitions"
            raise InvalidUntpError(pointer, message)
        for claim in split(values):
            found = CredentialClaim(claim, pointer, attested, text, self.action)
            self._found.setdefault(_key(claim, attested=attested, text=text), found)

    def all(self) -> tuple[CredentialClaim, ...]:
        """Return the claims in the order of the credential, each once."""
        return tuple(self._found.values())


def _key(claim: Claim, *, attested: bool, text: str) -> _Key:
    return frozenset(claim.values.items()), attested, text
