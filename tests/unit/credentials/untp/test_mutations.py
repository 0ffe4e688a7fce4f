"""Whatever is done to a credential, it is read or refused: never another error."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.credential import CredentialClaim
from credentials.reading import read_credential
from credentials.untp import InvalidUntpError, UntpCredential, UntpError, parse_untp
from policies.claims import MAX_CLAIMS, Dimension
from tests.unit.credentials.untp.samples import ALL, Body, sample

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**18)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "CL", "environment.water", "self", "urn:x:y", "Copper", "2603"])
)
names = st.sampled_from(
    [
        "id",
        "name",
        "type",
        "product",
        "facility",
        "conformityTopic",
        "assessmentCriteria",
        "assessedProduct",
        "productCategory",
        "countryOfProduction",
        "countryCode",
        "referenceStandard",
        "schemeId",
        "code",
        "profileScore",
    ]
) | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, dict | list):
            found += places(item, (*path, key))
        else:
            found.append((*path, key))
    return found


def at(body: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


@st.composite
def mutated(draw: st.DrawFn) -> Body:
    kind, version = draw(st.sampled_from(ALL))
    body = sample(kind, version)
    for _ in range(draw(st.integers(1, 3))):
        # Mostly in the subject: elsewhere there is little to break.
        paths = places(body)
        inner = [path for path in paths if path[0] == "credentialSubject"]
        path = draw(st.sampled_from(inner or paths))
        holder, last = at(body, path[:-1]), path[-1]
        match draw(st.sampled_from(["replace", "remove", "wrap", "repeat", "add"])):
            case "replace":
                holder[last] = draw(anything)
            case "remove":
                del holder[last]
            case "wrap":
                holder[last] = [holder[last]]
            case "repeat":
                holder[last] = [holder[last], holder[last], draw(anything)]
            case "add" if isinstance(holder, dict):
                holder[draw(names)] = draw(anything)
            case _:
                pass
    return body


def outcome(body: Body) -> UntpCredential | UntpError:
    try:
        return parse_untp(read_credential(body))
    except UntpError as error:
        return error


def resolve(body: Any, pointer: str) -> Any:
    """Follow a JSON pointer; the last step may name a member that is missing."""
    steps = [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]]
    for position, step in enumerate(steps):
        if isinstance(body, list):
            body = body[int(step)]
        elif position == len(steps) - 1:
            return body.get(step)
        else:
            body = body[step]
    return body


def well_formed(found: CredentialClaim) -> bool:
    values = found.claim.values
    return (
        Dimension.CREDENTIAL_TYPE in values
        and all(isinstance(each.value, str) and each.value for each in values.values())
        and all(isinstance(name, str) and name for each in values.values() for name in each.within)
        and found.text.isprintable()
        and 0 < len(found.text) <= 300
    )


@given(mutated())
@settings(max_examples=400, deadline=None)
def test_a_mutated_credential_is_read_or_refused(body: Body) -> None:
    found = outcome(body)
    if isinstance(found, UntpCredential):
        assert len(found.claims) <= MAX_CLAIMS
        assert all(well_formed(each) for each in found.claims)
        for each in found.claims:
            assert isinstance(resolve(body, each.pointer), dict)
    elif isinstance(found, InvalidUntpError):
        assert found.pointer.startswith("/")
        assert str(found)
        resolve(body, found.pointer)


@given(st.sampled_from(ALL), anything)
@settings(max_examples=200, deadline=None)
def test_any_subject_is_read_or_refused(kind_and_version: tuple[str, str], subject: Any) -> None:
    outcome(sample(*kind_and_version) | {"credentialSubject": subject})


@given(
    st.dictionaries(st.sampled_from(["@context", "type", "issuer", "credentialSubject"]), anything)
)
@settings(max_examples=200, deadline=None)
def test_any_document_is_read_or_refused(members: dict[str, Any]) -> None:
    outcome(sample("dcc", "0.7.0") | members)


@given(mutated())
@settings(max_examples=100, deadline=None)
def test_reading_is_a_function_of_the_document(body: Body) -> None:
    first, second = outcome(body), outcome(body)
    assert repr(first) == repr(second)
