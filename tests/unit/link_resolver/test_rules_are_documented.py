"""Every rule that a refusal can name stands in the reference."""

import re
from pathlib import Path

import pytest

from tests.unit.link_resolver.test_parsing import REFUSED

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    *(path for path in (ROOT / "link_resolver/gs1").glob("*.py") if path.stem != "coupons"),
    *(ROOT / "link_resolver" / f"{name}.py" for name in ("parsing", "configured", "compression")),
    *(ROOT / "link_resolver" / f"{name}.py" for name in ("schemes", "escapes")),
]
RAISED = re.compile(
    r'(?:Flaw|Violation|_error|\w+Error|_listed)\(\s*"([a-z0-9-]+)"|return "([a-z-]+)", '
)


def documented() -> set[str]:
    page = (ROOT / "docs/reference/identifiers.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z0-9-]+)`", page))


def raised(path: Path) -> set[str]:
    return {"".join(found) for found in RAISED.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_each_rule_in_the_code_is_documented(path: Path) -> None:
    assert raised(path) <= documented()


def test_each_refused_example_has_a_documented_rule() -> None:
    assert {rule for _, rule, _, _ in REFUSED} <= documented()


def test_the_rules_are_found_in_the_code() -> None:
    found = set().union(*map(raised, SOURCES))
    assert len(found) > 60
    assert {"incorrect-check-digit", "ai-excluded", "not-iso3166", "not-an-attribute"} <= found
