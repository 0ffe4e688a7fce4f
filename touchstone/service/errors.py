"""The host's errors: one small tree."""


class ServiceError(Exception):
    """Base of everything the host raises on purpose."""


class SettingsError(ServiceError):
    """The settings cannot be used; the message names each one and what is wrong with it."""


class RequestError(ServiceError):
    """A request that cannot be answered as it stands.

    Attributes:
        slug: the problem's stable name, a key of `problems.PROBLEMS`.
        field: the parameter or member at fault, or None where it is the request as a whole.
        pointer: JSON pointer (RFC 6901) to the value at fault in the body, or None.
    """

    def __init__(
        self, slug: str, detail: str, *, field: str | None = None, pointer: str | None = None
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.field = field
        self.pointer = pointer
