"""Whole credentials offline: verified as online with what is at hand, and never more leniently."""

from dataclasses import replace

from credentials.checks import CheckId, CheckOutcome, check
from credentials.verify import Outcome, Report
from resolver.clock import Clock
from resolver.instant import Instant
from resolver.strict_json import Json
from touchstone.client.unreachable import SelfContained, Unreachable
from touchstone.service.checking import open_checking
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk, Frame
from touchstone.service.settings import Settings

_NO_SCHEMA = "not verified: offline; the framework demands schemas that are not all at hand"


async def examine_offline(desk: Desk, clock: Clock, settings: Settings, request: Json) -> bytes:
    """Answer a request to verify from what is at hand.

    Args:
        desk: answers the questions about each claim.
        clock: tells the present.
        settings: limits, and the folders of schemas and contexts that are at hand.
        request: as `POST /v1/credentials/verify` takes it.

    Raises:
        RequestError: it is not understood; the error names the member.
        SettingsError: a folder cannot be used.
    """
    nowhere = Unreachable()
    async with open_checking(settings, nowhere) as checks:
        return await _Examiner(desk, SelfContained(), clock, checks).examine(request)


class _Examiner(Examiner):
    """An examiner to whom a schema that is demanded and not at hand is not a detail."""

    async def report(
        self, credential: Json, frame: Frame, at: Instant | None = None, *, fresh: bool = False
    ) -> Report:
        report = await super().report(credential, frame, at, fresh=fresh)
        shape = report.check(CheckId.SCHEMA)
        unseen = shape.outcome is CheckOutcome.SKIPPED or bool(shape.warnings)
        if not unseen or not self._desk.framework(frame.known).require_schemas:
            return report
        unverified = check(CheckId.SCHEMA, CheckOutcome.UNDETERMINED, _NO_SCHEMA)
        checks = tuple(unverified if each is shape else each for each in report.checks)
        verified = report.outcome is Outcome.VERIFIED
        return replace(
            report, checks=checks, outcome=Outcome.UNDETERMINED if verified else report.outcome
        )
