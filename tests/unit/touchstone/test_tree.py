import io
from collections.abc import Mapping

from rich.console import Console

from resolver.strict_json import Json
from touchstone.cli.tree import decision_tree

STEP: dict[str, Json] = {
    "kind": "authorisation",
    "authority": {"did": "did:web:irma.example", "name": "IRMA"},
    "entity": {"did": "did:web:scs.example", "name": "SCS"},
    "action": "issue",
    "scope": {"commodity": ["hs:2603"], "country": {"except": ["RU"]}},
    "valid_from": "2026-01-20T00:00:00Z",
    "valid_until": None,
    "recorded_at": "2026-01-21T00:00:00Z",
    "outcome": "authorised",
    "reason": "AUTHORISED",
    "at": "2026-01-20T12:00:00Z",
    "recorded_later": True,
}
ANSWER: dict[str, Json] = {
    "outcome": "authorised",
    "reason": "AUTHORISED",
    "message": "SCS is authorised for this claim by IRMA.",
    "issuer": {"did": "did:web:scs.example", "name": "SCS"},
    "question": {
        "action": "issue",
        "claim": {
            "commodity": ["hs:2603", "hs:2605"],
            "country": {"value": "CD", "source": "register"},
        },
        "at": "2026-01-20T12:00:00Z",
        "basis": "asked",
        "known_at": "2026-02-01T00:00:00Z",
    },
    "chain": [STEP],
    "fresh_until": "2026-01-20T12:05:00Z",
    "journal": {"size": 60, "root": "ab" * 32},
    "framework": {"name": "Test framework", "version": 2},
}


def drawn(answer: Mapping[str, Json]) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(decision_tree(answer))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_yes_says_who_by_whom_scope_time_and_reason() -> None:
    text = drawn(ANSWER)
    for words in (
        "✓ authorised  AUTHORISED",
        "SCS is authorised for this claim by IRMA.",
        "who: SCS (did:web:scs.example)",
        "issue: commodity hs:2603, hs:2605; country CD",
        "when: 2026-01-20T12:00:00Z (as asked), as known at 2026-02-01T00:00:00Z",
        "IRMA authorises SCS to issue",
        "scope: commodity hs:2603; country anything but RU",
        "2026-01-20 to further notice",
        "recorded later (2026-01-21)",
        "fresh until: 2026-01-20T12:05:00Z",
        "Test framework, version 2",
        "60 entries, root abababababababab…",
    ):
        assert words in text


def test_a_no_says_what_was_missing() -> None:
    gap: Json = {"dimension": "commodity", "claimed": "hs:2605", "allowed": ["hs:2603"]}
    failing: Json = {**STEP, "outcome": "not_authorised", "reason": "OUT_OF_SCOPE"}
    text = drawn(
        {
            **ANSWER,
            "outcome": "not_authorised",
            "reason": "OUT_OF_SCOPE",
            "chain": [],
            "nearest_miss": [failing],
            "missing": [gap],
            "warnings": [{"text": "A suspend act stands against the issuer."}],
            "reservation": "bc-permits",
        }
    )
    assert "✗ not authorised  OUT_OF_SCOPE" in text
    assert "✗ not authorised  OUT_OF_SCOPE  IRMA authorises SCS to issue" in text
    assert "missing: commodity: hs:2605, where hs:2603 is due" in text
    assert "warning: A suspend act stands against the issuer." in text
    assert "bc-permits" in text


def test_undetermined_has_its_own_mark_and_word() -> None:
    assert "? undetermined" in drawn({**ANSWER, "outcome": "undetermined"})


def test_several_claims_are_told_apart() -> None:
    part: Json = {**ANSWER, "claim": {"commodity": "hs:2605"}, "outcome": "not_authorised"}
    text = drawn({**ANSWER, "parts": [part]})
    assert "what: commodity hs:2605" in text


def test_a_credential_shows_its_checks_and_claims() -> None:
    text = drawn(
        {
            "outcome": "undetermined",
            "reason": "CREDENTIAL_UNDETERMINED",
            "message": "m",
            "issued_by": {"did": None, "id": "did:web:x.example", "name": None},
            "credential": {"types": ["DigitalProductPassport"], "valid_from": None},
            "checks": [
                {"id": "proof", "outcome": "passed", "message": "holds", "warnings": ["as sets"]},
                {"id": "status", "outcome": "undetermined", "message": "cannot be read"},
                {"id": "untp", "outcome": "skipped", "message": "none"},
            ],
            "claims": [
                {
                    "text": "copper from Ridgeline",
                    "attested": False,
                    "decision": {
                        "outcome": "authorised",
                        "reason": "AUTHORISED",
                        "at": "2026-01-01T00:00:00Z",
                        "basis": "asserted",
                        "message": "n",
                        "chain": [STEP],
                    },
                }
            ],
        }
    )
    for words in (
        "issued by: did:web:x.example, not known here",
        "✓ passed  proof  holds",
        "! as sets",
        "? undetermined  status  cannot be read",
        "- skipped  untp",
        "copper from Ridgeline  (self-declared)",
        "2026-01-01T00:00:00Z (by the issuer's own word)",
        "dated: not said",
    ):
        assert words in text


def test_nothing_that_others_wrote_moves_the_terminal() -> None:
    text = drawn({**ANSWER, "message": "x\x1b[2Jy\x07\r[red]z[/red]"})
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "x\ufffd[2Jy\ufffd\ufffd[red]z[/red]" in text


def test_an_answer_with_members_of_another_kind_is_still_drawn() -> None:
    assert "authorised" in drawn(
        {"outcome": "authorised", "chain": "x", "question": [1], "parts": {}}
    )
