"""A snapshot answers like the fold that it was taken from; what is none, or broken, is refused."""

import zlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.authorise import decide
from policies.framework import Framework
from policies.index import Index
from policies.statements import Party, PartyId, Recorded, Statement, StatusChange
from resolver.did import Did
from resolver.instant import Instant
from tests.unit.policies.registries import CASES, REST, TAPE, Case, _case, add, index_of
from trust_registry.snapshot import snapshot as snapshots
from trust_registry.snapshot.errors import CorruptSnapshotError
from trust_registry.snapshot.head import Head
from trust_registry.snapshot.snapshot import FORMAT, Snapshot, read_head

ORIGIN, GENESIS = "https://registry.example", "ab" * 32


def snapshot_of(index: Index, size: int) -> Snapshot:
    return Snapshot(ORIGIN, GENESIS, size, bytes(range(32)), Instant(5), index)


def loaded(index: Index, size: int) -> Snapshot:
    return Snapshot.from_bytes(snapshot_of(index, size).to_bytes())


@given(CASES)
def test_a_snapshot_answers_like_the_fold(case: Case) -> None:
    entries = case.registry.entries
    folded = index_of(entries)
    read = loaded(folded, len(entries))
    assert (read.origin, read.genesis, read.size) == (ORIGIN, GENESIS, len(entries))
    for question in (case.question, replace(case.question, known=len(entries))):
        assert decide(question, read.index) == decide(question, folded)
    assert list(read.index.statements()) == case.registry.of(Statement)
    assert read.index.parties() == folded.parties()


@given(CASES, st.data())
def test_a_fold_goes_on_from_a_snapshot_as_from_the_first_entry(
    case: Case, data: st.DataObject
) -> None:
    entries = case.registry.entries
    middle = data.draw(st.integers(1, len(entries)))
    index = loaded(index_of(entries[:middle]), middle).index
    for entry in entries[middle:]:
        add(index, entry)
    whole = index_of(entries)
    assert decide(case.question, index) == decide(case.question, whole)
    size = len(entries)
    assert snapshot_of(index, size).to_bytes() == snapshot_of(whole, size).to_bytes()


@given(CASES)
def test_questions_do_not_change_the_bytes(case: Case) -> None:
    asked, size = index_of(case.registry.entries), len(case.registry.entries)
    before = snapshot_of(asked, size).to_bytes()
    decide(case.question, asked)
    assert snapshot_of(asked, size).to_bytes() == before
    assert read_head(before) == snapshot_of(asked, size).head()


def renewed() -> Index:
    """Three parties, one registered three times, and a DID that went from one to another."""
    index = Index()
    index.add_framework(Framework(PartyId("f"), 1, "F", "0" * 64, (), {}, Recorded(0, Instant(0))))
    for position, (name, *dids) in enumerate(
        [("p", "a", "b"), ("q", "c"), ("p", "a", "b", "d"), ("p", "a", "d"), ("r", "b")], 1
    ):
        known = tuple(Did.parse(f"did:web:{each}.example") for each in dids)
        recorded = Recorded(position, Instant(position))
        index.add_party(Party(PartyId(name), f"{name}{position}", known, "", recorded))
    return index


def test_parties_that_were_registered_again_are_read_back_as_of_any_size() -> None:
    folded, read = renewed(), loaded(renewed(), 6).index
    for name in "abcd":
        did = Did.parse(f"did:web:{name}.example")
        for known in range(8):
            assert read.party_of(did, known) == folded.party_of(did, known)
    assert [each.name for each in read.versions(PartyId("p"))] == ["p1", "p3", "p4"]
    moved = [read.party_of(Did.parse("did:web:b.example"), known) for known in range(1, 7)]
    assert [party and party.name for party in moved] == [None, "p1", "p1", "p3", None, "r5"]


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("parties.renewed", 6),
        ("parties.renewed", 0),
        ("parties.renewed_from", 4),
        ("parties.repeated", 6),
        ("parties.repeated", 0),
        ("parties.repeated_from", 4),
    ],
)
def test_a_registration_that_follows_a_later_one_is_refused(name: str, to: int) -> None:
    data = snapshot_of(renewed(), 6).to_bytes()
    with pytest.raises(CorruptSnapshotError):
        Snapshot.from_bytes(with_parts(data, lambda parts: raised(parts, name, 4, to)))


# What is broken.


@pytest.fixture(scope="module")
def case() -> Case:
    """A registry with a little of everything."""
    return next(
        case
        for number in range(10_000)
        if len((case := _case(_tape(number))).registry.of(Statement)) > 6
        and case.registry.of(StatusChange)
    )


def _tape(number: int) -> bytes:
    digests = (sha256(b"%d %d" % (number, part)).digest() for part in range(20))
    return b"".join(digests)[: TAPE + REST]


@pytest.fixture(scope="module")
def data(case: Case) -> bytes:
    entries = case.registry.entries
    return snapshot_of(index_of(entries), len(entries)).to_bytes()


def test_every_flipped_byte_is_found(data: bytes) -> None:
    for place in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(CorruptSnapshotError):
            Snapshot.from_bytes(bytes(flipped))


def test_every_beginning_is_refused(data: bytes) -> None:
    for length in range(0, len(data), 11):
        with pytest.raises(CorruptSnapshotError):
            Snapshot.from_bytes(data[:length])


def sealed(head: bytes, parts: Sequence[bytes], rest: bytes = b"") -> bytes:
    """A snapshot with a right checksum, whatever is in it."""
    body = FORMAT + len(head).to_bytes(8, "little") + head
    for part in parts:
        packed = zlib.compress(part)
        body += len(packed).to_bytes(8, "little") + packed
    body += rest
    return body + sha256(body).digest()


def taken_apart(data: bytes) -> tuple[Head, dict[str, bytes]]:
    head = read_head(data)
    parts = [bytearray() for _ in head.parts]
    snapshots._unpack(head, snapshots._opened(data)[1], parts)
    return head, {part.name: bytes(each) for part, each in zip(head.parts, parts, strict=True)}


def with_parts(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The snapshot with some parts changed, their lengths and the checksum right again."""
    head, parts = taken_apart(data)
    change(parts)
    named = [{"name": name, "length": len(part)} for name, part in parts.items()]
    written = head.model_dump(mode="json") | {"parts": named}
    head = Head.model_validate_json(orjson.dumps(written))
    return sealed(head.to_bytes(), [*parts.values()])


def numbers(width: int, *values: int) -> bytes:
    return b"".join(value.to_bytes(width, "little", signed=width == 8) for value in values)


def raised(parts: dict[str, bytes], name: str, width: int, to: int) -> None:
    """Set the last number of a column."""
    parts[name] = parts[name][:-width] + numbers(width, to)


@pytest.mark.parametrize(
    ("name", "width", "to"),
    [
        ("statements.term", 2, 60_000),
        ("statements.scope", 4, 2**32 - 1),
        ("statements.authority", 4, 2**31),
        ("statements.entity", 4, 2**31),
        ("statements.position", 4, 2**31),
        ("statements.valid_from", 8, -(2**62)),
        ("statements.valid_until", 8, 2**62),
        ("statements.recorded_at", 8, 2**62),
        ("statements.older", 4, 2**32 - 1),
        ("statements.latest", 4, 2**32 - 1),
        ("statements.ids.ends", 4, 2**32 - 1),
        ("statements.ids.heads", 4, 2**32 - 1),
        ("statements.ids.older", 4, 2**32 - 1),
        ("parties.party", 4, 2**31),
        ("parties.group", 4, 2**31),
        ("parties.position", 4, 2**31),
        ("parties.recorded_at", 8, 2**62),
        ("parties.latest", 4, 2**31),
        ("parties.latest_with_did", 4, 2**31),
        ("parties.renewed", 4, 2**31),
        ("parties.renewed_from", 4, 2**31),
        ("parties.repeated", 4, 2**31),
        ("parties.repeated_from", 4, 2**31),
        ("parties.dids.ends", 4, 0),
        ("scopes.older", 4, 2**31),
    ],
)
def test_a_number_that_leads_nowhere_is_refused(
    data: bytes, name: str, width: int, to: int
) -> None:
    with pytest.raises(CorruptSnapshotError):
        Snapshot.from_bytes(with_parts(data, lambda parts: raised(parts, name, width, to)))


@pytest.mark.parametrize("width", [1, 4])
def test_a_column_of_another_length_is_refused(data: bytes, width: int) -> None:
    _, parts = taken_apart(data)
    for name in [*parts][1:]:
        with pytest.raises(CorruptSnapshotError):
            Snapshot.from_bytes(
                with_parts(data, lambda p, name=name: p.update({name: p[name] + b"\1" * width}))
            )


def test_what_is_not_understood_is_refused(data: bytes) -> None:
    def more(parts: dict[str, bytes]) -> None:
        parts["more"] = b""

    def less(parts: dict[str, bytes]) -> None:
        del parts["scopes.older"]

    def stranger(parts: dict[str, bytes]) -> None:
        parts["objects"] = parts["objects"].replace(b'"max_chain"', b'"hidden":1,"max_chain"', 1)

    def nonsense(parts: dict[str, bytes]) -> None:
        parts["objects"] = b"[" * 1000

    for change in (more, less, stranger, nonsense):
        with pytest.raises(CorruptSnapshotError):
            Snapshot.from_bytes(with_parts(data, change))


def test_a_part_that_unpacks_to_more_than_it_says_is_refused(data: bytes) -> None:
    head, parts = taken_apart(data)
    parts["objects"] = bytes(50_000_000)
    bomb = sealed(head.to_bytes(), [*parts.values()])
    with pytest.raises(CorruptSnapshotError, match="another length"):
        Snapshot.from_bytes(bomb)


def test_nothing_may_stand_behind_the_end(data: bytes) -> None:
    head, parts = taken_apart(data)
    with pytest.raises(CorruptSnapshotError, match="behind"):
        Snapshot.from_bytes(sealed(head.to_bytes(), [*parts.values()], b"x"))


@pytest.mark.parametrize("other", [b"snapshot/1", b"snapshot/3"])
def test_another_format_is_refused(data: bytes, other: bytes) -> None:
    assert FORMAT in data
    with pytest.raises(CorruptSnapshotError, match="format"):
        Snapshot.from_bytes(data.replace(b"snapshot/2", other, 1))


def timed(index: Index, *times: int) -> bytes:
    recorded = Instant(times[-1])
    return Snapshot(ORIGIN, GENESIS, 6, bytes(32), recorded, index, array("q", times)).to_bytes()


def test_times_are_read_back_and_tell_what_was_there_when() -> None:
    read = Snapshot.from_bytes(timed(renewed(), 0, 10, 10, 20, 30, 40))
    assert [read.size_at(Instant(at)) for at in (-1, 0, 9, 10, 29, 40, 99)] == [0, 1, 1, 3, 4, 6, 6]
    assert loaded(renewed(), 6).size_at(Instant(0)) is None


@pytest.mark.parametrize(
    "times", [(0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6), (0, 1, 3, 2, 4, 5), (-(2**62), 1, 2, 3, 4, 5)]
)
def test_times_that_cannot_be_are_refused(times: tuple[int, ...]) -> None:
    with pytest.raises(CorruptSnapshotError, match="times"):
        Snapshot.from_bytes(timed(renewed(), *times))


def test_the_last_time_is_the_one_that_the_head_names() -> None:
    data = timed(renewed(), 0, 1, 2, 3, 4, 5)
    with pytest.raises(CorruptSnapshotError, match="times"):
        Snapshot.from_bytes(with_parts(data, lambda parts: raised(parts, "times", 8, 6)))


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_bytes_are_a_snapshot_or_refused(rest: bytes) -> None:
    body = FORMAT + rest
    with pytest.raises(CorruptSnapshotError):
        Snapshot.from_bytes(body + sha256(body).digest())
