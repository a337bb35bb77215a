"""The child's side: `python -m portal.vault.sandboxed TASK`, started by `portal.vault.sandbox` alone.

Reads one JSON request from standard input, confines itself, runs one named worker and writes one JSON answer. A worker
is a function of this package that takes the request and returns the answer, or raises `Refused` for a file that is
sound enough to be understood and still not to be taken.
"""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from portal.vault.confine import Limits, confine
from portal.vault.values import Refused

WORKERS = {
    "examine": "portal.vault.examine:examine_upload",
    "read_sheet": "portal.vault.sheets:read_sheet",
    # Used by the tests of the sandbox and by the start-up self check; harmless by construction.
    "self_check": "portal.vault.selfcheck:self_check",
}

Worker = Callable[[dict[str, Any]], dict[str, Any]]


def main(task: str) -> int:
    """Run one worker; the exit code is 0 whenever an answer was written."""
    request = json.load(sys.stdin)
    # The answer goes out through a copy of standard output, so that nothing a library prints can forge it.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request["walls"] = confine(Limits(**request.pop("limits")), Path(request["workdir"]))
    answer = _run(task, request)
    with contextlib.closing(answers):
        json.dump(answer, answers, ensure_ascii=False)
    return 0


def _run(task: str, request: dict[str, Any]) -> dict[str, Any]:
    module, _, name = WORKERS[task].partition(":")
    try:
        worker: Worker = getattr(import_module(module), name)
        return {"ok": worker(request)}
    except Refused as refused:
        return {"refused": {"code": refused.code, "data": dict(refused.data)}}
    except MemoryError:
        return {"failure": "too_big"}
    except OSError as error:
        # EFBIG: the output passed RLIMIT_FSIZE. ENOMEM and EAGAIN: a library met the memory limit.
        return {"failure": "too_big" if error.errno in {11, 12, 27} else "malformed", "what": type(error).__name__}
    except Exception as error:
        # A parser's own exception: the name says enough, the message may quote the file.
        return {"failure": "malformed", "what": type(error).__name__}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
