"""Graphs made in the tests' own process, by the contexts of the vectors."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS, GraphLimits
from credentials.rdf.context_sources import Texts
from credentials.rdf.contexts import Contexts, context_urls, digest_of, own_pins
from credentials.rdf.selective import Disclosure
from credentials.rdf.signed import Job, Transformed
from credentials.rdf.transform import Transformer
from resolver.strict_json import Json


@cache
def texts(vectors: Path) -> Texts:
    """All contexts of the vectors."""
    return Texts.of_folder(vectors)


class Graphs:
    """Makes graphs at once, where the service asks another process."""

    def __init__(self, contexts: Contexts, limits: GraphLimits = DEFAULT_GRAPH_LIMITS) -> None:
        self.contexts = contexts
        self.transformer = Transformer()
        self.limits = limits

    @classmethod
    def of_vectors(cls, vectors: Path) -> "Graphs":
        return cls(Contexts(own_pins(), [texts(vectors)]))

    @classmethod
    def of(cls, contexts: Mapping[str, bytes]) -> "Graphs":
        """Graphs by these contexts alone."""
        pins = {url: frozenset({digest_of(raw)}) for url, raw in contexts.items()}
        return cls(Contexts(pins, [Texts({digest_of(raw): raw for raw in contexts.values()})]))

    async def transform(
        self,
        document: Mapping[str, Json],
        options: Mapping[str, Json],
        algorithm: str,
        disclosure: Disclosure | None = None,
    ) -> Transformed:
        for context in await self.contexts.closure(context_urls(document)):
            if context.url not in self.transformer.expander.contexts:
                self.transformer.expander.add(context.url, context.raw)
        read_by = {"@context": document["@context"]} if "@context" in document else {}
        job = Job(document, {**options, **read_by}, algorithm, disclosure, self.limits)
        return self.transformer.transform(job)
