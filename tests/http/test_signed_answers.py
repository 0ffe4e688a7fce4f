"""An answer that is signed can be shown to others: by whom, to which question, until when."""

from pathlib import Path

import orjson
import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS, InvalidJWSSignature

from resolver.clock import FixedClock
from resolver.instant import Instant
from resolver.signing import PrivateKey
from tests.http.conftest import AUDITOR, Service
from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings
from touchstone.service.signed import answer_signer

in_session = pytest.mark.asyncio(loop_scope="session")
SIGNED = {"Accept": "application/jwt"}


async def opened(service: Service, token: bytes) -> dict:
    """The claims, by another library and the published key."""
    keys = (await service.get("/.well-known/jwks.json")).json["keys"]
    jws = JWS()
    jws.allowed_algs = ["EdDSA", "Ed25519"]
    jws.deserialize(token.decode(), JWK(**keys[0]))
    return orjson.loads(jws.payload)


@in_session
@pytest.mark.parametrize(
    "path",
    [
        f"/v1/decisions?issuer={AUDITOR}&commodity=copper",
        f"/v1/decisions?issuer={AUDITOR}&commodity=cobalt",
        f"/v1/parties/{AUDITOR}",
        "/v1/statements",
        "/v1/frameworks",
        "/v1/changes",
    ],
)
async def test_an_answer_is_signed_for_who_asks(service: Service, path: str) -> None:
    for _ in range(3):  # also once it is kept ready
        plain = await service.get(path)
        answer = await service.get(path, headers=SIGNED)
        assert answer.headers["Content-Type"] == "application/jwt"
        assert answer.headers["Vary"] == "Accept"
        assert "ETag" not in answer.headers
        claims = await opened(service, answer.body)
        assert claims["response"] == plain.json
        assert claims["request"] == {"method": "GET", "target": path}
        assert claims["iss"] == "http://127.0.0.1:8080"
        assert claims["iat"] == service.board.clock.now() // 1000
        if path.startswith("/v1/decisions"):
            assert claims["exp"] > claims["iat"]


@in_session
async def test_a_question_that_is_posted_is_signed_too(service: Service) -> None:
    question = {"issuer": AUDITOR, "claim": {"commodity": "copper"}}
    answer = await service.post("/v1/decisions", question, headers=SIGNED)
    claims = await opened(service, answer.body)
    assert claims["response"]["question"]["issuer"] == AUDITOR
    assert claims["request"]["method"] == "POST"


@in_session
async def test_a_changed_answer_does_not_verify(service: Service) -> None:
    answer = await service.get(f"/v1/decisions?issuer={AUDITOR}", headers=SIGNED)
    header, payload, signature = answer.body.split(b".")
    with pytest.raises(InvalidJWSSignature):
        await opened(service, b".".join([header, payload[:-8] + b"AAAAAAAA", signature]))


@in_session
@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/decisions?issuer=nobody", 400, "application/problem+json"),
        ("/v1/parties/did:web:nobody.example", 404, "application/problem+json"),
        ("/health", 200, "application/json"),
        ("/openapi.yaml", 200, "application/yaml"),
    ],
)
async def test_nothing_else_is_signed(service: Service, path: str, status: int, kind: str) -> None:
    answer = await service.get(path, headers=SIGNED)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)


def test_the_key_comes_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    clock = FixedClock(Instant(0))
    assert answer_signer(Settings(), clock) is None
    file = tmp_path / "answers.jwk"
    file.touch(mode=0o600)
    file.write_bytes(orjson.dumps(PrivateKey.from_seed(bytes(32)).jwk()))
    settings = Settings(answer_key_file=file)
    assert answer_signer(settings, clock) is not None
    for bad in (b"[]", b"{}", b"no json", b'{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'):
        file.write_bytes(bad)
        with pytest.raises(SettingsError, match=r"answers\.jwk"):
            answer_signer(settings, clock)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody"):
        answer_signer(settings, clock)
