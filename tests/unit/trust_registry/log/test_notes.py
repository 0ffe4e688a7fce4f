"""Notes, keys, checkpoints, cosignatures, policies and proof files: published cases and laws."""

import json
from base64 import b64decode
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.instant import SECOND, Instant
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import (
    InvalidCheckpointError,
    InvalidKeyTextError,
    InvalidNoteError,
    InvalidPolicyError,
    InvalidProofError,
    LogError,
    UntrustedNoteError,
)
from trust_registry.log.keys import (
    KeyKind,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    verify_note,
)
from trust_registry.log.notes import Note, NoteSignature, parse_signatures
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import ProofFile

AT = Instant(1_790_000_000 * SECOND)
TEXT = str(Checkpoint("registry.test/log", 5, bytes(32)))


def key(kind: KeyKind, name: str = "registry.test/log", seed: int = 1) -> SigningKey:
    return SigningKey.from_seed(name, kind, bytes([seed]) * 32)


@pytest.mark.parametrize("kind", KeyKind)
def test_each_kind_signs_and_verifies(kind: KeyKind) -> None:
    signing = key(kind)
    assert SigningKey.parse(signing.secret_text()).public == signing.public
    assert VerifierKey.parse(str(signing.public)) == signing.public
    note = Note(TEXT, (signing.sign(TEXT, AT),))
    (verified,) = verify_note(Note.parse(str(note).encode()), [signing.public])
    assert verified.made_at == (None if kind is KeyKind.ED25519 else AT)
    assert "\\x01\\x01" not in repr(signing)


@given(st.sampled_from(KeyKind), st.data())
def test_no_other_bytes_verify(kind: KeyKind, data: st.DataObject) -> None:
    signing = key(kind)
    signature = signing.sign(TEXT, AT)
    at = data.draw(st.integers(0, len(signature.value) - 1))
    value = bytearray(signature.value)
    value[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(UntrustedNoteError):
        signing.public.verify(TEXT, NoteSignature(signature.name, signature.key_id, bytes(value)))


def test_another_text_another_kind_and_another_name_do_not_verify() -> None:
    for kind in KeyKind:
        signature = key(kind).sign(TEXT, AT)
        with pytest.raises(UntrustedNoteError):
            key(kind).public.verify(str(Checkpoint("registry.test/log", 6, bytes(32))), signature)
        for other in (key(kind, "other.test"), key(kind, seed=2)):
            with pytest.raises(UntrustedNoteError):
                other.public.verify(TEXT, signature)
            with pytest.raises(UntrustedNoteError):
                verify_note(Note(TEXT, (signature,)), [other.public])


def test_a_key_that_no_log_could_have_is_refused() -> None:
    for text in ("", "PRIVATE+KEY+", "a+b", "a b+00000000+AQ==", str(key(KeyKind.ED25519).public)):
        with pytest.raises(InvalidKeyTextError):
            SigningKey.parse(text)
    for name in ("", "two words", "a+b", "x" * 256, "a\u00a0b"):
        with pytest.raises(InvalidKeyTextError):
            SigningKey.generate(name, KeyKind.ED25519)


def test_a_checkpoint_of_another_origin_is_not_opened() -> None:
    text = str(Checkpoint("other.test/log", 5, bytes(32)))
    signing = key(KeyKind.ED25519)
    with pytest.raises(InvalidCheckpointError):
        open_checkpoint(Note(text, (signing.sign(text, AT),)), [signing.public])


def test_a_note_has_a_bound() -> None:
    line = str(key(KeyKind.ED25519).sign(TEXT, AT))
    assert len(parse_signatures(line * 100)) == 100
    with pytest.raises(InvalidNoteError):
        parse_signatures(line * 101)
    with pytest.raises(InvalidNoteError):
        Note.parse(b"x" * 600_000)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_and_never_more(data: bytes) -> None:
    for parse in (Note.parse, ProofFile.parse, Policy.parse):
        try:
            parse(data)
        except LogError:
            continue


def test_published_notes(vectors: Path) -> None:
    for case in json.loads((vectors / "governance/note/notes.json").read_text())["cases"]:
        data, keys = b64decode(case["note_b64"]), [VerifierKey.parse(k) for k in case["vkeys"]]
        if case["expect"] == "accept":
            note = Note.parse(data)
            assert verify_note(note, keys), case["id"]
            assert str(note).encode() == data
        else:
            with pytest.raises((InvalidNoteError, UntrustedNoteError)):
                verify_note(Note.parse(data), keys)


def test_published_keys(vectors: Path) -> None:
    for case in json.loads((vectors / "governance/note/vkeys.json").read_text())["cases"]:
        if "accept" in (case["expect"], case["go_x_mod_sumdb_note"]):
            VerifierKey.parse(case["vkey"])
        else:
            with pytest.raises(InvalidKeyTextError):
                VerifierKey.parse(case["vkey"])


def test_published_checkpoints(vectors: Path) -> None:
    file = vectors / "governance/tlog/checkpoint-parse.json"
    for case in json.loads(file.read_text())["cases"]:
        vkey, body = VerifierKey.parse(case["vkey"]), b64decode(case["body_b64"]).decode()
        if case["expect"] == "accept":
            note = Note.parse(b64decode(case["note_b64"]))
            assert str(open_checkpoint(note, [vkey])) == body == note.text
        else:
            with pytest.raises(LogError):
                open_checkpoint(Note.parse(b64decode(case["note_b64"])), [vkey])
            with suppress(InvalidCheckpointError):
                assert not Checkpoint.parse(body).possible, case["id"]


def test_published_cosignatures(vectors: Path) -> None:
    file = vectors / "governance/tlog/cosignatures.json"
    for case in json.loads(file.read_text())["cases"]:
        note = Note.parse(case["checkpoint"].encode())
        open_checkpoint(note, [VerifierKey.parse(case["log_vkey"])])
        cosigner = VerifierKey.parse(case["cosigner_vkey"])
        (signature,) = parse_signatures(case["line"])
        if case["expect"] == "accept":
            assert cosigner.verify(note.text, signature) == case["timestamp"] * SECOND
        else:
            assert not cosigner.made(signature)


def test_published_proof_files(vectors: Path) -> None:
    file = vectors / "governance/tlog/tlog-proofs.json"
    for case in json.loads(file.read_text())["cases"]:
        policy, leaf = Policy.parse(case["policy"].encode()), b64decode(case["leaf_b64"])
        if case["expect"] == "accept":
            proof = ProofFile.parse(case["proof"].encode())
            assert str(proof) == case["proof"]
            assert proof.verify(leaf, policy).checkpoint.size > proof.index
        else:
            with pytest.raises(LogError):
                ProofFile.parse(case["proof"].encode()).verify(leaf, policy)


W1, W2, W3 = (key(KeyKind.COSIGNATURE, f"w{n}.test", n).public for n in (1, 2, 3))
LOG = key(KeyKind.ED25519, seed=9).public
POLICY = f"""# who is believed
log {LOG} https://registry.test/log
witness W1 {W1}
witness\tW2  {W2} https://w2.test/
witness W3 {W3}
group A any W1 W2
group Q 2 A W3
quorum Q
"""


def test_a_quorum_counts_groups_and_not_heads() -> None:
    policy = Policy.parse(POLICY.encode())
    assert policy.logs == {LOG: "https://registry.test/log"}
    assert policy.witnesses["W2"].url == "https://w2.test/"
    assert policy.met([W1, W3])
    assert policy.met([W2, W3])
    assert not policy.met([W1, W2])
    assert not policy.met([])
    assert Policy.of_log(LOG).met([])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quorum Q\n", ""),
        ("quorum Q", "quorum Q\nquorum Q"),
        ("quorum Q", "quorum nobody"),
        ("2 A W3", "3 A W3"),
        ("2 A W3", "0 A W3"),
        ("2 A W3", "02 A W3"),
        ("2 A W3", "2 A W1"),
        ("2 A W3", "2 A none"),
        ("any W1 W2", "any"),
        ("group A", "group none"),
        ("group A", "group W1"),
        ("witness W3", "witness W1"),
        (str(W3), str(W1)),
        (str(W3), str(LOG)),
        (str(LOG), str(W1)),
        ("witness W3", "observer W3"),
        ("# who", "# \x01who"),
    ],
)
def test_a_policy_that_is_not_clear_is_refused(old: str, new: str) -> None:
    assert POLICY.count(old) >= 1
    with pytest.raises(InvalidPolicyError):
        Policy.parse(POLICY.replace(old, new, 1).encode())


def test_a_proof_file_carries_what_it_proves() -> None:
    note = Note(TEXT, (key(KeyKind.ED25519).sign(TEXT, AT),))
    proof = ProofFile(3, (bytes(32), bytes(32)), note, b"entry")
    assert ProofFile.parse(str(proof).encode()) == proof
    for wrong in ("index 03", "index", "index -1", "Index 3", "index 3 "):
        with pytest.raises(InvalidProofError):
            ProofFile.parse(str(proof).replace("index 3", wrong).encode())
