"""What a rep is told before anything is kept about visits (SY-23): at first use, and on asking."""

from bot.messages import Reply
from bot.turn import Turn
from storage.notices import remember_notice

VERSION = 1
"""Raise it whenever the text changes: everybody is then told again, once."""

TEXT = (
    "【使用须知】您说的拜访会整理成记录，由您确认后保存；原话和每一版都留着。"
    "患者身份和处方数量自动遮盖后才保存，也不会交给大模型。"
    "内容会做合规筛查：不良事件等会通知合规同事，您会看到是哪句话。"
    "拜访记录您的主管能看到；不定位、不录医生的音。发「隐私」可再看。"
)


def first_notice(turn: Turn) -> Reply | None:
    """The notice, when this person has not been told this version yet."""
    told = remember_notice(turn.session, turn.me, VERSION, turn.now)
    return Reply(TEXT) if told else None
