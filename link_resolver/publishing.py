"""Publishing: signed records in, links out; durable before it is acknowledged."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from link_resolver.cache import LinkCache
from link_resolver.counting import Counted
from link_resolver.errors import InvalidLinkError, PublicationRefusedError, StoreMovedError
from link_resolver.identifier import Holder
from link_resolver.link_types import Namespaces
from link_resolver.links import Link
from link_resolver.publishers import Publishers
from link_resolver.records import Record, check_time, open_record
from link_resolver.registration import Anchors, Draft, parse_link
from link_resolver.rules import Line, Publication, Refused, Status, judge
from link_resolver.signers import DocumentSource, Signer, find_signer
from link_resolver.stores import Kept, RecordStore, next_head
from resolver.clock import Clock
from resolver.did import Did
from resolver.document import Relationship
from resolver.instant import Instant
from resolver.strict_json import Json

_AT_ONCE = 50
"""Links judged, or read from the store, before other requests get their turn."""
MAX_REPORTED = 100
"""Lines of a refusal's report; an import that is that wrong is read from its beginning."""


class Receipt(NamedTuple):
    """What became of a record.

    Attributes:
        record: its id.
        position: its place among all records, from 0; None where it was not kept, because it
            changed nothing or was only to be checked.
        recorded_at: when it was taken.
        head: the digest of it and of every record before it, in hex (`stores.next_head`).
        repeated: whether it had been taken before; what became of its links is then not told again.
        lines: what became of each link.
    """

    record: str
    position: int | None
    recorded_at: Instant
    head: str
    repeated: bool = False
    lines: tuple[Line, ...] = ()


class Publishing:
    """Takes signed records of links.

    Args:
        store: where they are kept.
        cache: what resolving sees; it is told of every change.
        publishers: who may publish.
        documents: where publishers' DID documents come from.
        anchors: reads what links hang on.
        clock: what dates the records.
        origin: the resolver's name; records for another one are refused.
        namespaces: prefixes of link types beside the built-in ones.
    """

    def __init__(
        self,
        store: RecordStore,
        cache: LinkCache,
        publishers: Publishers,
        documents: DocumentSource,
        anchors: Anchors,
        clock: Clock,
        origin: str,
        namespaces: Namespaces = (),
    ) -> None:
        self._store = store
        self._cache = cache
        self._publishers = publishers
        self._documents = documents
        self._anchors = anchors
        self._clock = clock
        self._origin = origin
        self._namespaces = namespaces
        self._turn = asyncio.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="links")
        self._commits: set[asyncio.Task[Receipt]] = set()

    async def publish(self, value: Json, *, only_check: bool = False) -> Receipt:
        """Take a record. The same one again gets its first receipt.

        Args:
            value: a flattened JWS as a JSON object, or a compact one.
            only_check: whether to tell what would become of it, and keep nothing.

        Raises:
            PublicationRefusedError: it is not taken; nothing was kept.
            LinkStoreError: it could not be kept.
        """
        record = await asyncio.to_thread(open_record, value)
        if record.resolver != self._origin:
            detail = f"meant for another resolver; this is {self._origin}"
            raise PublicationRefusedError("wrong-resolver", detail, "resolver")
        if (receipt := self._repeated(record)) is not None:
            return receipt
        if not self._publishers.knows(record.by):  # before anything is fetched for it
            detail = f"nobody here has the DID {record.by}"
            raise PublicationRefusedError("unknown-publisher", detail, "by")
        now = self._clock.now()
        check_time(record, now)
        signer = await find_signer(
            record.jws, record.method, Relationship.ASSERTION_METHOD, self._documents, now
        )
        drafts, refused = await asyncio.to_thread(self._read, record)
        # A caller that goes away must not stop a record halfway between the store and the cache.
        task = asyncio.create_task(self._commit(record, signer, drafts, refused, only_check))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)

    def _repeated(self, record: Record) -> Receipt | None:
        kept = self._store.record(record.id)
        if kept is None:
            return None
        return Receipt(kept.id, kept.position, kept.recorded_at, kept.head.hex(), repeated=True)

    def _read(self, record: Record) -> tuple[dict[int, Draft], dict[int, Refused]]:
        """Read the links of a record: those that could be registered, and why others could not."""
        drafts: dict[int, Draft] = {}
        refused: dict[int, Refused] = {}
        for number, value in enumerate(record.links):
            try:
                drafts[number] = parse_link(value, self._anchors, self._namespaces)
            except InvalidLinkError as error:
                code = "" if error.code is None else f"({error.code}) "
                refused[number] = Refused(error.rule, f"{code}{error}", error.field)
        return drafts, refused

    async def _commit(
        self,
        record: Record,
        signer: Signer,
        drafts: Mapping[int, Draft],
        refused: Mapping[int, Refused],
        only_check: bool,
    ) -> Receipt:
        async with self._turn:
            while True:
                try:
                    return await self._commit_now(record, signer, drafts, {**refused}, only_check)
                except StoreMovedError:
                    continue  # another process was first; judge anew what it left

    async def _commit_now(
        self,
        record: Record,
        signer: Signer,
        drafts: Mapping[int, Draft],
        refused: dict[int, Refused],
        only_check: bool,
    ) -> Receipt:
        if (receipt := self._repeated(record)) is not None:
            return receipt
        last = self._store.last
        now = max(self._clock.now(), last.recorded_at)
        allowed = await self._allowed(record, signer, drafts, refused, now)
        links = await self._links({each.link.path for each in allowed.values()})
        publication = self._publication(record, signer, now, allowed, links)
        lines, versions = judge(publication, allowed, refused, links)
        _refuse_where_nothing_is_left(record, lines)
        _refuse_mixed_roles(versions)
        if not versions or only_check:
            return Receipt(record.id, None, now, last.head.hex(), lines=tuple(lines))
        kept = Kept(
            id=record.id,
            jws=record.jws,
            publisher=record.by.text,
            issued=record.issued,
            method=signer.method,
            key=signer.key,
            recorded_at=now,
            position=last.size,
            head=next_head(last.head, record.id, now),
            for_roles=any(each.access_role for each in versions),
            made=len(versions),
        )
        await self._in_writer(self._store.commit, kept, versions)
        self._cache.changed({each.path for each in versions}, kept.position)
        return Receipt(kept.id, kept.position, now, kept.head.hex(), lines=tuple(lines))

    async def _allowed(
        self,
        record: Record,
        signer: Signer,
        drafts: Mapping[int, Draft],
        refused: dict[int, Refused],
        now: Instant,
    ) -> dict[int, Draft]:
        """Return the drafts that this publisher may publish; add the others to those refused."""
        asked: dict[Holder, Refused | None] = {}
        allowed: dict[int, Draft] = {}
        for number, draft in drafts.items():
            holder = draft.holder
            if holder not in asked:
                asked[holder] = self._ask(record.by, signer, holder, now)
                if len(asked) % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            wrong = asked[holder]
            if wrong is None:
                allowed[number] = draft
            else:
                refused[number] = wrong
        return allowed

    def _ask(self, by: Did, signer: Signer, holder: Holder, now: Instant) -> Refused | None:
        permission = self._publishers.may_publish(by, holder, now, signer.key.thumbprint)
        if permission.granted:
            return None
        detail = f"{by} may not publish links for {holder.key_code} {holder.value}"
        reason = f" ({permission.reason})" if permission.reason else ""
        return Refused("not-authorised", detail + reason, "anchor")

    async def _links(self, paths: set[str]) -> dict[str, tuple[Link, ...]]:
        """Read all links on some paths, as they stand."""
        ordered, links = sorted(paths), dict[str, tuple[Link, ...]]()
        for start in range(0, len(ordered), _AT_ONCE):
            links.update(self._cache.shelf(ordered[start : start + _AT_ONCE]))
            await asyncio.sleep(0)
        return links

    def _publication(
        self,
        record: Record,
        signer: Signer,
        now: Instant,
        drafts: Mapping[int, Draft],
        links: Mapping[str, Sequence[Link]],
    ) -> Publication:
        changed = {each.link.id for each in drafts.values()}
        old = [each for several in links.values() for each in several if each.id in changed]
        strangers = {each.publisher for each in old} - {record.by.text}
        own = {each for each in strangers if self._publishers.same(record.by, Did.parse(each))}
        signed = self._store.issued({each.record for each in old})
        by, key = record.by.text, signer.key.multikey
        return Publication(by, record.issued, now, record.id, key, frozenset(own | {by}), signed)

    async def _in_writer(self, work: Callable[..., None], *given: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, work, *given)

    async def add_counts(self, counted: Counted) -> None:
        """Add to the counts of the store, in turn with what else is written.

        Raises:
            LinkStoreError: it could not be written; nothing was.
        """

        def add() -> None:
            self._store.add_counts(counted.day, counted.times)

        await self._in_writer(add)

    async def close(self) -> None:
        """Finish what is being kept, then let go of the store."""
        await asyncio.gather(*self._commits, return_exceptions=True)
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._store.close)


def _refuse_mixed_roles(versions: Sequence[Link]) -> None:
    if len({bool(each.access_role) for each in versions}) > 1:
        detail = "links for roles are signed in records of their own, so that others can be read"
        raise PublicationRefusedError("mixed-roles", detail, "links")


def _refuse_where_nothing_is_left(record: Record, lines: Sequence[Line]) -> None:
    wrong = [each for each in lines if each.status is Status.REFUSED]
    if not wrong or (not record.atomic and len(wrong) < len(lines)):
        return
    first = wrong[0]
    if len(lines) == 1:
        raise PublicationRefusedError(first.rule, first.detail, first.field, report=_report(wrong))
    detail = (
        f"{len(wrong)} of {len(lines)} links: the first one, links[{first.number}]: {first.detail}"
    )
    field = f"links[{first.number}].{first.field}".rstrip(".")
    raise PublicationRefusedError(first.rule, detail, field, report=_report(wrong))


def _report(lines: Sequence[Line]) -> tuple[Mapping[str, Json], ...]:
    return tuple(line_json(each) for each in lines[:MAX_REPORTED])


def line_json(line: Line) -> dict[str, Json]:
    """Write what became of a link as it is answered; what does not apply is left out."""
    members: dict[str, Json] = {
        "line": line.number,
        "status": line.status.value,
        "id": line.link or None,
        "version": line.version or None,
        "rule": line.rule or None,
        "detail": line.detail or None,
        "field": line.field or None,
    }
    return {name: value for name, value in members.items() if value is not None}
