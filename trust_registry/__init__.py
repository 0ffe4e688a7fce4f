"""The trust registry: signed acts, the journal that keeps them, and the state folded from it."""
