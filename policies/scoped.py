"""Scopes made ready under a vocabulary."""

from policies.scope import CompiledScope, Scope, Vocabulary


class Scoped:
    """A scope with its compiled form under the vocabulary that it was last asked for."""

    __slots__ = ("_compiled", "_vocabulary", "scope")

    def __init__(self, scope: Scope, vocabulary: Vocabulary) -> None:
        self.scope = scope
        self._vocabulary = vocabulary
        self._compiled = scope.compile(vocabulary)

    def under(self, vocabulary: Vocabulary) -> CompiledScope:
        """Return the scope as compiled under a vocabulary."""
        if vocabulary is not self._vocabulary:
            self._compiled = self.scope.compile(vocabulary)
            self._vocabulary = vocabulary
        return self._compiled
