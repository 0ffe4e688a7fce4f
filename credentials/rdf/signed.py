"""What goes into the making of a graph, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from credentials.rdf.canonicalise import GraphLimits
from credentials.rdf.selective import Disclosure, Statements
from resolver.strict_json import Json


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be transformed.

    Attributes:
        document: with the proofs that the proof is made over too, and without any other.
        options: the proof's options, read by the document's contexts.
        algorithm: the hash function, as hashlib calls it.
        disclosure: the proof's value where it is a derived one, else None.
        limits: how much of the graph is looked at.
    """

    document: Mapping[str, Json]
    options: Mapping[str, Json]
    algorithm: str
    disclosure: Disclosure | None
    limits: GraphLimits


@dataclass(frozen=True, slots=True)
class Unprotected:
    """A part of a document that could be otherwise under the same signature.

    Attributes:
        pointer: JSON pointer (RFC 6901) to it.
        reason: in what way, in a few words.
        terms: the terms that mean the same there, where that is the reason.
    """

    pointer: str
    reason: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """What of a document is protected.

    Attributes:
        unprotected: the parts that are not.
        readings: documents with the same graph, each of which could have been signed as well: with
            sets in one order and in the other, with each of the terms that mean the same, and with
            all that is said of an id in each of its places. What all of them say alike is signed.
            Empty where the document could not be otherwise.
    """

    unprotected: tuple[Unprotected, ...]
    readings: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is signed of a credential or presentation itself (VCDM 2.0, B.1).

    Attributes:
        types: the IRIs of its types.
        issuer: the issuer's id, or None.
        holder: the holder's id, or None.
        statuses: how many entries its status has.
        times: its instants as they are written, by member.
    """

    types: frozenset[str]
    issuer: str | None
    holder: str | None
    statuses: int
    times: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transformed:
    """What became of it.

    Attributes:
        options: the hash of the proof's options.
        document: the hash of the document; of a derived proof, that of what is mandatory.
        statements: what a derived proof is over, else None.
        protection: what of the JSON is protected.
        meaning: what is signed of the document itself.
    """

    options: bytes
    document: bytes
    statements: Statements | None
    protection: Protection
    meaning: Meaning


class GraphSource(Protocol):
    """What makes graphs of documents; `credentials.rdf.pool.GraphPool` is one."""

    async def transform(
        self,
        document: Mapping[str, Json],
        options: Mapping[str, Json],
        algorithm: str,
        disclosure: Disclosure | None = None,
    ) -> Transformed:
        """Transform a document and the options of its proof, as `GraphPool` does.

        Raises:
            InvalidProofError: it is no JSON-LD, or parts of it are not signed.
            UnsupportedProofError: its contexts are not at hand, or it takes too much.
        """
        ...
