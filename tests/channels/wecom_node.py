"""WeCom's own npm packages, installed once for all workers, or the reason why tests must do without
them."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "node"
LOCK = FOLDER / "package-lock.json"
SECONDS = 120


class NoNodeError(Exception):
    """Why the packages cannot be used here."""


def install() -> str:
    """The path of node, once node_modules is what the lock file says. Raises NoNodeError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoNodeError("node or npm is not installed")
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _holds("wanted", LOCK.read_text()):
            _run_npm(npm)
    return node


def _run_npm(npm: str) -> None:
    # One attempt for all workers: without a network each would wait for it in vain
    this_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    if _holds("failed", this_run):
        raise NoNodeError("npm ci failed")
    command = [npm, "ci", "--prefer-offline"]
    try:
        subprocess.run(  # noqa: S603
            command, cwd=FOLDER, capture_output=True, timeout=SECONDS, check=True
        )
    except subprocess.SubprocessError as error:
        _mark("failed", this_run)
        raise NoNodeError("npm ci failed") from error
    _mark("wanted", LOCK.read_text())


def _holds(mark: str, text: str) -> bool:
    path = FOLDER / "node_modules" / f".{mark}"
    return path.exists() and path.read_text() == text


def _mark(mark: str, text: str) -> None:
    path = FOLDER / "node_modules" / f".{mark}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
