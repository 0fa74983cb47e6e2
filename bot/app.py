"""The only place that wires things together: settings, database, capabilities, proposer."""

import importlib
import pkgutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TextIO

from sqlalchemy import Engine

import handlers
from bot.config import Settings
from bot.dispatch import Dispatcher
from bot.gate import Gate
from bot.logs import open_log, set_up_logs, stop_logs
from bot.policy import Policy, load_policy
from bot.pusher import Pusher
from bot.registry import Registry
from bot.speech import open_listener
from bot.understanding.proposer import open_proposer
from storage.database import open_engine
from storage.migrate import migrate


@dataclass(frozen=True)
class App:
    """Everything a command needs, opened once."""

    settings: Settings
    policy: Policy
    engine: Engine
    registry: Registry
    dispatcher: Dispatcher
    gate: Gate
    pusher: Pusher
    log: TextIO

    def close(self) -> None:
        """Let go of the database and the log file."""
        self.engine.dispose()
        stop_logs()
        if self.log is not sys.stdout:
            self.log.close()


def open_app(settings: Settings, *, log: TextIO | None = None) -> App:
    """Open the database (its schema made current) and wire every capability; what happens is
    logged to `log`, or to a file in the data folder.

    Raises:
        PolicyError: the policy file cannot be used.
    """
    policy = load_policy(settings.policy_file)
    engine = open_engine(settings.database_url)
    with ExitStack() as unless_opened:
        unless_opened.callback(engine.dispose)
        migrate(engine)
        unless_opened.pop_all()
    log = log or open_log(settings.data_dir / "repmate.log")
    set_up_logs(settings.log_level, log)
    registry = load_capabilities()
    files = settings.data_dir / "files"
    files.mkdir(parents=True, exist_ok=True)
    gate = Gate()
    proposer = open_proposer(settings, engine, waiting=gate.outside)
    listener = open_listener(settings)
    dispatcher = Dispatcher(engine, registry, policy, proposer, files, listener=listener)
    pusher = Pusher(engine, registry.pushes, policy)
    return App(settings, policy, engine, registry, dispatcher, gate, pusher, log)


def load_capabilities() -> Registry:
    """Collect what every module in `handlers` declares; a new file there is a new capability."""
    names = [module.name for module in pkgutil.iter_modules(handlers.__path__, "handlers.")]
    return Registry.collect(importlib.import_module(name) for name in names)
