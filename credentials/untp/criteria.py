"""Criteria and topics of one assessment or claim: only the pairs that the document states."""

from dataclasses import dataclass

from credentials.untp.dimensions import Values, merged, one
from credentials.untp.node import Node
from credentials.untp.topics import topics_of
from credentials.untp.wording import shown_name
from policies.claims import ClaimValue, Dimension


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion with its own topics, or topics that no criterion speaks of.

    Attributes:
        values: on criterion and topic.
        pointer: where it stands.
        text: the criterion's name, or empty.
    """

    values: Values
    pointer: str
    text: str


def rows(node: Node, member: str) -> tuple[Row, ...]:
    """Read the criteria of an assessment or a claim.

    A criterion without a topic of its own has the assessment's, if that has exactly one: which
    of several would be a guess. Topics of the assessment that no criterion has are claimed beside
    the criteria, so that nothing stated is lost.
    """
    common = topics_of(node)
    found: list[Row] = []
    spoken: set[ClaimValue] = set()
    for criterion in node.children(member):
        topics = topics_of(criterion) or (common if len(common) == 1 else ())
        spoken.update(topics)
        values = {**one(Dimension.CRITERION, criterion.uri()), Dimension.TOPIC: topics}
        name = shown_name(criterion)
        found.append(Row(values, criterion.pointer, f"criterion {name}" if name else ""))
    rest = tuple(topic for topic in common if topic not in spoken)
    if rest or not found:
        found.append(Row({Dimension.TOPIC: rest}, node.pointer, ""))
    return tuple(found)


def standards(claim: Node) -> tuple[Values, str]:
    """Read `referenceStandard`: one standard (0.5, 0.6) or several (0.7), as schemes."""
    nodes = claim.children("referenceStandard")
    names = " and ".join(name for node in nodes[:2] if (name := shown_name(node)))
    return merged(*(one(Dimension.SCHEME, node.uri()) for node in nodes)), names


def conformance(assessment: Node) -> str:
    """Say what an assessment found."""
    found = assessment.flag("conformance")
    if found is None:
        return "conformance is not stated"
    return "conforms" if found else "does not conform"
