"""A writer of did:webvh logs: for controllers, for tests and for the bench. It checks nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from resolver.encodings import base58btc
from resolver.jcs import canonicalise
from resolver.signing import PrivateKey
from resolver.strict_json import Json

_SHA_256 = b"\x12\x20"
_PLACEHOLDER = "{SCID}"

Object = dict[str, Json]


class Written(NamedTuple):
    """An entry that was written.

    Attributes:
        version_id: its `versionId`.
        entry: the whole entry, signed.
    """

    version_id: str
    entry: Object

    @property
    def line(self) -> bytes:
        """The entry as a line of a log."""
        return orjson.dumps(self.entry) + b"\n"

    @property
    def state(self) -> Object:
        """Its document."""
        state = self.entry["state"]
        if not isinstance(state, dict):
            raise TypeError("a state is an object")
        return state


def multihash(data: bytes) -> str:
    """The multihash by SHA-256 of some bytes, in base58btc."""
    return base58btc(_SHA_256 + hashlib.sha256(data).digest())


def commitment(key: PrivateKey) -> str:
    """The hash by which a key is committed to for the next entry."""
    return multihash(key.public.multikey.encode())


def first_entry(
    place: str,
    key: PrivateKey,
    version_time: str,
    parameters: Mapping[str, Json],
    state: Mapping[str, Json],
    **proof: Json,
) -> Written:
    """Write the first entry of a log (did:webvh 1.0, Create).

    Args:
        place: host and path as the DID spells them, such as `example.com:issuer`.
        key: signs it.
        version_time: its time.
        parameters: beside `method` and `scid`, which they may replace.
        state: the document beside its `id`, which it may replace; `{SCID}` stands for the SCID.
        proof: members of the proof that are to be others than they should.
    """
    preliminary: Object = {
        "versionId": _PLACEHOLDER,
        "versionTime": version_time,
        "parameters": {
            "method": "did:webvh:1.0",
            "scid": _PLACEHOLDER,
            "updateKeys": [key.public.multikey],
            **parameters,
        },
        "state": {"id": f"did:webvh:{_PLACEHOLDER}:{place}", **state},
    }
    scid = multihash(canonicalise(preliminary))
    text = orjson.dumps(preliminary).replace(_PLACEHOLDER.encode(), scid.encode())
    return sealed(orjson.loads(text), scid, 1, key, **proof)


def next_entry(
    last: Written,
    key: PrivateKey,
    version_time: str,
    parameters: Mapping[str, Json] | None = None,
    state: Mapping[str, Json] | None = None,
    **proof: Json,
) -> Written:
    """Write an entry that follows on another (did:webvh 1.0, Update).

    Args:
        last: the entry before.
        key: signs it.
        version_time: its time.
        parameters: changes of what governs the log.
        state: the document; that of the entry before where not given.
        proof: members of the proof that are to be others than they should.
    """
    entry: Object = {
        "versionTime": version_time,
        "parameters": {**(parameters or {})},
        "state": {**(last.state if state is None else state)},
    }
    number = int(last.version_id.partition("-")[0]) + 1
    return sealed(entry, last.version_id, number, key, **proof)


def sealed(entry: Object, before: str, number: int, key: PrivateKey, **proof: Json) -> Written:
    """Hash and sign an entry, whatever it says.

    Args:
        entry: without a proof.
        before: the `versionId` before it, or the SCID.
        number: its number.
        key: signs it.
        proof: members of the proof that are to be others than they should.
    """
    version_id = f"{number}-{multihash(canonicalise({**entry, 'versionId': before}))}"
    unsigned: Object = {**entry, "versionId": version_id}
    return Written(version_id, {**unsigned, "proof": [proof_of(unsigned, key, **proof)]})


def proof_of(document: Mapping[str, Json], key: PrivateKey, **members: Json) -> Object:
    """Sign a document with eddsa-jcs-2022, by the did:key of a key."""
    multikey = key.public.multikey
    options: Object = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": f"did:key:{multikey}#{multikey}",
        "proofPurpose": "assertionMethod",
        **members,
    }
    message = b"".join(
        hashlib.sha256(canonicalise(each)).digest() for each in (options, {**document})
    )
    return {**options, "proofValue": "z" + base58btc(key.sign(message))}


def approvals(by_version: Mapping[str, Sequence[PrivateKey]]) -> bytes:
    """Write `did-witness.json`: which witnesses approve which versions."""
    return orjson.dumps(
        [
            {"versionId": name, "proof": [proof_of({"versionId": name}, key) for key in keys]}
            for name, keys in by_version.items()
        ]
    )


def long_log(place: str, key: PrivateKey, entries: int) -> list[Written]:
    """Write a log of many entries with a document of one key, a second apart."""
    multikey = key.public.multikey
    own = f"did:webvh:{_PLACEHOLDER}:{place}"
    state: Object = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "verificationMethod": [
            {
                "id": f"{own}#key-1",
                "type": "Multikey",
                "controller": own,
                "publicKeyMultibase": multikey,
            }
        ],
        "authentication": [f"{own}#key-1"],
        "assertionMethod": [f"{own}#key-1"],
    }
    log = [first_entry(place, key, _second(0), {}, state, created=_second(0))]
    while len(log) < entries:
        moment = _second(len(log))
        log.append(next_entry(log[-1], key, moment, created=moment))
    return log


def _second(count: int) -> str:
    minutes, seconds = divmod(count, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2025-01-01T{hours:02d}:{minutes:02d}:{seconds:02d}Z"
