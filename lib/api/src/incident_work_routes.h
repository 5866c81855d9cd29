#pragma once

#include <godseye/api/management_routes.h>

// The parts of `add_incident_routes`.
namespace godseye::api {

//   GET POST /api/v2/incidents/{id}/relationships/todos   GET PATCH DELETE …/todos/{todo_id}
void add_incident_todo_routes(Router& router, const ManagementParts& parts);
//   GET POST /api/godseye/v1/incidents/{id}/timeline   DELETE …/timeline/{cell}
//   GET …/{id}/alerts   GET …/{id}/evidence   GET …/{id}/export
void add_incident_work_routes(Router& router, const ManagementParts& parts);

}  // namespace godseye::api
