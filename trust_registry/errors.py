"""The trust registry's errors: one small tree."""


class RegistryError(Exception):
    """Base of everything `trust_registry` raises on purpose."""


class InvalidFrameworkError(RegistryError):
    """A framework is not what its schema demands.

    Attributes:
        member: where, as a JSON pointer.
    """

    def __init__(self, member: str, message: str) -> None:
        super().__init__(message)
        self.member = member


class ActRefusedError(RegistryError):
    """An act does not enter the journal.

    Attributes:
        code: why, as a stable word.
        member: the member of the act at fault, as a JSON pointer, or empty.
        retryable: whether the same act may be accepted later.
    """

    def __init__(
        self, code: str, message: str, member: str = "", *, retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.member = member
        self.retryable = retryable


class UnknownActError(RegistryError):
    """No act has this id."""


class InvalidQueryError(RegistryError):
    """A reader's query cannot be answered.

    Attributes:
        member: the query parameter at fault.
    """

    def __init__(self, member: str, message: str) -> None:
        super().__init__(message)
        self.member = member


class JournalError(RegistryError):
    """Base of what goes wrong with the journal itself."""


class JournalConflictError(JournalError):
    """Another writer appended first; nothing was written."""


class JournalUnavailableError(JournalError):
    """The store cannot take or give entries now; nothing was acknowledged."""


class CorruptJournalError(JournalError):
    """An entry is not what it was when it was acknowledged, or should never have been.

    Attributes:
        index: the entry's index.
    """

    def __init__(self, index: int, message: str) -> None:
        super().__init__(f"entry {index}: {message}")
        self.index = index
