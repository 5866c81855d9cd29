"""Decodes OTLP messages with OpenTelemetry's own definitions (opentelemetry-proto).

Reads {"path", "body": base64} as JSON lines from standard input; writes one object a line: {"path", "message"} in OTLP's
JSON names, or {"path", "error"}. A field that the definitions do not know is an error: it would be ours alone.
"""

import base64
import json
import sys

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


def unknown(message):
    """The names of messages below that hold a field nobody knows."""
    if len(UnknownFieldSet(message)) > 0:
        yield message.DESCRIPTOR.full_name
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for one in value if field.is_repeated else [value]:
            yield from unknown(one)


for line in sys.stdin:
    given = json.loads(line)
    out = {"path": given["path"]}
    try:
        message = REQUESTS[given["path"]].FromString(base64.b64decode(given["body"]))
        odd = sorted(set(unknown(message)))
        if odd:
            out["error"] = f"unknown fields in {', '.join(odd)}"
        else:
            out["message"] = json_format.MessageToDict(message)
    except Exception as error:  # whatever it is, the test shows it
        out["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(out))
