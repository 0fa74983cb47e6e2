"""A model is asked within a deadline, whatever its service does."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from bot.config import AnswerFormat
from bot.llm.answers import fit, json_of, text_of
from bot.llm.calls import ModelAnswerError, ModelCall, ModelUnavailableError, RequestRefusedError
from bot.llm.client import ModelClient, Task
from bot.llm.exchange import Body, open_exchange
from bot.llm.formats import structured
from bot.llm.outage import FAILURES, REST_SECONDS, Outage
from bot.llm.tape import NotRecordedError, recording, replaying
from bot.prompting import Prompt
from tests.llm.server import Answer, ScriptedModel, fails, refuses, says, scripted


class Dinner(BaseModel):
    """A small answer to ask for."""

    model_config = ConfigDict(extra="forbid")

    dish: str
    people: int
    note: str | None
    guests: list[str]


GOOD = '{"dish": "面", "people": 2, "note": null, "guests": []}'
PROMPT = Prompt("dinner", "7", "说晚饭", "今晚吃什么")


def _read(message: Body) -> Dinner:
    return fit(json_of(text_of(message)), Dinner)


TASK = Task(PROMPT, structured(Dinner), _read)


class Log(list[ModelCall]):
    """What was reported, call by call."""

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for call in self]


def _client(
    model: ScriptedModel,
    log: Log | None = None,
    *,
    seconds: float = 5,
    models: tuple[str, ...] = ("first",),
    wanted: AnswerFormat = AnswerFormat.AUTO,
) -> ModelClient:
    exchange = open_exchange(model.base_url, "secret-key")
    on_use = (lambda _: None) if log is None else log.append
    return ModelClient(exchange, models, seconds=seconds, wanted=wanted, on_use=on_use)


def _timed(call: Callable[[], object]) -> float:
    started = time.monotonic()
    with pytest.raises(ModelUnavailableError):
        call()
    return time.monotonic() - started


def test_a_good_answer_is_read_and_what_it_cost_is_reported() -> None:
    log = Log()
    with scripted(says(GOOD)) as model:
        answered = _client(model, log).ask(TASK)
    assert answered.value == Dinner(dish="面", people=2, note=None, guests=[])
    assert answered.model == "first"
    (call,) = log
    assert (call.purpose, call.prompt_version, call.outcome) == ("dinner", "7", "ok")
    assert (call.input_tokens, call.output_tokens) == (900, 120)
    assert call.milliseconds < 5000


def test_the_first_request_asks_for_a_strict_schema_that_services_accept() -> None:
    with scripted(says(GOOD)) as model:
        _client(model).ask(TASK)
    (request,) = model.requests
    schema = request["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["required"] == ["dish", "people", "note", "guests"]
    assert schema["schema"]["additionalProperties"] is False
    assert schema["schema"]["properties"]["note"] == {"type": ["string", "null"]}
    assert model.keys == ["Bearer secret-key"]


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{GOOD}\n```",
        f"<think>面条{{还是}}饺子？</think>\n{GOOD}",
        f"想想…</think>{GOOD}",
        f"好的，这是结果：\n```\n{GOOD}\n```\n请查收。",
        f"结果如下 {GOOD} 以上。",
        f"空的写成{{}}：\n```json\n{GOOD}\n```\n其余照{{原样}}。",
        '{"dish": "面", "people": 2}',
        '{"dish": "面", "people": 2, "guests": [], "mood": "好"}',
    ],
)
def test_wrapping_around_the_json_costs_no_second_call(content: str) -> None:
    with scripted(says(content)) as model:
        assert _client(model).ask(TASK).value == Dinner(dish="面", people=2, note=None, guests=[])
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (says('{"dish": "面", "people": "很多"}'), "wrong_schema"),
        (says(GOOD[:20], finish="length"), "truncated"),
        (says(GOOD[:20]), "not_json"),
        (says("[1, 2]"), "not_json"),
        (says(""), "empty"),
        (says(None), "empty"),
        (says('{"a":' * 20_000), "not_json"),
    ],
)
def test_a_bad_answer_is_mended_by_telling_the_model_what_is_wrong(
    bad: Answer, reason: str
) -> None:
    log = Log()
    with scripted(bad, says(GOOD)) as model:
        assert _client(model, log).ask(TASK).value.people == 2
    assert log.outcomes == [reason, "ok"]
    told = model.requests[1]["messages"]
    assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]


def test_the_complaint_names_the_field() -> None:
    with scripted(says('{"dish": "面", "people": "很多"}'), says(GOOD)) as model:
        _client(model).ask(TASK)
    assert "people" in model.requests[1]["messages"][-1]["content"]


def test_a_service_that_ignores_the_schema_is_told_it_in_words() -> None:
    with scripted(says('{"meal": "面"}'), says(GOOD)) as model:
        _client(model).ask(TASK)
    assert '"dish":string' in model.requests[1]["messages"][-1]["content"]


def test_after_two_repairs_the_answer_is_given_up() -> None:
    log = Log()
    with scripted(says("我不知道")) as model, pytest.raises(ModelAnswerError, match="not_json"):
        _client(model, log).ask(TASK)
    assert log.outcomes == ["not_json"] * 3


@pytest.mark.parametrize("refusal", [says(None, refusal="不行"), says("", finish="content_filter")])
def test_a_refusal_is_not_argued_with(refusal: Answer) -> None:
    with scripted(refusal) as model, pytest.raises(ModelAnswerError, match="refusal"):
        _client(model).ask(TASK)
    assert len(model.requests) == 1


def test_too_many_requests_waits_as_long_as_the_service_says() -> None:
    log = Log()
    with scripted(fails(429, Retry_After="0.3"), says(GOOD)) as model:
        started = time.monotonic()
        _client(model, log).ask(TASK)
    assert 0.3 <= time.monotonic() - started < 2
    assert log.outcomes == ["http_429", "ok"]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    with scripted(fails(429, Retry_After="60")) as model:
        assert _timed(lambda: _client(model, seconds=2).ask(TASK)) < 1
    assert len(model.requests) == 1


@pytest.mark.parametrize("broken", [500, 502, 503, 504, 408])
def test_a_server_error_is_tried_again(broken: int) -> None:
    log = Log()
    with scripted(fails(broken), says(GOOD)) as model:
        _client(model, log).ask(TASK)
    assert log.outcomes == [f"http_{broken}", "ok"]


@pytest.mark.parametrize(
    "garbage",
    [
        Answer({"error": {"message": "busy", "code": "1305"}}),
        Answer({"code": 500, "msg": "系统繁忙", "success": False}),
        Answer("<html>bad gateway</html>"),
        Answer(""),
        Answer({"choices": []}),
        Answer({"choices": [{"message": "hm"}]}),
    ],
)
def test_an_error_that_comes_with_status_200_is_an_error(garbage: Answer) -> None:
    log = Log()
    with scripted(garbage, says(GOOD)) as model:
        _client(model, log).ask(TASK)
    assert log.outcomes == ["error_body", "ok"]


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_an_error_that_will_not_pass_is_not_tried_again(status: int) -> None:
    with scripted(fails(status)) as model, pytest.raises(ModelUnavailableError):
        _client(model).ask(TASK)
    assert len(model.requests) == 1


def test_an_empty_purse_is_not_tried_again() -> None:
    broke = Answer({"error": {"message": "quota", "code": "insufficient_quota"}}, 429)
    with scripted(broke) as model, pytest.raises(ModelUnavailableError):
        _client(model).ask(TASK)
    assert len(model.requests) == 1


@pytest.mark.parametrize("silence", [Answer(wait=30), Answer(drip=True)])
def test_a_silent_or_dripping_service_is_left_at_the_deadline(silence: Answer) -> None:
    log = Log()
    with scripted(silence) as model:
        assert _timed(lambda: _client(model, log, seconds=0.4).ask(TASK)) < 0.8
    assert log.outcomes == ["timeout"]


def test_a_dripping_service_is_hung_up_on() -> None:
    with scripted(Answer(drip=True)) as model:
        _timed(lambda: _client(model, seconds=0.2).ask(TASK))
        time.sleep(0.2)
        assert "model-call" not in {thread.name for thread in threading.enumerate()}


def test_a_body_that_breaks_off_is_tried_again() -> None:
    log = Log()
    with scripted(Answer('{"choices"', broken=True), says(GOOD)) as model:
        _client(model, log).ask(TASK)
    assert log.outcomes == ["unreachable", "ok"]


def test_a_flood_is_not_read_to_its_end() -> None:
    flood = f'{{"padding": "{"x" * 3_000_000}"}}'
    with scripted(Answer(flood)) as model, pytest.raises(ModelUnavailableError, match="too_long"):
        _client(model).ask(TASK)


def test_a_service_that_is_down_is_left_in_peace_for_a_while() -> None:
    with scripted(fails(401)) as model:
        client = _client(model)
        for _ in range(FAILURES + 2):
            with pytest.raises(ModelUnavailableError):
                client.ask(TASK)
    assert len(model.requests) == FAILURES


def test_refused_requests_are_no_outage() -> None:
    with scripted(fails(400)) as model:
        client = _client(model)
        for _ in range(FAILURES + 1):
            with pytest.raises(RequestRefusedError):
                client.ask(TASK)
    assert len(model.requests) == 3 * (FAILURES + 1)


def test_no_request_is_begun_after_the_deadline() -> None:
    slow_no = Answer({"error": {"message": "no"}}, 400, wait=0.25)
    with scripted(slow_no) as model:
        assert _timed(lambda: _client(model, seconds=0.26).ask(TASK)) < 0.6
    assert len(model.requests) <= 2


def test_an_outage_ends_with_the_first_answer() -> None:
    outage = Outage()
    for _ in range(FAILURES):
        outage.check(100)
        outage.failed(100)
    with pytest.raises(ModelUnavailableError, match="resting"):
        outage.check(100 + REST_SECONDS - 1)
    outage.check(100 + REST_SECONDS)
    outage.failed(200)
    with pytest.raises(ModelUnavailableError, match="resting"):
        outage.check(201)
    outage.answered()
    outage.check(202)


def test_retries_and_repairs_share_one_deadline() -> None:
    slow = says("nonsense")
    with scripted(Answer(slow.body, wait=0.3)) as model:
        assert _timed(lambda: _client(model, seconds=0.7).ask(TASK)) < 1


def test_nobody_listening_is_unavailable() -> None:
    with scripted(says(GOOD)) as model:
        pass
    assert _timed(lambda: _client(model, seconds=1).ask(TASK)) < 1.5


def test_the_second_model_is_asked_while_there_is_time() -> None:
    log = Log()

    def second_only(request: Body) -> Answer:
        return says(GOOD) if request["model"] == "second" else Answer(wait=30)

    with scripted(second_only) as model:
        client = _client(model, log, seconds=1, models=("first", "second"))
        assert client.ask(TASK).model == "second"
    assert [(call.model, call.outcome) for call in log] == [("first", "timeout"), ("second", "ok")]


@pytest.mark.parametrize(
    ("refused", "kinds"),
    [
        (("json_schema",), ["json_schema", "json_object"]),
        (("json_schema", "json_object"), ["json_schema", "json_object", None]),
    ],
)
def test_a_service_without_json_schema_is_asked_more_simply_and_that_is_remembered(
    refused: tuple[str, ...], kinds: list[str | None]
) -> None:
    with scripted(refuses(*refused)(says(GOOD))) as model:
        client = _client(model)
        client.ask(TASK)
        client.ask(TASK)
    asked = [request.get("response_format", {}).get("type") for request in model.requests]
    assert asked == [*kinds, kinds[-1]]
    assert '"dish":string' in model.requests[-1]["messages"][0]["content"]


def test_a_failing_request_is_not_remembered_as_an_unsupported_format() -> None:
    with scripted(fails(400), fails(400), fails(400), says(GOOD)) as model:
        client = _client(model)
        with pytest.raises(ModelUnavailableError, match="request_refused"):
            client.ask(TASK)
        client.ask(TASK)
    assert model.requests[-1]["response_format"]["type"] == "json_schema"


def test_the_settings_can_fix_the_format() -> None:
    with scripted(says(GOOD)) as model:
        _client(model, wanted=AnswerFormat.TEXT).ask(TASK)
    assert set(model.requests[0]) == {"model", "messages"}


def test_the_settings_can_add_parameters() -> None:
    with scripted(says(GOOD)) as model:
        exchange = open_exchange(model.base_url, None)
        extra: Body = {"enable_thinking": False}
        ModelClient(exchange, ("first",), seconds=5, extra=extra).ask(TASK)
    assert model.requests[0]["enable_thinking"] is False


def test_a_recorded_run_repeats_without_the_service(tmp_path: Path) -> None:
    with scripted(refuses("json_schema")(says(GOOD))) as model:
        live = recording(open_exchange(model.base_url, None), tmp_path)
        first = ModelClient(live, ("first",), seconds=5).ask(TASK)
        asked = len(model.requests)
    assert len(list(tmp_path.glob("*.json"))) == asked == 2
    again = ModelClient(replaying(tmp_path), ("first",), seconds=5).ask(TASK)
    assert again == first


def test_a_replay_fails_clearly_on_what_was_not_recorded(tmp_path: Path) -> None:
    client = ModelClient(replaying(tmp_path), ("first",), seconds=5)
    with pytest.raises(NotRecordedError, match="MODEL_REPLAY"):
        client.ask(TASK)
