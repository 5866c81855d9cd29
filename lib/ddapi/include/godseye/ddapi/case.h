#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Datadog's Case Management JSON (`/api/v2/cases`) ⇄ plain structs. Pure. The format is that of Datadog's public API
// description: JSON:API objects of type `case`, one small POST for each change (`/status`, `/priority`, `/assign`, …).
// Input errors are kInvalidArgument and name the field. Unknown attributes are ignored.
namespace godseye::ddapi {

inline constexpr size_t kCaseBytesMax = 256 * 1024;
inline constexpr size_t kCaseAttributesMax = 100;      // names of `attributes`, and values of one
inline constexpr size_t kCaseDescriptionMax = 64'000;  // bytes
// The one type of case there is.
inline constexpr std::string_view kStandardCaseType = "00000000-0000-0000-0000-000000000001";

using CaseAttributes = std::map<std::string, std::vector<std::string>>;

struct CaseCreate {
  std::string title;
  std::string description;
  std::string priority = "NOT_DEFINED";
  std::string type_id{kStandardCaseType};
  std::string project_id;  // empty: the default one
  std::string assignee;
};
// `title` and `type_id` are required.
base::Result<CaseCreate> decode_case_create(std::string_view json);

// The one attribute that a POST to `/{id}/…` sets.
base::Result<std::string> decode_case_status(std::string_view json);    // OPEN, IN_PROGRESS, CLOSED
base::Result<std::string> decode_case_priority(std::string_view json);  // NOT_DEFINED, P1 … P5
base::Result<std::string> decode_case_assignee(std::string_view json);
base::Result<std::string> decode_case_title(std::string_view json);
base::Result<std::string> decode_case_description(std::string_view json);
base::Result<std::string> decode_case_comment(std::string_view json);
base::Result<CaseAttributes> decode_case_attributes(std::string_view json);
// `relationships/incidents`: the incident's id.
base::Result<std::string> decode_incident_reference(std::string_view json);
// Of `archive`, `unarchive`, `unassign`: nothing but `data.type`. An empty body will do.
base::Status decode_case_empty(std::string_view json);

struct CaseView {
  std::string id;
  int64_t number = 0;
  std::string key;
  std::string project_id;
  std::string title;
  std::string description;
  std::string status;
  std::string priority;
  std::string type_id;
  std::string assignee;
  std::string author;
  std::string modified_by;
  std::string attributes_json;
  int64_t monitor_id = 0;   // ours: of the monitor that opened it
  std::string incident_id;  // ours: of the incident it was turned into
  int64_t created_s = 0;
  int64_t modified_s = 0;
  int64_t closed_s = 0;
  int64_t archived_s = 0;
};
std::string encode_case(const CaseView& view);
// Pages count from 0.
std::string encode_cases(const std::vector<CaseView>& views, size_t page, size_t size, size_t total);
std::string encode_case_attributes(const CaseAttributes& attributes);
// `{}` for what is none.
CaseAttributes decode_stored_case_attributes(std::string_view json);

struct CaseCellView {
  int64_t id = 0;
  int64_t time_s = 0;
  std::string author;
  std::string content;
};
// Comments as Datadog's timeline cells.
std::string encode_case_cells(const std::vector<CaseCellView>& cells);

struct CaseProjectView {
  std::string id;
  std::string key;
  std::string name;
};
struct CaseProjectCreate {
  std::string key;  // upper-case letters and digits, a letter first, at most 10
  std::string name;
};
base::Result<CaseProjectCreate> decode_case_project(std::string_view json);
std::string encode_case_project(const CaseProjectView& project);
std::string encode_case_projects(const std::vector<CaseProjectView>& projects);
std::string encode_case_types();

}  // namespace godseye::ddapi
