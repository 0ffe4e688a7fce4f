"""did:pkh: the identifier is an account of a blockchain (did:pkh; CAIP-10).

Such a document mostly names an account and no key: what signed for it can be checked on its chain,
not here. The short names of an earlier draft are read because credentials were issued under them.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import base58

from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import ErrorCode, InvalidDidError, InvalidKeyError, ResolutionError
from resolver.keys import Curve, PublicKey
from resolver.methods import LATEST, Resolved, Version
from resolver.strict_json import Json

CACHED_DOCUMENTS = 1024

_FRAGMENT = "blockchainAccountId"
_CONTEXT = "https://www.w3.org/ns/did/v1"
_BLOCKCHAIN_CONTEXT = "https://w3id.org/security/suites/blockchain-2021/v1"
_SECURITY = "https://w3id.org/security#"
_TERMS: Mapping[str, Json] = {
    "publicKeyJwk": {"@id": f"{_SECURITY}publicKeyJwk", "@type": "@json"},
    "EcdsaSecp256k1RecoveryMethod2020": "https://identity.foundation/"
    "EcdsaSecp256k1RecoverySignature2020#EcdsaSecp256k1RecoveryMethod2020",
}
_RECOVERY = "EcdsaSecp256k1RecoveryMethod2020"
_BLAKE = "PublicKeyBLAKE2BDigestSize20Base58CheckEncoded2021"
_TEZOS_TYPES = {"tz1": f"Ed25519{_BLAKE}", "tz2": _RECOVERY, "tz3": f"P256{_BLAKE}"}

_Entry = dict[str, Json]


class _Account(NamedTuple):
    """An account, and the fragment that names its method."""

    namespace: str
    reference: str
    address: str
    fragment: str = _FRAGMENT

    @property
    def id(self) -> str:
        return f"{self.namespace}:{self.reference}:{self.address}"


class _Namespace(NamedTuple):
    """What accounts of one namespace look like, and the methods that stand for one."""

    reference: re.Pattern[str]
    address: re.Pattern[str]
    methods: Callable[[_Account], list[_Entry]]
    checksum: bool = False


class PkhMethod:
    """Expands an account into the document that it always has; nothing is fetched."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        """The document of a did:pkh (did:pkh, section Read).

        Raises:
            ResolutionError: INVALID_DID where the identifier is no account of a namespace that we
                know.
        """
        del version, fresh  # there is but one
        return _resolved(did)


@lru_cache(CACHED_DOCUMENTS)
def _resolved(did: Did) -> Resolved:
    return Resolved(_document(did))


def _document(did: Did) -> DidDocument:
    try:
        account = _account(did.specific_id)
        methods = _NAMESPACES[account.namespace].methods(account)
    except (InvalidDidError, InvalidKeyError) as error:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:pkh: {error}") from None
    context = _context(methods)
    whole = [
        {
            **method,
            "id": f"{did.text}#{method['id']}",
            "controller": did.text,
            "blockchainAccountId": account.id,
        }
        for method in methods
    ]
    ids: list[Json] = [method["id"] for method in whole]
    document: _Entry = {
        "@context": [_CONTEXT, context],
        "id": did.text,
        "verificationMethod": [*whole],
        "authentication": ids,
        "assertionMethod": [*ids],
    }
    return parse_document(document, did)


def _context(methods: list[_Entry]) -> Json:
    """The terms that the document uses, as did:pkh wants them written into it."""
    if methods[0]["type"] == "BlockchainVerificationMethod2021":
        return _BLOCKCHAIN_CONTEXT
    used = {"blockchainAccountId", *(str(method["type"]) for method in methods)}
    used |= {member for method in methods for member in method if member.startswith("publicKey")}
    return {term: _TERMS.get(term, _SECURITY + term) for term in sorted(used)}


def _account(specific_id: str) -> _Account:
    """The account that an identifier names, once it is one that its chain could have."""
    parts = specific_id.split(":")
    match parts:
        case [namespace, reference, address]:
            account = _Account(namespace, reference, address)
        case [name, address] if name in _SHORT_NAMES:
            account = _SHORT_NAMES[name]._replace(address=address)
        case _:
            raise InvalidDidError("not an account as namespace:reference:address")
    known = _NAMESPACES.get(account.namespace)
    if known is None:
        raise InvalidDidError(f"the namespace is not one of {', '.join(_NAMESPACES)}")
    if not known.reference.fullmatch(account.reference):
        raise InvalidDidError(f"{account.namespace} has no such chain")
    if not known.address.fullmatch(account.address):
        raise InvalidDidError(f"{account.namespace} has no such address")
    if known.checksum:
        _check(account.address)
    return account


def _check(address: str) -> None:
    try:
        base58.b58decode_check(address)
    except ValueError:
        raise InvalidDidError("the address does not match its checksum") from None


def _recoverable(account: _Account) -> list[_Entry]:
    return [{"id": account.fragment, "type": _RECOVERY}]


def _tezos(account: _Account) -> list[_Entry]:
    kind = _TEZOS_TYPES[account.address[:3]]
    return [
        {"id": account.fragment, "type": kind},
        {"id": "TezosMethod2021", "type": "TezosMethod2021"},
    ]


def _solana(account: _Account) -> list[_Entry]:
    """The one namespace whose addresses are keys."""
    jwk: _Entry = {**PublicKey.from_base58(Curve.ED25519, account.address).jwk()}
    return [
        {
            "id": "controller",
            "type": "Ed25519VerificationKey2018",
            "publicKeyBase58": account.address,
        },
        {"id": "SolanaMethod2021", "type": "SolanaMethod2021", "publicKeyJwk": jwk},
    ]


def _aleo(account: _Account) -> list[_Entry]:
    return [{"id": account.fragment, "type": "BlockchainVerificationMethod2021"}]


_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_NAMESPACES: Mapping[str, _Namespace] = {
    "eip155": _Namespace(
        re.compile(r"0|[1-9][0-9]{0,31}"), re.compile(r"0x[0-9a-fA-F]{40}"), _recoverable
    ),
    "bip122": _Namespace(
        re.compile(r"[0-9a-f]{32}"), re.compile(_BASE58 + "{25,35}"), _recoverable, checksum=True
    ),
    "solana": _Namespace(re.compile(_BASE58 + "{32}"), re.compile(_BASE58 + "{32,44}"), _solana),
    "tezos": _Namespace(
        re.compile("Net" + _BASE58 + "{12}"),
        re.compile("tz[123]" + _BASE58 + "{33}"),
        _tezos,
        checksum=True,
    ),
    "aleo": _Namespace(re.compile(r"[01]"), re.compile(r"aleo1[02-9ac-hj-np-z]{58}"), _aleo),
}
_SHORT_NAMES: Mapping[str, _Account] = {
    "btc": _Account("bip122", "000000000019d6689c085ae165831e93", ""),
    "doge": _Account("bip122", "1a91e3dace36e2be3bf030a65679fe82", ""),
    "eth": _Account("eip155", "1", "", "Recovery2020"),
    "celo": _Account("eip155", "42220", "", "Recovery2020"),
    "poly": _Account("eip155", "137", "", "Recovery2020"),
    "sol": _Account("solana", "4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ", ""),
    "tz": _Account("tezos", "NetXdQprcVkpaWU", ""),
}
