"""datadog-api-client 2.62.0 (PyPI), unmodified: monitors are searched and muted by downtimes, in both versions of the API."""

import time
import warnings
from datetime import datetime, timedelta, timezone

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v1.api.downtimes_api import DowntimesApi as DowntimesApiV1
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.model.downtime import Downtime
from datadog_api_client.v1.model.downtime_recurrence import DowntimeRecurrence
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.model.downtime_create_request import DowntimeCreateRequest
from datadog_api_client.v2.model.downtime_create_request_attributes import DowntimeCreateRequestAttributes
from datadog_api_client.v2.model.downtime_create_request_data import DowntimeCreateRequestData
from datadog_api_client.v2.model.downtime_monitor_identifier_id import DowntimeMonitorIdentifierId
from datadog_api_client.v2.model.downtime_resource_type import DowntimeResourceType
from datadog_api_client.v2.model.downtime_schedule_one_time_create_update_request import DowntimeScheduleOneTimeCreateUpdateRequest
from datadog_api_client.v2.model.downtime_schedule_recurrence_create_update_request import DowntimeScheduleRecurrenceCreateUpdateRequest
from datadog_api_client.v2.model.downtime_schedule_recurrences_create_request import DowntimeScheduleRecurrencesCreateRequest
from datadog_api_client.v2.model.downtime_status import DowntimeStatus
from steps import API_KEY, APP_KEY, URL, refused, run_all, step

# Said of every downtime operation of v1, whoever serves it.
warnings.filterwarnings("ignore", message=".* is deprecated", category=DeprecationWarning)

connection = ApiClient(Configuration(host=URL, api_key={"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY}))
monitors = MonitorsApi(connection)
downtimes = DowntimesApi(connection)
kept = {}


def create(schedule, scope="*"):
    return downtimes.create_downtime(
        body=DowntimeCreateRequest(
            data=DowntimeCreateRequestData(
                type=DowntimeResourceType.DOWNTIME,
                attributes=DowntimeCreateRequestAttributes(
                    scope=scope, monitor_identifier=DowntimeMonitorIdentifierId(monitor_id=kept["monitor"]), schedule=schedule, message="typed"
                ),
            )
        )
    )


@step
def a_monitor_is_created_and_found():
    monitor = monitors.create_monitor(
        body=Monitor(name="typed downtime", type=MonitorType.QUERY_ALERT, query="max(last_1m):max:typed.unused{*} by {host} > 1", tags=["team:typed"])
    )
    kept["monitor"] = monitor.id
    found = monitors.search_monitors(query='tag:"team:typed" muted:false')
    assert [one.id for one in found.monitors] == [monitor.id], found


@step
def a_one_time_downtime_mutes_it():
    now = datetime.now(timezone.utc)
    made = create(DowntimeScheduleOneTimeCreateUpdateRequest(start=now - timedelta(minutes=1), end=now + timedelta(hours=1)))
    assert made.data.attributes.status == DowntimeStatus.ACTIVE, made
    assert downtimes.get_downtime(made.data.id).data.attributes.message == "typed"
    assert made.data.id in [one.id for one in downtimes.list_downtimes().data]
    assert [one.id for one in monitors.search_monitors(query="tag:team:typed muted:true").monitors] == [kept["monitor"]]
    assert monitors.get_monitor(kept["monitor"], with_downtimes=True).matching_downtimes
    downtimes.cancel_downtime(made.data.id)
    assert downtimes.get_downtime(made.data.id).data.attributes.status == DowntimeStatus.CANCELED


@step
def a_recurring_downtime_is_read_back():
    made = create(
        DowntimeScheduleRecurrencesCreateRequest(
            timezone="Asia/Tokyo",
            recurrences=[DowntimeScheduleRecurrenceCreateUpdateRequest(duration="90m", rrule="FREQ=MONTHLY;BYDAY=-1FR", start="2026-01-01T22:00")],
        )
    )
    schedule = made.data.attributes.schedule
    assert schedule.timezone == "Asia/Tokyo" and schedule.recurrences[0].duration == "1h30m", schedule
    assert schedule.current_downtime.end - schedule.current_downtime.start == timedelta(minutes=90)
    downtimes.cancel_downtime(made.data.id)


@step
def version_one_is_read_back():
    api = DowntimesApiV1(connection)
    now = int(time.time())
    made = api.create_downtime(
        body=Downtime(scope=["env:typed", "host:a"], start=now, end=now + 600, monitor_id=kept["monitor"], recurrence=DowntimeRecurrence(type="days", period=2))
    )
    assert made.active and made.recurrence.period == 2, made
    assert made.id in [one.id for one in api.list_monitor_downtimes(kept["monitor"])]
    assert api.update_downtime(made.id, body=Downtime(message="changed")).message == "changed"
    api.cancel_downtime(made.id)
    assert made.id not in [one.id for one in api.list_downtimes(current_only=True)]


@step
def wrong_ones_are_refused():
    now = datetime.now(timezone.utc)
    refused(400, create, DowntimeScheduleOneTimeCreateUpdateRequest(start=now, end=now - timedelta(hours=1)))
    refused(400, create, DowntimeScheduleOneTimeCreateUpdateRequest(start=now), scope="env:prod AND")
    refused(404, downtimes.get_downtime, "none")


@step
def the_monitor_is_deleted():
    assert monitors.delete_monitor(kept["monitor"]).deleted_monitor_id == kept["monitor"]


if __name__ == "__main__":
    run_all()
