"""Acts about an act that waits for the board: votes, objections, its execution."""

from typing import Literal

from trust_registry.acts.signed import BaseState, SignedAct
from trust_registry.fields import Digest, Plain


class Vote(SignedAct):
    """What every vote says: on which act, under which framework, having seen what.

    Attributes:
        proposal: the id of the act voted on.
        framework: the digest of the framework in force.
        base: the state the voter looked at; it contains the proposal.
    """

    proposal: Digest
    framework: Digest
    base: BaseState


class Approve(Vote):
    """Approve a pending act."""

    type: Literal["approve"]


class Reject(Vote):
    """Vote against a pending act; by its proposer, end it."""

    type: Literal["reject"]


class TakeBack(Vote):
    """Take one's vote back, so that it counts neither way."""

    type: Literal["take_back"]


class Execute(Vote):
    """Carry out an act that has its quorum and whose waiting period is over."""

    type: Literal["execute"]


class Object(SignedAct):
    """Object in public to a pending act; a party may, whether or not it has a seat.

    It decides nothing, but it is recorded, and makes the public period as long as the framework
    says for acts that somebody objects to.
    """

    type: Literal["object"]
    proposal: Digest
    ground: Plain
