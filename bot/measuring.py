"""The commands that measure understanding: each reads a file of cases and stores nothing."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.app import App
from bot.cases import directories, read_cases, rosters
from bot.config import load_settings
from bot.domain.errors import UserError
from bot.evaluation.answering import answer_all
from bot.evaluation.aside import opened_aside
from bot.evaluation.reading import read_gold
from bot.evaluation.report import report
from bot.evaluation.score import evaluate
from bot.meter import Meter
from bot.route import route
from bot.shell import opened, progress, read_lines, say
from bot.structure import Propose, structure
from bot.understanding.proposer import Proposer, RulesProposer, open_proposer

NO_MODEL = "还没有配置大模型：请在 .env 里写 LLM_BASE_URL、LLM_API_KEY 和 LLM_MODEL。"

REPORT_WIDTH = 110
"""Columns of the scores; a pipe has no width of its own."""


class Structurer(StrEnum):
    """Who understands the cases."""

    RULES = "rules"
    LLM = "llm"


def structure_cases(
    cases: Annotated[Path, typer.Argument()],
    engine: Annotated[Structurer, typer.Option("--engine")] = Structurer.RULES,
) -> None:
    """Print one note per case of a file, in the evaluation format; stores nothing."""
    meter = Meter()
    with opened() as program:
        propose = _structurer(program, engine, meter)
        with read_lines(cases) as lines:
            for output in structure(
                read_cases(lines),
                rosters(program.engine),
                calendar=program.policy.work_calendar(),
                propose=propose,
            ):
                say(json.dumps(output, ensure_ascii=False))
    if engine is Structurer.LLM:
        sys.stderr.write(f"{meter.text}\n")


def evaluate_cases(
    cases: Annotated[Path, typer.Argument()],
    engine: Annotated[Structurer, typer.Option("--engine")] = Structurer.RULES,
    territory: Annotated[Path | None, typer.Option("--territory")] = None,
    worst: Annotated[int, typer.Option("--worst", min=0)] = 0,
) -> None:
    """Score an engine on cases with gold; a `--territory` goes into a throw-away database."""
    meter = Meter()
    with read_lines(cases) as lines:
        gold = read_gold(lines)
    with opened_aside(load_settings(), territory) if territory else opened() as program:
        propose = _structurer(program, engine, meter)
        with progress() as show:
            answers = list(answer_all(program, gold, propose, show))
    console = Console(width=REPORT_WIDTH, markup=False, highlight=False, emoji=False)
    console.print(f"引擎：{engine}")
    for part in report(evaluate(gold, answers), worst=worst):
        console.print(part)
    if engine is Structurer.LLM:
        console.print(meter.text)


def route_questions(
    questions: Annotated[Path, typer.Argument()],
    engine: Annotated[Structurer, typer.Option("--engine")] = Structurer.RULES,
) -> None:
    """Print intent and slots per question of a file, in the evaluation format; stores nothing."""
    with opened() as program, read_lines(questions) as lines:
        proposer = _proposer(program, engine, Meter())
        for output in route(
            read_cases(lines),
            rosters(program.engine),
            directories(program.engine),
            calendar=program.policy.work_calendar(),
            proposer=proposer,
        ):
            say(json.dumps(output, ensure_ascii=False))


def _structurer(program: App, engine: Structurer, meter: Meter) -> Propose:
    proposer = _proposer(program, engine, meter)
    return lambda text, roster, now: meter.note_of(proposer.propose(text, roster, now=now))


def _proposer(program: App, engine: Structurer, meter: Meter) -> Proposer:
    if engine is Structurer.RULES:
        return RulesProposer()
    if not program.settings.has_model:
        raise UserError(NO_MODEL)
    return open_proposer(program.settings, program.engine, heard=meter.heard)
