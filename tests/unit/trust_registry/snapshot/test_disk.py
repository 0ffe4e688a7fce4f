"""A file is one that somebody put there as a whole, also where two put it at once."""

import os
from pathlib import Path

import pytest

from trust_registry.snapshot import disk


def test_of_two_who_put_a_file_at_once_the_last_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sync = tmp_path / "file", os.fsync

    def another_comes_between(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        disk.put(path, b"the other's, which is longer")
        assert path.read_bytes() == b"the other's, which is longer"

    monkeypatch.setattr(os, "fsync", another_comes_between)
    disk.put(path, b"mine")
    assert path.read_bytes() == b"mine"
    assert [*tmp_path.iterdir()] == [path]


def test_what_could_not_be_put_is_not_left_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        disk.put(tmp_path / "file", b"mine")
    assert not [*tmp_path.iterdir()]
