"""The verifier: what it knows, what it can reach, and how much of a credential it looks at."""

from dataclasses import dataclass

from credentials.rdf.signed import GraphSource
from credentials.resources import ResourceSource
from credentials.schemas.checking import SchemaRules
from credentials.sources import DEFAULT_LIMITS, DocumentSource, Limits
from credentials.status.query import StatusQuery
from resolver.instant import Instant


@dataclass(frozen=True, slots=True)
class Verifier:
    """By what credentials and presentations are judged, at one instant.

    Attributes:
        documents: where DID documents come from.
        status: how the status of credentials is asked for.
        now: the one time at which everything is judged.
        limits: how much of a credential is looked at, and for how long.
        schemas: which schemas credentials should fit; none where not given.
        graphs: what makes the graphs that some proofs sign; without it those are undetermined.
        resources: what related resources are compared with, as far as they are used here.
    """

    documents: DocumentSource
    status: StatusQuery
    now: Instant
    limits: Limits = DEFAULT_LIMITS
    schemas: SchemaRules | None = None
    graphs: GraphSource | None = None
    resources: ResourceSource | None = None
