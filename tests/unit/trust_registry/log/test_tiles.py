"""Tiles: paths, bytes and widths, against the specification's examples and a real log."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust_registry.log.keys import VerifierKey, open_checkpoint
from trust_registry.log.notes import Note
from trust_registry.log.tiles import (
    InvalidTileError,
    TileName,
    bundle,
    names,
    parse_bundle,
    tile,
)
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash


@given(st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_a_tile_has_one_path(index: int, width: int) -> None:
    name = TileName(index, width)
    assert TileName.parse(str(name)) == name


def test_the_paths_of_the_specification() -> None:
    assert str(TileName(1234067)) == "x001/x234/067"
    assert str(TileName(273, 112)) == "273.p/112"
    assert list(names(70_000, 0, 272)) == [TileName(272), TileName(273, 112)]
    assert list(names(70_000, 1)) == [TileName(0), TileName(1, 17)]
    assert list(names(70_000, 2)) == [TileName(0, 1)]
    assert list(names(256, 0)) == [TileName(0)]
    assert list(names(256, 1)) == [TileName(0, 1)]
    assert list(names(0)) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "00",
        "0000",
        "x001",
        "x000/067",
        "001/002",
        "X001/067",
        "067.p/0",
        "067.p/256",
        "067.p/01",
        "067.p/",
        "067.p",
        "-01",
        "٠٦٧",
        "x001/x234/067/",
        "../067",
        "067.p/1\n",
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidTileError):
        TileName.parse(path)


def test_published_paths(vectors: Path) -> None:
    file = json.loads((vectors / "governance/tlog/tile-paths.json").read_text())
    for case in file["cases"]:
        if "size" not in case:
            assert str(TileName(case["index"])) == case["encoded"]
            continue
        size = case["size"]
        for level in case["levels"]:
            number, full = level["level"], level["full"]
            last = list(names(size, number, max(full - 1, 0)))  # there may be very many before
            shown = [f"tile/{number}/{name}" for name in last]
            expected = [level["last_full_path"], level["partial_path"]]
            assert shown == [path for path in expected if path], case["id"]
            assert not [name for name in last if name.index > full]
        shown = [f"tile/entries/{name}" for name in names(size, 0, max(size // 256 - 1, 0))]
        expected = [case["entries_last_full"], case["entries_partial"]]
        assert shown == [path for path in expected if path], case["id"]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    data = bundle(entries)
    assert parse_bundle(data, len(entries)) == entries
    for wrong in (data[:-1], data + b"\0", data + b"\0\0"):
        with pytest.raises(InvalidTileError):
            parse_bundle(wrong, len(entries))


def test_a_tile_that_is_not_there_yet_is_not_made_up() -> None:
    tree = HashTree()
    for number in range(300):
        tree.append(leaf_hash(b"%d" % number))
    assert tile(tree, 0, TileName(1, 44)) is not None
    assert tile(tree, 0, TileName(1, 45)) is None
    assert tile(tree, 0, TileName(1)) is None
    assert tile(tree, 1, TileName(0, 1)) == tree.root(256)
    assert tile(tree, 1, TileName(0, 2)) is None
    assert tile(tree, 63, TileName(0, 1)) is None
    whole = tile(tree, 0, TileName(0))
    assert whole is not None
    assert len(whole) == 8192


def test_a_real_log_is_read_byte_for_byte(vectors: Path) -> None:
    folder = vectors / "governance/tlog/tessera-log"
    key = VerifierKey.parse((folder / "vkey").read_text().strip())
    for size in range(11):
        note = Note.parse((folder / f"checkpoint.{size}").read_bytes())
        checkpoint = open_checkpoint(note, [key])
        assert checkpoint.size == size
        tree = HashTree()
        entries: list[bytes] = []
        for name in names(size):
            data = (folder / "tile" / "entries" / str(name)).read_bytes()
            entries = parse_bundle(data, name.width)
            assert bundle(entries) == data
        for entry in entries:
            tree.append(leaf_hash(entry))
        assert tree.root(size) == checkpoint.root
        for name in names(size):
            assert tile(tree, 0, name) == (folder / "tile" / "0" / str(name)).read_bytes()
