"""What a did:webvh log may not say: each is signed and hashed as it should be, but for one thing."""

import json

import orjson
import pytest

from resolver.encodings import base58btc
from resolver.errors import ErrorCode, ResolutionError
from resolver.keys import Curve, PublicKey
from resolver.methods import Version
from resolver.methods.webvh.writing import (
    Written,
    approvals,
    commitment,
    first_entry,
    multihash,
    next_entry,
    proof_of,
    sealed,
)
from resolver.signing import PrivateKey
from tests.webvh import NOW, PLACE, did_of, genesis, key, resolved, second

WITNESSES = [{"id": f"did:key:{key(number).public.multikey}"} for number in (11, 12, 13)]


def witness(threshold: int, *, of: int = 2) -> dict[str, object]:
    return {"witness": {"threshold": threshold, "witnesses": WITNESSES[:of]}}


async def refused(log, *, witnesses=None, match, did=None, **how) -> None:
    with pytest.raises(ResolutionError, match=match) as caught:
        await resolved(log, witnesses=witnesses, did=did, **how)
    assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT


def altered(entry: Written, **members) -> Written:
    return Written(entry.version_id, {**entry.entry, **members})


async def test_a_log_of_one_entry():
    log = [genesis()]
    found = await resolved(log)
    assert found.document is not None
    assert found.document.id == did_of(log)
    assert found.metadata.version_id == log[0].version_id
    assert found.metadata.others["versionNumber"] == 1
    assert found.metadata.others["ttl"] == "3600"


async def test_keys_rotate():
    log = [genesis()]
    log.append(next_entry(log[-1], key(1), second(1), {"updateKeys": [key(2).public.multikey]}))
    log.append(next_entry(log[-1], key(2), second(2)))
    assert (await resolved(log)).metadata.version_id == log[2].version_id
    log.append(next_entry(log[-1], key(1), second(3)))
    await refused(log, match="not among the update keys")


async def test_a_new_key_does_not_sign_the_entry_that_names_it():
    log = [genesis()]
    log.append(next_entry(log[-1], key(2), second(1), {"updateKeys": [key(2).public.multikey]}))
    await refused(log, match="not among the update keys")


async def test_pre_rotation_wants_committed_keys():
    log = [genesis({"nextKeyHashes": [commitment(key(2))]})]
    two = {"updateKeys": [key(2).public.multikey], "nextKeyHashes": [commitment(key(3))]}
    log.append(next_entry(log[-1], key(2), second(1), two))
    await resolved(log)
    ended = {"updateKeys": [key(3).public.multikey], "nextKeyHashes": []}
    log.append(next_entry(log[-1], key(3), second(2), ended))
    log.append(next_entry(log[-1], key(3), second(3)))
    assert (await resolved(log)).metadata.version_id == log[3].version_id


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({}, "left out"),
        ({"nextKeyHashes": []}, "left out"),
        ({"updateKeys": [key(2).public.multikey]}, "left out"),
        ({"updateKeys": [key(3).public.multikey], "nextKeyHashes": []}, "committed"),
        (
            {
                "updateKeys": [key(2).public.multikey, key(1).public.multikey],
                "nextKeyHashes": [],
            },
            "committed",
        ),
    ],
)
async def test_pre_rotation_is_not_evaded(parameters, match):
    log = [genesis({"nextKeyHashes": [commitment(key(2))]})]
    log.append(next_entry(log[-1], key(2), second(1), parameters))
    await refused(log, match=match)


@pytest.mark.parametrize(
    ("members", "match"),
    [
        ({"cryptosuite": "ecdsa-jcs-2019"}, "cryptosuite"),
        ({"cryptosuite": "eddsa-rdfc-2022"}, "cryptosuite"),
        ({"type": "Ed25519Signature2020"}, "type"),
        ({"proofPurpose": "authentication"}, "meant for"),
        ({"verificationMethod": f"did:key:{key(1).public.multikey}"}, "X#X"),
        ({"verificationMethod": f"#{key(1).public.multikey}"}, "X#X"),
        ({"expires": "2025-06-01T00:00:00Z"}, "expired"),
        ({"previousProof": "urn:uuid:1"}, "just this entry"),
        ({"@context": "https://www.w3.org/ns/did/v1"}, "just this entry"),
        ({"created": "yesterday"}, "no time"),
    ],
)
async def test_another_proof_than_the_method_wants(members, match):
    log = [first_entry(PLACE, key(1), second(0), {}, {}, **members)]
    await refused(log, match=match)


async def test_a_did_key_whose_fragment_is_authorised_but_whose_body_signed():
    log = [genesis()]
    forged = f"did:key:{key(9).public.multikey}#{key(1).public.multikey}"
    log.append(next_entry(log[-1], key(9), second(1), verificationMethod=forged))
    await refused(log, match="X#X")


async def test_every_proof_must_hold():
    first = genesis()
    unsigned = {name: value for name, value in first.entry.items() if name != "proof"}
    good, foreign = proof_of(unsigned, key(1)), proof_of(unsigned, key(9))
    await resolved([altered(first, proof=[good, good])])
    await refused([altered(first, proof=[good, foreign])], match="not among the update keys")
    await refused([altered(first, proof=[])], match="no proof")
    await refused([altered(first, proof=good)], match="not a list")
    await refused([altered(first, proof=[None])], match="X#X")


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"method": "did:webvh:0.5"}, "method"),
        ({"method": "did:webvh:1.0-rc1"}, "method"),
        ({"method": "did:webvh:99.0"}, "method"),
        ({"method": None}, "method"),
        ({"unknown": 1}, "unknown parameter"),
        ({"profile_version": "1"}, "unknown parameter"),
        ({"ttl": -1}, "ttl"),
        ({"ttl": 1.5}, "ttl"),
        ({"ttl": "60"}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": 2**31 + 1}, "ttl"),
        ({"portable": "true"}, "portable"),
        ({"deactivated": 1}, "deactivated"),
        ({"updateKeys": "z6Mk"}, "updateKeys"),
        ({"updateKeys": [1]}, "updateKeys"),
        ({"nextKeyHashes": {}}, "nextKeyHashes"),
        ({"watchers": [""]}, "watchers"),
        ({"witness": {"threshold": 0, "witnesses": WITNESSES[:1]}}, "threshold"),
        ({"witness": {"threshold": 2, "witnesses": WITNESSES[:1]}}, "threshold"),
        ({"witness": {"threshold": "1", "witnesses": WITNESSES[:1]}}, "threshold"),
        ({"witness": {"threshold": True, "witnesses": WITNESSES[:1]}}, "threshold"),
        ({"witness": {"threshold": 1.0, "witnesses": WITNESSES[:1]}}, "threshold"),
        ({"witness": {"witnesses": WITNESSES[:1]}}, "witness"),
        ({"witness": {"threshold": 1, "witnesses": []}}, "no witnesses"),
        ({"witness": {"threshold": 1, "witnesses": [WITNESSES[0], WITNESSES[0]]}}, "twice"),
        ({"witness": {"threshold": 1, "witnesses": [{"id": "did:web:w.example"}]}}, "did:key"),
        ({"witness": {"threshold": 1, "witnesses": [{"id": key(1).public.multikey}]}}, "did:key"),
    ],
)
async def test_parameters_that_are_none(parameters, match):
    await refused([genesis(parameters)], match=match)


async def test_a_witness_has_an_ed25519_key():
    other = PublicKey(Curve.P256, PrivateKey.generate(Curve.P256).public.raw).multikey
    listed = {"threshold": 1, "witnesses": [{"id": f"did:key:{other}"}]}
    await refused([genesis({"witness": listed})], match="Ed25519")


async def test_a_profile_may_be_tolerated():
    await resolved([genesis({"profile_version": "1"})], tolerated=frozenset({"profile_version"}))


async def test_null_means_the_default():
    names = ("nextKeyHashes", "witness", "watchers", "portable", "ttl", "deactivated")
    found = await resolved([genesis(dict.fromkeys(names))])
    assert found.metadata.others["ttl"] == "3600"


@pytest.mark.parametrize("left_out", ["method", "scid", "updateKeys"])
async def test_what_the_first_entry_must_say(left_out):
    first = genesis()
    parameters = {n: v for n, v in first.entry["parameters"].items() if n != left_out}
    await refused([altered(first, parameters=parameters)], match="lack")


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"scid": "Qm"}, "scid after"),
        ({"portable": True}, "only be set in the first"),
        ({"method": "did:webvh:0.5"}, "method"),
    ],
)
async def test_what_a_later_entry_may_not_say(parameters, match):
    log = [genesis({"portable": True})]
    log.append(next_entry(log[-1], key(1), second(1), parameters))
    await refused(log, match=match)


@pytest.mark.parametrize(
    ("time", "match"),
    [
        ("2025-01-01T00:00:00Z", "not later"),
        ("2025-01-01T00:00:00.000+00:00", "not later"),
        ("2024-12-31T23:59:59Z", "not later"),
        ("2026-01-01T00:05:01Z", "future"),
        ("2099-01-01T00:00:00Z", "future"),
        ("2025-01-01T00:00:01", "UTC"),
        ("2025-01-01T01:00:01+01:00", "UTC"),
        ("2025-01-01T00:00:01-00:00", "UTC"),
        ("2025-13-01T00:00:01Z", "no such time"),
        ("2025-01-01", "UTC"),
        ("", "UTC"),
        (1735689601, "UTC"),
    ],
)
async def test_times_that_an_entry_may_not_have(time, match):
    log = [genesis()]
    entry = {"versionTime": time, "parameters": {}, "state": log[0].state}
    log.append(sealed(entry, log[0].version_id, 2, key(1)))
    await refused(log, match=match)


@pytest.mark.parametrize(
    "time",
    ["2025-01-01T00:00:00.001Z", "2025-01-01T00:00:00.000000001+00:00", "2026-01-01T00:05:00Z"],
)
async def test_times_that_an_entry_may_have(time):
    log = [genesis()]
    log.append(next_entry(log[0], key(1), time))
    assert (await resolved(log)).metadata.version_id == log[1].version_id


@pytest.mark.parametrize("number", [1, 3, 10])
async def test_numbers_have_no_gaps(number):
    log = [genesis()]
    entry = {"versionTime": second(1), "parameters": {}, "state": log[0].state}
    log.append(sealed(entry, log[0].version_id, number, key(1)))
    await refused(log, match="numbered")


@pytest.mark.parametrize("form", ["1{}", "1--{}", "01-{}", "1-{}-", "-1-{}", "1-z{}", "+1-{}"])
async def test_a_version_id_has_one_form(form):
    first = genesis()
    version_id = form.format(first.version_id[2:])
    unsigned = {**first.entry, "versionId": version_id}
    del unsigned["proof"]
    await refused(
        [Written(version_id, {**unsigned, "proof": [proof_of(unsigned, key(1))]})],
        match="versionId",
    )


async def test_an_entry_hash_of_another_algorithm():
    first = genesis()
    for code in (b"\x12\x1f", b"\x16\x20", b"\x11\x20"):
        version_id = f"1-{base58btc(code + bytes(32)):1>46}"
        unsigned = {**first.entry, "versionId": version_id}
        del unsigned["proof"]
        await refused(
            [Written(version_id, {**unsigned, "proof": [proof_of(unsigned, key(1))]})],
            match=r"hash",
        )


async def test_entries_are_chained():
    log = [genesis()]
    entry = {"versionTime": second(1), "parameters": {}, "state": log[0].state}
    log.append(sealed(entry, "1-" + multihash(b"another"), 2, key(1)))
    await refused(log, match="hash in its versionId")


async def test_the_scid_is_the_hash_of_the_first_entry():
    first = genesis()
    scid = first.entry["parameters"]["scid"]
    other = orjson.loads(orjson.dumps(first.entry).replace(scid.encode(), multihash(b"x").encode()))
    del other["proof"], other["versionId"]
    forged = sealed(other, multihash(b"x"), 1, key(1))
    await refused([forged], match="hash to the SCID", did=did_of([forged]))


async def test_another_log_than_that_of_the_did():
    await refused([genesis()], match="not that of the DID", did=did_of([genesis({"ttl": 1})]))


async def test_the_placeholder_stands_nowhere_else():
    first = genesis(note="{SCID}")
    replaced = orjson.loads(
        orjson.dumps(first.entry).replace(
            b'"note":"' + first.entry["parameters"]["scid"].encode(), b'"note":"{SCID}'
        )
    )
    del replaced["proof"], replaced["versionId"]
    forged = sealed(replaced, first.entry["parameters"]["scid"], 1, key(1))
    await refused([forged], match="placeholder")


@pytest.mark.parametrize("name", ["{SCID}", "x{SCID}", '{SCID}"x', "{SCID}\\", '{SCID}\\"'])
async def test_a_scid_in_a_members_name(name):
    """The order of names follows the placeholder where the SCID is made, and the SCID elsewhere."""
    await resolved([genesis(**{"Z": 1, name: 2, "xa": 2.0**60, "a": 3})])
    await resolved([genesis(a={"Z": 1, name: [name, {name: 2}], "xa": 1, "a": 3}, z="{SCID}:")])


@pytest.mark.parametrize("text", ["{SCID}", '{SCID}":', '"{SCID}":{', "{SCID}\\", '\\"{SCID}":'])
async def test_a_scid_in_a_text_that_looks_like_a_name(text):
    await resolved([genesis(note=text, Z=1, a={"z": text, "x": 2})])


async def test_floats_and_names_beyond_the_basic_plane():
    await resolved([genesis(numbers=[1e-7, 1.0, 0.1, 2.0**53], **{"\U0001f600": 1, "\ufb33": 2})])


@pytest.mark.parametrize(
    ("state", "match"),
    [
        ({"id": "did:webvh:" + multihash(b"x") + ":example.com"}, "another SCID"),
        ({"id": "did:web:example.com"}, "form"),
        ({"id": None}, "no id"),
    ],
)
async def test_every_document_carries_the_scid(state, match):
    log = [genesis({"portable": True})]
    log.append(next_entry(log[0], key(1), second(1), {}, {**log[0].state, **state}))
    log.append(next_entry(log[1], key(1), second(2), {}, log[0].state))
    await refused(log, match=match)


async def test_a_log_moves_only_where_it_may():
    for portable, named, match in (
        (True, True, None),
        (True, False, "alsoKnownAs"),
        (False, True, "not portable"),
    ):
        log = [genesis({"portable": portable})]
        old = did_of(log)
        new = old.text.replace("example.com", "example.org:new")
        state = {"id": new, "alsoKnownAs": [old.text] if named else []}
        log.append(next_entry(log[0], key(1), second(1), {}, state))
        if match:
            await refused(log, match=match)
            continue
        found = await resolved(log)
        assert found.document is not None
        assert found.document.id.text == found.metadata.canonical_id == new
        assert found.metadata.equivalent_id == (new,)
        before = await resolved(log, Version(number=1))
        assert before.document is not None
        assert before.document.id == old


async def test_portability_once_given_up_stays_so():
    log = [genesis({"portable": True})]
    old = did_of(log)
    log.append(next_entry(log[0], key(1), second(1), {"portable": False}))
    state = {"id": old.text.replace(".com", ".org"), "alsoKnownAs": [old.text]}
    log.append(next_entry(log[1], key(1), second(2), {}, state))
    await refused(log, match="not portable")


async def test_an_entry_must_be_about_the_did():
    log = [genesis()]
    other = did_of(log).text.replace("example.com", "example.com:elsewhere")
    from resolver.did import Did
    from tests.webvh import Pages, method_over, raw_of

    method = method_over(Pages({"https://example.com/elsewhere/did.jsonl": raw_of(log)}))
    with pytest.raises(ResolutionError, match="no entry is about"):
        await method.load(Did.parse(other), None)


async def test_deactivation_ends_a_log():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(1), {"deactivated": True, "updateKeys": []}))
    found = await resolved(log)
    assert found.document is None
    assert found.metadata.deactivated
    before = await resolved(log, Version(number=1))
    assert before.document is not None
    assert before.metadata.deactivated
    assert (await resolved(log, Version(id=log[1].version_id))).document is None
    assert (await resolved(log, Version(time=NOW))).document is None


async def test_nothing_follows_on_a_deactivation():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(1), {"deactivated": True}))
    log.append(next_entry(log[1], key(1), second(2), {"deactivated": False}))
    await refused(log, match="follows on a deactivation")


async def test_earlier_versions_stand_where_later_ones_fail():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(10)))
    log.append(next_entry(log[1], key(9), second(20)))
    await refused(log, match="entry 3")
    for version in (
        Version(id=log[1].version_id),
        Version(number=2),
        Version(number=1),
        Version(time=NOW - 365 * 86_400_000 + 5_000),
    ):
        assert (await resolved(log, version)).document is not None
    for version in (Version(number=3), Version(id=log[2].version_id), Version(time=NOW)):
        with pytest.raises(ResolutionError, match="entry 3") as caught:
            await resolved(log, version)
        assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT


async def test_versions_that_there_are_not():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(10)))
    for version in (
        Version(number=0),
        Version(number=3),
        Version(number=-1),
        Version(id="2-" + log[0].version_id[2:]),
        Version(id="x"),
        Version(id="\u0662-x"),
        Version(time=NOW - 366 * 86_400_000),
    ):
        with pytest.raises(ResolutionError) as caught:
            await resolved(log, version)
        assert caught.value.code is ErrorCode.NOT_FOUND


async def test_metadata_of_a_former_version():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(10)))
    found = (await resolved(log, Version(number=1))).metadata
    assert (found.next_version_id, found.next_update) == (log[1].version_id, found.created + 10_000)
    assert found.updated == found.created
    assert (await resolved(log)).metadata.next_update is None


async def test_witnesses_approve():
    log = [genesis(witness(2))]
    log.append(next_entry(log[0], key(1), second(1)))
    one, two = (entry.version_id for entry in log)
    both = [key(11), key(12)]
    assert (await resolved(log, witnesses=approvals({two: both}))).metadata.others["witness"]
    await resolved(log, witnesses=approvals({one: [key(11)], two: both}))
    for held in (
        approvals({one: both}),
        approvals({two: [key(11)]}),
        approvals({one: both, two: [key(11)]}),
        approvals({two: [key(11), key(11)]}),
        approvals({two: [key(11), key(13)]}),
        approvals({"3-" + multihash(b"later"): both}),
        b"",
        b"{}",
        b"[1]",
        b"not json",
        None,
    ):
        await refused(log, witnesses=held, match=r"entry [12]: too few")


async def test_a_proof_for_an_unknown_entry_approves_nothing():
    log = [genesis(witness(1, of=1))]
    elsewhere = approvals({"9-" + multihash(b"x"): [key(11)]})
    await refused(log, witnesses=elsewhere, match="too few")


WITNESS, STRANGER = key(11), key(9)


def by(body, fragment):
    return f"did:key:{body.public.multikey}#{fragment.public.multikey}"


@pytest.mark.parametrize(
    ("signer", "members"),
    [
        (WITNESS, {"cryptosuite": "ecdsa-jcs-2019"}),
        (WITNESS, {"type": "Ed25519Signature2020"}),
        (WITNESS, {"proofPurpose": "authentication"}),
        (WITNESS, {"expires": "2025-06-01T00:00:00Z"}),
        (WITNESS, {"previousProof": "urn:uuid:1"}),
        (WITNESS, {"verificationMethod": f"did:key:{WITNESS.public.multikey}"}),
        (STRANGER, {}),
        (STRANGER, {"verificationMethod": by(STRANGER, WITNESS)}),
        (STRANGER, {"verificationMethod": by(WITNESS, STRANGER)}),
        (STRANGER, {"verificationMethod": by(WITNESS, WITNESS)}),
        (WITNESS, {"verificationMethod": by(STRANGER, STRANGER)}),
    ],
)
async def test_a_witness_proof_of_another_kind_counts_for_nothing(signer, members):
    log = [genesis(witness(1, of=1))]
    proof = proof_of({"versionId": log[0].version_id}, signer, **members)
    held = orjson.dumps([{"versionId": log[0].version_id, "proof": [proof]}])
    await refused(log, witnesses=held, match="too few")
    await resolved(log, witnesses=approvals({log[0].version_id: [WITNESS]}))


async def test_a_replacement_governs_only_what_follows():
    log = [genesis(witness(1, of=1))]
    new = {"witness": {"threshold": 1, "witnesses": [WITNESSES[1]]}}
    log.append(next_entry(log[0], key(1), second(1), new))
    log.append(next_entry(log[1], key(1), second(2), {"witness": {}}))
    log.append(next_entry(log[2], key(1), second(3)))
    ids = [entry.version_id for entry in log]
    await resolved(log, witnesses=approvals({ids[1]: [key(11)], ids[2]: [key(12)]}))
    await resolved(log, witnesses=approvals({ids[3]: [key(11), key(12)]}))
    await refused(log, witnesses=approvals({ids[3]: [key(12)]}), match="entry 1")
    await refused(log, witnesses=approvals({ids[2]: [key(11)]}), match="entry 3")
    short = approvals({ids[0]: [key(11)], ids[2]: [key(12)]})
    await refused(log, witnesses=short, match="entry 2")
    assert (await resolved(log, Version(number=1), witnesses=short)).document is not None


async def test_a_first_list_governs_its_own_entry():
    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(1), witness(1, of=1)))
    await refused(log, witnesses=b"[]", match="entry 2")
    await resolved(log, witnesses=approvals({log[1].version_id: [key(11)]}))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"versionId":"1"}',
        b'{"versionId":NaN}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
)
async def test_lines_that_are_no_entries(line):
    from tests.webvh import LOG_URL, Pages, method_over

    method = method_over(Pages({LOG_URL: line + b"\n"}))
    with pytest.raises(ResolutionError) as caught:
        await method.load(did_of([genesis()]), None)
    assert caught.value.code is ErrorCode.INVALID_DID_DOCUMENT


async def test_a_name_written_twice():
    from tests.webvh import LOG_URL, Pages, method_over

    line = genesis().line.replace(b'"parameters":', b'"state":{},"parameters":')
    spaced = (
        json.dumps(genesis().entry)
        .encode()
        .replace(b'"parameters": ', b'"state": {}, "parameters": ')
    )
    for each in (
        line,
        spaced,
        spaced.replace(b'"state": {}', b'"state": {"a, b": 1, "a,b": 2, "a, b": 1}'),
    ):
        with pytest.raises(ResolutionError, match="twice"):
            await method_over(Pages({LOG_URL: each})).load(did_of([genesis()]), None)


async def test_lines_with_a_space_after_colon_and_comma():
    from tests.webvh import LOG_URL, Pages, method_over

    for note in ("plain", 'a, b": c', "ü", "\\, "):
        log = [genesis(note=note, other={"x, y": [1, 2], 'z": ': None})]
        method = method_over(Pages({LOG_URL: json.dumps(log[0].entry).encode()}))
        assert (await method.load(did_of(log), None)).log.fault is None


async def test_lines_with_other_whitespace_and_ends():
    from tests.webvh import LOG_URL, Pages, method_over

    log = [genesis()]
    log.append(next_entry(log[0], key(1), second(1)))
    spaced = b"\r\n".join(
        orjson.dumps(entry.entry, option=orjson.OPT_INDENT_2).replace(b"\n", b" ") for entry in log
    )
    method = method_over(Pages({LOG_URL: spaced}))
    state = await method.load(did_of(log), None)
    assert len(state.log.versions) == 2
