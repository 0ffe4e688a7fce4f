"""The feed: what a monitor has told, for feed readers (Atom, RFC 4287)."""

from collections.abc import Sequence
from html import escape

from resolver.instant import Instant, format_instant
from trust_registry.monitor.alerts import Alert
from trust_registry.monitor.changes import Change

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'


def atom(origin: str, changes: Sequence[Change], alerts: Sequence[Alert], now: Instant) -> str:
    """Write changes and alerts as an Atom feed, the newest first.

    Args:
        origin: the registry's name without the scheme.
        changes: oldest first.
        alerts: oldest first.
        now: when it is made; it says so where there is nothing in it.
    """
    told = [(each.recorded_at, _change(each)) for each in changes]
    told += [(each.at, _alert(origin, each)) for each in alerts]
    told.sort(key=lambda each: each[0])
    updated = told[-1][0] if told else now
    entries = "".join(entry for _, entry in reversed(told))
    return (
        f"{_HEAD}  <title>Acts of {_text(origin)}</title>\n  <id>{_text(f'https://{origin}')}</id>\n"
        f"  <updated>{format_instant(updated)}</updated>\n"
        f"  <author><name>{_text(origin)}</name></author>\n{entries}</feed>\n"
    )


def _change(change: Change) -> str:
    title = f"{change.type} {change.about}".strip()
    return _entry(title, f"urn:sha256:{change.id}", change.recorded_at, str(change))


def _alert(origin: str, alert: Alert) -> str:
    id_ = f"https://{origin}/log#{alert.kind.value}-{alert.at}"
    title = str(alert).partition(":")[0]
    return _entry(f"{title} {alert.kind.value}", id_, alert.at, str(alert))


def _entry(title: str, id_: str, updated: Instant, summary: str) -> str:
    return (
        f"  <entry>\n    <title>{_text(title)}</title>\n    <id>{_text(id_)}</id>\n"
        f"    <updated>{format_instant(updated)}</updated>\n"
        f"    <summary>{_text(summary)}</summary>\n  </entry>\n"
    )


def _text(text: str) -> str:
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
