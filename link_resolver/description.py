"""The resolver's description of itself (GS1-Conformant Resolver 3; UNTP IDR-14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from link_resolver.link_types import GS1, UNTP, Namespaces
from link_resolver.linkset import CONTEXT_URI, Format
from link_resolver.resolving import Profile
from resolver.strict_json import Json

GS1_PATH = "/.well-known/gs1resolver"
PATH = "/.well-known/resolver"


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain under which the service resolves.

    Attributes:
        root: `https://id.example`, without a slash at its end.
        name: the resolver's name for people; may be empty.
        profile: whose rules hold where GS1 and UNTP contradict each other.
        contact: of the operator, with the members of the GS1 schema (`fn`, `hasAddress`).
    """

    root: str
    name: str = ""
    profile: Profile = Profile.GS1
    contact: Mapping[str, Json] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host, with its port where there is one, as in a request's `Host`."""
        return urlsplit(self.root).netloc.lower()

    @property
    def format(self) -> Format:
        """The profile of its linksets where a request names none."""
        return Format.UNTP if self.profile is Profile.UNTP else Format.GS1


def describe(
    domain: Domain,
    primary_keys: Sequence[str],
    schemes: Sequence[str] = (),
    namespaces: Namespaces = (),
) -> dict[str, Json]:
    """Describe the resolver under one domain.

    Args:
        domain: which.
        primary_keys: the GS1 primary keys that are supported, by their AI.
        schemes: the names of further identifier schemes.
        namespaces: prefixes of link types beside the built-in ones.
    """
    spaces = (("gs1", GS1), ("untp", UNTP), *namespaces)
    described: dict[str, Json] = {
        "resolverRoot": domain.root,
        "supportedPrimaryKeys": list(primary_keys),
        "supportedLinkType": [
            {"namespace": space, "prefix": f"{prefix}:"} for prefix, space in spaces
        ],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT_URI,
        "supportedProfiles": [each.uri for each in Format],
        "supportedSchemes": ["gs1", *schemes],
    }
    if domain.name:
        described["name"] = domain.name
    if domain.contact:
        described["contact"] = dict(domain.contact)
    return described
