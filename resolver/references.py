"""`relativeRef`: a reference below a service's endpoint, which it can never leave.

The endpoint is taken as a folder, and a reference with a leading slash as relative to it: that is
how the examples of DID Resolution and did:webvh read, and anything else would leave the endpoint.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from resolver.errors import InvalidDidUrlError

_URI = re.compile(
    r"(?P<start>[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?)"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_URI_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_KEPT = "/?#:@!$&'()*+,;=-._~%[]"
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_PATH_PARAMETERS = re.compile(";[^/]*")  # which some servers drop before they look for dots
_MAX_DECODINGS = 8
"""How often a text may be percent-encoded upon itself before it is taken for an attack."""


class _Parts(NamedTuple):
    start: str
    path: str
    query: str | None
    fragment: str | None


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI, in ASCII and without white space (RFC 3986 3)."""
    match = _URI.fullmatch(text)
    return bool(match and _URI_CHARACTERS.fullmatch(text) and "#" not in (match["fragment"] or ""))


def with_fragment(uri: str, fragment: str | None) -> str:
    """Let a URI inherit a fragment (DID Resolution, Dereferencing the Fragment).

    Raises:
        InvalidDidUrlError: it has one of its own.
    """
    if fragment is None:
        return uri
    if "#" in uri:
        raise InvalidDidUrlError("a fragment, where the service's endpoint has one of its own")
    return f"{uri}#{fragment}"


def join(endpoint: str, reference: str) -> str:
    """Resolve a relative reference below an endpoint (RFC 3986 5; DID Resolution, relativeRef).

    Args:
        endpoint: an absolute URI, for which `is_uri` holds.
        reference: the decoded value of the parameter.

    Raises:
        InvalidDidUrlError: the reference is not relative, its path leaves the endpoint's, however
            it is encoded, or the endpoint is of a scheme without paths.
    """
    base = _parts(endpoint)
    if "//" not in base.start:
        raise InvalidDidUrlError("relativeRef, where the service's endpoint has no host")
    path, query, fragment = _reference(reference)
    if path:
        folder = base.path if base.path.endswith("/") else f"{base.path}/"
        base = base._replace(path=folder + _confined(path), query=None)
    return _written(base._replace(query=base.query if query is None else query, fragment=fragment))


def _reference(text: str) -> tuple[str, str | None, str | None]:
    if text.startswith("//") or _SCHEME.match(text) or _forbidden(text):
        raise InvalidDidUrlError("relativeRef is not a relative reference")
    encoded = quote(_STRAY_PERCENT.sub("%25", text), safe=_KEPT)
    rest, hashed, fragment = encoded.partition("#")
    path, asked, query = rest.partition("?")
    if "#" in fragment:
        raise InvalidDidUrlError("relativeRef is not a relative reference")
    return path.removeprefix("/"), query if asked else None, fragment if hashed else None


def _forbidden(text: str) -> bool:
    return bool(_FORBIDDEN.search(text.replace(" ", "_")))


def _confined(path: str) -> str:
    """Remove the dot segments of a relative path that stays where it starts."""
    _descend(_PATH_PARAMETERS.sub("", _fully_decoded(path)))
    return _descend(path)


def _descend(path: str) -> str:
    segments = path.split("/")
    kept: list[str] = []
    for number, segment in enumerate(segments):
        bare = unquote(segment)
        if bare == "..":
            if not kept:
                raise InvalidDidUrlError("relativeRef leaves the service's endpoint")
            kept.pop()
        elif bare != ".":
            kept.append(segment)
        if bare in {".", ".."} and number == len(segments) - 1:
            kept.append("")
    return "/".join(kept)


def _fully_decoded(path: str) -> str:
    for _ in range(_MAX_DECODINGS):
        decoded = unquote(path, errors="replace")
        if decoded == path:
            if _forbidden(path):
                break
            return path
        path = decoded
    raise InvalidDidUrlError("relativeRef hides something below its encoding")


def _parts(uri: str) -> _Parts:
    match = _URI.fullmatch(uri)
    if match is None:
        raise InvalidDidUrlError("relativeRef, where the service's endpoint is no URL")
    return _Parts(match["start"], match["path"], match["query"], match["fragment"])


def _written(parts: _Parts) -> str:
    query = "" if parts.query is None else f"?{parts.query}"
    fragment = "" if parts.fragment is None else f"#{parts.fragment}"
    return f"{parts.start}{parts.path}{query}{fragment}"
