"""DID parameters: the query of a DID URL, read in one way only (DID Resolution, DID Parameters)."""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError

MAX_PARAMETERS = 16
"""The standards know five."""

_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def parameters_of(url: DidUrl) -> Mapping[str, str]:
    """Read the parameters of a DID URL; a plus sign is a plus sign, as in any URI.

    Raises:
        InvalidDidUrlError: a name is given twice or is empty, an encoding is not UTF-8, or there
            are more than `MAX_PARAMETERS`.
    """
    parameters: dict[str, str] = {}
    pairs = [pair for pair in (url.query or "").split("&") if pair]
    if len(pairs) > MAX_PARAMETERS:
        raise InvalidDidUrlError(f"more than {MAX_PARAMETERS} parameters")
    for pair in pairs:
        name, _, value = pair.partition("=")
        name = _decoded(name)
        if not name:
            raise InvalidDidUrlError("a parameter without a name")
        if name in parameters:
            raise InvalidDidUrlError("a parameter that is given twice")
        parameters[name] = _decoded(value)
    return parameters


def normalised(url: DidUrl) -> str:
    """Write a DID URL so that equal ones are the same string (DID Resolution, Query Normalization).

    Raises:
        InvalidDidUrlError: as for `parameters_of`.
    """
    pairs = sorted(parameters_of(url).items())
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    fragment = "" if url.fragment is None else f"#{_normal_encoding(url.fragment)}"
    return f"{url.did}{_normal_encoding(url.path)}{f'?{query}' if query else ''}{fragment}"


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InvalidDidUrlError("a parameter that is not UTF-8") from None


def _normal_encoding(text: str) -> str:
    """Decode what need not be encoded, and write the rest in capitals (RFC 3986 6.2.2)."""
    return _ENCODED.sub(_normal_octet, text)


def _normal_octet(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
