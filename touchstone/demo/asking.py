"""Asking: the demo's questions, put to its own service over HTTP."""

from dataclasses import dataclass

import aiohttp

from resolver.instant import format_instant
from resolver.strict_json import Json, parse_json
from touchstone.demo.data import DemoData, QuestionData, instant_on
from touchstone.demo.errors import DemoStoppedError

_OK = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer.

    Attributes:
        question: as the data gives it.
        asked: the body of the request.
        answer: the body of the answer.
    """

    question: QuestionData
    asked: dict[str, Json]
    answer: dict[str, Json]


async def ask(origin: str, data: DemoData) -> tuple[Answered, ...]:
    """Put each question to the service.

    Raises:
        DemoStoppedError: an answer is not the one that the data expects.
    """
    async with aiohttp.ClientSession() as session:
        return tuple([await _ask(session, origin, each, data) for each in data.questions])


async def _ask(
    session: aiohttp.ClientSession, origin: str, question: QuestionData, data: DemoData
) -> Answered:
    asked = question_body(question, data)
    async with session.post(f"{origin}/v1/decisions", json=asked) as response:
        answer = parse_json(await response.read())
    if response.status != _OK or not isinstance(answer, dict):
        raise DemoStoppedError(f"asked {asked}, the service answered {response.status}: {answer}")
    if answer.get("outcome") != question.outcome:
        expected = f"expected {question.outcome}, got {answer.get('outcome')}"
        raise DemoStoppedError(f"{question.text} {expected}: {answer.get('message')}")
    return Answered(question, asked, answer)


def question_body(question: QuestionData, data: DemoData) -> dict[str, Json]:
    """Write a question as `POST /v1/decisions` takes it."""
    claim: dict[str, Json] = {**question.claim}
    if "scheme" in question.claim:
        claim["scheme"] = data.history.schemes[question.claim["scheme"]]
    return {
        "issuer": data.parties[question.issuer].did,
        "claim": claim,
        "at": format_instant(instant_on(question.at)),
    }
