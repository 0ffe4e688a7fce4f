"""Checking proofs: that an entry is in a tree, that a tree grew out of another (RFC 9162 2.1)."""

from collections.abc import Sequence

from trust_registry.log.checkpoints import EMPTY_ROOT
from trust_registry.log.errors import InvalidProofError
from trust_registry.log.lines import HASH_BYTES
from trust_registry.merkle import node_hash

MAX_PROOF = 63
"""Hashes: of the longest proof that a tree of less than 2**63 entries needs."""


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Verify that an entry is where it should be (RFC 9162 2.1.3.2).

    Args:
        index: of the entry, from 0.
        size: of the tree.
        leaf: the entry's leaf hash.
        proof: from its sibling up to the root's child.
        root: of the tree.

    Raises:
        InvalidProofError: it is not, or the proof is none.
    """
    if not 0 <= index < size:
        raise InvalidProofError("there is no such entry in a tree of this size")
    _check_hashes(leaf, root, *proof)
    node, last, reached = index, size - 1, leaf
    for each in proof:
        if last == 0:
            raise InvalidProofError("the proof is too long")
        if node & 1 or node == last:
            reached = node_hash(each, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, each)
        node, last = node >> 1, last >> 1
    if last:
        raise InvalidProofError("the proof is too short")
    if reached != root:
        raise InvalidProofError("the entry is not in this tree")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Verify that a tree begins with all that another had (RFC 9162 2.1.4.2).

    A proof from the empty tree is empty (C2SP tlog-witness).

    Raises:
        InvalidProofError: it does not, or the proof is none.
    """
    if not 0 <= old <= new:
        raise InvalidProofError("a tree does not shrink")
    _check_hashes(*proof)
    if old in (0, new):
        same = old_root == (new_root if old == new else EMPTY_ROOT)
        if proof or not same:
            raise InvalidProofError("the trees are not consistent")
        return
    if old & (old - 1) == 0:
        proof = (old_root, *proof)
    if not proof:
        raise InvalidProofError("the proof is empty")
    _walk(old - 1, new - 1, old_root, new_root, proof)


def _walk(node: int, last: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = proof[0]
    for each in proof[1:]:
        if last == 0:
            raise InvalidProofError("the proof is too long")
        if node & 1 or node == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, each)
        node, last = node >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise InvalidProofError("the trees are not consistent")


def _check_hashes(*hashes: bytes) -> None:
    if len(hashes) > MAX_PROOF + 2 or any(len(each) != HASH_BYTES for each in hashes):
        raise InvalidProofError(f"a proof has at most {MAX_PROOF} hashes of {HASH_BYTES} bytes")
