"""Texts to identifiers: the one door for everything that claims to be one."""

from link_resolver.identifier import Identifier
from link_resolver.schemes import Schemes


def parse_path(raw_path: str, raw_query: str, schemes: Schemes) -> Identifier:
    """Parse a request target: a path as it came, before any decoding, and its query.

    The path begins with the key (no stem); one trailing slash is tolerated.

    Raises:
        InvalidIdentifierError: a rule of the scheme is broken.
        UnsupportedIdentifierError: a form that is recognised and not implemented.
    """
    raise NotImplementedError


def parse_any(text: str, schemes: Schemes) -> Identifier:
    """Parse a URI under any domain and stem, an element string, a bracketed AI string or a URN.

    Raises:
        InvalidIdentifierError: the text is no identifier of any scheme, or breaks a rule of one.
        UnsupportedIdentifierError: a form that is recognised and not implemented.
    """
    raise NotImplementedError
