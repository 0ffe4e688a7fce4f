"""What a graph says of the document itself, by the IRIs that the data model gives its members."""

from collections.abc import Mapping, Sequence
from typing import Any

from credentials.rdf.errors import InvalidJsonLdError
from credentials.rdf.signed import Meaning

_VC = "https://www.w3.org/2018/credentials#"


def meaning_of(nodes: Sequence[Mapping[str, Any]]) -> Meaning:
    """Read the meaning of an expanded document.

    Args:
        nodes: its nodes; the document is the only one at the top.

    Raises:
        InvalidJsonLdError: there is not one, or it has several issuers or holders.
    """
    if len(nodes) != 1:
        raise InvalidJsonLdError("the document is not one node")
    node = nodes[0]
    times = {
        name: str(values[0].get("@value"))
        for name in ("validFrom", "validUntil", "issuanceDate", "expirationDate")
        if (values := node.get(_VC + name))
    }
    return Meaning(
        frozenset(node.get("@type", ())),
        _one(node, "issuer"),
        _one(node, "holder"),
        len(node.get(f"{_VC}credentialStatus", ())),
        times,
    )


def _one(node: Mapping[str, Any], member: str) -> str | None:
    values = node.get(_VC + member, [])
    if len(values) > 1:
        raise InvalidJsonLdError("names several", f"/{member}")
    return str(values[0].get("@id", "")) if values else None
