"""Linting: what a governance framework allows that its authors may not have meant. Pure."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from policies.framework import Framework, Rule
from policies.quorum import FRAMEWORK_ACT, voters
from resolver.instant import DAY

_PUBLIC = ("adopt_framework", "add_anchor", "rescope_anchor")
"""Acts that give power: the public should have time to object."""
_LONG_EMERGENCY = 30 * DAY
_LONG_STALENESS = DAY


class Weight(StrEnum):
    """How serious a finding is."""

    WRONG = "wrong"
    RISKY = "risky"
    NOTE = "note"


class Finding(NamedTuple):
    """Something to think about before a framework is signed.

    Attributes:
        weight: how serious it is.
        where: the member of the document, as a dotted path.
        text: what it allows, in one sentence.
    """

    weight: Weight
    where: str
    text: str


def lint(framework: Framework, acts: Iterable[str]) -> Iterator[Finding]:
    """Return what is worth a second thought.

    Args:
        framework: it.
        acts: every kind of act that a board may decide.
    """
    for act in acts:
        rule = framework.rules.get(act)
        if rule is None:
            yield Finding(Weight.NOTE, "rules", f"Nobody can ever decide on {act}.")
        else:
            yield from _of_rule(framework, act, rule)
    yield from _of_framework(framework)


def _of_rule(framework: Framework, act: str, rule: Rule) -> Iterator[Finding]:
    votes, where = voters(framework), f"rules.{act}"
    needed = max(1, ceil(rule.share * len(votes)))
    for seat, minimum in rule.minimum.items():
        seats = sum(each.seat == seat for each in votes)
        least = minimum if isinstance(minimum, int) else max(1, ceil(minimum * seats))
        if least > seats:
            text = f"{act} can never be decided: it needs {least} of {seat}, which has {seats}."
            yield Finding(Weight.WRONG, f"{where}.minimum", text)
        elif least == seats:
            text = f"Each single member of {seat} can block {act}."
            yield Finding(Weight.NOTE, f"{where}.minimum", text)
    if max(needed, len(rule.minimum)) == 1:
        text = f"One member alone decides {act}."
        yield Finding(Weight.RISKY, f"{where}.share", text)
    if needed == len(votes) > 1:
        text = f"Each single member can block {act}."
        yield Finding(Weight.RISKY, f"{where}.share", text)
    if act in _PUBLIC and not rule.waiting_ms:
        text = f"{act} takes effect with its last vote: nobody has time to object."
        yield Finding(Weight.RISKY, f"{where}.waiting", text)
    change = framework.rules[FRAMEWORK_ACT]
    if rule.share > change.share:
        text = f"It is easier to change the framework than to decide {act}."
        yield Finding(Weight.RISKY, f"{where}.share", text)


def _of_framework(framework: Framework) -> Iterator[Finding]:
    if framework.operator is None:
        text = "It does not say who runs the registry, and so not who has no vote."
        yield Finding(Weight.NOTE, "operator", text)
    for member in framework.members:
        if len(member.keys) == 1:
            text = f"{member.name} has one key: if it is lost, the board must recover it."
            yield Finding(Weight.NOTE, "members", text)
    if framework.emergency_ms > _LONG_EMERGENCY:
        text = "One member's suspension holds for more than 30 days."
        yield Finding(Weight.RISKY, "emergency", text)
    if framework.max_staleness_ms > _LONG_STALENESS:
        text = "A suspension may take more than a day to reach everybody."
        yield Finding(Weight.RISKY, "max_staleness", text)
    if framework.act_lifetime_ms is None:
        text = "It does not say for how long a signed act is good: only the registry bounds that."
        yield Finding(Weight.NOTE, "act_lifetime", text)
    if not framework.applications:
        text = "Nobody who has no seat can apply: a member must propose everybody."
        yield Finding(Weight.NOTE, "applications", text)
