"""The links that resolving sees: hot paths in memory, each link with its publisher's standing."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial

from link_resolver.doorkeeper import Doorkeeper
from link_resolver.identifier import Holder
from link_resolver.links import Link, Written
from link_resolver.publishers import Permission, Publishers, Standing
from link_resolver.registration import Anchors
from link_resolver.stores import RecordStore
from resolver.clock import Clock
from resolver.did import Did
from resolver.instant import END, Instant
from resolver.keys import PublicKey

MAX_PATHS = 16_384
"""Paths kept in memory; one with a link takes some 1.5 kB. The oldest one makes room."""
MAX_REMEMBERED = 4096
"""Answers about publishers that are remembered."""
LOOK_MS = 100
"""Milliseconds after which a change by another process shows; looking costs a read."""


class LinkCache:
    """Links by path, as `store.LinkStore` describes; a change of links or of authority shows.

    Args:
        store: where links are kept.
        publishers: whose authority stands.
        anchors: reads the paths.
        clock: what tells the present.
        capacity: how many paths are kept in memory.
    """

    def __init__(
        self,
        store: RecordStore,
        publishers: Publishers,
        anchors: Anchors,
        clock: Clock,
        capacity: int = MAX_PATHS,
    ) -> None:
        self._store = store
        self._publishers = publishers
        self._anchors = anchors
        self._clock = clock
        self._capacity = capacity
        self._door = Doorkeeper()
        self._hot: OrderedDict[str, tuple[Link, ...]] = OrderedDict()
        self._permissions: dict[tuple[str, Holder], Permission] = {}
        self._standings: dict[str, Standing] = {}
        self._generation = 0
        self._version = publishers.version
        self._until = END
        self._written, self._size = store.version, store.last.size
        self._looked = clock.now()

    @property
    def generation(self) -> int:
        """A number that differs whenever `links` might answer differently than before."""
        now = self._clock.now()
        if not 0 <= now - self._looked < LOOK_MS:
            self._look(now)
        if self._publishers.version != self._version or now >= self._until:
            self._forget()
        return self._generation

    def _look(self, now: Instant) -> None:
        """Look whether another process has added records."""
        self._looked = now
        written = self._store.version
        if written == self._written:
            return
        self._written, size = written, self._store.last.size
        if size != self._size:
            self._size = size
            self._forget()

    def _forget(self) -> None:
        """Begin anew: some publisher's authority began or ended, or may have."""
        self._generation += 1
        self._version = self._publishers.version
        self._until = END
        self._hot.clear()
        self._permissions.clear()
        self._standings.clear()

    def changed(self, paths: Iterable[str], position: int) -> None:
        """Take note that a record was added here: its position, and the paths it touches."""
        if position > self._size:  # another process's records lie before it
            self._forget()
        self._size = max(self._size, position + 1)
        self._generation += 1
        for path in paths:
            self._hot.pop(path, None)

    def links(
        self, paths: Sequence[str], at: Instant | None = None
    ) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version of every link on these paths; see `LinkStore`."""
        if at is not None:
            old = self._store.as_of(paths, at)
            return {path: self._seen(links, at) for path, links in old.items()}
        _ = self.generation  # forgets what may no longer hold
        found = {path: self._hot[path] for path in paths if path in self._hot}
        if len(found) < len(paths):
            self._read([path for path in paths if path not in found], found)
        return found

    def _read(self, paths: Sequence[str], found: dict[str, tuple[Link, ...]]) -> None:
        stored = self._store.current(paths)
        for path in paths:
            found[path] = self._take(path, stored.get(path, ()))

    def _take(self, path: str, stored: tuple[Link, ...]) -> tuple[Link, ...]:
        """Judge what was read on a path, and keep it if it is asked for again."""
        seen = self._seen(stored) if stored else ()
        if self._door.admits(path):
            self._hot[path] = seen
            while len(self._hot) > self._capacity:
                self._hot.popitem(last=False)
        return seen

    def alone(self, path: str) -> Written | tuple[Link, ...]:
        """Give what `links` has on one path, a single link as written; see `LinkStore`."""
        _ = self.generation  # forgets what may no longer hold
        links = self._hot.get(path)
        if links is not None:
            return links
        stored = self._store.alone(path)
        if isinstance(stored, Written):
            if self._untouched(stored) and not self._door.admits(path):
                return stored
            stored = (stored.link(),)
        return self._take(path, stored)

    def shelf(self, paths: Sequence[str]) -> Mapping[str, tuple[Link, ...]]:
        """Give every link on these paths as it stands, deleted ones included; nothing is kept."""
        stored = self._store.current(paths)
        return {path: tuple(map(self._judged, links)) for path, links in stored.items()}

    def history(self, link_id: str) -> tuple[Link, ...]:
        """Give every version of one link, oldest first; see `LinkStore`."""
        return tuple(map(self._judged, self._store.history(link_id)))

    def _seen(self, links: tuple[Link, ...], at: Instant | None = None) -> tuple[Link, ...]:
        """Leave out what is deleted, and mark links whose publisher's authority has ended."""
        judged = self._judged if at is None else partial(self._judged_then, at)
        seen = tuple(judged(each) for each in links if not each.deleted)
        return seen if len(seen) < 2 else one_default(seen)  # noqa: PLR2004 - one has no rival

    def _judged(self, link: Link) -> Link:
        if self._untouched(link):
            return link
        holder = self._anchors.read(link.path).holder
        permission = self._permissions.get((link.publisher, holder))
        if permission is None:
            permission = self._ask(link.publisher, holder)
        good = permission.granted and self._signed_by_owner(link)
        return link if good else link._replace(authorised=False)

    def _untouched(self, link: Link | Written) -> bool:
        """Tell whether it was registered with authority that nothing has touched since."""
        standing = self._standings.get(link.publisher) or self._standing(link.publisher)
        return link.recorded_at > standing.since

    def _judged_then(self, at: Instant, link: Link) -> Link:
        holder = self._anchors.read(link.path).holder
        permission = self._publishers.may_publish(Did.parse(link.publisher), holder, at)
        good = permission.granted and self._signed_by_owner(link, at)
        return link if good else link._replace(authorised=False)

    def _signed_by_owner(self, link: Link, at: Instant | None = None) -> bool:
        """Tell whether nobody else had the key when the record came here: that time is ours."""
        publisher, key = Did.parse(link.publisher), _thumbprint(link.key)
        return self._publishers.holds_key(publisher, key, link.recorded_at, at)

    def _standing(self, publisher: str) -> Standing:
        """Ask since when a publisher's authority is untouched; remembered while that holds."""
        standing = self._publishers.standing(Did.parse(publisher))
        if len(self._standings) >= MAX_REMEMBERED:
            self._standings.clear()
        self._standings[publisher] = standing
        self._until = min(self._until, standing.until)
        return standing

    def _ask(self, publisher: str, holder: Holder) -> Permission:
        """Ask about the present; the answer is remembered for as long as it holds."""
        now = self._clock.now()
        permission = self._publishers.may_publish(Did.parse(publisher), holder, now)
        if len(self._permissions) >= MAX_REMEMBERED:
            self._permissions.clear()
        self._permissions[publisher, holder] = permission
        self._until = min(self._until, permission.until)
        return permission


@lru_cache(MAX_REMEMBERED)
def _thumbprint(multikey: str) -> str:
    return PublicKey.from_multikey(multikey).thumbprint


def one_default(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Let the newest of several defaults be the one that counts.

    No publisher can register a second one. But one whose authority had ended, so that another
    publisher took over, may get it back.
    """
    rivalling: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        if link.default and link.authorised:
            rivalling.setdefault(_meant_for(link), []).append(link)
    lost: set[str] = set()
    for several in rivalling.values():
        several.sort(key=lambda each: (each.recorded_at, each.id))
        for number, older in enumerate(several):
            if any(overlap(older, newer) for newer in several[number + 1 :]):
                lost.add(older.id)
    return tuple(each._replace(default=False) if each.id in lost else each for each in links)


def rivals(one: Link, other: Link) -> bool:
    """Tell whether two links of one path would be the default of the same requests."""
    return (
        all(each.default and each.authorised and not each.deleted for each in (one, other))
        and one.id != other.id
        and _meant_for(one) == _meant_for(other)
        and overlap(one, other)
    )


def overlap(one: Link, other: Link) -> bool:
    """Tell whether two links are ever offered at the same time."""
    return one.active_from < other.active_until and other.active_from < one.active_until


def _meant_for(link: Link) -> tuple[object, ...]:
    return link.hreflang, link.media_type, link.context
