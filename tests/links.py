"""Links for tests: made briefly, kept in memory, and read from published linksets."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from link_resolver.link_types import DEFAULT_LINK, DEFAULT_LINK_MULTI, canonical
from link_resolver.links import Link
from resolver.instant import Instant


def make_link(path: str, link_type: str, href: str, **more: Any) -> Link:
    """Make a link; its id follows from what tells it apart."""
    canonical_type = canonical(link_type)
    seed = repr((path, canonical_type, href, sorted(more.items())))
    more.setdefault("title", f"{link_type} of {path}")
    more.setdefault("id", sha256(seed.encode()).hexdigest()[:32])
    return Link(path=path, link_type=canonical_type, href=href, **more)


class MemoryStore:
    """Links in memory, which counts how often it is asked."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self.generation = 0
        self.reads = 0
        self._versions: dict[str, list[Link]] = {}
        self.put(*links)

    def put(self, *links: Link) -> None:
        """Add versions of links, each the newest of its id."""
        for link in links:
            self._versions.setdefault(link.id, []).append(link)
        self.generation += 1

    def links(
        self, paths: Sequence[str], at: Instant | None = None
    ) -> Mapping[str, tuple[Link, ...]]:
        self.reads += 1
        found: dict[str, tuple[Link, ...]] = {}
        for versions in self._versions.values():
            known = [each for each in versions if at is None or each.recorded_at <= at]
            if known and not known[-1].deleted and known[-1].path in paths:
                found[known[-1].path] = (*found.get(known[-1].path, ()), known[-1])
        return found

    def alone(self, path: str) -> tuple[Link, ...]:
        return self.links([path]).get(path, ())

    def history(self, link_id: str) -> tuple[Link, ...]:
        return tuple(self._versions.get(link_id, ()))


def links_of(linkset: Mapping[str, Any], stem: str) -> list[Link]:
    """Read the links of a published linkset, whose anchors begin with a stem that is cut off."""
    links = []
    for item in linkset["linkset"]:
        if "anchor" not in item:
            continue
        path = item["anchor"].removeprefix(stem)
        default = next(
            (
                targets[0]["href"]
                for name, targets in item.items()
                if ":" in name and canonical(name) == DEFAULT_LINK
            ),
            None,
        )
        for name, targets in item.items():
            if name in ("anchor", "itemDescription", "description", "_comment"):
                continue
            if canonical(name) in (DEFAULT_LINK, DEFAULT_LINK_MULTI):
                continue
            for number, target in enumerate(targets):
                links.append(_link(path, item, name, target, number, default))
    return links


def _link(
    path: str,
    item: Mapping[str, Any],
    name: str,
    target: Mapping[str, Any],
    number: int,
    default: str | None,
) -> Link:
    return make_link(
        path,
        name,
        target["href"],
        id=sha256(repr((path, name, number)).encode()).hexdigest()[:32],
        title=target["title"],
        item=item.get("itemDescription", ""),
        hreflang=tuple(target.get("hreflang", ())),
        media_type=target.get("type"),
        context=tuple(target.get("context", ())),
        rel=tuple(target.get("rel", ())),
        method=tuple(target.get("method", ())),
        encryption_method=target.get("encryptionMethod"),
        access_role=tuple(target.get("accessRole", ())),
        default=target["href"] == default,
    )
