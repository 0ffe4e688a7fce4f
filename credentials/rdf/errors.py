"""What can be wrong with the graph of a credential."""

from resolver.errors import InvalidProofError


class TooMuchWorkError(InvalidProofError):
    """A graph is larger or more entangled than is looked at; the limit is named."""
