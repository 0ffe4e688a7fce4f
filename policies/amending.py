"""Amending: what changes from one version of a governance framework to another. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from policies.framework import Framework, Member, Rule
from policies.scope import Scope, written_scope

_APART = frozenset({"members", "rules", "reserved", "vocabulary", "limits", "digest", "recorded"})


def changes(old: Framework, new: Framework) -> Iterator[str]:
    """Say what a new version changes, a line a change."""
    for field in fields(Framework):
        if field.name in _APART:
            continue
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield f"{field.name}: {before} becomes {after}"
    yield from _members(old.members, new.members)
    yield from _rules(old.rules, new.rules)
    yield from _reserved(old, new)
    yield from _values("limits", old.limits, new.limits)
    for name in ("commodities", "topics", "achievements", "sources"):
        before = getattr(old.vocabulary, name)
        yield from _values(f"vocabulary.{name}", before, getattr(new.vocabulary, name))


def _values(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before != after:
            yield f"{name}.{key}: {_word(before)} becomes {_word(after)}"


def _members(old: tuple[Member, ...], new: tuple[Member, ...]) -> Iterator[str]:
    before, after = {each.did: each for each in old}, {each.did: each for each in new}
    for did, member in before.items():
        if did not in after:
            yield f"members: {member.name} ({member.seat}) loses its seat"
    for did, member in after.items():
        if did in before:
            yield from _member(before[did], member)
        else:
            yield f"members: {member.name} ({member.seat}) gets a seat"
    if [did for did in before if did in after] != [did for did in after if did in before]:
        yield "members: they are seated in another order, which says where a joint vote counts"


def _member(old: Member, new: Member) -> Iterator[str]:
    if old.name != new.name:
        yield f"members: {old.name} is called {new.name}"
    if old.seat != new.seat:
        yield f"members: {new.name} moves from {old.seat} to {new.seat}"
    if old.keys != new.keys:
        yield f"members: {new.name} has other keys"
    if old.control_group != new.control_group:
        yield f"members: {new.name} is under the control of {new.control_group}"
    if old.emergency != new.emergency:
        yield f"members: {new.name} may suspend by itself: {_scope(new.emergency)}"


def _rules(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[str]:
    for act in sorted({*old, *new}):
        before, after = old.get(act), new.get(act)
        if before != after:
            yield f"rules.{act}: {_rule(before)} becomes {_rule(after)}"


def _rule(rule: Rule | None) -> str:
    if rule is None:
        return "no rule"
    least = "".join(f", {count} of {seat}" for seat, count in rule.minimum.items())
    waits = f", after {rule.waiting_ms // 1000} s" if rule.waiting_ms else ""
    longer = f" ({rule.objected_ms // 1000} s if objected)" if rule.objected_ms else ""
    return f"{rule.share}{least}{waits}{longer}"


def _reserved(old: Framework, new: Framework) -> Iterator[str]:
    before = {each.id: each for each in old.reserved}
    after = {each.id: each for each in new.reserved}
    for id_ in sorted({*before, *after}):
        if id_ not in after:
            yield f"reserved: {id_} is reserved to nobody any more"
        elif before.get(id_) != after[id_]:
            anchors = ", ".join(sorted(str(did) for did in after[id_].anchors))
            yield f"reserved: {id_} is reserved to {anchors}, for {_scope(after[id_].scope)}"


def _scope(scope: Scope) -> str:
    stated = {n: v for n, v in written_scope(scope).items() if v != "any"}
    return ", ".join(f"{name} {value}" for name, value in stated.items()) or "every claim"


def _word(value: object) -> str:
    return "nothing" if value is None else str(value)
