"""Behind the queue: voices in every outage, files, changed messages, a database that goes away."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.bridge import Bridge
from bot.channel import ChannelDownError, MediaGoneError, RefusedError, UnreachableError
from bot.delivery import Courier
from bot.domain.roster import Roster
from bot.durable import EngineDownError
from bot.gate import Gate
from bot.hearing import GONE, NO_VOICE, WAITING
from bot.meaning import EDITED_TOO_LATE, EDITED_TOO_MUCH
from bot.media import MediaStore
from bot.messages import Incoming, Media, MediaKind
from bot.metrics import Metrics
from bot.speech.errors import LiveRecordingError, NothingSaidError, SpeechUnavailableError
from bot.speech.listening import Listener
from bot.worker import Stopped, Worker
from storage.flags import ComplianceFlag, FlagStatus
from storage.notes import NoteStatus, VisitNote
from tests.channels.played import PlayedChannel, in_worker
from tests.office import RASH, VISIT, Office, opened
from tests.serving.outages import StillClock, away

VOICE = Media(MediaKind.VOICE, "v1", name="a.ogg", type="audio/ogg", seconds=9)
DOWN = SpeechUnavailableError("network")


class PlayedListener(Listener):
    """Hears what it is told to, an error being one of the things; the last one again and again."""

    def __init__(self, *script: str | Exception) -> None:
        self.script = list(script)
        self.heard: list[bytes] = []

    def listen(
        self, audio: Path, roster: Roster, *, caption: str = "", seconds: float | None = None
    ) -> str:
        """What comes next."""
        self.heard.append(audio.read_bytes())
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, Exception):
            raise said
        return said


class Waits(threading.Event):
    """Takes no time but the clock's; it is set when so many waits have passed."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__()
        self.clock = clock
        self.seconds: list[float] = []
        self.most = 10_000

    def wait(self, timeout: float | None = None) -> bool:
        """The clock moves on."""
        self.seconds.append(timeout or 0)
        self.clock.passes(seconds=timeout or 0)
        return self.is_set() or len(self.seconds) > self.most


@dataclass
class Shift:
    """A worker on the office's messages, with its platform and its folder."""

    office: Office
    data: Path
    keep_audio: timedelta = timedelta(0)
    channel: PlayedChannel = field(default_factory=PlayedChannel)
    queued: list[tuple[str, str, str]] = field(default_factory=list)
    queue_is_down: bool = False
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.waits = Waits(self.office.clock)
        self.channel.sounds["v1"] = b"sound"

    def works(self, incoming: Incoming) -> bool:
        """Keep a message and work on it; whether it was answered."""
        return self.works_on(self.office.kept(incoming).message_id)

    def works_on(self, message_id: int) -> bool:
        """Both steps, as the queue takes them; whether the message was answered."""

        def steps(bridge: Bridge) -> bool:
            worker = self.worker(bridge)
            meant = worker.understand(message_id)
            if meant is not None:
                worker.answer(message_id, json.loads(json.dumps(meant)))
            return meant is not None

        return in_worker(steps)

    def worker(self, bridge: Bridge) -> Worker:
        """One that has just started."""
        office, channels = self.office, {"telegram": self.channel}
        return Worker(
            database=office.database,
            dispatcher=office.dispatcher,
            gate=Gate(),
            channels=channels,
            media=MediaStore(self.data, bridge, keep_audio=self.keep_audio),
            courier=Courier(office.database, channels, bridge, office.clock, self.metrics),
            metrics=self.metrics,
            queue_delivery=self._queue,
            clock=office.clock,
            stopping=self.waits,
        )

    def _queue(self, channel: str, chat: str, *, about: str) -> None:
        if self.queue_is_down:
            raise EngineDownError("OperationalError")
        self.queued.append((channel, chat, about))

    @property
    def texts(self) -> list[str]:
        """What the rep sees."""
        return self.channel.texts()

    def sounds(self) -> list[str]:
        """What lies in the folder of sounds."""
        return sorted(path.name for path in (self.data / "audio").glob("*"))

    def notes(self) -> list[VisitNote]:
        """What was made of all."""
        with Session(self.office.database) as session:
            return list(session.exec(select(VisitNote).order_by(col(VisitNote.id))).all())

    def flags(self) -> list[str]:
        """What was raised."""
        with Session(self.office.database) as session:
            return [flag.code.value for flag in session.exec(select(ComplianceFlag)).all()]


Begin = Callable[..., Shift]


@pytest.fixture
def begin(database: Engine, tmp_path: Path) -> Begin:
    """A shift with what its listener hears."""

    def begin(*script: str | Exception, **more: Any) -> Shift:
        listener = PlayedListener(*script) if script else None
        return Shift(opened(database, tmp_path, listener), tmp_path, **more)

    return begin


def voice(shift: Shift, text: str = "", **more: Any) -> Incoming:
    return shift.office.from_("501", text, media=VOICE, **more)


def test_a_voice_is_written_down_and_stands_above_its_card(begin: Begin) -> None:
    shift = begin(VISIT)
    assert shift.works(voice(shift))
    assert shift.texts[0] == f"听到的是：「{VISIT}」"
    card = shift.channel.chats["501"][-1]
    assert "沈怀安" in card.text
    assert "确认" in card.buttons
    assert [note.dictation for note in shift.notes()] == [VISIT]


def test_the_sound_is_deleted_once_it_is_written_down(begin: Begin) -> None:
    shift = begin(VISIT)
    shift.works(voice(shift))
    assert shift.sounds() == []


def test_the_sound_is_kept_where_that_is_wanted(begin: Begin) -> None:
    shift = begin(VISIT, keep_audio=timedelta(days=7))
    received = shift.office.kept(voice(shift))
    shift.works_on(received.message_id)
    assert shift.sounds() == [f"{received.message_id}.ogg"]


def test_without_a_listener_the_rep_is_asked_to_type(begin: Begin) -> None:
    shift = begin()
    assert shift.works(voice(shift))
    assert NO_VOICE in shift.texts


def test_silence_is_answered_and_its_sound_deleted(begin: Begin) -> None:
    shift = begin(NothingSaidError(), keep_audio=timedelta(days=7))
    assert shift.works(voice(shift))
    assert "没听到说话" in shift.texts[-1]
    assert shift.sounds() == []


def test_a_recorded_customer_is_refused_deleted_and_told_to_compliance(begin: Begin) -> None:
    shift = begin(LiveRecordingError(), keep_audio=timedelta(days=7))
    assert shift.works(voice(shift))
    assert "不收与医生的对话录音" in shift.texts[-1]
    assert shift.sounds() == []
    assert shift.flags() == ["hidden_recording"]
    assert [message.body for message in shift.office.messages()] == [""]


def test_a_voice_that_is_gone_from_the_platform_is_asked_for_again(begin: Begin) -> None:
    shift = begin(VISIT)
    shift.channel.fails("fetch", MediaGoneError("gone"))
    assert shift.works(voice(shift))
    assert GONE in shift.texts


def test_a_short_outage_of_speech_is_waited_out_and_told_once(begin: Begin) -> None:
    shift = begin(DOWN, DOWN, VISIT)
    assert shift.works(voice(shift))
    assert shift.texts.count(WAITING) == 1
    assert shift.texts.index(WAITING) < shift.texts.index(f"听到的是：「{VISIT}」")
    assert shift.waits.seconds == [1, 2]


def test_in_a_long_outage_the_voice_is_safe_and_answered_later(begin: Begin) -> None:
    shift = begin(DOWN)
    received = shift.office.kept(voice(shift))
    assert not shift.works_on(received.message_id)
    assert shift.texts == [WAITING]
    assert 20 <= sum(shift.waits.seconds) <= 40
    assert shift.sounds() == [f"{received.message_id}.ogg"]
    shift.office.clock.passes(minutes=5)
    assert not shift.works_on(received.message_id)
    assert shift.texts == [WAITING]
    assert shift.office.listener is not None
    shift.office.listener.script = [VISIT]  # type: ignore[attr-defined]
    shift.channel.sounds.clear()
    assert shift.works_on(received.message_id)
    assert shift.texts[0] == WAITING
    assert f"听到的是：「{VISIT}」" in shift.texts
    assert shift.sounds() == []


def test_that_a_voice_waits_is_no_news_later(begin: Begin) -> None:
    shift = begin(DOWN, VISIT)
    shift.channel.fails("send", UnreachableError("blocked"))
    assert shift.works(voice(shift))
    assert WAITING not in shift.texts
    assert not any("没送到" in text for text in shift.texts)


def test_an_old_voice_holds_nobody_up(begin: Begin) -> None:
    shift = begin(DOWN)
    old = voice(shift)
    shift.office.clock.passes(minutes=5)
    assert not shift.works(old)
    assert shift.waits.seconds == []


def test_after_a_day_the_rep_is_told_which_voice_was_lost(begin: Begin) -> None:
    shift = begin(DOWN)
    received = shift.office.kept(voice(shift))
    shift.office.clock.passes(days=1)
    assert shift.works_on(received.message_id)
    assert "一直没能写成文字，没有记下（11月3日（周二） 17:40 说的）" in shift.texts[-1]


def test_a_platform_that_does_not_give_the_sound_is_asked_again(begin: Begin) -> None:
    shift = begin(VISIT)
    shift.channel.fails("fetch", ChannelDownError("timeout"))
    assert shift.works(voice(shift))
    assert f"听到的是：「{VISIT}」" in shift.texts


def test_what_was_written_beside_a_voice_counts(begin: Begin) -> None:
    shift = begin(VISIT)
    assert shift.works(voice(shift, "沈怀安上个月开了30盒舒络宁"))
    (message,) = shift.office.messages()
    assert message.body.startswith(VISIT)
    assert "30" not in message.body
    assert "prescription_count" in shift.flags()
    assert any("合规提醒" in text for text in shift.texts)


def test_a_side_effect_written_beside_an_empty_voice_is_not_lost(begin: Begin) -> None:
    shift = begin(NothingSaidError())
    assert shift.works(voice(shift, RASH))
    assert shift.flags() == ["adverse_event"]
    assert len(shift.office.queued("502")) == 1


def test_a_crash_between_hearing_and_answering_hears_once(begin: Begin) -> None:
    shift = begin(VISIT, "别的话")
    received = shift.office.kept(voice(shift))
    for _ in range(2):
        in_worker(lambda bridge: shift.worker(bridge).understand(received.message_id))
    shift.works_on(received.message_id)
    assert f"听到的是：「{VISIT}」" in shift.texts
    assert len(shift.notes()) == 1


def test_a_crash_before_the_sound_was_deleted_leaves_none(begin: Begin) -> None:
    shift = begin(VISIT)
    received = shift.office.kept(voice(shift))
    shift.works_on(received.message_id)
    (shift.data / "audio" / f"{received.message_id}.ogg").write_bytes(b"left behind")
    shift.works_on(received.message_id)
    assert shift.sounds() == []


def test_a_try_that_comes_when_the_message_was_answered_does_nothing(begin: Begin) -> None:
    shift = begin(VISIT)
    received = shift.office.kept(voice(shift))
    assert shift.works_on(received.message_id)
    said = list(shift.texts)
    assert not shift.works_on(received.message_id)
    assert shift.texts == said


def test_others_are_written_to_by_whoever_is_free(begin: Begin) -> None:
    shift = begin()
    shift.works(shift.office.from_("501", RASH))
    (row,) = shift.office.queued("502")
    assert set(shift.queued) == {("telegram", "502", f"{row.id}-0")}
    assert shift.channel.texts("502") == []
    assert shift.texts == shift.office.texts("501")


def test_a_queue_that_is_down_holds_no_answer_up(begin: Begin) -> None:
    shift = begin(queue_is_down=True)
    assert shift.works(shift.office.from_("501", RASH))
    assert shift.texts == shift.office.texts("501")


@pytest.mark.parametrize("where", ["FROM message", "INSERT INTO", "UPDATE", "FROM delivery"])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_an_outage_of_the_database_is_waited_out_and_nothing_is_said_twice(
    begin: Begin, where: str, after: int
) -> None:
    shift = begin(VISIT)
    received = shift.office.kept(voice(shift, RASH))
    with away(shift.office.database, times=5, where=where, after=after) as met:
        assert shift.works_on(received.message_id)
    assert met
    assert shift.texts == shift.office.texts("501")
    assert len(set(shift.texts)) == len(shift.texts)
    assert len(shift.notes()) == 1
    assert shift.flags() == ["adverse_event"]
    assert len(shift.office.queued("502")) == 1


def test_an_outage_while_telling_that_a_voice_waits_is_waited_out(begin: Begin) -> None:
    shift = begin(DOWN, VISIT)
    received = shift.office.kept(voice(shift))
    with away(shift.office.database, times=3, where="INSERT INTO delivery"):
        assert shift.works_on(received.message_id)
    assert shift.texts.count(WAITING) == 1
    assert f"听到的是：「{VISIT}」" in shift.texts


def test_work_that_is_stopped_goes_on_at_the_next_start(begin: Begin) -> None:
    shift = begin()
    received = shift.office.kept(shift.office.from_("501", VISIT))
    shift.waits.most = 2
    with away(shift.office.database, times=50), pytest.raises(Stopped):
        shift.works_on(received.message_id)
    assert shift.texts == []
    shift.waits.most = 10_000
    assert shift.works_on(received.message_id)
    assert len(shift.notes()) == 1


def file(kind: MediaKind = MediaKind.FILE, name: str = "a.xlsx") -> Media:
    return Media(kind, "f1", name=name, type="application/octet-stream")


def test_a_file_is_fetched_and_handled(begin: Begin) -> None:
    shift = begin()
    shift.channel.sounds["f1"] = b"no workbook"
    shift.channel.fails("fetch", ChannelDownError("timeout"), ChannelDownError("timeout"))
    assert shift.works(shift.office.from_("900", media=file()))
    (told,) = shift.channel.texts("900")
    assert "这不是 Excel 文件" in told
    assert shift.waits.seconds == [1, 2]


def test_a_file_is_kept_no_longer_than_it_is_read(begin: Begin) -> None:
    shift = begin()
    shift.channel.sounds["f1"] = b"no workbook"
    assert shift.works(shift.office.from_("900", media=file()))
    assert [path for path in shift.office.files.rglob("in-*") if path.is_file()] == []


def test_a_file_that_nobody_wants_is_not_fetched_and_its_name_is_masked(begin: Begin) -> None:
    shift = begin()
    shift.channel.fails("fetch", ChannelDownError("timeout"))
    named = file(name="沈怀安上个月开了31盒.docx")
    assert shift.works(shift.office.from_("501", media=named))
    assert "这种文件我不会处理" in shift.texts[-1]
    assert shift.waits.seconds == []
    (message,) = shift.office.messages()
    assert "31" not in message.media["name"]


def test_a_count_beside_a_refused_file_is_told_to_compliance(begin: Begin) -> None:
    shift = begin()
    said = "沈怀安主任上个月开了38盒"
    assert shift.works(shift.office.from_("501", said, media=file(name="a.pdf")))
    with Session(shift.office.database) as session:
        assert len(session.exec(select(ComplianceFlag)).all()) == 1


@pytest.mark.parametrize("error", [MediaGoneError("too_large"), RefusedError("refused")])
def test_a_file_that_cannot_be_had_is_asked_for_again(begin: Begin, error: Exception) -> None:
    shift = begin()
    shift.channel.fails("fetch", error)
    assert shift.works(shift.office.from_("900", media=file()))
    (told,) = shift.channel.texts("900")
    assert "取不下来" in told


@pytest.mark.parametrize(
    ("media", "answer"),
    [
        (Media(MediaKind.RECORDING, "r1", name="meeting.mp3"), "不收录音文件和转发的语音"),
        (Media(MediaKind.OTHER, "", name="位置"), "不用发位置，我不查岗"),
        (Media(MediaKind.OTHER, "p1", name="图片"), "图片我看不了，也没有留下"),
        (Media(MediaKind.OTHER, "", name="名片"), "要加新客户"),
    ],
)
def test_what_is_no_word_and_no_own_voice_gets_a_kind_answer(
    begin: Begin, media: Media, answer: str
) -> None:
    shift = begin(VISIT)
    assert shift.works(shift.office.from_("501", media=media))
    assert answer in shift.texts[-1]
    assert shift.sounds() == []


def test_a_picture_with_words_is_its_words(begin: Begin) -> None:
    shift = begin()
    assert shift.works(shift.office.from_("501", VISIT, media=Media(MediaKind.OTHER, "p1", "图片")))
    assert len(shift.notes()) == 1


def changed(shift: Shift, first: Incoming, text: str, time: int = 1) -> Incoming:
    """The person changes a message, once more."""
    return shift.office.from_("501", text, id=f"{first.id}:e{time}", edits=first.id)


def test_a_changed_dictation_changes_its_card(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    shift.works(changed(shift, first, VISIT.replace("二十分钟", "三十五分钟")))
    (note,) = shift.notes()
    assert (note.duration_minutes, note.version) == (35, 2)
    assert "已按您改过的话重新整理" in shift.texts[-1]
    cards = [shown for shown in shift.channel.chats["501"] if "确认" in shown.buttons]
    assert len(cards) == 1


def test_a_message_that_is_changed_twice_still_has_one_card(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    for time, minutes in enumerate(["三十五", "四十"], start=1):
        shift.works(changed(shift, first, VISIT.replace("二十", minutes), time))
    (note,) = shift.notes()
    assert (note.duration_minutes, note.version) == (40, 3)


def test_a_confirmed_note_is_left_alone(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    shift.works(shift.office.from_("501", "确认"))
    shift.works(changed(shift, first, VISIT.replace("二十分钟", "三十五分钟")))
    (note,) = shift.notes()
    assert (note.status, note.duration_minutes) == (NoteStatus.CONFIRMED, 20)
    assert shift.texts[-1] == EDITED_TOO_LATE


def test_words_that_no_longer_tell_of_a_visit_leave_the_card_alone(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    shift.works(changed(shift, first, "下一个该见谁"))
    (note,) = shift.notes()
    assert note.version == 1
    assert shift.texts[-1] == EDITED_TOO_MUCH


def test_a_question_that_became_a_dictation_is_one_card_however_often_it_is_changed(
    begin: Begin,
) -> None:
    shift = begin()
    first = shift.office.from_("501", "帮助")
    shift.works(first)
    shift.works(changed(shift, first, VISIT))
    shift.works(changed(shift, first, VISIT.replace("二十分钟", "三十五分钟"), 2))
    (note,) = shift.notes()
    assert note.duration_minutes == 35


def test_a_changed_comma_tells_nobody_twice(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", f"{VISIT}{RASH}")
    shift.works(first)
    shift.works(changed(shift, first, f"{VISIT}，{RASH}"))
    assert shift.flags() == ["adverse_event"]
    assert len(shift.office.queued("502")) == 1


def test_a_side_effect_that_is_added_is_told_once(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    shift.works(changed(shift, first, f"{VISIT}{RASH}"))
    assert len(shift.office.queued("502")) == 1
    shift.works(changed(shift, first, f"{VISIT}，{RASH}", 2))
    assert shift.flags() == ["adverse_event"]
    assert len(shift.office.queued("502")) == 1


def test_what_is_added_to_an_adverse_event_by_a_change_reaches_compliance(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", f"方林医生说{RASH}")
    shift.works(first)
    shift.works(changed(shift, first, f"方林医生说{RASH}，男，七十岁，昨天去世了"))
    alert, more = shift.office.texts("502")
    assert "皮疹" in alert
    assert "不良事件补充" in more
    assert "七十岁，昨天去世了" in more
    assert shift.flags() == ["adverse_event"], "it is no second case"
    assert any("已补充到不良事件" in text for text in shift.texts)


def test_an_event_told_by_changing_words_of_a_closed_one_is_a_case_of_its_own(
    begin: Begin,
) -> None:
    shift = begin()
    first = shift.office.from_("501", f"方林医生说{RASH}")
    shift.works(first)
    with Session(shift.office.database) as session:
        session.exec(select(ComplianceFlag)).one().status = FlagStatus.CLOSED
        session.commit()
    shift.works(changed(shift, first, "方林医生说有个病人吃了舒络宁昏迷住院了"))
    assert shift.flags() == ["adverse_event", "adverse_event"]
    assert len(shift.office.texts("502")) == 2


def test_somebody_elses_message_cannot_be_changed(begin: Begin) -> None:
    shift = begin()
    first = shift.office.from_("501", VISIT)
    shift.works(first)
    other = VISIT.replace("沈怀安", "田牧野").replace("市人民", "妇幼")
    shift.works(shift.office.from_("503", other, edits=first.id))
    mine, theirs = shift.notes()
    assert (mine.version, mine.author_id) == (1, shift.office.id_of("tangning"))
    assert theirs.author_id == shift.office.id_of("luowei")
