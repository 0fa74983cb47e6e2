"""What can go wrong between a voice and its words: what the person can mend, and what must wait."""

from bot.domain.errors import UserError


class NothingSaidError(UserError):
    """Silence, noise, or a transcript that was made up from silence."""

    def __init__(self) -> None:
        super().__init__("没听到说话。请靠近话筒再说一遍，也可以直接打字。")


class NotUnderstoodError(UserError):
    """Somebody spoke, but no words came out of it that can be trusted."""

    def __init__(self) -> None:
        super().__init__("这段语音没听清。请换个安静的地方再说一遍，也可以直接打字。")


class TooLongError(UserError):
    """Longer than one voice message may be; `seconds` is None when it was too long to count."""

    def __init__(self, seconds: float | None) -> None:
        told = "不止十分钟" if seconds is None else f"有 {_minutes(seconds)}"
        super().__init__(f"一次最多三分钟，这段{told}。请分成几段再发。")
        self.seconds = seconds


class LiveRecordingError(UserError):
    """A conversation with a customer instead of the rep's own words (SY-10)."""

    def __init__(self) -> None:
        super().__init__(
            "我只收您拜访后自己的口述，不收与医生的对话录音；这段没有留下。"
            "请删掉录音，也不要再录。拜访的情况，您自己说一遍就行。"
        )


class UnreadableAudioError(UserError):
    """No sound that can be decoded, or only a part of what was recorded arrived."""

    def __init__(self) -> None:
        super().__init__("这段语音打不开，可能没有传完整。请重新录一段发来，也可以直接打字。")


class SpeechUnavailableError(Exception):
    """No transcript for a reason that is ours, so the audio must be kept: `passing` says that
    trying again later may help, `reason` is a short word for logs and metrics, `retry_after` the
    seconds that the service asks for."""

    def __init__(
        self, reason: str, *, passing: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing
        self.retry_after = retry_after


def _minutes(seconds: float) -> str:
    whole, rest = divmod(round(seconds), 60)
    return f"{whole} 分 {rest} 秒"
