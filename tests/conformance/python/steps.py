"""What both client scripts share: named steps reported as JSON lines, polling, and where the server is."""

import json
import logging
import os
import time
import warnings

URL = os.environ["GE_URL"]
API_KEY = os.environ["GE_API_KEY"]
APP_KEY = os.environ["GE_APP_KEY"]
SINK = os.environ["GE_SINK"]
STATSD_HOST = os.environ["GE_STATSD_HOST"]
STATSD_PORT = int(os.environ["GE_STATSD_PORT"])
STATSD_SOCKET = os.environ["GE_STATSD_SOCKET"]
STATSD_STREAM_SOCKET = os.environ["GE_STATSD_STREAM_SOCKET"]

# 1 to 1000, any part of which has nearly the percentiles of the whole.
DISTRIBUTION = [(index * 617) % 1000 + 1 for index in range(1000)]
PERCENTILES = {"p50": 500, "p75": 750, "p90": 900, "p95": 950, "p99": 990}
PERCENTILE_TOLERANCE = 0.01
POLL_SECONDS = 40

# The clients' own warnings go to standard error, where the test looks for them.
logging.basicConfig(level=logging.WARNING)
# Said of every incident operation, whoever serves it.
warnings.filterwarnings("ignore", message="Using unstable operation")

_steps = []


def step(function):
    """Registers a step; run_all() runs them in the order of their definition."""
    _steps.append(function)
    return function


def run_all():
    failed = 0
    for function in _steps:
        error = None
        try:
            function()
        except Exception as caught:  # A step that fails is reported, and the others still run.
            error = f"{type(caught).__name__}: {caught}"
            failed += 1
        print(json.dumps({"step": function.__name__.replace("_", " "), **({"error": error} if error else {})}))
    raise SystemExit(1 if failed else 0)


def poll(what, ask):
    """Ask until the answer is true; an AssertionError of `ask` means not yet."""
    end = time.monotonic() + POLL_SECONDS
    while True:
        try:
            answer = ask()
            if answer:
                return answer
            last = answer
        except AssertionError as not_yet:
            last = not_yet
        assert time.monotonic() < end, f"not within {POLL_SECONDS} s: {what} (last: {last})"
        time.sleep(0.5)


def refused(code, function, *arguments, **named):
    """The call must be refused with this HTTP status."""
    try:
        function(*arguments, **named)
    except Exception as error:
        status = getattr(error, "status", None)
        assert status == code, f"refused with {status}, not {code}: {error}"
        return
    raise AssertionError(f"accepted, should be refused with {code}")
