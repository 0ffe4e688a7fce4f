"""The demo's errors: one small tree."""


class DemoError(Exception):
    """Base of everything the demo raises on purpose."""


class DemoDataError(DemoError):
    """The data under `deploy/demo` is absent, or cannot be read as what it should be."""


class DemoStoppedError(DemoError):
    """The ecosystem could not be brought up; the message says what refused."""
