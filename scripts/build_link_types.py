# ruff: noqa: INP001 - a script, and no part of a package
"""Make `link_resolver/data/link_types.json` from GS1's Web Vocabulary.

Usage: python scripts/build_link_types.py VOCABULARY.jsonld VERSION COMMIT

The vocabulary is `gs1Voc.jsonld` of https://github.com/gs1/WebVoc. Taken are facts only: the names
of the properties below `gs1:linkType`, their English labels and whether they are deprecated.
"""

import hashlib
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "link_resolver" / "data" / "link_types.json"


def main(vocabulary: Path, version: str, commit: str) -> None:
    """Write the table, with where it came from."""
    raw = vocabulary.read_bytes()
    types = {
        node["@id"].removeprefix("gs1:"): {
            "title": " ".join(node["rdfs:label"]["@value"].split()),
            "deprecated": node.get("sw:term_status") == "deprecated",
        }
        for node in json.loads(raw)["@graph"]
        if node.get("rdfs:subPropertyOf") == {"@id": "gs1:linkType"}
    }
    source = {
        "source": "https://github.com/gs1/WebVoc gs1Voc.jsonld",
        "version": version,
        "commit": commit,
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    table = {**source, "types": dict(sorted(types.items()))}
    TARGET.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
