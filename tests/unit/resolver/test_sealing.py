import pytest

from resolver.sealing import Seal

SEAL = Seal(b"s" * 32)


def test_a_seal_opens_what_it_closed_in_its_context_alone() -> None:
    sealed = SEAL.close("state did:web:a", b"body")
    assert SEAL.open("state did:web:a", sealed) == b"body"
    assert SEAL.open("state did:web:b", sealed) is None
    assert Seal(b"t" * 32).open("state did:web:a", sealed) is None


def test_no_changed_byte_passes() -> None:
    sealed = SEAL.close("context", b"body")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert SEAL.open("context", changed) is None
    for end in range(len(sealed)):
        assert SEAL.open("context", sealed[:end]) is None


def test_the_context_cannot_be_moved_into_the_body() -> None:
    assert SEAL.open("a", SEAL.close("ab", b"c")) is None
    assert SEAL.close("a", b"bc")[:32] != SEAL.close("ab", b"c")[:32]


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Seal(b"s" * 31)
