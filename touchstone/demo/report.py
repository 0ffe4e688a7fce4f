"""The report: what the demo prints when it is up."""

import sys
from pathlib import Path
from shlex import quote
from shutil import which
from urllib.parse import urlencode

import orjson
from rich.console import Console
from rich.text import Text

from resolver.strict_json import Json
from touchstone.cli.tree import decision_tree
from touchstone.demo.asking import Answered
from touchstone.demo.ecosystem import Ecosystem
from touchstone.demo.publishing import SNAPSHOTS
from trust_registry.snapshot.http import PATH as SNAPSHOTS_PATH

_NOTICE = (
    "Illustrative: no organisation named here runs, endorses or has joined this registry; "
    "its keys are public test keys."
)
_BARCODE = "/01/09506000164908/21/1234"
"""One item of the batteries that `links.yaml` leads to."""
_SHOWN = ("mine-permit", "reserved", "withdrawn-reaching-back", "backdated")
"""The credentials that the report suggests to verify; all others lie beside them."""


def print_json(eco: Ecosystem, origin: str, folder: Path, answers: tuple[Answered, ...]) -> None:
    """Print the report as one JSON object."""
    journal = eco.registry.journal
    report: dict[str, object] = {
        "notice": _NOTICE,
        "origin": origin,
        "folder": str(folder),
        "journal": {"size": journal.size, "root": journal.root.hex()},
        "snapshots": f"{origin}{SNAPSHOTS_PATH}",
        "answers": [
            {"text": each.question.text, "question": each.asked, "answer": each.answer}
            for each in answers
        ],
        "next": next_steps(answers, origin, folder),
    }
    Console().out(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode(), highlight=False)


def print_text(eco: Ecosystem, origin: str, folder: Path, answers: tuple[Answered, ...]) -> None:
    """Print the report for a reader: both answers as trees, and what to try next."""
    console = Console(emoji=False, markup=False)
    size = eco.registry.journal.size
    console.print(Text(_NOTICE, style="italic"))
    console.print(f"\nServing on {origin}; the journal has {size} signed entries.", highlight=False)
    console.print("Its log signs with a key that was made for this run and ends with it.")
    console.print(f"Its whole state is published at {origin}{SNAPSHOTS_PATH}.", highlight=False)
    for each in answers:
        console.print(Text(f"\n{each.question.text}", style="bold"))
        console.print(decision_tree(each.answer))
    console.print(Text("\nTry next", style="bold"))
    for step in next_steps(answers, origin, folder):
        console.out(f"  {step}", highlight=False)
    console.print("\nStop with Ctrl-C.", highlight=False)


def next_steps(answers: tuple[Answered, ...], origin: str, folder: Path) -> list[str]:
    """Return commands and addresses to try."""
    program = _program()
    return [
        f"{origin}/docs",
        f"curl -s {quote(_query(answers[0], origin))}",
        f"curl -s {origin}/v1/parties",
        f"curl -s {origin}/1.0/identifiers/did:web:irma.example",
        f"curl -s {quote(f'{origin}{_BARCODE}?linkType=linkset')}",
        f"{program} link resolve {_BARCODE} --link-type dpp --server {origin}",
        *(_verify(name, origin, folder) for name in _SHOWN),
        f"{program} check --credential {_file(_SHOWN[-1], folder)} --server {origin}",
        *_offline(answers[0], origin, folder),
    ]


def _program() -> str:
    """Return by what name the program can be called again."""
    return "touchstone" if which("touchstone") else quote(sys.argv[0])


def _offline(answered: Answered, origin: str, folder: Path) -> list[str]:
    """Return how to bring the whole state here, and how to ask it without any network."""
    program = _program()
    root, here = folder / SNAPSHOTS / "metadata" / "1.root.json", quote(str(folder / "here"))
    asked = answered.asked
    claims = (f" --claim {quote(f'{name}={value}')}" for name, value in _claim(answered).items())
    return [
        f"{program} snapshot sync {origin}{SNAPSHOTS_PATH} {here} --root {quote(str(root))}",
        f"{program} check {asked['issuer']}{''.join(claims)} --at {asked['at']} --snapshot {here}",
    ]


def _claim(answered: Answered) -> dict[str, Json]:
    claim = answered.asked["claim"]
    return claim if isinstance(claim, dict) else {}


def _query(answered: Answered, origin: str) -> str:
    query = {**{name: answered.asked[name] for name in ("issuer", "at")}, **_claim(answered)}
    return f"{origin}/v1/decisions?{urlencode(query, safe=':/')}"


def _verify(name: str, origin: str, folder: Path) -> str:
    return (
        "curl -s -X POST -H 'Content-Type: application/json' "
        f"--data @{_file(name, folder)} {origin}/v1/credentials/verify"
    )


def _file(name: str, folder: Path) -> str:
    return quote(str(folder / "credentials" / f"{name}.json"))
