"""Published TUF repositories: the client that snapshots are synced with, on each attack."""

import json
import shutil
from pathlib import Path

import pytest

from trust_registry.snapshot.errors import UntrustedSnapshotError
from trust_registry.snapshot.syncing import _refusals, _updater

CASES = {
    "rollback-timestamp": "rollback",
    "expired-timestamp": "expired",
    "root-under-threshold": "unsigned",
    "root-version-skip": "rollback",
    "corrupt-target": "altered",
    "unsigned-timestamp": "unsigned",
}
TARGET = "registry/snapshot.jsonl"


def followed(repository: Path, metadata: Path, root: bytes, target: Path) -> bytes:
    """What the client brings, as `sync` sets it up."""
    with _refusals():
        updater = _updater(str(repository), metadata, root)
        updater.refresh()
        info = updater.get_targetinfo(TARGET)
        assert info is not None
        return Path(updater.download_target(info, str(target))).read_bytes()


@pytest.fixture
def published(vectors: Path, tmp_path: Path) -> Path:
    repository = tmp_path / "repository"
    shutil.copytree(vectors / "governance" / "tuf" / "repo", repository)
    return repository


@pytest.fixture
def root(published: Path) -> bytes:
    return (published / "metadata" / "1.root.json").read_bytes()


def test_every_published_attack_is_known_here(vectors: Path) -> None:
    expected = json.loads((vectors / "governance" / "tuf" / "expect.json").read_bytes())["expect"]
    assert {name for name in expected if name != "repo as is"} == CASES.keys()


def test_the_repository_as_it_is(published: Path, root: bytes, tmp_path: Path) -> None:
    found = followed(published, tmp_path / "trusted", root, tmp_path / "target")
    assert len(found.splitlines()) == 21


@pytest.mark.parametrize(("attack", "code"), CASES.items())
def test_a_published_attack_is_refused(
    attack: str, code: str, vectors: Path, published: Path, root: bytes, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted"
    if attack == "rollback-timestamp":  # from a client that has seen what came later
        followed(published, trusted, root, tmp_path / "target")
    overlay = vectors / "governance" / "tuf" / "overlays" / attack
    shutil.copytree(overlay, published, dirs_exist_ok=True)
    with pytest.raises(UntrustedSnapshotError) as refused:
        followed(published, trusted, root, tmp_path / "target")
    assert refused.value.code == code
