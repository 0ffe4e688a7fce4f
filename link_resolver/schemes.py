"""The identifier schemes that are understood: GS1, and what the configuration adds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schemes:
    """Every scheme that is understood; GS1 always is."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configured schemes: the first segments of their paths."""
        raise NotImplementedError


def default_schemes() -> Schemes:
    """Return the schemes that come with the package (`data/schemes.yaml`)."""
    raise NotImplementedError
