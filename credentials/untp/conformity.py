"""Conformity credentials (DCC): what a body attests of others, or a party of itself."""

from itertools import product as pairs

from credentials.untp.collecting import Claims, line, shown
from credentials.untp.criteria import Row, rows
from credentials.untp.dimensions import Values, facility, merged, one, organisation, product
from credentials.untp.levels import SELF, assessment_level, assessor_level
from credentials.untp.node import Node
from credentials.untp.recognition import Generation
from policies.claims import Dimension


class Attestation:
    """Reads one attestation into claims: each assessment, criterion, facility and product."""

    def __init__(self, subject: Node, generation: Generation, issuer: str) -> None:
        self._subject = subject
        self._newest = generation is Generation.V07
        self._issuer = issuer
        self._self_assessed = assessor_level(subject) == SELF
        self._activity = subject.needed_text("attestationType").lower()
        self._scheme, self._scheme_name = self._read_scheme()
        self._values = merged(
            one(Dimension.ACTIVITY, self._activity),
            one(Dimension.ASSESSMENT_LEVEL, assessment_level(subject)),
            self._achievement(),
        )
        self._party = self._issued_to()

    def claims(self, into: Claims) -> None:
        """Add every claim of the attestation."""
        member = "conformityAssessment" if self._newest else "assessment"
        assessments = self._subject.children(member)
        for assessment in assessments:
            self._assessment(assessment, into)
        if not assessments:
            stated = (self._values, self._scheme, organisation(self._party))
            row = Row({}, self._subject.pointer, "")
            self._add(into, stated, row, "", shown_name(self._party))

    def _read_scheme(self) -> tuple[Values, str]:
        """Read the scheme: a profile lies within the scheme that it belongs to."""
        if not self._newest:
            scheme = self._subject.child("scope")
            return one(Dimension.SCHEME, scheme.uri() if scheme else None), shown_name(scheme)
        scheme = self._subject.needed_child("referenceScheme")
        profile = self._subject.child("referenceProfile")
        name = shown_name(profile) or shown_name(scheme)
        whole = scheme.needed_uri()
        return one(Dimension.SCHEME, (profile.uri() if profile else None) or whole, whole), name

    def _achievement(self) -> Values:
        score = self._subject.child("profileScore") if self._newest else None
        return one(Dimension.ACHIEVEMENT, score.needed_text("code")) if score else {}

    def _issued_to(self) -> Node | None:
        if self._newest:
            return self._subject.needed_child("issuedToParty")
        return self._subject.child("issuedToParty")

    def _assessment(self, assessment: Node, into: Claims) -> None:
        party = assessment.child("assessedOrganisation") or self._party
        facilities = assessed(assessment, "assessedFacility", "facility")
        products = assessed(assessment, "assessedProduct", "product")
        scheme, scheme_name = self._scheme, self._scheme_name
        if not scheme:
            scheme, scheme_name = standards(assessment)
        verdict = conformance(assessment)
        for row in rows(assessment, "assessmentCriteria"):
            for site, thing in pairs(facilities or (None,), products or (None,)):
                stated = (self._values, scheme, organisation(party), facility(site), product(thing))
                what = shown_name(site) or shown_name(thing) or shown_name(party)
                self._add(into, stated, row, verdict, what, scheme_name)

    def _add(
        self,
        into: Claims,
        stated: tuple[Values, ...],
        row: Row,
        verdict: str,
        what: str,
        scheme: str | None = None,
    ) -> None:
        about = merged(*stated).get(Dimension.ORGANISATION, ())
        own = self._self_assessed or any(each.value == self._issuer for each in about)
        against = scheme if scheme is not None else self._scheme_name
        text = line(
            shown(self._activity) + (f" of {what}" if what else ""),
            f"against {against}" if against else "",
            row.text,
            verdict,
            "self-declared" if own else "",
        )
        into.add((*stated, row.values), row.pointer, attested=not own, text=text)


def assessed(assessment: Node, member: str, inner: str) -> tuple[Node, ...]:
    """Read what was assessed: objects (0.5), or objects around them (0.6, 0.7); each once."""
    nodes = (each.child(inner) or each for each in assessment.children(member))
    unique: dict[str, Node] = {}
    for node in nodes:
        unique.setdefault(node.uri() or node.pointer, node)
    return tuple(unique.values())


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


def shown_name(node: Node | None) -> str:
    """Return what a thing is called, made safe to show: its name, else its identifier."""
    if node is None:
        return ""
    return shown(node.text("name")) or shown(node.text("id"))
