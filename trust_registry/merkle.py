"""The Merkle tree over the journal's entries: hashes and roots (RFC 6962 2.1)."""

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """A tree that only grows. It holds its right edge alone: adding and the root cost a logarithm.

    Attributes:
        size: how many entries it has.
    """

    __slots__ = ("_edge", "size")

    def __init__(self, edge: Sequence[bytes] = (), size: int = 0) -> None:
        """`edge` holds the full subtrees of a tree of `size` entries, from the left."""
        self._edge = list(edge)
        self.size = size

    def append(self, entry: bytes) -> None:
        """Add an entry."""
        self.append_hash(leaf_hash(entry))

    def append_hash(self, leaf: bytes) -> None:
        """Add an entry by its leaf hash."""
        node, filled = leaf, self.size
        while filled & 1:  # a full subtree of this height stands to the left
            node = node_hash(self._edge.pop(), node)
            filled >>= 1
        self._edge.append(node)
        self.size += 1

    @property
    def edge(self) -> tuple[bytes, ...]:
        """The full subtrees that it consists of, from the left."""
        return tuple(self._edge)

    @property
    def root(self) -> bytes:
        """The root over all entries; of the empty tree, the hash of nothing."""
        if not self._edge:
            return sha256(b"").digest()
        node = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            node = node_hash(left, node)
        return node
