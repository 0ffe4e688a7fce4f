"""Identity anchors (DIA): a registrar says who a party, a facility or a product is."""

from credentials.untp.collecting import Claims
from credentials.untp.dimensions import Values, merged, one
from credentials.untp.node import Node
from credentials.untp.recognition import Generation
from credentials.untp.wording import line, shown
from policies.claims import ClaimValue, Dimension

_ABOUT = {
    "business": Dimension.ORGANISATION,
    "organisation": Dimension.ORGANISATION,
    "accreditation": Dimension.ORGANISATION,
    "facility": Dimension.FACILITY,
    "location": Dimension.FACILITY,
    "product": Dimension.PRODUCT,
}
"""What each type of register identifies; of the others (trademark, land) no dimension speaks."""
_SCHEME_MEMBERS = ("idScheme", "schemeId")
"""The tag of 0.7.0 has the first, the schema and samples published with it have the second."""
_SCOPE_MEMBERS = ("registrationScope", "registrationScopeList")


def anchor_claims(subject: Node, generation: Generation, issuer: str, into: Claims) -> None:
    """Add what an identity anchor attests: one claim for each registration scope."""
    identity = subject.needed_uri()
    newest = generation is Generation.V07
    register = (subject.text("registerType") or "").lower()
    scheme, scheme_name = _scheme(subject)
    registered = subject.text("registeredId")
    for member, found in (("registerType", register), ("idScheme", scheme)):
        if newest and not found:
            raise subject.missing(member)
    stated = (
        one(Dimension.REGISTER_TYPE, register),
        scheme,
        {Dimension.SCHEME: _scopes(subject)},
        one(_ABOUT[register], identity) if register in _ABOUT else {},
    )
    name = shown(subject.text("registeredName") or subject.text("name")) or shown(identity)
    text = line(
        f"{shown(register)} identity of {name}".strip(),
        f"registered as {shown(registered)}" if registered else "",
        f"in {scheme_name}" if scheme_name else "",
    )
    into.add(stated, subject.pointer, attested=identity != issuer, text=text)


def _scheme(subject: Node) -> tuple[Values, str]:
    nodes = [node for name in _SCHEME_MEMBERS if (node := subject.child(name))]
    values = merged(*(one(Dimension.ID_SCHEME, node.needed_uri()) for node in nodes))
    if len(values.get(Dimension.ID_SCHEME, ())) > 1:
        raise subject.wrong("schemeId", "another identifier scheme than idScheme")
    name = nodes[0].text("name") or nodes[0].text("id") if nodes else None
    return values, shown(name)


def _scopes(subject: Node) -> tuple[ClaimValue, ...]:
    found = (uri for member in _SCOPE_MEMBERS for uri in subject.uris(member))
    return tuple(dict.fromkeys(ClaimValue(uri) for uri in found))
