"""What the ddtrace scripts share: one line of JSON per thing the test must know, and every complaint on standard error."""

import json
import logging
import os
import warnings

logging.basicConfig(level=logging.WARNING)
PROVIDER = os.environ.get("GE_PROVIDER", "")


def only_our_complaints():
    """Warnings that a library raises about its own imports are not about what was answered."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
    # Said of every operation of spans, whoever serves it.
    warnings.filterwarnings("ignore", message="Using unstable operation")


def say(name, **values):
    print(json.dumps({"name": name, **values}), flush=True)


def ids(span):
    """Trace id as 32 hexadecimal digits, span id in decimal, as the APIs have them."""
    return {"trace": f"{span.trace_id:032x}", "span": str(span.span_id)}
