"""What a message means, run: the capability, button, file, answer or dictation it names."""

from collections.abc import Sequence

from bot.alerts import raise_flags
from bot.arguments import STALE
from bot.domain.errors import NotAllowedError, StaleCardError, UserError
from bot.intent import Understanding
from bot.messages import Incoming, Media, MediaKind, Reply
from bot.notice import first_notice
from bot.reception import Received
from bot.registry import Registry, Said
from bot.turn import Dictation, Turn
from storage.flags import link_flags, raised_codes
from storage.messages import Conversation
from storage.people import Person, Role

UNCLEAR = {
    Role.REP: (
        "这句我没看懂。拜访完直接说经过就行，例如「刚见了李主任，聊了二十分钟，下周三前把文献发他」；"
        "发「帮助」看我会做什么。"
    ),
    Role.MANAGER: (
        "这句我没看懂。可以问「李主任什么情况」「我还有什么没做」，协访完也可以直接说经过；"
        "发「帮助」看全部。"
    ),
    Role.MEDICAL: "这句我没看懂。发「医学问题」看等您答复的，「处理 1」登记由您来答。",
    Role.COMPLIANCE: (
        "这句我没看懂。发「合规提醒」看没处理的，「处理 1」登记，「关闭 1 已报监测中心」写结果。"
    ),
    Role.ADMIN: (
        "这句我没看懂。把 .xlsx 发给我就导入，「导出客户」拿格式，「邀请王小明」要邀请码。"
    ),
}
UNKNOWN_FILE = "这种文件我不会处理。管理员可以发 .xlsx 的客户表给我导入。"
FILE_GONE = "这个文件取不下来（可能超过 20 MB 或已过期）。请重新发一次，或拆小再发。"
RECORDING = (
    "我只听您拜访后自己当场说的话，不收录音文件和转发的语音，刚才那段没有留下。"
    "请按住话筒说一遍经过，或打成字。"
)
LOOK_AT_NOTHING = "{kind}我看不了，也没有留下。请把经过说给我听，或打成字。"
NO_USE = {
    "位置": "不用发位置，我不查岗。把经过说给我听就行。",
    "名片": "名片我看不了。要加新客户，直接说「新认识了市一院心内的王玮主任」这样就行。",
}
NOT_YET = "您问的是「{topic}」，这个我现在还答不了，不给您乱报数。现在可以问：「{examples}」。"


class Answerer:
    """Finds who handles what was meant, checks the role, and lets it speak in the open session."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def answer(
        self, turn: Turn, incoming: Incoming, received: Received, meant: Understanding
    ) -> list[Reply]:
        """All that is said in this turn, in order; what was written waits for the commit.

        Raises:
            UserError: a situation with its own sentence.
        """
        notice = first_notice(turn) if self._registry.takes_dictation(turn.person.role) else None
        answers = _listed(self._said(turn, incoming, received, meant))
        masked = _tell_masked(turn, received, meant)
        link_flags(turn.session, received.message_id)
        return [*_listed(notice or ()), *answers, *masked, *turn.pushes]

    def _said(
        self, turn: Turn, incoming: Incoming, received: Received, meant: Understanding
    ) -> Said:
        match meant.kind:
            case "press":
                said = self._press(turn, meant.target)
            case "file":
                said = self._file(turn, incoming)
            case "call":
                said = self._call(turn, meant)
            case "answer":
                asked = turn.session.get_one(Conversation, turn.me)
                said = self._registry.answers[meant.target].run(turn, received.text, asked.about)
            case "dictation":
                said = self._registry.dictate(turn, _without_raised(turn, meant.dictation))
            case "refusal":
                said = Reply(meant.target)
            case "not_yet":
                said = self._not_yet(turn, meant.target)
            case "unclear":
                said = self._unclear(turn)
        return said

    def _unclear(self, turn: Turn) -> Said:
        """Nothing more is said after an alert: that was what the words were about."""
        if turn.message_id is not None and raised_codes(turn.session, turn.message_id):
            return []
        return Reply(UNCLEAR[turn.person.role])

    def _not_yet(self, turn: Turn, topic: str) -> Reply:
        """Says that the question was understood, and what can be asked instead."""
        examples = "」「".join(self._registry.questions(turn.person.role))
        return Reply(NOT_YET.format(topic=topic, examples=examples))

    def _call(self, turn: Turn, meant: Understanding) -> Said:
        wanted = self._registry.named(meant.target)
        _allow(turn.person, wanted.roles)
        return wanted.run(turn, wanted.slots.model_validate(meant.slots))

    def _press(self, turn: Turn, button_id: str) -> Said:
        name, *arguments = button_id.split(":")
        pressed = self._registry.presses.get(name)
        if pressed is None:
            raise StaleCardError(STALE)
        _allow(turn.person, pressed.roles)
        return pressed.press(turn, arguments)

    def _file(self, turn: Turn, incoming: Incoming) -> Said:
        file, media = incoming.file, incoming.media
        name = file.name if file is not None else media.name if media is not None else ""
        handler = self._registry.file_handler(name)
        if handler is None:
            raise UserError(_about_media(media) if media is not None else UNKNOWN_FILE)
        _allow(turn.person, handler.roles)
        if file is None:
            raise UserError(FILE_GONE)
        return handler.run(turn, file)


def _about_media(media: Media) -> str:
    """What to do instead of sending this."""
    if media.kind is MediaKind.RECORDING:
        return RECORDING
    if media.kind is MediaKind.OTHER:
        return NO_USE.get(media.name, LOOK_AT_NOTHING.format(kind=media.name or "这种消息"))
    return UNKNOWN_FILE


def _without_raised(turn: Turn, dictation: Dictation | None) -> Dictation | None:
    """The dictation with the flags that the alarm did not raise before."""
    if dictation is None or turn.message_id is None:
        return dictation
    raised = raised_codes(turn.session, turn.message_id)
    left = tuple(flag for flag in dictation.flags if flag.code not in raised)
    return dictation.model_copy(update={"flags": left})


def _tell_masked(turn: Turn, received: Received, meant: Understanding) -> list[Reply]:
    """A dictation's card tells what was masked; after anything else it is told here."""
    if meant.kind == "dictation" or not received.flags:
        return []
    return raise_flags(turn, received.flags, None, received.text)


def _allow(person: Person, roles: frozenset[Role]) -> None:
    if person.role not in roles:
        who = "、".join(role.label for role in Role if role in roles)
        raise NotAllowedError(
            f"这一项由{who}来做，您的账号是{person.role.label}。发「帮助」看您能做的。"
        )


def _listed(said: Said) -> Sequence[Reply]:
    return [said] if isinstance(said, Reply) else said
