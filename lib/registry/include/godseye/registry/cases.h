#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Cases: what a person should look at, but not tonight. A case that a monitor opened is bound to (monitor, group): at
// most one of them is neither closed nor archived, which a unique index enforces. Its timeline is kept by
// `add_timeline` (incidents.h) under the case's id. Every case belongs to a project, whose key begins the case's own
// ("CASE-12"); the project kDefaultCaseProject is always there.
namespace godseye::registry {

inline constexpr std::string_view kDefaultCaseProject = "00000000-0000-4000-8000-000000000001";
inline constexpr size_t kCaseProjectsMax = 200;
// Not archived ones.
inline constexpr size_t kCasesMax = 20'000;

struct CaseProject {
  std::string id;   // UUID
  std::string key;  // "CASE"
  std::string name;
};

struct CaseRow {
  std::string id;      // UUID
  int64_t number = 0;  // 1, 2, 3… over all projects
  std::string key;     // "CASE-12"
  std::string project_id{kDefaultCaseProject};
  std::string title;
  std::string description;               // markdown
  std::string status = "OPEN";           // OPEN, IN_PROGRESS, CLOSED
  std::string priority = "NOT_DEFINED";  // P1 … P5
  std::string type_id;
  std::string assignee;
  std::string author;  // empty: a monitor
  std::string modified_by;
  std::string attributes_json = "{}";  // name → list of texts
  std::vector<std::string> services;
  int64_t monitor_id = 0;  // 0: made by a person
  std::string group;
  std::string incident_id;  // of the incident it was turned into; empty: none
  int64_t created_s = 0;
  int64_t modified_s = 0;
  int64_t closed_s = 0;    // 0: not closed
  int64_t archived_s = 0;  // 0: not archived
};

enum class CaseOrder : uint8_t { kCreated, kPriority, kStatus };
struct CaseFilter {
  std::string status;  // empty: any
  std::string priority;
  std::string project;   // id or key
  std::string assignee;  // whole, without regard to case; likewise service and project
  std::string service;
  std::string text;  // somewhere in key, title or description; without regard to the case of ASCII letters
  int archived = 0;  // 0: those that are not, 1: those that are, -1: both
  CaseOrder order = CaseOrder::kCreated;
  bool ascending = false;  // by kPriority: P1 first
  size_t offset = 0;
  size_t count_max = 100;
};

// Sets `row.number` and `row.key`. kNotFound without the project, kAlreadyExists when (monitor, group) has an open one,
// kTooLarge beyond kCasesMax.
base::Status create_case(WriteSession& session, CaseRow& row);
// Writes every field but id, number, key, project, monitor, group, created and author. kNotFound, kAlreadyExists.
base::Status update_case(WriteSession& session, const CaseRow& row);
// With its timeline.
base::Status delete_case(WriteSession& session, std::string_view id);
// By UUID, key or number.
base::Result<std::optional<CaseRow>> find_case(ReadSession& session, std::string_view id);
base::Result<std::optional<CaseRow>> find_open_case(ReadSession& session, int64_t monitor_id, std::string_view group);
// The newest closed, not archived one of (monitor, group), closed at or after `since_s`.
base::Result<std::optional<CaseRow>> find_closed_case(ReadSession& session, int64_t monitor_id, std::string_view group,
                                                      int64_t since_s);
base::Result<std::vector<CaseRow>> list_cases(ReadSession& session, const CaseFilter& filter);
base::Result<size_t> count_cases(ReadSession& session, const CaseFilter& filter);

// Sets `project.id`. kAlreadyExists for a key in use, kTooLarge beyond kCaseProjectsMax.
base::Status create_case_project(WriteSession& session, CaseProject& project);
// kInvalidArgument for the default one and while cases belong to it.
base::Status delete_case_project(WriteSession& session, std::string_view id);
base::Result<std::optional<CaseProject>> find_case_project(ReadSession& session, std::string_view id_or_key);
base::Result<std::vector<CaseProject>> list_case_projects(ReadSession& session);

}  // namespace godseye::registry
