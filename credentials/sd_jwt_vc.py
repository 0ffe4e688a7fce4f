"""SD-JWT VCs: credentials that are plain claims, typed by `vct` (draft-ietf-oauth-sd-jwt-vc)."""

from collections.abc import Iterable, Mapping

from credentials.checks import CheckId, CheckOutcome, Finding
from credentials.credential import Credential, DataModel, Problem
from credentials.jwt import window_of
from credentials.reading import read_status
from credentials.sd_jwt import SdJwt
from credentials.values import is_url
from resolver.strict_json import Json

_CONTROLLING = frozenset({"iss", "nbf", "exp", "cnf"})
"""Claims that control validity or binding: withheld, they are missed (RFC 9901 section 9.7)."""
_NEVER_DISCLOSED = _CONTROLLING | {"vct", "vct#integrity", "aka_vcts", "status"}
_BETTER_SIGNED = frozenset(
    {
        "@context", "type", "issuer", "validFrom", "validUntil",
        "credentialStatus", "credentialSchema", "relatedResource",
    }
)  # fmt: skip


def read_claims(body: Mapping[str, Json]) -> Credential:
    """Read the claims of an SD-JWT VC; `nbf` and `exp` are its validity period.

    Nothing is raised: what cannot be read is named in `problems` and has no value.
    """
    problems = []
    vct, issuer = body.get("vct"), body.get("iss")
    others = body.get("aka_vcts", [])
    types = [
        each for each in [vct, *(others if isinstance(others, list) else [None])] if _named(each)
    ]
    if not _named(vct) or len(types) != 1 + len(others if isinstance(others, list) else [None]):
        message = "vct is not a type's name, or aka_vcts no array of further ones"
        problems.append(Problem(CheckId.TYPE, "/vct", message))
    if not is_url(issuer):
        problems.append(Problem(CheckId.ISSUER, "/iss", "it names no issuer by a URL"))
    window = window_of(body)
    status, status_problems = read_status(body)
    return Credential(
        body=body,
        id=None,
        types=tuple(str(each) for each in types),
        issuer=issuer if is_url(issuer) else "",
        valid_from=window.not_before,
        valid_until=window.expires,
        status=status,
        problems=(*problems, *window.problems, *status_problems),
        model=DataModel.SD_JWT_VC,
    )


def _named(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def disclosure_problems(sd_jwt: SdJwt, model: DataModel) -> tuple[Problem, ...]:
    """Return what the holder could have withheld, although it controls what the rest is worth."""
    guarded = _NEVER_DISCLOSED if model is DataModel.SD_JWT_VC else _CONTROLLING
    return tuple(
        Problem(CheckId.ENVELOPE, pointer, "must not be selectively disclosed")
        for pointer in sd_jwt.disclosed
        if pointer.split("/")[1] in guarded
    )


def disclosure_notes(sd_jwt: SdJwt, model: DataModel) -> Iterable[Finding]:
    """Tell what a holder may have withheld from a credential of the W3C data model.

    Its issuer should not let a status or an end of validity be withheld (VC-JOSE-COSE 3.2.1), but
    may: where members of the credential itself are withheld, nothing says that none is among them.
    """
    if model is DataModel.SD_JWT_VC:
        return
    for pointer in sd_jwt.disclosed:
        if pointer.count("/") == 1 and pointer[1:] in _BETTER_SIGNED:
            message = "the issuer left it to the holder to disclose"
            yield Finding(CheckOutcome.PASSED, message, pointer, warning=True)
    if sd_jwt.withheld_at_top:
        message = (
            f"{sd_jwt.withheld_at_top} members of the credential are withheld, or decoys: a status"
            " or an end of validity may be among them"
        )
        yield Finding(CheckOutcome.UNDETERMINED, message)
    elif sd_jwt.withheld:
        message = (
            f"{sd_jwt.withheld} parts are withheld, or decoys: a limit of what is claimed may be"
            " among them"
        )
        yield Finding(CheckOutcome.PASSED, message, warning=True)
