"""QR codes: an identifier's URI as a symbol that any phone reads (ISO/IEC 18004)."""

import io
from enum import StrEnum
from typing import NamedTuple

import segno

from link_resolver.errors import InvalidRequestError

QUIET_ZONE = 4
"""Modules that must stay blank around the symbol (ISO/IEC 18004)."""
MAX_BORDER = 40
MAX_SCALE = 20
"""Pixels a module; the largest symbol, of 177 modules, then has some 4,000 pixels a side."""


class Picture(StrEnum):
    """How a symbol is drawn."""

    SVG = "svg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """Its media type."""
        return "image/svg+xml" if self is Picture.SVG else "image/png"


class Drawing(NamedTuple):
    """What a symbol shall look like.

    Attributes:
        picture: SVG or PNG.
        error: the level of error correction: L, M, Q or H (7, 15, 25 and 30 % may be damaged).
        border: the quiet zone, in modules.
        scale: pixels a module.
    """

    picture: Picture = Picture.SVG
    error: str = "M"
    border: int = QUIET_ZONE
    scale: int = 8


def read_drawing(given: dict[str, str]) -> Drawing:
    """Read how a symbol shall look from the parameters `format`, `error`, `border` and `scale`.

    Raises:
        InvalidRequestError: a parameter has a value that it cannot have.
    """
    picture, error = given.get("format", Picture.SVG), given.get("error", "M").upper()
    if picture not in set(Picture):
        raise InvalidRequestError("format", f"format is one of {', '.join(Picture)}")
    if error not in {"L", "M", "Q", "H"}:
        raise InvalidRequestError("error", "error is one of L, M, Q, H")
    border = _number(given, "border", QUIET_ZONE, QUIET_ZONE, MAX_BORDER)
    return Drawing(Picture(picture), error, border, _number(given, "scale", 8, 1, MAX_SCALE))


def _number(given: dict[str, str], name: str, unsaid: int, least: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return unsaid
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and least <= int(text) <= most):  # noqa: PLR2004 - no number here has more digits
        raise InvalidRequestError(name, f"{name} is a whole number from {least} to {most}")
    return int(text)


def draw(uri: str, drawing: Drawing) -> bytes:
    """Draw a URI as a QR code. It takes milliseconds: call it off the event loop.

    Raises:
        InvalidRequestError: the URI is longer than a symbol of this error level holds.
    """
    try:
        symbol = segno.make_qr(uri, error=drawing.error, boost_error=False)
    except segno.DataOverflowError:
        detail = f"the URI does not fit into a QR code of the level {drawing.error}"
        raise InvalidRequestError("error", detail) from None
    drawn = io.BytesIO()
    symbol.save(drawn, kind=drawing.picture.value, scale=drawing.scale, border=drawing.border)
    return drawn.getvalue()
