"""The Merkle tree against the recursive definition of RFC 6962, and against published roots."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from trust_registry.merkle import MerkleTree, leaf_hash, node_hash


def defined(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined(leaves[:split]), defined(leaves[split:]))


def test_every_size_has_the_root_that_the_definition_gives() -> None:
    tree, leaves = MerkleTree(), list[bytes]()
    for number in range(130):
        assert tree.root == defined(leaves)
        assert tree.size == number
        leaves.append(f"leaf {number}".encode())
        tree.append(leaves[-1])


def test_known_roots() -> None:
    tree = MerkleTree()
    assert tree.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    tree.append(b"")
    assert tree.root.hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_published_roots(vectors: Path) -> None:
    published = json.loads((vectors / "governance/rfc6962/roots.json").read_text())
    classic = [b64decode(leaf) for leaf in published["leaf_sets"]["classic"]]
    for case in published["cases"]:
        tree = MerkleTree()
        for number in range(case["size"]):
            named = case["leaves"] == "classic"
            tree.append(classic[number] if named else f"entry-{number}".encode())
        assert tree.root == b64decode(case["root"]), case["id"]
