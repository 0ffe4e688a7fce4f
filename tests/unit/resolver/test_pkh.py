import base58
import pytest

from resolver.did import Did
from resolver.document import DidDocument, Relationship
from resolver.errors import ErrorCode, ResolutionError
from resolver.methods.pkh import PkhMethod
from resolver.signing import PrivateKey

ETHER = "0x" + "ab" * 20
CHAIN = "0" * 32
BITCOIN = base58.b58encode_check(b"\x00" + bytes(20)).decode()
TEZOS = {
    kind: base58.b58encode_check(prefix + bytes(20)).decode()
    for kind, prefix in {
        "tz1": b"\x06\xa1\x9f",
        "tz2": b"\x06\xa1\xa1",
        "tz3": b"\x06\xa1\xa4",
    }.items()
}
KEY = PrivateKey.from_seed(bytes(32)).public
SOLANA = base58.b58encode(KEY.raw).decode()


async def resolve(did: str) -> DidDocument:
    document = (await PkhMethod().resolve(Did.parse(did))).document
    assert document is not None
    return document


async def test_an_account_authenticates_and_asserts_and_shows_no_key() -> None:
    document = await resolve(f"did:pkh:eip155:10:{ETHER}")
    own = f"{document.id}#blockchainAccountId"
    assert document.verification_methods[own].key is None
    listed = {r for r in Relationship if document.relationships[r] == {own}}
    assert listed == {Relationship.AUTHENTICATION, Relationship.ASSERTION_METHOD}
    (method,) = document.raw["verificationMethod"]
    assert method["blockchainAccountId"] == f"eip155:10:{ETHER}"


async def test_an_address_of_solana_is_a_key() -> None:
    document = await resolve(f"did:pkh:solana:{'4' * 32}:{SOLANA}")
    method = document.verification_methods[f"{document.id}#controller"]
    assert method.key == KEY
    assert method.controller == document.id


@pytest.mark.parametrize(
    ("kind", "expected"), [("tz1", "Ed25519Pub"), ("tz2", "EcdsaSecp"), ("tz3", "P256Pub")]
)
async def test_an_address_of_tezos_tells_its_kind_of_key(kind: str, expected: str) -> None:
    document = await resolve(f"did:pkh:tezos:Net{'X' * 12}:{TEZOS[kind]}")
    first, second = document.verification_methods.values()
    assert first.type.startswith(expected)
    assert second.type == "TezosMethod2021"
    context = document.raw["@context"][1]
    assert set(context) == {"blockchainAccountId", first.type, "TezosMethod2021"}


@pytest.mark.parametrize(
    ("did", "account"),
    [
        (f"did:pkh:eth:{ETHER}", f"eip155:1:{ETHER}"),
        (f"did:pkh:poly:{ETHER}", f"eip155:137:{ETHER}"),
        (f"did:pkh:celo:{ETHER}", f"eip155:42220:{ETHER}"),
        (f"did:pkh:btc:{BITCOIN}", f"bip122:000000000019d6689c085ae165831e93:{BITCOIN}"),
        (f"did:pkh:sol:{SOLANA}", f"solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:{SOLANA}"),
        (f"did:pkh:tz:{TEZOS['tz1']}", f"tezos:NetXdQprcVkpaWU:{TEZOS['tz1']}"),
    ],
)
async def test_short_names_stand_for_the_main_networks(did: str, account: str) -> None:
    methods = (await resolve(did)).raw["verificationMethod"]
    assert {each["blockchainAccountId"] for each in methods} == {account}


@pytest.mark.parametrize(
    "account",
    [
        ETHER,
        f"eip155:{ETHER}",
        f"eip155:01:{ETHER}",
        f"eip155:x:{ETHER}",
        f"eip155:1:{ETHER}0",
        f"eip155:1:{ETHER[:-1]}g",
        f"eip155:1:1:{ETHER}",
        f"eip155:1:%30x{'ab' * 20}",
        f"sol:1:{SOLANA}",
        f"bip122:{CHAIN}:{BITCOIN[:-1]}3",
        f"bip122:{CHAIN[1:]}:{BITCOIN}",
        f"tezos:NetXdQprcVkpaWU:tz4{TEZOS['tz1'][3:]}",
        f"tezos:NetXdQprcVkpaWU:tz2{TEZOS['tz1'][3:]}",
        f"solana:{'4' * 32}:{'1' * 32}",
        f"cosmos:cosmoshub-3:{SOLANA}",
        f"aleo:1:aleo1{'b' * 58}",
    ],
)
async def test_what_is_no_account_is_no_did_pkh(account: str) -> None:
    with pytest.raises(ResolutionError) as caught:
        await PkhMethod().resolve(Did.parse(f"did:pkh:{account}"))
    assert caught.value.code is ErrorCode.INVALID_DID
