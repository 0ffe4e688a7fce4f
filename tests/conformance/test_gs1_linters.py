"""The dictionary's own unit tests of its linters, verdict, rule and place."""

import json
from pathlib import Path

from link_resolver.gs1.linters import LINTERS


def rule(error: str) -> str:
    return error.removeprefix("GS1_LINTER_").lower().replace("_", "-")


def test_every_linter_gives_the_recorded_verdict_rule_and_place(vectors: Path) -> None:
    cases = json.loads((vectors / "gs1/vectors/linters.json").read_bytes())
    assert len(cases) == 3485
    wrong = []
    for case in cases:
        flaw = LINTERS[case["linter"]](case["data"])
        if case["ok"]:
            agrees = flaw is None
        else:
            agrees = flaw == (rule(case["error"]), case["highlight"].index("*"))
        if not agrees:
            wrong.append((case, flaw))
    assert wrong == []
