"""What can go wrong for a user: one class per situation, each carrying its own Chinese sentence."""


class UserError(Exception):
    """A situation the user can meet; `str()` is the Chinese sentence the dispatcher shows."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotAllowedError(UserError):
    """The person's role does not include what they asked for."""


class NotFoundError(UserError):
    """What was asked about does not exist within the person's scope."""


class StaleCardError(UserError):
    """A button of a card that is finished or was replaced."""
