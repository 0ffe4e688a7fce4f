"""Passports (DPP) and facility records (DFR): what issuers declare of their own things."""

from collections.abc import Sequence

from credentials.untp import commodities
from credentials.untp.collecting import Claims
from credentials.untp.criteria import conformance, rows, standards
from credentials.untp.dimensions import (
    Values,
    facility,
    organisation,
    party_in_role,
    product,
)
from credentials.untp.node import Node
from credentials.untp.processes import processes
from credentials.untp.recognition import Generation
from credentials.untp.wording import line, shown_name
from policies.claims import Dimension


def passport_claims(subject: Node, generation: Generation, into: Claims) -> None:
    """Add the claims of a product passport: each performance claim and criterion, or itself."""
    thing = subject.child("product") or subject
    if generation is Generation.V07 and thing.uri() is None:
        raise thing.missing("id")
    made_by = organisation(thing.child("producedByParty"))
    stated = (
        product(thing, subject.uri()),
        facility(thing.child("producedAtFacility")),
        made_by or party_in_role(thing, "manufacturer", "producer"),
    )
    _declare(subject, generation, stated, ("product", thing), into)


def facility_claims(subject: Node, generation: Generation, into: Claims) -> None:
    """Add the claims of a facility record: each performance claim and criterion, or itself."""
    site = subject.child("facility") or subject
    if generation is Generation.V07 and site.uri() is None:
        raise site.missing("id")
    run_by = organisation(site.child("operatedByParty"))
    stated = (
        facility(site, subject.uri()),
        {Dimension.COMMODITY: commodities.of_facility(site)},
        processes(site.children("processCategory")),
        run_by or party_in_role(site, "operator", "owner"),
    )
    _declare(subject, generation, stated, ("facility", site), into)


def _declare(
    subject: Node,
    generation: Generation,
    stated: Sequence[Values],
    thing: tuple[str, Node],
    into: Claims,
) -> None:
    newest = generation is Generation.V07
    own_claims = subject.children("performanceClaim" if newest else "conformityClaim")
    what = f"{thing[0]} {shown_name(thing[1])}".strip()
    for claim in own_claims:
        scheme, name = standards(claim)
        for row in rows(claim, "referenceCriteria" if newest else "assessmentCriteria"):
            text = line(
                f"claim about {what}",
                f"against {name}" if name else "",
                row.text or shown_name(claim),
                "" if newest else conformance(claim),
                "self-declared",
            )
            into.add((*stated, scheme, row.values), row.pointer, attested=False, text=text)
    if not own_claims:
        text = line(f"record of {what}", "self-declared")
        into.add(stated, subject.pointer, attested=False, text=text)
