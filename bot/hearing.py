"""A voice message becomes words: written down once, masked, and then handled like typed ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from bot.domain.errors import UserError
from bot.domain.note import Flag, FlagCode
from bot.intent import Understanding
from bot.messages import Incoming, MediaKind
from bot.reception import Received, write_down
from bot.speech.errors import LiveRecordingError
from bot.speech.listening import Listener
from bot.turn import Dictation
from storage.messages import Message

NO_VOICE = "现在还听不了语音。请把经过打成文字发来，手机键盘上的语音输入也可以。"
RECORDED = "一段语音像是与客户的对话录音，已删除，内容没有留"
GONE = "这段语音取不回来了，没有记下。请再说一遍，或打成字。"
WAITING = "听写服务暂时连不上。这段语音已经留着，恢复后自动写成文字，不用重发；着急就打成字。"
GIVEN_UP = "这段语音一直没能写成文字，没有记下（{day} {time} 说的）。请再说一遍，或打成字。"


def waiting_key(message_id: int) -> str:
    """By which it is known that WAITING was said about a message."""
    return f"voice-waits-{message_id}"


def refuse_conversation(incoming: Incoming, received: Received) -> None:
    """Refuse what the platform wrote down of a conversation with a customer, and of which nothing
    was kept. Raises CannotHearError."""
    media = incoming.media
    if media is not None and media.kind is MediaKind.SPOKEN and not received.text:
        raise CannotHearError(LiveRecordingError().sentence, recorded=True)


class CannotHearError(Exception):
    """Nothing that can be written down; `sentence` says why and what to do. `recorded` says that
    it sounds like a customer who was recorded, which compliance must see (SY-10)."""

    def __init__(self, sentence: str, *, recorded: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.recorded = recorded

    @property
    def meaning(self) -> Understanding:
        """What to answer. The words of a recording are kept nowhere."""
        if not self.recorded:
            return Understanding(kind="refusal", target=self.sentence)
        flag = Flag(code=FlagCode.HIDDEN_RECORDING, evidence=RECORDED)
        told = Dictation(text="", visits=(), flags=(flag,), engine="rules")
        return Understanding(kind="dictation", dictation=told)


class Hearing:
    """Writes voice messages down with the listener of this installation, if there is one."""

    def __init__(self, engine: Engine, listener: Listener | None) -> None:
        self._engine = engine
        self._listener = listener

    def waits(self, incoming: Incoming, received: Received) -> bool:
        """Whether the words of a message are still to be written down."""
        media = incoming.media
        return media is not None and media.kind is MediaKind.VOICE and not received.text

    def hear(
        self, incoming: Incoming, received: Received, audio: Callable[[], Path]
    ) -> tuple[Incoming, Received]:
        """The message with its words, stored; `audio` fetches the sound.

        Raises:
            CannotHearError: nothing that could be written down.
            SpeechUnavailableError: it may work later; the sound must be kept.
        """
        if self._listener is None:
            raise CannotHearError(NO_VOICE)
        media = incoming.media
        caption = media.caption if media else ""
        seconds = media.seconds if media else None
        try:
            said = self._listener.listen(audio(), received.roster, caption=caption, seconds=seconds)
        except LiveRecordingError as situation:
            raise CannotHearError(situation.sentence, recorded=True) from None
        except UserError as situation:
            raise CannotHearError(situation.sentence) from None
        words = "\n".join(part for part in (said, caption) if part)
        heard = self._keep(received, words)
        return replace(incoming, text=heard.text), heard

    def _keep(self, received: Received, words: str) -> Received:
        with Session(self._engine) as session:
            message = session.get_one(Message, received.message_id, with_for_update=True)
            if not message.body:
                write_down(message, words, received.roster)
                session.commit()
            flags = tuple(Flag.model_validate(flag) for flag in message.flags)
            return replace(received, text=message.body, flags=flags)
