"""Who may issue a status list: asked of the rules of authority, like any credential's issuer."""

from credentials.status.entries import ListKind
from credentials.status.keeping import Vouched
from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Basis, Outcome, Question
from policies.index import Index
from resolver.did import Did
from touchstone.service.desk import Frame


class RegistryListIssuers:
    """Issuers of status lists as the trust registry knows them; see `ListIssuers`.

    An issuer speaks of its own credentials under any of its DIDs. Of another's it may speak where
    it is authorised to issue that type of list about that issuer: the credential names the list,
    and the registry says whether whoever signed it counts. A list signed with a key that is known
    to be compromised counts for nobody, since anyone may have made it.

    Args:
        index: whose statements count.
        frame: as known at which journal size, at what time, on whose authority.
    """

    def __init__(self, index: Index, frame: Frame) -> None:
        self._index = index
        self._frame = frame

    def refusal(self, issuer: Did, kind: ListKind, vouched: Vouched) -> str | None:
        """Say why a list may not speak of a credential; None where it may."""
        index, known, lister = self._index, self._frame.known, vouched.issuer
        if index.compromises(vouched.key.did, vouched.key.thumbprint, known):
            return f"it is signed with a key of {lister} that is compromised"
        party = index.party_of(issuer, known)
        if issuer == lister or (party is not None and party == index.party_of(lister, known)):
            return None
        decision = decide(self._question(issuer, kind, vouched), index)
        if decision.outcome is Outcome.AUTHORISED:
            return None
        return (
            f"{lister} issued it, not the credential's issuer, and may not issue a"
            f" {kind.list_type} about {issuer}: {decision.reason}"
        )

    def _question(self, issuer: Did, kind: ListKind, vouched: Vouched) -> Question:
        frame = self._frame
        about = Claim(
            {
                Dimension.CREDENTIAL_TYPE: ClaimValue(kind.list_type),
                Dimension.ORGANISATION: ClaimValue(issuer.text),
            }
        )
        return Question(
            vouched.issuer,
            about,
            frame.now,
            frame.now,
            frame.known,
            basis=Basis.NOW,
            key=vouched.key,
            authorities=frame.authorities,
        )
