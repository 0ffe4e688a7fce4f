"""The embedded store: one SQLite file, in WAL mode, synchronised at every commit.

Links are found by an index on their path, so that a lookup costs the same at any size. One
connection reads, on the event loop; another one writes, off it; in WAL mode neither waits.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from link_resolver.errors import LinkStoreError, StoreMovedError
from link_resolver.links import Link, Written
from link_resolver.stores import Count, Kept, Last
from link_resolver.stores.tables import PUBLIC, SCHEMA
from resolver.did import DidUrl
from resolver.encodings import base64url
from resolver.instant import Instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, parse_compact
from resolver.stores.sqlite import connect, create

CACHE_KIB = 65_536
"""Pages of the file held in memory for reading, where they are not mapped."""
MAPPED_BYTES = 0x7FFF_0000
"""As much as SQLite maps: a page that the system holds is read without a call or a copy."""
COUNTED_AT_ONCE = 5000
"""Counts written by one statement, which takes some 300 bytes of memory for each."""
MAX_MADE = 16_384
"""Records of which is kept who made them, some 300 bytes each."""

_FROM = "SELECT v.path, v.link, v.version, v.born, v.body, v.record FROM versions v"
_LAST = "SELECT position + 1, recorded_at, head FROM records ORDER BY position DESC LIMIT 1"
_PATHS_AFTER = (
    f"SELECT DISTINCT path FROM versions WHERE path > ? AND {PUBLIC} "  # noqa: S608 - ours alone
    "ORDER BY path LIMIT ?"
)
_ADD_COUNTS = """
INSERT INTO counts (day, key, link_type, times)
SELECT ?, json_extract(value, '$[0][0]'), json_extract(value, '$[0][1]'),
    json_extract(value, '$[1]') FROM json_each(?) WHERE true ORDER BY 2, 3
ON CONFLICT DO UPDATE SET times = times + excluded.times
"""
_Row = tuple[str, bytes, int, int, bytes, int]

_UNWRITTEN = frozenset(
    {"id", "version", "path", "publisher", "recorded_at", "record", "key", "authorised"}
)
"""What is kept in columns, or follows from elsewhere."""
_WRITTEN = tuple(
    (name, Link._field_defaults.get(name)) for name in Link._fields if name not in _UNWRITTEN
)
_TUPLES = ("hreflang", "context", "rel", "method", "access_role")
_TEXTS = ("title", "item", "predecessor")
"""What a link says beside its target, and no redirect depends on."""


class _Made(NamedTuple):
    """What a link's version has from the record that made it."""

    record: str
    recorded_at: Instant
    publisher: str
    key: str


class SqliteLinks:
    """Records and links in one SQLite file.

    Args:
        path: the file; it is made where it is absent, its folder is not.

    Raises:
        LinkStoreError: it cannot be opened, or is no SQLite file.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._writing = create(path, SCHEMA)
            self._reading = connect(path)
            self._reading.execute("PRAGMA query_only=ON")
            self._reading.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            self._reading.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
        except sqlite3.Error as error:
            raise LinkStoreError(f"{path}: {error}") from error
        self._made: dict[int, _Made] = {}

    @property
    def version(self) -> int:
        """A number that differs whenever something was written; see `RecordStore`."""
        return int(self._read("PRAGMA data_version", ())[0][0])

    @property
    def last(self) -> Last:
        """Where the records end."""
        return _last(self._read(_LAST, ()))

    def current(self, paths: Sequence[str]) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version of every link on these paths; see `RecordStore`."""
        return self._by_path(self._read(_current(len(paths)), paths))

    def alone(self, path: str) -> Written | tuple[Link, ...]:
        """Give what is on one path, a single link as written; see `RecordStore`."""
        rows = self._read(_current(1), (path,))
        if len(rows) != 1:
            return self._by_path(rows).get(path, ())
        (row,) = rows
        members, made = orjson.loads(row[4]), self._made.get(row[5]) or self._maker(row[5])
        link = partial(self._link, row)
        if "deleted" in members:
            return (link(),)
        href = members.pop("href")
        for text in _TEXTS:
            members.pop(text, None)
        return Written(orjson.dumps(members), href, made.publisher, made.recorded_at, link)

    def as_of(self, paths: Collection[str], at: Instant) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version recorded by an instant; see `RecordStore`."""
        text = (
            f"{_FROM} JOIN records r ON r.position = v.record "
            f"WHERE v.path IN ({_marks(paths)}) AND r.recorded_at <= ? "
            "ORDER BY v.link, v.version DESC"
        )
        newest: dict[bytes, _Row] = {}
        for row in self._read(text, (*paths, at)):
            newest.setdefault(row[1], row)
        return self._by_path([*newest.values()])

    def _by_path(self, rows: list[_Row]) -> Mapping[str, tuple[Link, ...]]:
        if len(rows) == 1:  # as most identifiers have it
            return {rows[0][0]: (self._link(rows[0]),)}
        found: dict[str, tuple[Link, ...]] = {}
        for row in sorted(rows, key=_born):
            found[row[0]] = (*found.get(row[0], ()), self._link(row))
        return found

    def history(self, link: str) -> tuple[Link, ...]:
        """Give every version of a link, oldest first; see `RecordStore`."""
        rows = self._read(f"{_FROM} WHERE v.link = ? ORDER BY v.version", (bytes.fromhex(link),))
        return tuple(map(self._link, rows))

    def record(self, id_: str) -> Kept | None:
        """Give a record by its id; see `RecordStore`."""
        rows = self._read(
            "SELECT jws, did, issued, method, key, recorded_at, position, head, for_roles, made "
            "FROM records JOIN publishers ON number = publisher WHERE id = ?",
            (bytes.fromhex(id_),),
        )
        for jws, publisher, issued, method, key, recorded, position, head, roles, made in rows:
            return Kept(
                id=id_,
                jws=parse_compact(jws),
                publisher=publisher,
                issued=issued,
                method=DidUrl.parse(method),
                key=PublicKey.from_multikey(key),
                recorded_at=recorded,
                position=position,
                head=head,
                for_roles=bool(roles),
                made=made,
            )
        return None

    def issued(self, records: Collection[str]) -> Mapping[str, Instant]:
        """Give when each record was signed; see `RecordStore`."""
        text = "SELECT id, issued FROM records WHERE id = ?"
        rows = [row for each in records for row in self._read(text, (bytes.fromhex(each),))]
        return {id_.hex(): issued for id_, issued in rows}

    def paths_after(self, path: str, most: int) -> tuple[str, ...]:
        """Give the paths, in order, that come after one; see `RecordStore`."""
        return tuple(row[0] for row in self._read(_PATHS_AFTER, (path, most)))

    def counts(self, key: str, first: int, last: int) -> tuple[Count, ...]:
        """Give the counts of a key from one day to another; see `RecordStore`."""
        text = (
            "SELECT day, key, link_type, times FROM counts "
            "WHERE key = ? AND day BETWEEN ? AND ? ORDER BY day, link_type"
        )
        return tuple(Count(*row) for row in self._read(text, (key, first, last)))

    def _read(self, text: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            return self._reading.execute(text, parameters).fetchall()
        except sqlite3.Error as error:
            raise LinkStoreError(str(error)) from error

    def _link(self, row: _Row) -> Link:
        path, link, version, _, body, record = row
        members = orjson.loads(body)
        for name in _TUPLES:
            if name in members:
                members[name] = tuple(members[name])
        made = self._made.get(record) or self._maker(record)
        return Link(
            id=link.hex(),
            version=version,
            path=path,
            publisher=made.publisher,
            recorded_at=made.recorded_at,
            record=made.record,
            key=made.key,
            **members,
        )

    def _maker(self, position: int) -> _Made:
        """Read who made a version; records never change, so what was read is kept."""
        text = (
            "SELECT id, recorded_at, did, key FROM records "
            "JOIN publishers ON number = publisher WHERE position = ?"
        )
        id_, recorded_at, did, key = self._read(text, (position,))[0]
        if len(self._made) >= MAX_MADE:
            self._made.clear()
        made = self._made[position] = _Made(id_.hex(), Instant(recorded_at), did, key)
        return made

    # Writing: off the loop, by one caller at a time.

    def commit(self, record: Kept, versions: Sequence[Link]) -> None:
        """Keep a record with the versions that it makes; see `RecordStore`."""
        with self._transaction() as writing:
            if _last(writing.execute(_LAST).fetchall()).size != record.position:
                raise StoreMovedError("another process has written meanwhile")
            publisher = self._publisher(writing, record.publisher)
            writing.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.position,
                    bytes.fromhex(record.id),
                    publisher,
                    record.issued,
                    record.recorded_at,
                    str(record.method),
                    record.key.multikey,
                    record.head,
                    int(record.for_roles),
                    record.made,
                    _compact(record.jws),
                ),
            )
            for each in versions:
                self._add(writing, each, record.position)

    def _publisher(self, writing: sqlite3.Connection, did: str) -> int:
        writing.execute("INSERT OR IGNORE INTO publishers (did) VALUES (?)", (did,))
        row = writing.execute("SELECT number FROM publishers WHERE did = ?", (did,)).fetchone()
        return int(row[0])

    def _add(self, writing: sqlite3.Connection, link: Link, position: int) -> None:
        id_, born = bytes.fromhex(link.id), None
        if link.version > 1:
            born = self._supersede(writing, id_, link.version - 1)
        writing.execute(
            "INSERT INTO versions (link, version, path, current, record, born, body) "
            "VALUES (?, ?, ?, 1, ?, coalesce(?, (SELECT coalesce(max(number), 0) + 1 "
            "FROM versions)), ?)",
            (id_, link.version, link.path, position, born, _body(link)),
        )

    def _supersede(self, writing: sqlite3.Connection, link: bytes, version: int) -> int:
        row = writing.execute(
            "UPDATE versions SET current = 0 WHERE link = ? AND version = ? AND current = 1 "
            "RETURNING born",
            (link, version),
        ).fetchone()
        if row is None:
            raise LinkStoreError(f"link {link.hex()} has been changed meanwhile")
        return int(row[0])

    def add_counts(self, day: int, times: Mapping[tuple[str, str], int]) -> None:
        """Add to the counts of a day; see `RecordStore`."""
        # One statement for many: meanwhile the event loop's thread need not take turns with this.
        counted = [*times.items()]
        with self._transaction() as writing:
            for start in range(0, len(counted), COUNTED_AT_ONCE):
                text = orjson.dumps(counted[start : start + COUNTED_AT_ONCE]).decode()
                writing.execute(_ADD_COUNTS, (day, text))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        writing = self._writing
        try:
            writing.execute("BEGIN IMMEDIATE")
            yield writing
            writing.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise LinkStoreError(str(error)) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._reading.close()
        self._writing.close()


def _last(rows: Sequence[tuple[Any, ...]]) -> Last:
    return Last(*rows[0]) if rows else Last()


def _compact(jws: Jws) -> str:
    return f"{jws.protected}.{jws.encoded}.{base64url(jws.signature)}"


@cache
def _current(count: int) -> str:
    return f"{_FROM} WHERE v.path IN ({','.join('?' * count)}) AND v.current = 1"


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


def _born(row: _Row) -> int:
    return row[3]


def _body(link: Link) -> bytes:
    return orjson.dumps(
        {name: value for name, unsaid in _WRITTEN if (value := getattr(link, name)) != unsaid}
    )
