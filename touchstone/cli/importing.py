"""`touchstone import`: lists that others keep become acts for review."""

from collections.abc import Iterator
from pathlib import Path

import click
import yaml

from resolver.clock import SystemClock
from resolver.did import Did
from resolver.instant import Instant
from touchstone.cli.act_sources import read_copy, read_snapshot
from touchstone.cli.act_words import Known, Words
from touchstone.cli.printing import give_up, json_option, note, printable, show, show_json
from touchstone.cli.writing import file_argument
from trust_registry.acts import parse_act
from trust_registry.imports import (
    MAX_SOURCE,
    READERS,
    Draft,
    Drafts,
    ImportRefusedError,
    Meanings,
    Source,
    draft_payload,
    read_meanings,
)

_REVIEW = "review.md"


@click.command(
    name="import",
    epilog=(
        "\b\n"
        "Example:\n"
        "  touchstone import bc-issuers issuers.json --mapping bc.yaml \\\n"
        "    --uri https://github.com/bcgov/digital-trust-toolkit --out drafts\n"
        "  touchstone act new drafts/0001-register-party.yaml --by did:web:ministry.example\n"
        "\n"
        "\b\n"
        "Example of a mapping, in YAML; what it does not say is not granted:\n"
        "  identifiers: {https://www.gs1.org: did:web:gs1.example}\n"
        "  grants:\n"
        "    Mines Act:\n"
        "      type: authorise\n"
        "      scope: {credential_type: [DigitalConformityCredential], rest: any}\n"
    ),
)
@click.argument("format_", metavar="FORMAT", type=click.Choice([*READERS]))
@file_argument
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--uri", required=True, help="Where the list was found, to be named as evidence.")
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="What the list's words mean here (YAML)."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A copy of the journal: who is registered in it is not registered again.",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    help="The same from a synced snapshot.",
)
@json_option
def import_(
    *,
    format_: str,
    file: Path,
    out: Path,
    uri: str,
    mapping: Path | None,
    data: Path | None,
    snapshot: Path | None,
    as_json: bool,
) -> None:
    """Draft acts from the list in FILE: one YAML file an act, and a review.md in plain words.

    Nothing is submitted. FORMAT says what the list is. Each act names the list as its evidence, and
    what the list says without the mapping explaining it is not carried over: review.md lists it.
    """
    now = SystemClock().now()
    if data and snapshot:
        raise click.UsageError("--data and --snapshot exclude each other")
    registry = read_copy(data).state if data else read_snapshot(snapshot) if snapshot else None
    try:
        source = Source(
            _bounded(file),
            uri,
            now,
            read_meanings(_bounded(mapping)) if mapping else Meanings(),
            _registered(registry),
        )
        drafts = READERS[format_](source)
    except ImportRefusedError as error:
        give_up(f"{file}: {error}")
    names = _write(out, drafts, registry, now)
    if as_json:
        show_json(
            {
                "acts": [
                    {
                        "file": name,
                        "from": each.where,
                        "by": each.by.text if each.by else None,
                        "act": dict(each.members),
                    }
                    for name, each in zip(names, drafts.acts, strict=True)
                ],
                "not_carried_over": [
                    {"from": each.where, "why": each.text} for each in drafts.remarks
                ],
            }
        )
        return
    for name, each in zip(names, drafts.acts, strict=True):
        show(printable(f"{name}  {_first_line(each, registry, now)}"))
    note(f"{len(names)} drafts and {len(drafts.remarks)} remarks; read {out / _REVIEW}")


def _bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_SOURCE + 1)
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
    return data


def _registered(registry: Known | None) -> frozenset[Did]:
    if registry is None:
        return frozenset()
    known = (registry.index.party(each) for each in registry.index.party_ids())
    return frozenset(did for party in known if party and not party.retired for did in party.dids)


def _write(out: Path, drafts: Drafts, registry: Known | None, now: Instant) -> list[str]:
    """Write the folder; the names in it owe nothing to the source."""
    names = [
        f"{number:04}-{str(each.members['type']).replace('_', '-')}.yaml"
        for number, each in enumerate(drafts.acts, 1)
    ]
    try:
        out.mkdir(parents=True)
        for name, each in zip(names, drafts.acts, strict=True):
            text = yaml.safe_dump(dict(each.members), sort_keys=False, allow_unicode=True)
            (out / name).write_text(text, encoding="utf-8")
        review = "\n".join(_review(names, drafts, registry, now))
        (out / _REVIEW).write_text(review + "\n", encoding="utf-8")
    except FileExistsError:
        give_up(f"{out}: is there already; name a new folder")
    except OSError as error:
        give_up(f"{out}: {error.strerror}")
    return names


def _review(
    names: list[str], drafts: Drafts, registry: Known | None, now: Instant
) -> Iterator[str]:
    yield "# Review"
    yield ""
    yield "Nothing here is signed or submitted. Submit in the order of the numbers: parties first."
    if registry is None:
        yield "No registry was looked at: parties may be registered already."
    else:
        yield f"Who is registered was read from a journal of {registry.size} entries."
    for name, each in zip(names, drafts.acts, strict=True):
        yield f"\n## {name}\n"
        yield f"From {each.where or 'the whole list'} of the source."
        if each.by is not None:
            yield f"By the source, {each.by} grants it: that party signs it, or nobody."
        yield ""
        # What a source says is shown as it is, and never as a part of this page.
        yield from (f"    {printable(line)}" for line in _lines(each, registry, now))
    yield "\n## Not carried over\n"
    if not drafts.remarks:
        yield "Nothing was left out."
    for remark in drafts.remarks:
        yield f"    {printable(remark.where) or 'the whole list'}: {printable(remark.text)}"


def _lines(draft: Draft, registry: Known | None, now: Instant) -> list[str]:
    return [*Words(registry).changes(parse_act(draft_payload(draft, now)))]


def _first_line(draft: Draft, registry: Known | None, now: Instant) -> str:
    return _lines(draft, registry, now)[0]
