"""Wording: what is shown of a claim to a person, in one line that is safe to print."""

from credentials.untp.node import Node

_MAX_LINE = 300
_MAX_PART = 80


def shown(text: str | None) -> str:
    """Make a text from outside safe to show: one line, nothing unseen, and not long."""
    seen = (text or "")[:_MAX_LINE]
    if not seen.isprintable():
        seen = "".join(c if c.isprintable() else " " for c in seen)
    clean = " ".join(seen.split())
    return clean if len(clean) <= _MAX_PART else clean[: _MAX_PART - 1] + "…"


def shown_name(node: Node | None) -> str:
    """Return what a thing is called, made safe to show: its name, else its identifier."""
    if node is None:
        return ""
    return shown(node.text("name")) or shown(node.text("id"))


def line(*parts: str) -> str:
    """Join the parts that say something into one line of bounded length."""
    text = ", ".join(part for part in parts if part)
    return text if len(text) <= _MAX_LINE else text[: _MAX_LINE - 1] + "…"
