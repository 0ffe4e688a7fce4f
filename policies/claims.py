"""Claims: what a credential says, in the dimensions that authority is granted in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import product
from math import prod
from typing import NamedTuple

from policies.errors import TooManyClaimsError


class Dimension(StrEnum):
    """A dimension that both claims and scopes speak of (vocabulary version 1)."""

    CREDENTIAL_TYPE = "credential_type"
    SCHEME = "scheme"
    CRITERION = "criterion"
    TOPIC = "topic"
    ACTIVITY = "activity"
    ASSESSMENT_LEVEL = "assessment_level"
    ACHIEVEMENT = "achievement"
    COMMODITY = "commodity"
    PROCESS = "process"
    SCALE = "scale"
    CUSTODY = "custody"
    COUNTRY = "country"
    FACILITY = "facility"
    PRODUCT = "product"
    ORGANISATION = "organisation"
    REGISTER_TYPE = "register_type"
    ID_SCHEME = "id_scheme"
    PHASE = "phase"

    __hash__ = str.__hash__  # values are found by it: an enumeration's own is ten times as slow


DIMENSIONS = tuple(Dimension)
POSITION = {dimension: position for position, dimension in enumerate(DIMENSIONS)}

MAX_CLAIMS = 1000
"""The most single-valued claims one credential or question may split into."""


class Source(IntEnum):
    """Where a claim's value comes from; a higher source is worth more."""

    ISSUER = 0
    EVIDENCE = 1
    REGISTER = 2


class ClaimValue(NamedTuple):
    """One value on one dimension.

    Attributes:
        value: the canonical value, derived at the edge; rules compare it and never parse it.
        source: whose word it is.
        within: broader identifiers that contain it, such as a scheme for its version, or a GS1
            company prefix for a product. A scope that names one of them covers the value.
    """

    value: str
    source: Source = Source.ISSUER
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One single-valued statement about the world: at most one value on each dimension."""

    values: Mapping[Dimension, ClaimValue] = field(default_factory=dict)

    def get(self, dimension: Dimension) -> ClaimValue | None:
        """Return the value on a dimension, or None where the claim is silent."""
        return self.values.get(dimension)


def split(values: Mapping[Dimension, Sequence[ClaimValue]]) -> tuple[Claim, ...]:
    """Split a claim with several values on a dimension into single ones.

    Raises:
        TooManyClaimsError: there would be more than `MAX_CLAIMS`.
    """
    stated = {dimension: options for dimension, options in values.items() if options}
    count = prod(len(options) for options in stated.values())
    if count > MAX_CLAIMS:
        raise TooManyClaimsError(
            f"{count} single claims, at most {MAX_CLAIMS} are answered at once"
        )
    return tuple(
        Claim(dict(zip(stated, choice, strict=True))) for choice in product(*stated.values())
    )
