"""The errors of this face: one small tree."""


class AuthzenError(Exception):
    """Base of everything this face raises on purpose."""


class InvalidRequestError(AuthzenError):
    """A request, or one evaluation of a batch, that cannot be answered as it stands.

    Attributes:
        kind: the stable name of the kind of problem.
        field: the member or header at fault.
        pointer: JSON pointer (RFC 6901) to it in the body, or None where it is a header.
    """

    def __init__(
        self, kind: str, detail: str, field: str | None = None, pointer: str | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.field = field
        self.pointer = pointer

    def within(self, pointer: str) -> "InvalidRequestError":
        """Return the same, of a value that itself stands at a pointer."""
        return InvalidRequestError(
            self.kind, str(self), self.field, f"{pointer}{self.pointer or ''}"
        )
