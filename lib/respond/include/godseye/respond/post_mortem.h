#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// An incident as a Markdown document (CommonMark with GitHub's tables): what happened, to whom, how bad, who did what
// when, what the evidence is, what is left to do, and empty places for what a post-mortem asks of people.
//
// Every text comes from outside (tag values, prompts of attackers, comments), so none of it is ever markup: short ones
// are escaped, long ones stand in fenced blocks whose fence is longer than any inside. No HTML, no links and no images
// arise from them; addresses stay text. Pure.
namespace godseye::respond {

struct PostMortemEntry {
  int64_t time_s = 0;  // Unix
  std::string kind;    // "transition", "comment", "change", …
  std::string author;  // empty: nobody
  std::string text;
};

struct PostMortemAlert {
  int64_t monitor_id = 0;
  std::string name;  // of the monitor; empty when it is gone
  std::string query;
  std::string group;
  int64_t since_s = 0;
  int64_t ended_s = 0;  // 0: goes on
};

struct PostMortemTask {
  std::string text;
  bool done = false;
  std::string by;
};

struct PostMortemPrompt {
  int64_t time_s = 0;
  std::string text;  // personal data masked by the caller
  double score = 0;
  std::string trace_id;
};

struct PostMortemTrace {
  std::string trace_id;
  std::string name;
  std::string service;
  double duration_ms = 0;
  bool error = false;
};

struct PostMortem {
  int64_t number = 0;
  std::string id;
  std::string title;
  std::string state;
  std::string severity;
  std::string attributed_to;
  std::string services;
  std::string commander;
  std::string opened_by;
  std::string runbook;
  std::string summary;  // the field `summary`
  std::string root_cause;
  bool customer_impacted = false;
  std::string impact_scope;
  int64_t impact_start_s = 0;
  int64_t impact_end_s = 0;
  int64_t opened_s = 0;
  int64_t resolved_s = 0;  // 0: not yet
  int64_t exported_s = 0;
  std::string address;  // of the incident's page; ours, not from outside
  std::vector<PostMortemAlert> alerts;
  std::vector<PostMortemEntry> timeline;
  std::vector<PostMortemTask> tasks;
  std::vector<PostMortemPrompt> prompts;
  std::vector<PostMortemTrace> traces;
  std::vector<std::string> warnings;  // what the evidence lacks
};

std::string post_mortem_markdown(const PostMortem& incident);

// One line in which nothing is markup: controls and line ends become blanks.
std::string escape_markdown(std::string_view text);
// A fenced block that holds `text` as it is, but for controls; ends with a line end.
std::string markdown_block(std::string_view text);

}  // namespace godseye::respond
