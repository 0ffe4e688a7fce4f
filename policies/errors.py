"""The rules' errors: one small tree. A decision is returned; only misuse raises."""


class PolicyError(Exception):
    """Base of everything `policies` raises on purpose."""


class TooManyClaimsError(PolicyError):
    """A claim has more combinations of values than one answer may cover."""


class InvalidScopeError(PolicyError):
    """A scope does not state every dimension of its vocabulary, or states an unknown one.

    Attributes:
        dimension: the dimension at fault.
    """

    def __init__(self, dimension: str, message: str) -> None:
        super().__init__(message)
        self.dimension = dimension


class InvalidQuestionError(PolicyError):
    """A question cannot be asked.

    Attributes:
        member: the member of the question at fault.
    """

    def __init__(self, member: str, message: str) -> None:
        super().__init__(message)
        self.member = member


class CorruptStateError(PolicyError):
    """What was loaded as a registry's state is not one."""
