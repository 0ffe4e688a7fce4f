"""Templates: one link for every serial or lot, with the value left open as `{21}` or `{10}`.

On a path, a placeholder stands for the whole value of a qualifier: `/01/09506000134352/21/{21}`. No
value can be mistaken for one, for a brace is always escaped in a path. In the target, the title
and the description, `{code}` becomes the value of that code, of the key's too.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from urllib.parse import quote

from link_resolver.identifier import Identifier
from link_resolver.links import Link

_EVERY_COMBINATION_UP_TO = 3
"""Qualifiers; GS1 has no more. Beyond it, the last value may be open, or all of them."""


def paths(level: Identifier) -> Iterable[str]:
    """Return the paths on which links for one level may hang, the most particular first."""
    path = level.path
    return (path, *_templates(level, path)) if level.qualifiers else (path,)


def _templates(level: Identifier, path: str) -> Iterator[str]:
    count, parts = len(level.qualifiers), path.split("/")
    for open_ones in _open(count):
        filled = parts.copy()
        for number in open_ones:
            place = len(parts) - 2 * (count - number) + 1
            filled[place] = f"{{{parts[place - 1]}}}"
        yield "/".join(filled)


def _open(count: int) -> Iterator[tuple[int, ...]]:
    """Yield which qualifiers are open: few before many, the finest before the others."""
    if count > _EVERY_COMBINATION_UP_TO:
        yield (count - 1,)
        yield tuple(range(count))
        return
    for size in range(1, count + 1):
        yield from combinations(reversed(range(count)), size)


def fill(link: Link, level: Identifier) -> Link:
    """Put the values of an identifier into a link that hangs on a template of its path."""
    href, title, item = link.href, link.title, link.item
    for code, value in (level.key, *level.qualifiers):
        placeholder = f"{{{code}}}"
        href = href.replace(placeholder, quote(value, safe=""))
        title = title.replace(placeholder, value)
        item = item.replace(placeholder, value)
    return link._replace(path=level.path, href=href, title=title, item=item)
