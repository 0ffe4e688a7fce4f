"""Why a credential gives no claims."""

from credentials.errors import CredentialError


class UntpError(CredentialError):
    """Base of what goes wrong while a credential is read as a UNTP one."""


class UnsupportedUntpError(UntpError):
    """Not a UNTP credential, or one of a kind or version that is not read here."""


class InvalidUntpError(UntpError):
    """A UNTP credential whose members are not what its version says.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the member at fault.
    """

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
