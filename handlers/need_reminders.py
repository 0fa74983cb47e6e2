"""需求 on the clock: told when most of it has run and when it is over, to the owner and then the
manager; 已回复 and 已解决 stop it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.clock import local_day, say_day, to_local
from bot.domain.errors import NotFoundError
from bot.domain.need_stages import NeedStage, RunningNeed, due_needs
from bot.domain.promises import shorten
from bot.domain.pushing import Due
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from bot.registry import on_press
from bot.turn import Turn
from storage.due_rows import running_needs
from storage.needs import Need, NeedStatus, own_need

_VERBS = {"respond": "回复", "solve": "解决"}


def choose(_: datetime, rows: Sequence[RunningNeed], policy: Policy) -> Iterable[Due]:
    """Each need at the stages of its clocks."""
    return due_needs(rows, policy.pushes.need_share, policy.work_calendar())


@push(
    kind="need",
    title="需求时限",
    read=running_needs,
    choose=choose,
    at_night=True,
    deputised=True,
)
def remind(told: Told) -> Reply:
    """What is asked for, until when, and the buttons that stop the clock."""
    stage: NeedStage = told.dues[0].about
    need, verb = stage.need, _VERBS[stage.clock]
    until = to_local(stage.by)
    when = f"{say_day(until.date(), today=local_day(told.now))} {until:%H:%M}"
    whose = f"{need.owner}的" if stage.to_manager else ""
    state = "需求超时了" if stage.is_over else "需求快到时限"
    said = f"该在 {when} 前{verb}，已经过了。" if stage.is_over else f"请在 {when} 前{verb}。"
    text = f"【{whose}{state}】{_about(need)}\n{said}"
    return Reply(text, () if stage.to_manager else _buttons(need))


@on_press("need.answered")
def press_answered(turn: Turn, need_id: int) -> Reply:
    """已回复: the first clock stops; that of a level-1 need goes on until it is solved."""
    need = _own(turn, need_id)
    if need.status != NeedStatus.OPEN:
        return Reply(f"这条已经记过回复了：{shorten(need.text, 30)}。")
    _set(turn, need, NeedStatus.RESPONDED, "need.answer")
    until = to_local(need.solve_by) if need.solve_by else None
    rest = f"解决的时限是 {say_day(until.date())} {until:%H:%M}。" if until else ""
    more = (Button("已解决", f"need.solved:{need.id}"),) if until else ()
    undo = Button("撤销", f"need.back:{need.id}:{NeedStatus.OPEN.value}")
    return Reply(f"记下了，已回复：{shorten(need.text, 30)}。{rest}", (*more, undo))


@on_press("need.solved")
def press_solved(turn: Turn, need_id: int) -> Reply:
    """已解决: no clock runs any more."""
    need = _own(turn, need_id)
    if need.status == NeedStatus.SOLVED:
        return Reply(f"这条早就解决了：{shorten(need.text, 30)}。")
    undo = Button("撤销", f"need.back:{need.id}:{need.status.value}")
    _set(turn, need, NeedStatus.SOLVED, "need.solve")
    return Reply(f"记下了，已解决：{shorten(need.text, 30)}。", (undo,))


@on_press("need.back")
def press_back(turn: Turn, need_id: int, status: str) -> Reply:
    """Take 已回复 or 已解决 back."""
    need = _own(turn, need_id)
    if status in {NeedStatus.OPEN.value, NeedStatus.RESPONDED.value}:
        _set(turn, need, NeedStatus(status), "need.reopen")
    return Reply(f"改回来了：{shorten(need.text, 30)}。")


def _about(need: RunningNeed) -> str:
    return f"{need.customer}：{shorten(need.text, 60)}" if need.customer else shorten(need.text, 60)


def _buttons(need: RunningNeed) -> tuple[Button, ...]:
    answered = Button("已回复", f"need.answered:{need.id}")
    solved = Button("已解决", f"need.solved:{need.id}")
    return (solved,) if need.responded else (answered, solved)


def _own(turn: Turn, need_id: int) -> Need:
    """The person's own need. Raises NotFoundError when it is not theirs."""
    need = own_need(turn.session, turn.me, need_id)
    if need is None:
        raise NotFoundError("这条需求不在您名下，可能刚调整过。")
    return need


def _set(turn: Turn, need: Need, status: NeedStatus, action: str) -> None:
    need.status = status
    turn.session.add(need)
    turn.session.flush()
    turn.record(action, f"need:{need.id}", level=need.level)
