#pragma once

#include "incident_view.h"

#include <functional>
#include <string>

#include <godseye/ddapi/case.h>
#include <godseye/registry/cases.h>

// What the routes of cases share.
namespace godseye::api {

ddapi::CaseView view_of(const registry::CaseRow& row);
base::Result<registry::CaseRow> find_case_row(registry::ReadSession& session, const Request& request);
// Status, priority and the like: `work` changes the row and says what it did ("" for nothing); row, timeline and audit
// are written in one transaction.
net::HttpResponse change_case(const ManagementParts& parts, const Request& request, std::string_view action,
                              const std::function<base::Result<std::string>(registry::CaseRow&)>& work);
base::Status audit_case(registry::WriteSession& session, const ManagementParts& parts, const Request& request,
                        std::string action, const registry::CaseRow& row, std::string before, std::string after);

//   POST /api/v2/cases/{id}/…   DELETE /api/v2/cases/{id}/comment/{cell}   POST /api/godseye/v1/cases/{id}/incident
//   DELETE /api/godseye/v1/cases/{id}
void add_case_change_routes(Router& router, const ManagementParts& parts);

}  // namespace godseye::api
