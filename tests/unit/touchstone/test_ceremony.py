"""The ceremony: keys that were read back and that signed, before anything depends on one."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from resolver.signing import PrivateKey
from touchstone.cli import main


def run(*arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["keys", "ceremony", *arguments], input=said)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    folder = tmp_path / "ceremony"
    assert run("ministry", "watch", "--into", str(folder), "--yes").exit_code == 0
    return folder


def test_each_holder_has_a_key_that_signed_and_the_record_has_no_secret(held: Path) -> None:
    record = (held / "ceremony.json").read_text()
    for name, entry in zip(("ministry", "watch"), json.loads(record)["keys"], strict=True):
        file = held / f"{name}.jwk"
        assert file.stat().st_mode & 0o777 == 0o600
        secret = json.loads(file.read_text())
        assert secret["d"] not in record
        key = PrivateKey.from_jwk(secret)
        assert entry["thumbprint"] == key.public.thumbprint
        assert entry["did"] == f"did:key:{key.public.multikey}"


def test_the_record_is_checked_by_anyone_and_the_keys_by_their_holders(held: Path) -> None:
    (held / "watch.jwk").unlink()
    result = run("--check", str(held), "--json")
    assert result.exit_code == 0
    tested = {each["holder"]: each["tested"] for each in json.loads(result.stdout)["keys"]}
    assert tested == {"ministry": "now", "watch": "at the ceremony"}


@pytest.mark.parametrize(
    "member", ["holder", "did", "thumbprint", "multikey", "challenge", "signature"]
)
def test_a_record_that_was_changed_is_found_out(held: Path, member: str) -> None:
    record = json.loads((held / "ceremony.json").read_text())
    ministry, watch = record["keys"]
    ministry[member] = watch[member]
    (held / "ceremony.json").write_text(json.dumps(record))
    assert run("--check", str(held)).exit_code == 1


def test_a_key_that_was_exchanged_is_found_out(held: Path) -> None:
    (held / "ministry.jwk").write_text((held / "watch.jwk").read_text())
    result = run("--check", str(held))
    assert result.exit_code == 1
    assert "not the key of the record" in result.stderr


def test_nobody_signs_for_who_is_not_here(tmp_path: Path) -> None:
    folder = tmp_path / "ceremony"
    result = run("ministry", "watch", "--into", str(folder), said="y\nn\n")
    assert result.exit_code == 4
    assert not (folder / "watch.jwk").exists()
    assert not (folder / "ceremony.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ministry",),
        ("--into", "x"),
        ("../ministry", "--into", "x"),
        ("a", "a", "--into", "x"),
        ("a", "--check", "x"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 4


def test_a_folder_with_something_in_it_is_left_alone(held: Path) -> None:
    before = (held / "ministry.jwk").read_text()
    assert run("ministry", "--into", str(held), "--yes").exit_code == 4
    assert (held / "ministry.jwk").read_text() == before
