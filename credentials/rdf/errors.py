"""What can be wrong with the graph of a document, and with the contexts that it is read by."""

from resolver.errors import InvalidProofError, UnsupportedProofError


class TooMuchWorkError(UnsupportedProofError):
    """A graph is larger or more entangled than is looked at; the limit is named."""


class InvalidJsonLdError(InvalidProofError):
    """A document breaks a rule of JSON-LD, or has parts that no graph can hold.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the part that is wrong; empty for the whole.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(f"{pointer}: {message}" if pointer else message)
        self.pointer = pointer


class UnreadableContextError(UnsupportedProofError):
    """A context is not admitted, or admitted and not at hand; the message says what to do."""


class GraphUnavailableError(UnsupportedProofError):
    """No graph could be made just now, for lack of room or of time; the document may be good."""
