"""The log's key in a real SoftHSM token: it signs there, and checkpoints are the same."""

import asyncio
import gc
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from resolver.methods.key import KeyMethod
from resolver.resolution import Resolver
from tests.unit.trust_registry.board import ORIGIN, START, Board, open_board, party
from touchstone.cli import main
from touchstone.service.errors import SettingsError
from touchstone.service.log_keys import log_keys
from touchstone.service.settings import Settings
from trust_registry.log.errors import InvalidKeyTextError, KeyUnavailableError
from trust_registry.log.keys import KeyKind, SigningKey, VerifierKey, open_checkpoint
from trust_registry.log.publisher import log_origin
from trust_registry.log.tokens import TokenAddress, TokenKey
from trust_registry.registry import Registry, open_registry

ROOT = Path(__file__).resolve().parents[4]
NAME = log_origin(ORIGIN)
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
# A session that was taken away complains when the library lets go of it.
gone = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PQ = SigningKey.from_seed(NAME, KeyKind.ML_DSA_44, b"p" * 32)


class Token(NamedTuple):
    """A token that exists for this run of the tests alone, and the address of a key in it."""

    address: str
    pin: Path

    def at(self, label: str) -> TokenAddress:
        return TokenAddress.parse(self.address.replace("object=log", f"object={label}"))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """One token for all: the library reads its configuration once a process."""
    if shutil.which("softhsm2-util") is None or not Path(MODULE).exists():
        if os.environ.get("REQUIRE_VECTORS"):
            pytest.fail("softhsm2 is missing: make system installs it")
        pytest.skip("softhsm2 is missing: make system installs it")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    command = ("softhsm2-util", "--init-token", "--free", "--label", "registry")
    subprocess.run([*command, "--so-pin", "12345678", "--pin", "87654321"], check=True)
    pin = folder / "pin"
    pin.write_text("87654321\n")
    pin.chmod(0o600)
    query = f"module-path={MODULE}&pin-source=file:{pin}"
    return Token(f"pkcs11:token=registry;object=log?{query}", pin)


async def opened(path: Path, board: Board, settings: Settings) -> Registry:
    return await open_registry(
        path,
        clock=board.clock,
        resolver=Resolver({"key": KeyMethod()}, board.clock),
        origin=ORIGIN,
        log_keys=await asyncio.to_thread(log_keys, settings),
    )


async def test_a_token_makes_a_key_and_signs_checkpoints(token: Token, tmp_path: Path) -> None:
    arguments = ["keys", "log", NAME, "--pkcs11", token.address, "--json"]
    made = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert made.exit_code == 0, made.output
    (text,) = json.loads(made.stdout)["keys"]
    public = VerifierKey.parse(text)
    again = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert (again.exit_code, "already" in again.output) == (4, True)
    board = await open_board(tmp_path / "journal.sqlite")
    await board.registry.close()
    second = tmp_path / "second.key"
    await asyncio.to_thread(second.write_text, PQ.secret_text())
    await asyncio.to_thread(second.chmod, 0o600)
    settings = Settings(origin=ORIGIN, log_pkcs11=token.address, log_key_file=second)
    board.registry = await opened(tmp_path / "journal.sqlite", board, settings)
    await board.act("irma", party("auditor"))
    publisher = board.registry.publisher
    assert publisher is not None
    await publisher.settle()
    assert publisher.latest is not None
    for key in (public, PQ.public):
        assert open_checkpoint(publisher.latest.note, [key]).size == 2
    await board.registry.close()


@gone
def test_a_token_that_was_away_is_asked_again(token: Token) -> None:
    key = TokenKey.create(NAME, token.at("away"), "87654321")
    assert key._session is not None
    key._session.close()
    signature = key.sign("text\n", START)
    assert key.public.verify("text\n", signature) is None
    gc.collect()


def test_what_cannot_sign_says_so(token: Token) -> None:
    TokenKey.create(NAME, token.at("there"), "87654321")
    for address in (
        token.at("nowhere"),
        TokenAddress(MODULE, "another", "there", ""),
        TokenAddress("/no/such/module.so", "registry", "there", ""),
    ):
        with pytest.raises(KeyUnavailableError):
            TokenKey(NAME, address, "87654321")
    with pytest.raises(InvalidKeyTextError):
        TokenKey("a name", token.at("there"), "87654321")


async def test_a_wrong_pin_makes_no_key(token: Token, tmp_path: Path) -> None:
    """In a process of its own: in this one somebody has logged in already."""
    wrong = tmp_path / "pin"
    await asyncio.to_thread(wrong.write_text, "11111111")
    await asyncio.to_thread(wrong.chmod, 0o600)
    address = token.address.replace(str(token.pin), str(wrong)).replace("=log", "=wrong")
    command = "from touchstone.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", command, "keys", "log", NAME, "--pkcs11", address),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert (process.returncode, b"PinIncorrect" in said) == (4, True), said


@gone
async def test_while_the_token_is_away_acts_are_recorded_and_signed_for_later(
    token: Token, tmp_path: Path
) -> None:
    board = await open_board(tmp_path / "journal.sqlite")
    await board.registry.close()
    await asyncio.to_thread(TokenKey.create, NAME, token.at("sometimes"), "87654321")
    address = token.address.replace("object=log", "object=sometimes")
    settings = Settings(origin=ORIGIN, log_pkcs11=address)
    board.registry = await opened(tmp_path / "journal.sqlite", board, settings)
    publisher = board.registry.publisher
    assert publisher is not None
    key = publisher._keys[0]
    assert isinstance(key, TokenKey)
    assert key._session is not None
    await asyncio.to_thread(key._session.close)
    there, key._address = key._address, token.at("gone")
    await board.act("irma", party("one"))
    await publisher.settle()
    assert publisher.failure is None
    assert publisher.latest is not None
    assert publisher.latest.checkpoint.size == 1
    key._address = there
    await board.act("irma", party("two"))
    await publisher.settle()
    assert publisher.latest.checkpoint.size == 3
    await board.registry.close()
    gc.collect()


def test_a_pin_that_everybody_may_read_is_refused(token: Token) -> None:
    token.pin.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody"):
        log_keys(Settings(origin=ORIGIN, log_pkcs11=token.address))
    token.pin.chmod(0o600)


def test_an_address_is_read_strictly() -> None:
    good = "pkcs11:token=my%20token;object=log?module-path=/lib/x.so&pin-source=file:/run/pin"
    assert TokenAddress.parse(good) == TokenAddress("/lib/x.so", "my token", "log", "/run/pin")
    for bad in (
        "",
        "pkcs11:",
        good.replace("pkcs11", "pkcs12"),
        good.replace("token=", "serial="),
        good.replace(";object=log", ""),
        good.replace("object=log", "object="),
        good + "&pin-value=1234",
        good.replace(";object=log", ";object=log;object=other"),
        good.replace("?module-path=/lib/x.so&", ";module-path=/lib/x.so?"),
    ):
        with pytest.raises(InvalidKeyTextError):
            TokenAddress.parse(bad)
