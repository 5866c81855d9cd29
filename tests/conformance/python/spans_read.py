"""Spans read back by those who can: ddtrace's own LLMObs.get_spans and datadog-api-client 2.62.0, both unmodified."""

import os

from say import only_our_complaints, say

only_our_complaints()

from datadog_api_client import ApiClient, Configuration  # noqa: E402
from datadog_api_client.v2.api.agent_observability_api import AgentObservabilityApi  # noqa: E402
from datadog_api_client.v2.api.spans_api import SpansApi  # noqa: E402
from datadog_api_client.v2.model.spans_aggregate_data import SpansAggregateData  # noqa: E402
from datadog_api_client.v2.model.spans_aggregate_request import SpansAggregateRequest  # noqa: E402
from datadog_api_client.v2.model.spans_aggregate_request_attributes import SpansAggregateRequestAttributes  # noqa: E402
from datadog_api_client.v2.model.spans_aggregate_request_type import SpansAggregateRequestType  # noqa: E402
from datadog_api_client.v2.model.spans_aggregation_function import SpansAggregationFunction  # noqa: E402
from datadog_api_client.v2.model.spans_compute import SpansCompute  # noqa: E402
from datadog_api_client.v2.model.spans_query_filter import SpansQueryFilter  # noqa: E402
from ddtrace.llmobs import LLMObs  # noqa: E402


def by_library():
    LLMObs.enable()
    spans = LLMObs.get_spans(agent_service="conformance-py-direct", from_date="now-1h", limit=4)
    say("library", spans=len(spans), written=next((span for span in spans if span["span_id"] == os.environ["GE_SPAN"]), None))
    LLMObs.disable()


def by_typed_client():
    configuration = Configuration(host=os.environ["GE_URL"], api_key={"apiKeyAuth": os.environ["GE_API_KEY"], "appKeyAuth": os.environ["GE_APP_KEY"]})
    configuration.unstable_operations["list_llm_obs_spans"] = True
    with ApiClient(configuration) as connection:
        llm = AgentObservabilityApi(connection).list_llm_obs_spans(filter_query="@session_id:py-session-1 @ml_app:conformance-py-direct", filter_from="now-1h", page_limit=100)
        say("typed", spans=len(llm.data))
        api = SpansApi(connection)
        found = api.list_spans_get(filter_query="service:py-shop operation_name:shop.visit", filter_from="now-1h", page_limit=100)
        say("apm", spans=len(found.data), first=str(found.data[0].attributes.resource_name) if found.data else None)
        counted = api.aggregate_spans(
            body=SpansAggregateRequest(
                data=SpansAggregateData(
                    type=SpansAggregateRequestType("aggregate_request"),
                    attributes=SpansAggregateRequestAttributes(
                        compute=[SpansCompute(aggregation=SpansAggregationFunction("count"))],
                        filter=SpansQueryFilter(_from="now-1h", to="now+1m", query="service:py-shop operation_name:shop.tick"),
                    ),
                )
            )
        )
        bucket = counted.data[0].attributes
        values = bucket.to_dict().get("computes") or bucket.to_dict().get("compute")
        say("aggregate", count=next(iter(values.values())))


if __name__ == "__main__":
    by_library()
    by_typed_client()
