"""The resolver's errors: one small tree."""


class ResolverError(Exception):
    """Base of everything `resolver` raises on purpose."""


class InvalidDidError(ResolverError):
    """A text is not a DID (DID Core 3.1, or the method's own syntax)."""


class InvalidDidUrlError(ResolverError):
    """A text is not a DID URL (DID Core 3.2)."""


class InvalidInstantError(ResolverError):
    """A text is not an RFC 3339 instant with an explicit offset."""
