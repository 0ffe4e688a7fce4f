"""Who may publish links: asked of the rules of authority, for the action `link`."""

from typing import Protocol

from link_resolver.configured import register_url, write_urn
from link_resolver.identifier import GS1, Element, Holder, Identifier
from link_resolver.publishers import Permission, Standing
from link_resolver.schemes import Schemes
from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Basis, Outcome, Question, SigningKey
from policies.index import Index
from policies.statements import Action
from resolver.clock import Clock
from resolver.did import Did
from resolver.instant import END, Instant
from touchstone.service.unshaken import unshaken

GS1_ROOT = "https://id.gs1.org"
PREFIX = "gcp:"
"""How a scope names a GS1 company prefix: `gcp:9506000`."""

LINK = ClaimValue("link", Source.REGISTER)
"""What stands for a credential's type: a link is none, so no scope for credentials meets it."""

ROLE = ClaimValue("access-role", Source.REGISTER)
"""The same for knowing of links that are not for everybody."""

_FACILITIES = frozenset({"414"})
_ORGANISATIONS = frozenset({"415", "417"})
_NOBODY = Permission(granted=False)


class KnownJournal(Protocol):
    """What is needed of the journal."""

    @property
    def size(self) -> int:
        """How many entries there are."""
        ...

    def size_at(self, instant: Instant) -> int:
        """Return how many entries were recorded by an instant."""
        ...


class Registry(Protocol):
    """What is needed of the registry."""

    @property
    def origin(self) -> str:
        """Its name, which is the name of its link resolver too."""
        ...

    @property
    def index(self) -> Index:
        """The state, folded from the journal."""
        ...

    @property
    def journal(self) -> KnownJournal:
        """The journal itself."""
        ...


class RegistryPublishers:
    """Publishers as the trust registry knows them; see `link_resolver.publishers.Publishers`.

    Args:
        registry: whose statements count.
        schemes: how identifiers of configured schemes are written elsewhere.
        clock: what tells the present.
    """

    def __init__(self, registry: Registry, schemes: Schemes, clock: Clock) -> None:
        self._registry = registry
        self._schemes = schemes
        self._clock = clock

    @property
    def version(self) -> int:
        """A number that differs whenever an answer may differ, other than by time passing."""
        return self._registry.index.version

    def knows(self, publisher: Did) -> bool:
        """Tell whether a DID is a party's."""
        size = self._registry.journal.size
        return self._registry.index.party_of(publisher, size) is not None

    def holds_key(
        self, publisher: Did, key: str, recorded_at: Instant, at: Instant | None = None
    ) -> bool:
        """Tell whether a key was its owner's alone when a signature of it was recorded."""
        journal = self._registry.journal
        known = journal.size if at is None else journal.size_at(at)
        found = self._registry.index.compromises(publisher, key, known)
        return all(recorded_at < each.compromised_from for each in found)

    def standing(self, publisher: Did) -> Standing:
        """Say since when nothing has touched a publisher's authority."""
        now, index = self._clock.now(), self._registry.index
        party = index.party_of(publisher, self._registry.journal.size)
        if party is None:
            return Standing(now)
        return Standing(*unshaken(index, party.id, Action.LINK, now))

    def same(self, one: Did, other: Did) -> bool:
        """Tell whether two DIDs belong to one party."""
        size, index = self._registry.journal.size, self._registry.index
        party = index.party_of(one, size)
        return party is not None and party == index.party_of(other, size)

    def may_publish(
        self, publisher: Did, holder: Holder, at: Instant, key: str | None = None
    ) -> Permission:
        """Say whether a publisher may register links for an identifier; undetermined is no."""
        return self._decide(publisher, claim_of(holder, self._schemes), at, key)

    def holds(self, caller: Did, role: str, at: Instant, key: str) -> Permission:
        """Say whether a caller holds an access role; undetermined is no."""
        return self._decide(caller, role_claim(role), at, key)

    def _decide(self, party: Did, claim: Claim, at: Instant, key: str | None) -> Permission:
        now, journal = self._clock.now(), self._registry.journal
        present = at >= now
        known = journal.size if present else journal.size_at(at)
        if not known:
            return _NOBODY
        question = Question(
            party,
            claim,
            now if present else at,
            now,
            known,
            Action.LINK,
            Basis.NOW if present else Basis.ASKED,
            None if key is None else SigningKey(party, key),
        )
        decision = decide(question, self._registry.index)
        until = END if decision.valid_until is None else decision.valid_until
        granted = decision.outcome is Outcome.AUTHORISED
        return Permission(granted, until, decision.reason.value)


def role_claim(role: str) -> Claim:
    """Say what knowing of the links for a role claims; `scheme` is where UNTP puts roles too."""
    return Claim(
        {Dimension.CREDENTIAL_TYPE: ROLE, Dimension.SCHEME: ClaimValue(role, Source.REGISTER)}
    )


def claim_of(holder: Holder, schemes: Schemes) -> Claim:
    """Say what publishing for an identifier claims, in the dimensions that scopes are written in.

    A GS1 key is a facility (GLN), an organisation (party GLN) or a product, and lies within every
    company prefix that it may begin with. What a configured scheme identifies is not said there,
    so that a scope may name its value in any of the three dimensions.
    """
    if holder.scheme == GS1:
        code = f"{GS1_ROOT}/{holder.key_code}"
        within = tuple(f"{PREFIX}{prefix}" for prefix in holder.prefixes)
        value = ClaimValue(f"{code}/{holder.value}", Source.REGISTER, within)
        return Claim(
            {
                Dimension.CREDENTIAL_TYPE: LINK,
                _dimension(holder.key_code): value,
                Dimension.ID_SCHEME: ClaimValue(code, Source.REGISTER, (GS1_ROOT,)),
            }
        )
    identifier = Identifier(holder.scheme, Element(holder.key_code, holder.value))
    written = (holder.value, write_urn(identifier, schemes), register_url(identifier, schemes))
    within = tuple(each for each in written if each is not None)
    value = ClaimValue(identifier.path, Source.REGISTER, within)
    scheme = ClaimValue(f"/{holder.scheme}/{holder.key_code}", Source.REGISTER, (holder.scheme,))
    dimensions = (Dimension.PRODUCT, Dimension.FACILITY, Dimension.ORGANISATION)
    stated = {Dimension.CREDENTIAL_TYPE: LINK, Dimension.ID_SCHEME: scheme}
    return Claim({**dict.fromkeys(dimensions, value), **stated})


def _dimension(key_code: str) -> Dimension:
    if key_code in _FACILITIES:
        return Dimension.FACILITY
    return Dimension.ORGANISATION if key_code in _ORGANISATIONS else Dimension.PRODUCT
