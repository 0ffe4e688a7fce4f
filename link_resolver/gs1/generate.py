"""Makes `dictionary.json` out of the GS1 Barcode Syntax Dictionary.

    python -m link_resolver.gs1.generate gs1-syntax-dictionary.txt

The dictionary is published by GS1 at https://github.com/gs1/gs1-syntax-dictionary under the Apache
License 2.0; its header describes the syntax that is read here.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).with_name("dictionary.json")
_RELEASE = re.compile(r"^# Release: (\S+)$", re.MULTILINE)
_AIS = re.compile(r"(\d{2,4})(?:-(\d{2,4}))?")
_PART = re.compile(r"(\[)?([NXYZ])(\.\.)?(\d+)\]?((?:,[a-z0-9]+)*)")
_FLAGS = re.compile(r"[*?]+")
_ATTRIBUTE = re.compile(r"(req|ex|dlpkey)(?:=(.+))?")


def entry(line: str) -> dict[str, Any]:
    """Return one line of the dictionary, taken apart.

    Raises:
        ValueError: the line has something that is not understood.
    """
    specification, _, title = line.partition("#")
    ais, *words = specification.split()
    matched = _AIS.fullmatch(ais)
    if matched is None:
        raise ValueError(f"not an AI or a range of them: {ais}")
    flags = words.pop(0) if _FLAGS.fullmatch(words[0]) else ""
    found: dict[str, Any] = {
        "first": matched[1],
        "last": matched[2] or matched[1],
        "title": title.strip(),
        "fixed": "*" in flags,
        "attribute": "?" in flags,
        "parts": [],
        "req": [],
        "ex": [],
        "key": None,
    }
    for word in words:
        part, attribute = _PART.fullmatch(word), _ATTRIBUTE.fullmatch(word)
        if part is not None:
            found["parts"].append(_part(part))
        elif attribute is not None:
            _add(found, attribute[1], attribute[2] or "")
        else:
            raise ValueError(f"({ais}) has a word that is not understood: {word}")
    return found


def _part(matched: re.Match[str]) -> list[Any]:
    """Return type, shortest, longest, whether optional, and the linters of a component."""
    optional, kind, variable, length, linters = matched.groups()
    longest = int(length)
    shortest = 1 if variable else longest
    return [kind, shortest, longest, optional is not None, linters.split(",")[1:]]


def _add(found: dict[str, Any], name: str, value: str) -> None:
    if name == "req":
        found["req"].append([group.split("+") for group in value.split(",")])
    elif name == "ex":
        found["ex"] += value.split(",")
    else:
        found["key"] = [group.split(",") for group in value.split("|")] if value else [[]]


def generate(source: bytes) -> str:
    """Return the generated file for a dictionary.

    Raises:
        ValueError: the dictionary has no release, or something that is not understood.
    """
    text = source.decode()
    release = _RELEASE.search(text)
    if release is None:
        raise ValueError("the dictionary names no release")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    head = {
        "generated_by": "link_resolver/gs1/generate.py; do not edit",
        "source": "GS1 Barcode Syntax Dictionary, (c) GS1 AISBL and others, Apache-2.0",
        "release": release[1],
        "sha256": hashlib.sha256(source).hexdigest(),
    }
    rows = ",\n".join(json.dumps(entry(line), ensure_ascii=False) for line in lines)
    return json.dumps(head, indent=0)[:-2] + f',\n"entries": [\n{rows}\n]\n}}\n'


if __name__ == "__main__":
    OUTPUT.write_text(generate(Path(sys.argv[1]).read_bytes()), encoding="utf-8")
