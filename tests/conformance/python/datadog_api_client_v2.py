"""datadog-api-client 2.62.0 (PyPI), unmodified: typed models that raise on anything that is not Datadog's."""

import time

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsApiV1
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.webhooks_integration_api import WebhooksIntegrationApi
from datadog_api_client.v1.model.distribution_point import DistributionPoint
from datadog_api_client.v1.model.distribution_points_payload import DistributionPointsPayload
from datadog_api_client.v1.model.distribution_points_series import DistributionPointsSeries
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.point import Point
from datadog_api_client.v1.model.webhooks_integration import WebhooksIntegration
from datadog_api_client.v1.model.webhooks_integration_update_request import WebhooksIntegrationUpdateRequest
from datadog_api_client.v2.api.incidents_api import IncidentsApi
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metric_content_encoding import MetricContentEncoding
from datadog_api_client.v2.model.metric_intake_type import MetricIntakeType
from datadog_api_client.v2.model.metric_payload import MetricPayload
from datadog_api_client.v2.model.metric_point import MetricPoint
from datadog_api_client.v2.model.metric_resource import MetricResource
from datadog_api_client.v2.model.metric_series import MetricSeries
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.metrics_aggregator import MetricsAggregator
from datadog_api_client.v2.model.metrics_scalar_query import MetricsScalarQuery
from datadog_api_client.v2.model.query_formula import QueryFormula
from datadog_api_client.v2.model.scalar_formula_query_request import ScalarFormulaQueryRequest
from datadog_api_client.v2.model.scalar_formula_request import ScalarFormulaRequest
from datadog_api_client.v2.model.scalar_formula_request_attributes import ScalarFormulaRequestAttributes
from datadog_api_client.v2.model.scalar_formula_request_queries import ScalarFormulaRequestQueries
from datadog_api_client.v2.model.scalar_formula_request_type import ScalarFormulaRequestType
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import TimeseriesFormulaRequestAttributes
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType
from steps import API_KEY, APP_KEY, DISTRIBUTION, PERCENTILE_TOLERANCE, PERCENTILES, SINK, URL, poll, refused, run_all, step


def client(api_key=API_KEY, app_key=APP_KEY):
    configuration = Configuration(host=URL, api_key={"apiKeyAuth": api_key, "appKeyAuth": app_key})
    for operation in ["list_incidents", "get_incident"]:
        configuration.unstable_operations[operation] = True
    return ApiClient(configuration)


connection = client()
sent_at = int(time.time()) - 30


def series(query):
    now = int(time.time())
    answer = MetricsApiV1(connection).query_metrics(_from=now - 900, to=now + 10, query=query)
    assert answer.status == "ok", answer
    return answer.series


def arrives(query, expected):
    def is_there():
        value = sum(point.value[1] or 0 for one in series(query) for point in one.pointlist)
        assert abs(value - expected) < 1e-9, value
        return True

    poll(f"{query} = {expected}", is_there)


@step
def keys_are_validated():
    assert AuthenticationApi(connection).validate().valid
    refused(403, AuthenticationApi(client("0" * 32, "0" * 40)).validate)
    refused(403, MonitorsApi(client(API_KEY, "0" * 40)).list_monitors)


@step
def series_are_taken_in_every_encoding():
    for encoding in [None, MetricContentEncoding.GZIP, MetricContentEncoding.DEFLATE]:
        payload = MetricPayload(
            series=[
                MetricSeries(
                    metric="typed.count", type=MetricIntakeType.COUNT, interval=10, points=[MetricPoint(timestamp=sent_at, value=4.0)],
                    tags=["env:test", f"encoding:{encoding or 'plain'}"], resources=[MetricResource(name="web-2", type="host")],
                ),
                MetricSeries(metric="typed.gauge", type=MetricIntakeType.GAUGE, points=[MetricPoint(timestamp=sent_at, value=1.25)], tags=["env:test"]),
            ]
        )
        named = {"content_encoding": encoding} if encoding else {}
        assert MetricsApi(connection).submit_metrics(body=payload, **named).errors == []


@step
def distribution_points_are_taken():
    payload = DistributionPointsPayload(
        series=[DistributionPointsSeries(metric="typed.distribution", points=[DistributionPoint([float(sent_at), [float(value) for value in DISTRIBUTION]])], tags=["env:test"])]
    )
    assert MetricsApiV1(connection).submit_distribution_points(body=payload).status == "ok"


@step
def queries_give_back_what_was_sent():
    arrives("sum:typed.count{*}.as_count()", 12)
    arrives("sum:typed.count{host:web-2,encoding:gzip}.as_count()", 4)
    arrives("count:typed.distribution{*}.as_count()", 1000)
    for aggregator, expected in PERCENTILES.items():
        found = series(f"{aggregator}:typed.distribution{{*}}.rollup(3600)")
        value = [point.value[1] for point in found[0].pointlist if point.value[1] is not None][0]
        assert abs(value - expected) <= expected * PERCENTILE_TOLERANCE, f"{aggregator} is {value}, sent {expected}"
    refused(400, MetricsApiV1(connection).query_metrics, _from=sent_at, to=sent_at + 10, query="sum:typed.count{*")


@step
def a_v2_timeseries_query():
    now = int(time.time())
    answer = MetricsApi(connection).query_timeseries_data(
        body=TimeseriesFormulaQueryRequest(
            data=TimeseriesFormulaRequest(
                type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
                attributes=TimeseriesFormulaRequestAttributes(
                    _from=(now - 900) * 1000, to=(now + 10) * 1000, interval=60000, formulas=[QueryFormula(formula="a")],
                    queries=TimeseriesFormulaRequestQueries(
                        [MetricsTimeseriesQuery(name="a", data_source=MetricsDataSource.METRICS, query="sum:typed.count{*}.as_count()")]
                    ),
                ),
            )
        )
    )
    attributes = answer.data.attributes
    values = attributes.values.value[0].value
    assert len(values) == len(attributes.times.value)
    assert sum(value or 0 for value in values) == 12


@step
def a_v2_scalar_query():
    now = int(time.time())
    answer = MetricsApi(connection).query_scalar_data(
        body=ScalarFormulaQueryRequest(
            data=ScalarFormulaRequest(
                type=ScalarFormulaRequestType.SCALAR_REQUEST,
                attributes=ScalarFormulaRequestAttributes(
                    _from=(now - 900) * 1000, to=(now + 10) * 1000, formulas=[QueryFormula(formula="a / 2")],
                    queries=ScalarFormulaRequestQueries(
                        [
                            MetricsScalarQuery(
                                name="a", data_source=MetricsDataSource.METRICS, aggregator=MetricsAggregator.SUM,
                                query="sum:typed.count{*}.as_count()",
                            )
                        ]
                    ),
                ),
            )
        )
    )
    column = answer.data.attributes.columns[0]
    assert column.name == "a / 2" and column.values == [6], column


@step
def a_monitor_is_created_read_listed_changed_and_deleted():
    api = MonitorsApi(connection)
    created = api.create_monitor(
        body=Monitor(
            name="typed", type=MonitorType("query alert"), query="max(last_1m):max:typed.unused{*} by {session_id} > 0.7",
            message="@incident-typed", tags=["team:typed"], options=MonitorOptions(thresholds=MonitorThresholds(critical=0.7)),
        )
    )
    assert api.get_monitor(created.id).name == "typed"
    assert created.id in [monitor.id for monitor in api.list_monitors()]
    changed = api.update_monitor(created.id, body=MonitorUpdateRequest(name="renamed"))
    assert changed.name == "renamed" and changed.query == created.query
    assert api.delete_monitor(created.id).deleted_monitor_id == created.id
    refused(404, api.get_monitor, created.id)


@step
def a_webhook_is_configured_read_changed_and_deleted():
    api = WebhooksIntegrationApi(connection)
    api.create_webhooks_integration(body=WebhooksIntegration(name="typed", url=f"{SINK}/typed", payload='{"title": "$EVENT_TITLE"}'))
    assert api.get_webhooks_integration("typed").url == f"{SINK}/typed"
    api.update_webhooks_integration("typed", body=WebhooksIntegrationUpdateRequest(url=f"{SINK}/again"))
    assert api.get_webhooks_integration("typed").url == f"{SINK}/again"
    api.delete_webhooks_integration("typed")
    refused(404, api.get_webhooks_integration, "typed")


@step
def an_incident_names_the_session():
    MonitorsApi(connection).create_monitor(
        body=Monitor(
            name="typed score", type=MonitorType("query alert"), query="max(last_5m):max:typed.score{*} by {session_id} > 0.7",
            message="@incident-typed", options=MonitorOptions(thresholds=MonitorThresholds(critical=0.7)),
        )
    )
    payload = MetricPayload(
        series=[
            MetricSeries(metric="typed.score", type=MetricIntakeType.GAUGE, points=[MetricPoint(timestamp=int(time.time()), value=score)], tags=[f"session_id:{session}"])
            for session, score in [("trudy-41", 0.93), ("grace-3", 0.08)]
        ]
    )
    MetricsApi(connection).submit_metrics(body=payload)
    api = IncidentsApi(connection)

    def found():
        return [incident for incident in api.list_incidents(page_size=50).data if "session_id:trudy-41" in str(incident.attributes.fields)]

    incident = poll("an incident that names session_id:trudy-41", found)[0]
    assert "grace-3" not in str(incident.attributes.fields)
    assert api.get_incident(incident.id).data.id == incident.id


if __name__ == "__main__":
    run_all()
