"""The setting that names upstream resolvers, read into what asks them."""

import re
from typing import Annotated

from pydantic import AfterValidator, PlainValidator

from resolver.errors import InvalidUpstreamError
from resolver.methods.upstream import Upstream
from resolver.resolution import VERIFIED_HERE


def _method(name: str) -> str:
    if re.fullmatch("[a-z0-9]{1,32}", name) is None:
        raise ValueError("must be the name of a DID method, such as ebsi")
    if name in VERIFIED_HERE:
        raise ValueError(f"did:{name} is verified here, and never taken on another's word")
    return name


def _upstream(pattern: object) -> Upstream:
    if isinstance(pattern, Upstream):
        return pattern
    try:
        return Upstream.parse(str(pattern))
    except InvalidUpstreamError as error:
        raise ValueError(str(error)) from None


MethodName = Annotated[str, AfterValidator(_method)]
UpstreamUrl = Annotated[Upstream, PlainValidator(_upstream)]
