"""RDF Dataset Canonicalization (RDFC-1.0), with a bound on its work."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from credentials.rdf.errors import TooMuchWorkError
from credentials.rdf.quads import Quad, is_blank, line

_SUBJECT, _OBJECT, _GRAPH = 0, 2, 3
_POSITIONS = ((_SUBJECT, "s"), (_OBJECT, "o"), (_GRAPH, "g"))


@dataclass(frozen=True, slots=True)
class GraphLimits:
    """How much of a graph is looked at.

    Attributes:
        max_quads: the most quads.
        max_blank_nodes: the most blank nodes.
        max_steps: how often blank nodes that look alike are told apart by their neighbours, or
            neighbours are put into another order. The hardest conformance test takes under 500
            calls, real credentials under 150.
    """

    max_quads: int = 20_000
    max_blank_nodes: int = 5_000
    max_steps: int = 2_000


DEFAULT_GRAPH_LIMITS = GraphLimits()


@dataclass(frozen=True, slots=True)
class Canonical:
    """A dataset in canonical form.

    Attributes:
        lines: the quads as sorted N-Quads lines, without repetition.
        labels: the canonical label of each blank node.
    """

    lines: tuple[str, ...]
    labels: Mapping[str, str]

    def digest(self, algorithm: str) -> bytes:
        """Hash the canonical form."""
        return hashlib.new(algorithm, "".join(self.lines).encode()).digest()


def canonicalise(
    quads: Iterable[Quad],
    algorithm: str = "sha256",
    limits: GraphLimits = DEFAULT_GRAPH_LIMITS,
) -> Canonical:
    """Give blank nodes their canonical labels (RDFC-1.0, 4.4).

    Args:
        quads: the dataset; quads that are written twice count once.
        algorithm: what hashlib calls the hash function, `sha256` or `sha384`.
        limits: how much of it is looked at.

    Raises:
        TooMuchWorkError: a limit is exceeded; it is named.
    """
    distinct = list(dict.fromkeys(quads))
    if len(distinct) > limits.max_quads:
        raise TooMuchWorkError(f"the graph has more than {limits.max_quads} quads")
    labels = _Labelling(distinct, algorithm, limits).run()
    lines = sorted(line(relabelled(quad, labels)) for quad in distinct)
    return Canonical(tuple(lines), labels)


def relabelled(quad: Quad, labels: Mapping[str, str]) -> Quad:
    """Replace the labels of a quad's blank nodes."""
    subject, predicate, object_, graph = quad
    get = labels.get
    return (get(subject, subject), predicate, get(object_, object_), get(graph, graph))


class _Issuer:
    """Gives labels in order, each node's only once (RDFC-1.0, 4.5)."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = dict(issued or {})

    def issue(self, node: str) -> str:
        if node not in self.issued:
            self.issued[node] = f"{self.prefix}{len(self.issued)}"
        return self.issued[node]

    def copy(self) -> "_Issuer":
        return _Issuer(self.prefix, self.issued)


class _Labelling:
    def __init__(self, quads: Sequence[Quad], algorithm: str, limits: GraphLimits) -> None:
        self._algorithm = algorithm
        self._canonical = _Issuer("_:c14n")
        self._steps_left = limits.max_steps
        self._max_steps = limits.max_steps
        self._quads: dict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            for node in {quad[at] for at, _ in _POSITIONS if is_blank(quad[at])}:
                self._quads[node].append(quad)
        if len(self._quads) > limits.max_blank_nodes:
            raise TooMuchWorkError(f"the graph has more than {limits.max_blank_nodes} blank nodes")
        self._first_degree = {node: self._hash_first_degree(node) for node in self._quads}

    def run(self) -> Mapping[str, str]:
        alike: dict[str, list[str]] = defaultdict(list)
        for node, digest in self._first_degree.items():
            alike[digest].append(node)
        for digest in sorted(alike):
            if len(alike[digest]) == 1:
                self._canonical.issue(alike[digest][0])
        for digest in sorted(alike):
            if len(alike[digest]) > 1:
                self._tell_apart(alike[digest])
        return self._canonical.issued

    def _tell_apart(self, nodes: Sequence[str]) -> None:
        results: list[tuple[str, _Issuer]] = []
        for node in nodes:
            if node not in self._canonical.issued:
                temporary = _Issuer("_:b")
                temporary.issue(node)
                results.append(self._hash_n_degree(node, temporary))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for node in issuer.issued:
                self._canonical.issue(node)

    def _hash(self, text: str) -> str:
        return hashlib.new(self._algorithm, text.encode()).hexdigest()

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            message = f"its blank nodes take more than {self._max_steps} steps to tell apart"
            raise TooMuchWorkError(message)

    def _hash_first_degree(self, node: str) -> str:
        """Hash the quads that a node stands in (RDFC-1.0, 4.6)."""

        def seen(term: str) -> str:
            if not is_blank(term):
                return term
            return "_:a" if term == node else "_:z"

        lines = [line((seen(s), p, seen(o), seen(g))) for s, p, o, g in self._quads[node]]
        return self._hash("".join(sorted(lines)))

    def _hash_related(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """Hash how a node is connected to another (RDFC-1.0, 4.7)."""
        name = (
            self._canonical.issued.get(related)
            or issuer.issued.get(related)
            or self._first_degree[related]
        )
        predicate = "" if position == "g" else quad[1]
        return self._hash(f"{position}{predicate}{name}")

    def _neighbours(self, node: str, issuer: _Issuer) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for quad in self._quads[node]:
            for at, position in _POSITIONS:
                if is_blank(quad[at]) and quad[at] != node:
                    digest = self._hash_related(quad[at], quad, issuer, position)
                    found[digest].append(quad[at])
        return found

    def _hash_n_degree(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Hash a node by the paths that lead from it (RDFC-1.0, 4.8)."""
        self._step()
        data = []
        neighbours = self._neighbours(node, issuer)
        for digest in sorted(neighbours):
            path, issuer = self._shortest_path(neighbours[digest], issuer)
            data.append(digest + path)
        return self._hash("".join(data)), issuer

    def _shortest_path(self, related: Sequence[str], issuer: _Issuer) -> tuple[str, _Issuer]:
        chosen: tuple[str, _Issuer] | None = None
        for number, order in enumerate(permutations(related)):
            if number:
                self._step()
            found = self._path(order, issuer.copy(), chosen[0] if chosen else None)
            if found is not None and (chosen is None or found[0] < chosen[0]):
                chosen = found
        return chosen or ("", issuer)

    def _path(
        self, order: Sequence[str], issuer: _Issuer, shortest: str | None
    ) -> tuple[str, _Issuer] | None:
        """Follow neighbours in one order; None where another order is known to be shorter."""
        path = ""
        later = []
        for node in order:
            if node in self._canonical.issued:
                path += self._canonical.issued[node]
            else:
                if node not in issuer.issued:
                    later.append(node)
                path += issuer.issue(node)
            if _longer(path, shortest):
                return None
        for node in later:
            digest, deeper = self._hash_n_degree(node, issuer)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = deeper
            if _longer(path, shortest):
                return None
        return path, issuer


def _longer(path: str, shortest: str | None) -> bool:
    return shortest is not None and len(path) >= len(shortest) and path > shortest
