import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.encodings import (
    MAX_BASE58,
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
)
from resolver.errors import InvalidEncodingError


@given(st.binary(max_size=200))
def test_base64url_round_trip(data: bytes) -> None:
    assert from_base64url(base64url(data)) == data


@given(st.text(alphabet="ABab01-_=+/ \n", max_size=12))
def test_each_byte_string_has_one_base64url_text(text: str) -> None:
    try:
        data = from_base64url(text)
    except InvalidEncodingError:
        return
    assert base64url(data) == text


@pytest.mark.parametrize(
    "text", ["A", "AA==", "AB", "AAB", "A+AA", "A/AA", "AA A", "AA\n", "é", "AAAA\n"]
)
def test_other_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidEncodingError):
        from_base64url(text)


@given(st.binary(max_size=60))
def test_base58_round_trip(data: bytes) -> None:
    assert from_base58btc(base58btc(data)) == data


@pytest.mark.parametrize(
    "text", ["0", "O", "I", "l", "a b", "a ", "a\n", "é", "z" * (MAX_BASE58 + 1)]
)
def test_other_base58_is_refused(text: str) -> None:
    with pytest.raises(InvalidEncodingError):
        from_base58btc(text)
