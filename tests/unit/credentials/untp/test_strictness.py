"""What is not of the right type is refused, by the pointer to it."""

import pytest

from credentials.untp import InvalidUntpError
from tests.unit.credentials.untp.samples import ALL, Body, dcc, dia, dpp, read, sample

# Members whose text is read, wherever they stand.
READ = {
    "assessmentLevel",
    "assessorLevel",
    "attestationType",
    "bizLocation",
    "countryCode",
    "id",
    "registerType",
    "registeredId",
}


def texts(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all members of READ."""
    found = []
    if isinstance(value, dict):
        for key, item in value.items():
            if key in READ and isinstance(item, str):
                found.append((*path, key))
            found += texts(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            found += texts(item, (*path, position))
    return found


def put(body: Body, path: tuple[str | int, ...], value: object) -> None:
    holder: object = body
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value


# What no claim needs, and so nobody reads: names of things stand for these in the text.
UNREAD = ("issuedToParty", "inputProduct", "inputEPCList", "relatedParty")


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_an_object_where_a_text_must_be(kind: str, version: str) -> None:
    subject = sample(kind, version)["credentialSubject"]
    paths = [path for path in texts(subject) if not set(path) & set(UNREAD)]
    found = {path: refusal(kind, version, path) for path in paths}
    for path, pointer in found.items():
        assert pointer in {None, "/" + "/".join(map(str, ("credentialSubject", *path)))}
    assert sum(pointer is not None for pointer in found.values()) > len(paths) // 2


def refusal(kind: str, version: str, path: tuple[str | int, ...]) -> str | None:
    """The pointer by which an object at the path is refused; None where nobody reads it."""
    body = sample(kind, version)
    put(body, ("credentialSubject", *path), {"value": "x"})
    try:
        read(body)
    except InvalidUntpError as error:
        return error.pointer
    return None


@pytest.mark.parametrize(
    "value",
    ["CA-BC-1", "Canada", "C", "124", "CAN", {"countryCode": "Chile"}, 7, ["CA"], True],
)
def test_a_country_is_a_code(value: object) -> None:
    body = dpp("0.7.0")
    body["credentialSubject"]["countryOfProduction"] = value
    with pytest.raises(InvalidUntpError) as caught:
        read(body)
    assert caught.value.pointer.startswith("/credentialSubject/countryOfProduction")


@pytest.mark.parametrize("value", ["cd", "CD", {"countryCode": "CD"}, {"countryCode": "cd"}])
def test_a_country_in_either_version_s_form(value: object) -> None:
    for version in ("0.5.0", "0.7.0"):
        body = dpp(version)
        body["credentialSubject"]["countryOfProduction"] = value
        found = read(body).claims[0].claim.values
        assert {each.value for each in found.values()} >= {"CD"}


@pytest.mark.parametrize(
    "value", ["no uri", "/relative", "https://x y", "x" * 3000, "a:" + "b" * 3000]
)
def test_an_identifier_is_a_bounded_uri(value: str) -> None:
    body = dpp("0.7.0")
    body["credentialSubject"]["id"] = value
    with pytest.raises(InvalidUntpError) as caught:
        read(body)
    assert caught.value.pointer == "/credentialSubject/id"


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_say_nothing(value: object) -> None:
    body = dpp("0.5.0")
    subject = body["credentialSubject"]
    subject |= {"countryOfProduction": value, "producedByParty": value, "batchNumber": value}
    subject["producedAtFacility"]["id"] = value
    found = read(body).claims[0].claim.values
    assert not {"country", "organisation", "facility"} & {str(each) for each in found}


@pytest.mark.parametrize("subject", [None, [], "text", [[]], [None], 7])
def test_a_subject_is_an_object(subject: object) -> None:
    for kind, version in ALL:
        with pytest.raises(InvalidUntpError) as caught:
            read(sample(kind, version) | {"credentialSubject": subject})
        assert caught.value.pointer.startswith("/credentialSubject")


def test_a_pointer_escapes_what_it_must() -> None:
    body = dcc("0.7.0")
    body["credentialSubject"]["conformityAssessment"][0]["conformance"] = "yes"
    with pytest.raises(InvalidUntpError, match="must be true or false") as caught:
        read(body)
    assert caught.value.pointer == "/credentialSubject/conformityAssessment/0/conformance"


@pytest.mark.parametrize("member", ["registerType", "idScheme", "id"])
def test_what_an_anchor_of_0_7_requires(member: str) -> None:
    body = dia("0.7.0")
    del body["credentialSubject"][member]
    with pytest.raises(InvalidUntpError, match="is missing") as caught:
        read(body)
    assert caught.value.pointer == f"/credentialSubject/{member}"


def test_an_older_anchor_may_name_no_register() -> None:
    body = dia("0.6.1")
    for member in ("registerType", "idScheme", "registrationScopeList", "registeredId"):
        del body["credentialSubject"][member]
    (found,) = read(body).claims
    assert [str(each) for each in found.claim.values] == ["credential_type"]


def test_the_published_name_of_an_identifier_scheme_is_read() -> None:
    body = dia("0.7.0")
    subject = body["credentialSubject"]
    subject["schemeId"] = subject.pop("idScheme")
    parsed = read(body)
    assert parsed.claims == read(dia("0.7.0")).claims
    assert parsed.warnings == ("/credentialSubject/schemeId is read as idScheme",)
    subject["idScheme"] = {"id": "https://other.example"}
    with pytest.raises(InvalidUntpError, match="another identifier scheme"):
        read(body)


def test_an_anchor_without_a_scope_is_warned_of() -> None:
    body = dia("0.7.0")
    del body["credentialSubject"]["registrationScope"]
    assert read(body).warnings == ("/credentialSubject/registrationScope is missing (DIA-05)",)


@pytest.mark.parametrize(
    ("register", "dimension"),
    [
        ("business", "organisation"),
        ("accreditation", "organisation"),
        ("facility", "facility"),
        ("product", "product"),
        ("trademark", None),
        ("land", None),
    ],
)
def test_what_a_register_identifies(register: str, dimension: str | None) -> None:
    body = dia("0.7.0")
    body["credentialSubject"]["registerType"] = register
    (found,) = read(body).claims
    about = {"organisation", "facility", "product"} & {str(each) for each in found.claim.values}
    assert about == ({dimension} if dimension else set())


def test_a_registrar_that_anchors_itself() -> None:
    body = dia("0.7.0")
    body["issuer"] = body["credentialSubject"]["id"]
    assert not read(body).claims[0].attested
