"""Test keys: derived from public labels, so that they can never be mistaken for secrets."""

from hashlib import sha256

from resolver.signing import PrivateKey


def demo_key(party: str, number: int = 1) -> PrivateKey:
    """Return a party's test key.

    Args:
        party: the party's short name in `parties.yaml`.
        number: which of its keys, from 1.
    """
    label = f"touchstone demo test key, not secret: {party} {number}"
    return PrivateKey.from_seed(sha256(label.encode()).digest())
