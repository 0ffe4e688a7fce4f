"""What nobody foresaw: whoever runs this is told all of it, whoever asked only that it was so."""

import logging

from resolver.errors import ErrorCode, ResolutionError

_LOG = logging.getLogger("touchstone.resolver")


def unforeseen(error: Exception) -> ResolutionError:
    """Log an exception that is a fault of ours, and return what is answered in its place.

    The answer repeats none of its words, which may tell what is nobody's business.
    """
    _LOG.error('{"event":"a resolution failed unexpectedly"}', exc_info=error)
    return ResolutionError(ErrorCode.INTERNAL_ERROR, "an unexpected error, which was logged")
