"""A decision as a tree that is read from top to bottom: who, by whom, scope, time, reason.

Every mark has its word beside it; colour only repeats what the words say.
"""

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text
from rich.tree import Tree

from resolver.strict_json import Json

_MARKS: Mapping[str, tuple[str, str, str]] = {
    "authorised": ("✓", "authorised", "green"),
    "verified": ("✓", "verified", "green"),
    "not_authorised": ("✗", "not authorised", "red"),
    "undetermined": ("?", "undetermined", "yellow"),
    "passed": ("✓", "passed", "green"),
    "failed": ("✗", "failed", "red"),
    "skipped": ("-", "skipped", "dim"),
}
_BASIS: Mapping[str, str] = {
    "asked": "as asked",
    "asserted": "by the issuer's own word",
    "proved": "proved",
    "now": "now",
}
_DATE = len("2026-03-01")
_SHOWN = 4
_DIGEST = 16

Members = Mapping[str, Json]


def decision_tree(answer: Members) -> Tree:
    """Draw the answer of `/v1/decisions`, or of `/v1/credentials/verify`.

    Args:
        answer: the answer's JSON, parsed.
    """
    shown = _object(_shown(dict(answer)))
    return _credential(shown) if "checks" in shown else _decision(shown)


def presentation_tree(answer: Members) -> Tree:
    """Draw what verifying a presentation came to.

    Args:
        answer: as `touchstone verify --json` prints it, parsed.
    """
    shown = _object(_shown(dict(answer)))
    tree = Tree(_marked(str(shown.get("outcome"))), guide_style="dim")
    if shown.get("holder"):
        tree.add(_line("presented by", str(shown["holder"])))
    _add_checks(tree, shown)
    for each in _objects(shown.get("credentials")):
        branch = tree.add(_marked(str(each.get("outcome"))).append("  a credential", "bold"))
        branch.add(_line("issued by", str(each.get("issuer") or "nobody who is known")))
        _describe(branch, _object(each.get("credential")))
        _add_checks(branch, each)
    return tree


def _shown(value: Json) -> Json:
    """Replace what a terminal would obey instead of show, in all that others wrote."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return value


def _decision(answer: Members) -> Tree:
    tree = _headed(answer)
    question = _object(answer.get("question"))
    if question:
        tree.add(_line("who", _who(_object(answer.get("issuer")))))
        _add_claim(tree, _object(question.get("claim")), str(question.get("action", "")))
        tree.add(_line("when", _when(question)))
    _add_grounds(tree, answer)
    parts = _objects(answer.get("parts"))
    for part in parts:
        branch = tree.add(_headline(part))
        _add_claim(branch, _object(part.get("claim")), "")
        _add_grounds(branch, part)
    _add_horizons(tree, answer)
    return tree


def _credential(answer: Members) -> Tree:
    tree = _headed(answer)
    issuer, described = _object(answer.get("issued_by")), _object(answer.get("credential"))
    if issuer:
        tree.add(_line("issued by", _who(issuer)))
    _describe(tree, described)
    _add_checks(tree, answer)
    claims = _objects(answer.get("claims"))
    if claims:
        branch = tree.add(Text("claims"))
        for claim in claims:
            _add_credential_claim(branch, claim)
    _add_horizons(tree, answer)
    return tree


def _describe(tree: Tree, described: Members) -> None:
    if described:
        tree.add(_line("what", ", ".join(_texts(described.get("types")))))
        tree.add(_line("dated", _period(described)))


def _add_checks(tree: Tree, answer: Members) -> None:
    checks = tree.add(Text("checks"))
    for check in _objects(answer.get("checks")):
        line = _marked(str(check.get("outcome")))
        line.append(f"  {check.get('id')}", "bold").append(f"  {check.get('message')}")
        branch = checks.add(line)
        for warning in _texts(check.get("warnings")):
            branch.add(Text(f"! {warning}", style="yellow"))


def _add_credential_claim(tree: Tree, claim: Members) -> None:
    decision = _object(claim.get("decision"))
    line = _marked(str(decision.get("outcome")))
    line.append(f"  {decision.get('reason')}", "bold").append(f"  {claim.get('text')}")
    if not claim.get("attested"):
        line.append("  (self-declared)", "dim")
    branch = tree.add(line)
    branch.add(Text(str(decision.get("message", ""))))
    branch.add(_line("when", _when(decision)))
    _add_grounds(branch, decision)


def _headed(answer: Members) -> Tree:
    tree = Tree(_headline(answer), guide_style="dim")
    tree.add(Text(str(answer.get("message", ""))))
    return tree


def _headline(answer: Members) -> Text:
    return _marked(str(answer.get("outcome"))).append(f"  {answer.get('reason')}", "bold")


def _marked(outcome: str) -> Text:
    mark, words, style = _MARKS.get(outcome, ("?", outcome, ""))
    return Text(f"{mark} {words}", style=f"bold {style}".strip())


def _add_claim(tree: Tree, claim: Members, action: str) -> None:
    said = "; ".join(f"{_label(name)} {_value(value)}" for name, value in claim.items())
    what = said or "anything"
    tree.add(_line("what", f"{action}: {what}" if action else what))


def _add_grounds(tree: Tree, answer: Members) -> None:
    """Add the chain or the nearest miss, what was missing, and the warnings."""
    chain, miss = _objects(answer.get("chain")), _objects(answer.get("nearest_miss"))
    if chain:
        _add_steps(tree.add(Text("by whom, nearest to the issuer first")), chain)
    if miss:
        _add_steps(tree.add(Text("the nearest miss, nearest to the issuer first")), miss)
    for gap in _objects(answer.get("missing")):
        tree.add(_line("missing", _gap(gap)))
    if answer.get("reservation"):
        tree.add(_line("reserved", f"the claim meets the reserved scope {answer['reservation']}"))
    for warning in _objects(answer.get("warnings")):
        tree.add(_line("warning", str(warning.get("text"))))


def _add_steps(tree: Tree, steps: Sequence[Members]) -> None:
    for step in steps:
        line = _marked(str(step.get("outcome")))
        if step.get("outcome") != "authorised":
            line.append(f"  {step.get('reason')}", "bold")
        granted = "recognises" if step.get("kind") == "recognition" else "authorises"
        authority, entity = _object(step.get("authority")), _object(step.get("entity"))
        line.append(f"  {authority.get('name')} {granted} {entity.get('name')}")
        line.append(f" to {step.get('action')}")
        branch = tree.add(line)
        branch.add(_line("scope", _scope(_object(step.get("scope")))))
        branch.add(_line("time", _time(step)))


def _time(step: Members) -> str:
    text = f"{_period(step)}, judged at {step.get('at')}"
    if step.get("recorded_later"):
        text += f", recorded later ({_date(step.get('recorded_at'))})"
    return text


def _period(members: Members) -> str:
    start, end = members.get("valid_from"), members.get("valid_until")
    if start is None and end is None:
        return "not said"
    return f"{_date(start)} to {_date(end) if end else 'further notice'}"


def _when(question: Members) -> str:
    basis = str(question.get("basis", ""))
    text = f"{question.get('at')} ({_BASIS.get(basis, basis)})"
    known = question.get("known_at")
    return f"{text}, as known at {known}" if known else text


def _add_horizons(tree: Tree, answer: Members) -> None:
    fresh, changes = answer.get("fresh_until"), answer.get("valid_until")
    if fresh:
        text = str(fresh)
        if changes and changes != fresh:
            text += f"; changes by itself at {changes}"
        tree.add(_line("fresh until", text))
    framework, journal = _object(answer.get("framework")), _object(answer.get("journal"))
    if framework:
        version = f"{framework.get('name')}, version {framework.get('version')}"
        tree.add(_line("rules", version))
    if journal:
        root = journal.get("root")
        shown = f", root {root[:_DIGEST]}…" if isinstance(root, str) else ""
        tree.add(_line("journal", f"{journal.get('size')} entries{shown}"))


def _scope(scope: Members) -> str:
    if not scope:
        return "any claim"
    return "; ".join(f"{_label(name)} {_value(value)}" for name, value in scope.items())


def _gap(gap: Members) -> str:
    claimed = gap.get("claimed")
    said = "nothing" if claimed is None else str(claimed)
    return f"{_label(str(gap.get('dimension')))}: {said}, where {_value(gap.get('allowed'))} is due"


def _value(value: Json) -> str:
    if isinstance(value, dict):
        if "except" in value:
            return f"anything but {_value(value['except'])}"
        return str(value.get("value"))
    if isinstance(value, list):
        shown = ", ".join(_value(each) for each in value[:_SHOWN])
        more = len(value) - _SHOWN
        return f"{shown} and {more} more" if more > 0 else shown
    return str(value)


def _who(party: Members) -> str:
    did = party.get("did") or party.get("id") or "nobody"
    name = party.get("name")
    return f"{name} ({did})" if name else f"{did}, not known here"


def _line(label: str, text: str) -> Text:
    return Text(f"{label}: ", style="dim").append(text, "not dim")


def _label(name: str) -> str:
    return name.replace("_", " ")


def _date(instant: Json) -> str:
    return str(instant)[:_DATE] if instant else "the beginning"


def _object(value: Json) -> Members:
    return value if isinstance(value, dict) else {}


def _objects(value: Json) -> list[Members]:
    return list(_each_object(value))


def _each_object(value: Json) -> Iterator[Members]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def _texts(value: Json) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
