"""datadog-api-client 2.62.0 (PyPI), unmodified: incidents, their todos, and cases."""

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import NotFoundException
from datadog_api_client.v2.api.case_management_api import CaseManagementApi
from datadog_api_client.v2.api.incidents_api import IncidentsApi
from steps import API_KEY, APP_KEY, URL, run_all, step

configuration = Configuration(host=URL, api_key={"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY})
for name in ("create_incident", "get_incident", "update_incident", "delete_incident", "search_incidents", "list_incidents",
             "create_incident_todo", "list_incident_todos", "update_incident_todo"):
    configuration.unstable_operations[name] = True
connection = ApiClient(configuration)
incidents = IncidentsApi(connection)
cases = CaseManagementApi(connection)
kept = {}


def raw(attributes, kind="incidents", **more):
    """The typed models take plain JSON as well, which keeps this short."""
    return {"data": {"type": kind, "attributes": attributes, **more}}


@step
def an_incident_is_created_and_found():
    made = incidents.create_incident(body=raw({"title": "typed incident", "customer_impacted": False,
                                               "fields": {"severity": {"type": "dropdown", "value": "SEV-2"}}}))
    kept["incident"] = made.data.id
    assert str(made.data.attributes.severity) == "SEV-2", made
    found = incidents.search_incidents(query="state:active AND severity:SEV-2")
    assert found.data.attributes.total == 1, found
    assert incidents.list_incidents().data[0].id == made.data.id


@step
def it_is_changed_and_resolved():
    body = raw({"fields": {"state": {"type": "dropdown", "value": "resolved"}}}, id=kept["incident"])
    body["data"]["relationships"] = {"commander_user": {"data": {"id": "ada", "type": "users"}}}
    changed = incidents.update_incident(incident_id=kept["incident"], body=body)
    assert changed.data.attributes.resolved is not None, changed
    assert changed.data.relationships.commander_user.data.id == "ada", changed


@step
def its_checklist_is_ticked():
    made = incidents.create_incident_todo(incident_id=kept["incident"], body=raw({"content": "look", "assignees": ["@ada"]}, "incident_todos"))
    incidents.update_incident_todo(
        incident_id=kept["incident"], todo_id=made.data.id,
        body=raw({"content": "look", "assignees": ["@ada"], "completed": "2026-01-02T03:04:05+00:00"}, "incident_todos"),
    )
    listed = incidents.list_incident_todos(incident_id=kept["incident"])
    assert listed.data[0].attributes.completed.startswith("2026"), listed


@step
def it_is_deleted():
    incidents.delete_incident(incident_id=kept["incident"])
    try:
        incidents.get_incident(incident_id=kept["incident"])
        raise AssertionError("it is still there")
    except NotFoundException:
        pass


@step
def a_case_is_created_changed_and_archived():
    project = cases.get_projects().data[0].id
    made = cases.create_case(body=raw({"title": "typed case", "type_id": "00000000-0000-0000-0000-000000000001", "priority": "P4"}, "case",
                                      relationships={"project": {"data": {"id": str(project), "type": "project"}}}))
    case = made.data.id
    assert str(cases.update_priority(case_id=case, body=raw({"priority": "P2"}, "case")).data.attributes.priority) == "P2"
    closed = cases.update_status(case_id=case, body=raw({"status": "CLOSED"}, "case"))
    assert closed.data.attributes.closed_at is not None, closed
    assert cases.search_cases(filter="status:closed typed").meta.page.total == 1
    archived = cases.archive_case(case_id=case, body={"data": {"type": "case"}})
    assert archived.data.attributes.archived_at is not None, archived


if __name__ == "__main__":
    run_all()
