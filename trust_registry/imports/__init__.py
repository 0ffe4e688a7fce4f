"""Imports: lists that others keep become drafts of acts for review; never state."""

from collections.abc import Callable, Mapping

from trust_registry.imports.bc_issuers import read_bc_issuers
from trust_registry.imports.csv_bodies import read_csv
from trust_registry.imports.drafts import Draft, Drafts, Remark, draft_payload
from trust_registry.imports.ebsi_issuers import read_ebsi_issuers
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.meanings import Meanings, read_meanings
from trust_registry.imports.sources import MAX_ROWS, MAX_SOURCE, Source
from trust_registry.imports.trust_chains import read_trust_chains
from trust_registry.imports.trusted_entities import read_trusted_entities
from trust_registry.imports.untp_registers import read_cvc, read_idr, read_swi

READERS: Mapping[str, Callable[[Source], Drafts]] = {
    "bc-issuers": read_bc_issuers,
    "untp-idr": read_idr,
    "untp-cvc": read_cvc,
    "untp-swi": read_swi,
    "csv": read_csv,
    "trusted-entities": read_trusted_entities,
    "ebsi": read_ebsi_issuers,
    "openid-federation": read_trust_chains,
}
"""What reads each format, by its name."""

__all__ = [
    "MAX_ROWS",
    "MAX_SOURCE",
    "READERS",
    "Draft",
    "Drafts",
    "ImportRefusedError",
    "Meanings",
    "Remark",
    "Source",
    "draft_payload",
    "read_meanings",
]
