"""Narrowing: does one scope lie wholly within another? Where that is not certain, it does not."""

from policies.claims import Dimension
from policies.scope import Allowed, Scope, Vocabulary


def lies_within(inner: Scope, outer: Scope, vocabulary: Vocabulary) -> bool:
    """Tell whether every claim that a scope covers is covered by another one, too.

    Args:
        inner: the narrower scope.
        outer: the wider one; a dimension that it does not hold admits every value.
        vocabulary: which values are broader than which.
    """
    return all(
        dimension in inner.allowed
        and _within(dimension, inner.allowed[dimension], allowed, vocabulary)
        for dimension, allowed in outer.allowed.items()
    )


def _within(on: Dimension, inner: Allowed, outer: Allowed, vocabulary: Vocabulary) -> bool:
    if inner.all_but:
        return outer.all_but and all(
            _is_below(on, value, inner.values, vocabulary) for value in outer.values
        )
    if outer.all_but:
        # Elsewhere a value may lie within several broader ones, an excepted one among them.
        return on is Dimension.COUNTRY and not any(
            _is_below(on, value, outer.values, vocabulary)
            or any(value in vocabulary.broader(on, excepted) for excepted in outer.values)
            for value in inner.values
        )
    return all(_is_below(on, value, outer.values, vocabulary) for value in inner.values)


def _is_below(on: Dimension, value: str, values: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Tell whether a value, or one that is broader than it, is among others."""
    return value in values or not values.isdisjoint(vocabulary.broader(on, value))
