"""datadog 0.56.0 (PyPI), unmodified: DogStatsd over UDP and Unix sockets, and the HTTP API."""

import time

from datadog import api, initialize
from datadog.api.exceptions import ApiError
from datadog.dogstatsd import DogStatsd
from steps import API_KEY, APP_KEY, DISTRIBUTION, PERCENTILE_TOLERANCE, PERCENTILES, STATSD_HOST, STATSD_PORT, STATSD_SOCKET, STATSD_STREAM_SOCKET, URL, poll, run_all, step

initialize(api_key=API_KEY, app_key=APP_KEY, api_host=URL, mute=False, hostname_from_config=False)
statsd = DogStatsd(host=STATSD_HOST, port=STATSD_PORT, constant_tags=["env:test"], namespace="py", disable_telemetry=True)


def series(query):
    now = int(time.time())
    answer = api.Metric.query(start=now - 900, end=now + 10, query=query)
    assert answer["status"] == "ok", answer
    return answer["series"]


def total(query):
    return sum(value or 0 for one in series(query) for _, value in one["pointlist"])


def arrives(query, expected):
    def is_there():
        value = total(query)
        assert abs(value - expected) < 1e-9, value
        return True

    poll(f"{query} = {expected}", is_there)


def single(query):
    found = poll(query, lambda: series(query))
    return [value for _, value in found[0]["pointlist"] if value is not None][-1]


@step
def send_every_type_over_udp():
    for _ in range(250):
        statsd.increment("count", 2, tags=["route:a"])
    statsd.decrement("count", 100, tags=["route:a"])
    statsd.gauge("gauge", 1.5)
    statsd.gauge("gauge", 99.25)
    for user in ["ada", "alan", "ada"]:
        statsd.set("set", user)
    for value in range(1, 101):
        statsd.histogram("histogram", value)
        statsd.timing("timing", value)
    for value in DISTRIBUTION:
        statsd.distribution("distribution", value, tags=["session_id:ada-1"])
    statsd.event("deploy", "version 2\nis out", alert_type="info", tags=["service:shop"])
    statsd.service_check("shop.up", DogStatsd.OK, tags=["service:shop"], message="fine")
    with statsd.timed("timed"):
        pass
    statsd.flush()


@step
def send_over_unix_sockets():
    for address in [f"unix://{STATSD_SOCKET}", f"unixstream://{STATSD_STREAM_SOCKET}"]:
        # Buffered: the kernel holds ten datagrams of a Unix socket, and the client drops what does not fit.
        local = DogStatsd(
            socket_path=address, constant_tags=["env:test"], namespace="py", disable_telemetry=True, disable_buffering=False
        )
        for _ in range(1000):
            local.increment("local", tags=["way:" + address.split(":")[0]])
        local.flush()
        local.stop()
        local.close_socket()


@step
def counts_come_back_exactly():
    arrives("sum:py.local{way:unix}.as_count()", 1000)
    arrives("sum:py.local{way:unixstream}.as_count()", 1000)
    arrives("sum:py.count{route:a}.as_count()", 400)
    arrives("sum:py.histogram.count{*}.as_count()", 100)
    arrives("sum:py.timing.count{env:test}.as_count()", 100)
    arrives("count:py.distribution{*}.as_count()", 1000)


@step
def gauges_and_sets_come_back():
    assert single("max:py.gauge{*}.rollup(max, 600)") == 99.25
    assert single("max:py.set{*}.rollup(max, 600)") == 2
    assert single("max:py.histogram.max{*}.rollup(max, 600)") == 100
    assert single("max:py.histogram.avg{*}.rollup(max, 600)") == 50.5


@step
def percentiles_are_within_one_percent():
    for aggregator, expected in PERCENTILES.items():
        value = single(f"{aggregator}:py.distribution{{*}}.rollup(3600)")
        assert abs(value - expected) <= expected * PERCENTILE_TOLERANCE, f"{aggregator} is {value}, sent {expected}"


@step
def send_series_over_http():
    now = int(time.time()) - 30
    answer = api.Metric.send(metric="py.http.count", points=[(now - 60, 5), (now, 8)], type="count", interval=10, tags=["env:test"], host="web-1")
    assert answer["status"] == "ok", answer
    answer = api.Metric.send([{"metric": "py.http.gauge", "points": (now, 3.5), "type": "gauge", "tags": ["env:test"]}])
    assert answer["status"] == "ok", answer
    answer = api.Distribution.send(distributions=[{"metric": "py.http.distribution", "points": [(now, DISTRIBUTION)], "tags": ["env:test"]}])
    assert answer["status"] == "ok", answer
    arrives("sum:py.http.count{host:web-1}.as_count()", 13)
    arrives("max:py.http.gauge{*}", 3.5)
    arrives("count:py.http.distribution{*}.as_count()", 1000)
    assert "py.http.count" in api.Metric.list(now - 3600)["metrics"]
    assert api.Infrastructure.search(q="metrics:py.http.c")["results"]["metrics"] == ["py.http.count"]


@step
def a_monitor_is_created_read_listed_changed_and_deleted():
    created = api.Monitor.create(
        type="query alert", query="max(last_1m):max:py.unused{*} by {session_id} > 0.7", name="python", message="@incident-python",
        tags=["team:py"], options={"thresholds": {"critical": 0.7}, "on_missing_data": "resolve"},
    )
    identifier = created["id"]
    assert api.Monitor.get(identifier)["name"] == "python"
    assert identifier in [monitor["id"] for monitor in api.Monitor.get_all()]
    changed = api.Monitor.update(identifier, query="max(last_5m):max:py.unused{*} by {session_id} > 0.8", name="renamed", options={"thresholds": {"critical": 0.8}})
    assert changed["name"] == "renamed" and changed["options"]["thresholds"]["critical"] == 0.8
    assert api.Monitor.delete(identifier)["deleted_monitor_id"] == identifier
    for refused in (lambda: api.Monitor.get(identifier), lambda: api.Monitor.create(type="query alert", query="max(last_1m):nonsense", name="x")):
        try:
            refused()
        except ApiError as error:
            assert error.args[0]["errors"], error
        else:
            raise AssertionError("accepted, should be refused")


@step
def an_alert_reaches_the_incident():
    api.Monitor.create(
        type="query alert", query="max(last_1m):max:py.score{*} by {session_id} > 0.7", name="py score", message="@incident-py",
        options={"thresholds": {"critical": 0.7}},
    )
    statsd.distribution("score", 0.97, tags=["session_id:mallory-77"])
    statsd.flush()

    def is_alerting():
        monitors = [monitor for monitor in api.Monitor.get_all(group_states="all") if monitor["name"] == "py score"]
        return monitors[0]["overall_state"] == "Alert"

    poll("the monitor is in Alert", is_alerting)
    statsd.close_socket()


if __name__ == "__main__":
    run_all()
