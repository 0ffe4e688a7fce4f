"""`data:` URIs: how an enveloping object carries a signed document (VCDM 2.0 section 4.13)."""

from credentials.errors import MalformedCredentialError
from credentials.sources import Limits
from resolver.strict_json import Json

_MOST_MEDIA_TYPE = 64  # characters


def read_data_uri(
    address: Json, known: frozenset[str], limits: Limits, *, pointer: str = "", depth: int = 1
) -> tuple[str, str]:
    """Take apart a `data:` URI, without its content being believed or looked at.

    Args:
        address: the URI.
        known: the media types that are understood where it stands.
        limits: how long it may be, and how deep such URIs may lie in each other.
        pointer: JSON pointer (RFC 6901) to it.
        depth: how deep it lies, counted from 1.

    Returns:
        The media type, in lower case, and the content.

    Raises:
        MalformedCredentialError: it is none, too long, too deep, in base64, or of another type.
    """

    def refused(message: str) -> MalformedCredentialError:
        return MalformedCredentialError(message, pointer)

    if not isinstance(address, str) or not address.startswith("data:"):
        raise refused("not a data: URI")
    if len(address) > limits.max_bytes:
        raise refused(f"longer than {limits.max_bytes} bytes")
    if depth > limits.max_data_uri_depth:
        raise refused(f"a data: URI at depth {depth}, at most {limits.max_data_uri_depth} are read")
    media_type, comma, content = address.removeprefix("data:").partition(",")
    media_type = media_type[:_MOST_MEDIA_TYPE].lower()
    if not comma:
        raise refused("a data: URI without a comma")
    expected = " or ".join(sorted(known))
    if media_type.endswith(";base64"):
        raise refused(f"base64 is not used here: write data:{min(known, key=len)},<token>")
    if media_type not in known:
        raise refused(f"holds {media_type or 'text/plain'}; only {expected} is understood")
    return media_type, content
