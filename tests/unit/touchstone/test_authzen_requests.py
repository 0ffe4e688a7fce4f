"""Whatever JSON comes in, the AuthZEN face reads it or says what is wrong, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.strict_json import Json
from touchstone.faces.authzen.batches import Batch, answers_to
from touchstone.faces.authzen.errors import InvalidRequestError
from touchstone.faces.authzen.model import Answer, Evaluation, Found, Search, Sought
from touchstone.faces.authzen.requests import batch_of, evaluation_of, search_of
from touchstone.faces.authzen.searches import page_of

NAMES = [
    "subject",
    "action",
    "resource",
    "context",
    "evaluations",
    "options",
    "page",
    "type",
    "id",
    "name",
    "properties",
    "evaluations_semantic",
    "token",
    "limit",
    "other",
]
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=3)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(NAMES), each, max_size=4)
    ),
    max_leaves=12,
)
ENTITY = st.fixed_dictionaries({"type": st.text(max_size=2), "id": st.text(max_size=2) | LEAVES})
NEARLY = st.fixed_dictionaries(
    {
        "subject": ENTITY | ANYTHING,
        "action": st.fixed_dictionaries({"name": st.text(max_size=2)}) | ANYTHING,
        "resource": ENTITY | ANYTHING,
    },
    optional={
        "context": ANYTHING,
        "evaluations": st.lists(ANYTHING, max_size=3) | ANYTHING,
        "options": ANYTHING,
        "page": st.fixed_dictionaries({}, optional={"limit": LEAVES, "token": LEAVES}) | ANYTHING,
    },
)


def tells_its_place(error: InvalidRequestError) -> None:
    assert error.pointer is not None
    assert str(error)


class Recorder:
    """Permits everything, and keeps what it was asked."""

    def __init__(self) -> None:
        self.searches: list[Search] = []

    async def evaluate(self, asked: Evaluation, among: int = 1) -> Answer:
        return Answer(decision=True)

    async def search(self, asked: Search) -> Found:
        self.searches.append(asked)
        return Found((asked.evaluation.subject,), "7.0")


@given(ANYTHING | NEARLY)
async def test_anything_is_read_or_refused_with_its_place(body: Json) -> None:
    try:
        evaluation = evaluation_of(body)
        assert evaluation.subject.type
        assert evaluation.subject.id
        assert evaluation.action.name
        assert evaluation.resource.id
    except InvalidRequestError as error:
        tells_its_place(error)
    try:
        batch = batch_of(body)
        if isinstance(batch, Batch):
            assert 1 <= len(await answers_to(batch, Recorder())) <= len(batch.items)
    except InvalidRequestError as error:
        tells_its_place(error)


@given(ANYTHING | NEARLY, st.sampled_from(Sought))
async def test_a_search_is_read_or_refused_and_has_a_page(body: Json, sought: Sought) -> None:
    recorder = Recorder()
    try:
        answer = await page_of(body, sought, recorder)
    except InvalidRequestError as error:
        tells_its_place(error)
        return
    asked = recorder.searches[0]
    assert 0 <= asked.limit <= 100
    assert isinstance(body, dict)
    token = answer["page"]["next_token"]
    await page_of({**body, "page": {"token": token}}, sought, recorder)
    assert recorder.searches[1] == asked._replace(after="7.0")


async def test_a_default_is_replaced_as_a_whole() -> None:
    top: dict[str, Json] = {"type": "t", "id": "1", "properties": {"a": 1}}
    other: dict[str, Json] = {"type": "t", "id": "2"}
    body: Json = {
        "subject": {**top},
        "action": {"name": "n"},
        "resource": {**top},
        "evaluations": [{}, {"resource": other}],
    }
    batch = batch_of(body)
    assert isinstance(batch, Batch)
    first, second = batch.items
    assert isinstance(first, Evaluation)
    assert isinstance(second, Evaluation)
    assert first.resource.properties == {"a": 1}
    assert (second.resource.id, second.resource.properties) == ("2", {})


async def test_a_search_passes_over_what_it_looks_for() -> None:
    body: Json = {
        "subject": {"type": "t", "id": 7},
        "action": 7,
        "resource": {"type": "t", "id": "1"},
    }
    with pytest.raises(InvalidRequestError):
        search_of(body, Sought.SUBJECT)  # its action is none
    with pytest.raises(InvalidRequestError):
        search_of(body, Sought.ACTION)  # its subject's id is none
    evaluation, _ = search_of({**body, "action": {"name": "n"}}, Sought.SUBJECT)
    assert evaluation.subject.id == ""
