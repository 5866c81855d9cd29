"""datadog 0.56.0 (PyPI), unmodified: origin detection and client telemetry over both Unix sockets."""

import sys

from datadog.dogstatsd import DogStatsd

datagram, stream = sys.argv[1:]
# DD_EXTERNAL_ENV and DD_ENTITY_ID come from the environment, as an admission controller sets them.
one = DogStatsd(socket_path=datagram, namespace="origin", container_id="c0ffee", telemetry_min_flush_interval=0)
one.increment("datagram", 3)
one.event("origin event", "from a container")
one.service_check("origin.check", 0)
two = DogStatsd(socket_path="unixstream://" + stream, namespace="origin", container_id="decade", cardinality="low", telemetry_min_flush_interval=0)
two.increment("stream", 4)
for client in (one, two):
    client.flush()
    client.close_socket()
