from pathlib import Path

import pytest

from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LISTEN", "DATA", "CONFIG", "ORIGIN"):
        monkeypatch.delenv(f"TOUCHSTONE_{name}", raising=False)


def test_defaults_are_safe() -> None:
    settings = Settings.load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.fetch_policy.allow_loopback is False
    assert settings.fetch_policy.hosts == {}
    assert settings.max_body_bytes == 1_000_000
    assert settings.audience == "http://127.0.0.1:8080"


def test_variables_win_over_the_file_and_arguments_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "touchstone.toml"
    file.write_text(
        'listen = "127.0.0.1:1"\nmax_claims = 7\n[fetch_hosts]\n"a.example" = "127.0.0.1:9"\n'
    )
    monkeypatch.setenv("TOUCHSTONE_CONFIG", str(file))
    monkeypatch.setenv("TOUCHSTONE_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("TOUCHSTONE_MAX_CLAIMS", "8")
    settings = Settings.load(listen="127.0.0.1:3")
    assert (settings.port, settings.max_claims) == (3, 8)
    assert settings.fetch_policy.hosts == {"a.example": ("127.0.0.1", 9)}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "TOUCHSTONE_LISTN",
            "x",
            "TOUCHSTONE_LISTN is no setting; did you mean TOUCHSTONE_LISTEN?",
        ),
        ("TOUCHSTONE_FETCH_ALOW_LOOPBACK", "1", "TOUCHSTONE_FETCH_ALLOW_LOOPBACK?"),
        ("TOUCHSTONE_LISTEN", "8080", "TOUCHSTONE_LISTEN: "),
        ("TOUCHSTONE_LISTEN", "127.0.0.1:99999", "host:port"),
        ("TOUCHSTONE_ORIGIN", "registry.example", "origin"),
        ("TOUCHSTONE_ORIGIN", "https://registry.example/", "slash"),
        ("TOUCHSTONE_ORIGIN", "https://registry.example/path", "origin alone"),
        ("TOUCHSTONE_MAX_BODY_BYTES", "0", "TOUCHSTONE_MAX_BODY_BYTES: "),
        ("TOUCHSTONE_BODY_TIMEOUT_S", "soon", "TOUCHSTONE_BODY_TIMEOUT_S: "),
        ("TOUCHSTONE_FETCH_HOSTS", "{", "cannot be read"),
        ("TOUCHSTONE_RESOLVER_WATCHERS", '["http://w.example"]', "https URL"),
        ("TOUCHSTONE_RESOLVER_WATCHERS", '["https://w.example/?a"]', "without query"),
        ("TOUCHSTONE_RESOLVER_TOLERATED", '["a b"]', "TOUCHSTONE_RESOLVER_TOLERATED"),
        ("TOUCHSTONE_CONFIG", "/nowhere/at/all.toml", "is no file"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert words in str(raised.value)


def test_the_file_refuses_what_is_misspelt_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "touchstone.toml"
    monkeypatch.setenv("TOUCHSTONE_CONFIG", str(file))
    file.write_text("max_claim = 7\n")
    with pytest.raises(SettingsError, match="max_claim is no setting; did you mean max_claims"):
        Settings.load()
    file.write_text("max_claims = = 7\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.load()


def test_every_limit_on_credentials_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "MAX_BODY_BYTES": ("2048", "max_bytes", 2048),
        "MAX_JSON_DEPTH": ("9", "max_depth", 9),
        "MAX_DATA_URI_DEPTH": ("1", "max_data_uri_depth", 1),
        "MAX_PROOFS": ("2", "max_proofs", 2),
        "MAX_DISCLOSURES": ("3", "max_disclosures", 3),
        "MAX_CREDENTIALS": ("4", "max_credentials", 4),
        "CREDENTIAL_TIMEOUT_S": ("5", "max_seconds", 5.0),
        "KEY_BINDING_AGE_S": ("6", "max_key_binding_age_seconds", 6.0),
    }
    for name, (text, _, _) in given.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name}", text)
    limits = Settings.load().credential_limits
    for _, field, value in given.values():
        assert getattr(limits, field) == value, field
