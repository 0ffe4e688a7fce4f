"""What is wrong with a document that is to be imported, or with the mapping that explains it."""

from trust_registry.errors import TrustRegistryError


class ImportRefusedError(TrustRegistryError):
    """Nothing is drafted from a document: something in it is not what its format says.

    Attributes:
        where: the place, as a JSON pointer (RFC 6901), or as a line; empty for the whole.
    """

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where
