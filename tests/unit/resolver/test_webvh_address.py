import pytest

from resolver.errors import InvalidDidError
from resolver.methods.webvh.address import parse_address

SCID = "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"


@pytest.mark.parametrize(
    ("rest", "url"),
    [
        ("x.com", "https://x.com/.well-known/did.jsonl"),
        ("3m.com", "https://3m.com/.well-known/did.jsonl"),
        ("EXAMPLE.com", "https://example.com/.well-known/did.jsonl"),
        ("example.com%3A3000", "https://example.com:3000/.well-known/did.jsonl"),
        ("example.com%3a3000:a", "https://example.com:3000/a/did.jsonl"),
        ("a.example.com:dids:issuer", "https://a.example.com/dids/issuer/did.jsonl"),
        (
            "jp%E7%B4%8D%E8%B1%86.%E4%BE%8B.jp:%E7%94%A8%E6%88%B7",
            "https://xn--jp-cd2fp15c.xn--fsq.jp/%E7%94%A8%E6%88%B7/did.jsonl",
        ),
        ("example.com:a%20b", "https://example.com/a%20b/did.jsonl"),
    ],
)
def test_where_a_log_lies(rest, url):
    assert parse_address(f"did:webvh:{SCID}:{rest}").log_url == url


def test_the_files_beside_it():
    address = parse_address(f"did:webvh:{SCID}:example.com:issuer")
    assert address.witness_url == "https://example.com/issuer/did-witness.json"
    assert address.web_did == "did:web:example.com:issuer"
    assert address.base == "https://example.com/issuer"


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "localhost",
        "127.0.0.1",
        "127%2E0%2E0%2E1",
        "127.0.0.1%3a8080",
        "127%E3%80%820%E3%80%820%E3%80%821",
        "%E2%91%A0%E2%91%A1%E2%91%A6.0.0.1",
        "127.1",
        "0x7f.1",
        "example.0x7f",
        "example.2130706433",
        "%5B%3A%3A1%5D",
        "user%40example.com",
        "example.com%2Fevil",
        "example.com%3A99999",
        "example.com%3A0",
        "example.com%3A1%3A2",
        "example.com%3A",
        "example..com",
        "-example.com",
        "example.com.",
        "exa_mple.com",
        f"{'a' * 64}.com",
        ".".join(["a" * 60] * 5),
        "example.com:",
        "example.com::a",
        "example.com:..:a",
        "example.com:%2E%2e",
        "example.com:a%2Fb",
        "example.com:a%5Cb",
        "example.com:a%00",
        "example.com:%20a",
        "example.com:a%09",
        "example.com:%252e%252e",
        "example.com:%FF",
        "exam%FFple.com",
    ],
)
def test_no_place_for_a_log(rest):
    with pytest.raises(InvalidDidError):
        parse_address(f"did:webvh:{SCID}:{rest}")


@pytest.mark.parametrize(
    "scid", ["", "bad", SCID[:-1], SCID + "a", SCID[:-1] + "0", SCID[:-1] + "l", "{SCID}"]
)
def test_a_scid_is_46_characters_of_base58(scid):
    with pytest.raises(InvalidDidError, match=r"SCID|form"):
        parse_address(f"did:webvh:{scid}:example.com")
