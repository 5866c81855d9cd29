#pragma once

#include "change_audit.h"

#include <string>
#include <string_view>

#include <godseye/ddapi/incident.h>
#include <godseye/registry/incidents.h>

// What the routes of incidents and cases share.
namespace godseye::api {

inline bool is_closed(const registry::IncidentRow& row) { return row.state == "resolved" || row.state == "completed"; }

ddapi::IncidentView view_of(const registry::IncidentRow& row);
// Applies `change` to `row`; returns what a person would say changed, "" for nothing.
std::string apply_change(const ddapi::IncidentChange& change, registry::IncidentRow& row, int64_t now_s);

// Who did it, for timelines: what the caller says of themselves (body or `?author=`), and what is known of them.
std::string author_of(const Request& request, std::string_view said = {});

base::Result<registry::IncidentRow> find_incident_row(const ManagementParts& parts, const Request& request);
// The same inside a transaction.
base::Result<registry::IncidentRow> find_incident_row(registry::ReadSession& session, const Request& request);
base::Status add_cell(registry::WriteSession& session, const std::string& incident_id, std::string kind,
                      std::string content, int64_t now_s, std::string author);
// `{"data":[…]}`, oldest first, of an incident or a case.
net::HttpResponse timeline_answer(const ManagementParts& parts, const std::string& id);

}  // namespace godseye::api
