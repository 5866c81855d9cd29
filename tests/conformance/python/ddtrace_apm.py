"""ddtrace 4.16.0 (PyPI), unmodified, as an application uses it: an HTTP client by its integration, a server that goes on
with the client's trace, an error, a link, native events."""

import http.server
import os
import threading
import time

from say import ids, only_our_complaints, say

only_our_complaints()

import ddtrace.auto  # noqa: E402, F401  patches what is imported after it
import requests  # noqa: E402
from ddtrace import tracer  # noqa: E402
from ddtrace.propagation.http import HTTPPropagator  # noqa: E402

SECONDS_MIN = float(os.environ.get("GE_SECONDS_MIN", "0"))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = 500 if self.path == "/fails" else 200
        tracer.context_provider.activate(HTTPPropagator.extract(dict(self.headers)))
        with tracer.trace("shop.serve", resource=self.path, span_type="web") as span:
            span.set_tags({"usr.id": "grace", "session_id": "apm-session-2", "http.status_code": str(status)})
            span.error = int(status == 500)
            self.send_response(status)
            self.end_headers()

    def log_message(self, *_):
        pass


def main():
    began = time.monotonic()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def get(path):
        requests.get(f"http://127.0.0.1:{server.server_address[1]}{path}", timeout=10).close()

    with tracer.trace("shop.visit", resource="visit /ok", span_type="web") as first:
        first.set_tag("customer.tier", "gold")
        first.set_metric("basket.total", 12.5)
        get("/ok")
        say("visit", **ids(first))
    try:
        with tracer.trace("shop.visit", resource="visit /fails") as span:
            span.link_span(first.context, attributes={"reason": "follows"})
            span._add_event("cart.emptied", {"items": 3, "forced": True, "ratio": 0.25, "names": ["a", "b"]})
            get("/fails")
            say("failure", **ids(span))
            raise ValueError("the basket is empty")
    except ValueError:
        pass
    for index in range(300):
        with tracer.trace("shop.tick", resource=f"tick {index % 3}") as span:
            span.set_metric("index", index)
    tracer.flush()
    time.sleep(max(1.0, SECONDS_MIN - (time.monotonic() - began)))
    server.shutdown()


if __name__ == "__main__":
    main()
