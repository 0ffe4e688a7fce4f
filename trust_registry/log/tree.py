"""The whole Merkle tree in memory: roots, proofs and tiles of any past size (RFC 6962 2.1)."""

from collections.abc import Iterable
from hashlib import sha256

from trust_registry.log.checkpoints import EMPTY_ROOT
from trust_registry.log.lines import HASH_BYTES

_PAIR = 2 * HASH_BYTES


class HashTree:
    """A tree that only grows; it holds the hash of every full subtree, 64 bytes an entry.

    A node is named by its level, from 0 at the leaves, and its index in it.
    """

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        node, count = leaf, self.size
        for row in self._levels:
            row.extend(node)
            if not count & 1:  # it has no pair yet
                return
            node, count = sha256(b"\x01" + row[-_PAIR:]).digest(), count >> 1
        self._levels.append(bytearray(node))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes; many at once cost less than one after the other."""
        self._add(0, b"".join(leaves))

    def _add(self, level: int, nodes: bytes) -> None:
        """Add hashes to a level; first what they make above it, since the leaves tell the size."""
        if level == len(self._levels):
            self._levels.append(bytearray())
        row = self._levels[level]
        new = row[len(row) // _PAIR * _PAIR :] + nodes  # with the last one, if it has no pair yet
        pairs = range(0, len(new) - _PAIR + 1, _PAIR)
        if pairs:
            above = [sha256(b"\x01" + new[at : at + _PAIR]).digest() for at in pairs]
            self._add(level + 1, b"".join(above))
        row.extend(nodes)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree, which must be there."""
        return self.nodes(level, index, 1)

    def nodes(self, level: int, start: int, count: int) -> bytes:
        """Return the hashes of full subtrees side by side; fewer where there are no more."""
        if level >= len(self._levels):
            return b""
        return bytes(self._levels[level][start * HASH_BYTES : (start + count) * HASH_BYTES])

    def edge(self, size: int) -> list[bytes]:
        """Return the full subtrees that make up the tree of a size, from the left."""
        found, start = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                found.append(self.node(level, start >> level))
                start += 1 << level
        return found

    def root(self, size: int) -> bytes:
        """Return the root that the tree had at a size up to its own."""
        return self._subtree(0, size)

    def _subtree(self, start: int, end: int) -> bytes:
        """Return the hash over leaves whose start is a multiple of the subtree's full width."""
        count = end - start
        if count == 0:
            return EMPTY_ROOT
        node, level = b"", 0
        while count:
            if count & 1:
                at = ((end >> level) - 1) * HASH_BYTES
                whole = bytes(self._levels[level][at : at + HASH_BYTES])
                node = sha256(b"\x01" + whole + node).digest() if node else whole
                end -= 1 << level
            count, level = count >> 1, level + 1
        return node

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that an entry is in the tree of a size (RFC 6962 2.1.1).

        Args:
            index: of the entry, below `size`.
            size: up to the tree's own.
        """
        proof: list[bytes] = []
        self._climb(proof, 0, index, size)
        return proof

    def _climb(self, proof: list[bytes], level: int, node: int, size: int) -> None:
        """Add the siblings on the way from a node to the root of the tree of a size."""
        last = (size - 1) >> level
        while last:
            sibling = node ^ 1
            if (sibling + 1) << level <= size:
                at = sibling * HASH_BYTES
                proof.append(bytes(self._levels[level][at : at + HASH_BYTES]))
            elif sibling <= last:  # the right edge, which is not full yet
                proof.append(self._subtree(sibling << level, size))
            node, last, level = node >> 1, last >> 1, level + 1

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the tree of one size began with the tree of another (RFC 6962 2.1.2).

        Args:
            old: up to `new`; from 0 and from the same size, the proof is empty.
            new: up to the tree's own size.
        """
        if old in (0, new):
            return []
        level = (old & -old).bit_length() - 1  # the lowest subtree that both trees have whole
        node = (old >> level) - 1
        proof = [] if old & (old - 1) == 0 else [self.node(level, node)]
        self._climb(proof, level, node, new)
        return proof
