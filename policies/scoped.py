"""Scopes made ready under the vocabulary in force."""

from policies.scope import CompiledScope, Scope, Vocabulary


class Scoped:
    """A scope compiled under the vocabulary now in force; older ones are compiled when asked."""

    __slots__ = ("compiled", "scope", "vocabulary")

    def __init__(self, scope: Scope, vocabulary: Vocabulary) -> None:
        self.scope = scope
        self.adopt(vocabulary)

    def adopt(self, vocabulary: Vocabulary) -> None:
        """Compile the scope under a new vocabulary."""
        self.vocabulary = vocabulary
        self.compiled = self.scope.compile(vocabulary)

    def under(self, vocabulary: Vocabulary) -> CompiledScope:
        """Return the scope as compiled under a vocabulary."""
        if vocabulary is self.vocabulary:
            return self.compiled
        return self.scope.compile(vocabulary)
