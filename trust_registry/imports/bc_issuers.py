"""British Columbia's issuer list: `{"issuers": [{"id", "name", "scope"}]}`."""

from trust_registry.fields import Closed
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.sources import Source, read_as


class _Issuer(Closed):
    id: str
    name: str
    scope: str


class _List(Closed):
    issuers: tuple[_Issuer, ...]


def read_bc_issuers(source: Source) -> Drafts:
    """Draft a registration for each issuer, and a grant for each scope that the mapping explains.

    Raises:
        ImportRefusedError: it is no such list; the error gives a JSON pointer.
    """
    drafting = Drafting(source)
    for number, issuer in enumerate(read_as(_List, source).issuers):
        where = f"/issuers/{number}"
        did = drafting.did(f"{where}/id", issuer.id)
        if did is not None:
            drafting.party(where, did, issuer.name)
            drafting.grant(where, issuer.scope, did)
    drafting.remark(
        "", "The list is not signed, and gives no times, status, credential types or evidence."
    )
    return drafting.done()
