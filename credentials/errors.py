"""The errors of credentials: one small tree."""


class CredentialError(Exception):
    """Base of everything `credentials` raises on purpose."""


class MalformedCredentialError(CredentialError):
    """What was given is no credential in a form that is understood.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the part that is wrong; empty for the whole.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer
