"""UNTP credentials of versions 0.5 to 0.7, read into one set of claims."""

from credentials.untp.errors import InvalidUntpError, UnsupportedUntpError, UntpError
from credentials.untp.parsing import UntpCredential, parse_untp
from credentials.untp.recognition import Kind

__all__ = [
    "InvalidUntpError",
    "Kind",
    "UnsupportedUntpError",
    "UntpCredential",
    "UntpError",
    "parse_untp",
]
