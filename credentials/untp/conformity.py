"""Conformity credentials (DCC): what a body attests of others, or a party of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product as pairs

from credentials.untp.collecting import Claims
from credentials.untp.criteria import conformance, rows, standards
from credentials.untp.dimensions import Values, facility, merged, one, organisation, product
from credentials.untp.levels import SELF, assessment_level, assessor_level
from credentials.untp.node import Node
from credentials.untp.recognition import Generation
from credentials.untp.wording import line, shown, shown_name
from policies.claims import Dimension


@dataclass(frozen=True, slots=True)
class _Thing:
    """A party, a facility, a product: what is stated of it, and what it is called."""

    values: Values
    name: str


_NOTHING = _Thing({}, "")


class Attestation:
    """Reads one attestation into claims: each assessment, criterion, facility and product."""

    def __init__(self, subject: Node, generation: Generation, issuer: str) -> None:
        self._subject = subject
        self._newest = generation is Generation.V07
        self._issuer = issuer
        self._self_assessed = assessor_level(subject) == SELF
        self._activity = subject.needed_text("attestationType").lower()
        self._scheme = self._read_scheme()
        self._values = merged(
            one(Dimension.ACTIVITY, self._activity),
            one(Dimension.ASSESSMENT_LEVEL, assessment_level(subject)),
            self._achievement(),
        )
        self._holder = self._issued_to()

    def claims(self, into: Claims) -> None:
        """Add every claim of the attestation."""
        member = "conformityAssessment" if self._newest else "assessment"
        assessments = self._subject.children(member)
        for assessment in assessments:
            self._assessment(assessment, into)
        if not assessments:
            party = _party(self._holder)
            stated = (self._values, self._scheme.values, party.values)
            self._add(into, stated, self._subject.pointer, (party.name, self._scheme.name))

    def _read_scheme(self) -> _Thing:
        """Read the scheme: a profile lies within the scheme that it belongs to."""
        if not self._newest:
            scope = self._subject.child("scope")
            return _Thing(one(Dimension.SCHEME, _id(scope)), shown_name(scope))
        scheme = self._subject.needed_child("referenceScheme")
        profile = self._subject.child("referenceProfile")
        whole = scheme.needed_uri()
        name = shown_name(profile) or shown_name(scheme)
        return _Thing(one(Dimension.SCHEME, _id(profile) or whole, whole), name)

    def _achievement(self) -> Values:
        score = self._subject.child("profileScore") if self._newest else None
        return one(Dimension.ACHIEVEMENT, score.needed_text("code")) if score else {}

    def _issued_to(self) -> Node | None:
        if self._newest:
            return self._subject.needed_child("issuedToParty")
        return self._subject.child("issuedToParty")

    def _assessment(self, assessment: Node, into: Claims) -> None:
        party = _party(assessment.child("assessedOrganisation") or self._holder)
        # Read once: what one assessment states is repeated for each of its criteria.
        sites = _assessed(assessment, "assessedFacility", "facility", facility)
        things = _assessed(assessment, "assessedProduct", "product", product)
        scheme = self._scheme if self._scheme.values else _Thing(*standards(assessment))
        verdict = conformance(assessment)
        for row in rows(assessment, "assessmentCriteria"):
            for site, thing in pairs(sites or (_NOTHING,), things or (_NOTHING,)):
                parts = (scheme, party, site, thing)
                stated = (self._values, row.values, *(part.values for part in parts))
                what = site.name or thing.name or party.name
                self._add(into, stated, row.pointer, (what, scheme.name, row.text, verdict))

    def _add(
        self, into: Claims, stated: tuple[Values, ...], pointer: str, words: tuple[str, ...]
    ) -> None:
        what, scheme, *rest = words
        about = (value for part in stated for value in part.get(Dimension.ORGANISATION, ()))
        own = self._self_assessed or any(each.value == self._issuer for each in about)
        text = line(
            shown(self._activity) + (f" of {what}" if what else ""),
            f"against {scheme}" if scheme else "",
            *rest,
            "self-declared" if own else "",
        )
        into.add(stated, pointer, attested=not own, text=text)


def _id(node: Node | None) -> str | None:
    """Return the identifier of a scheme or a profile, if there is one."""
    return node.uri() if node else None


def _party(node: Node | None) -> _Thing:
    return _Thing(organisation(node), shown_name(node))


def _assessed(
    assessment: Node, member: str, inner: str, read: Callable[[Node], Values]
) -> tuple[_Thing, ...]:
    """Read what was assessed: objects (0.5), or objects around them (0.6, 0.7); each once."""
    nodes = (each.child(inner) or each for each in assessment.children(member))
    things = [_Thing(read(node), shown_name(node)) for node in nodes]
    return tuple({(frozenset(t.values.items()), t.name): t for t in things}.values())
