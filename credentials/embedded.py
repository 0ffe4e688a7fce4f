"""Embedded proofs: each read by itself, so that none hides another."""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.checks import CheckId
from credentials.credential import Problem
from credentials.sources import Limits
from credentials.values import entries
from resolver.errors import ResolverError, UnsupportedProofError
from resolver.proofs.data_integrity import Proof, proofs_of
from resolver.strict_json import Json


@dataclass(frozen=True, slots=True)
class UnreadProof:
    """An embedded proof of a kind that is not understood.

    Attributes:
        raw: the proof itself.
        method: the verification method it names, or None.
        reason: what is not understood.
    """

    raw: Mapping[str, Json]
    method: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddedProofs:
    """What is read of the proofs in a document.

    Attributes:
        proofs: the Data Integrity proofs.
        unread: the proofs that are of a kind that is not understood.
        problems: what is wrong with them.
    """

    proofs: tuple[Proof, ...] = ()
    unread: tuple[UnreadProof, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_proofs(body: Mapping[str, Json], limits: Limits) -> EmbeddedProofs:
    """Read the proofs of a document, none of them believed yet (Data Integrity 1.0, 2.1)."""
    if "proof" not in body:
        return EmbeddedProofs()
    found = entries(body["proof"])
    if not 0 < len(found) <= limits.max_proofs:
        message = f"{len(found)} proofs; from 1 to {limits.max_proofs} are looked at"
        return EmbeddedProofs(problems=(Problem(CheckId.PROOF, "/proof", message),))
    proofs: list[Proof] = []
    unread: list[UnreadProof] = []
    problems: list[Problem] = []
    for pointer, value in found:
        try:
            proofs += proofs_of({"proof": value})
        except UnsupportedProofError as error:
            raw = value if isinstance(value, dict) else {}
            unread.append(UnreadProof(raw, _method(raw), str(error)))
        except ResolverError as error:
            problems.append(Problem(CheckId.PROOF, f"/proof{pointer}", str(error)))
    return EmbeddedProofs(tuple(proofs), tuple(unread), tuple(problems))


def _method(proof: Mapping[str, Json]) -> str | None:
    method = proof.get("verificationMethod")
    return method if isinstance(method, str) else None
