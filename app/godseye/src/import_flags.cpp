#include "import_flags.h"

#include <iostream>

namespace godseye::app {

void ImportFlags::add_to(CLI::App& program) {
  import_ = program.add_subcommand("import-history", "Load points of the past into a running server");
  import_->add_option("file", options_.files, "NDJSON or CSV, one point a line; - reads standard input")->required();
  import_->add_option("--format", options_.format, "ndjson or csv (by the file's name)")
      ->check(CLI::IsMember({"ndjson", "csv"}));
  import_->add_option("--patience", options_.patience_s, "seconds that a server which is away is asked again (60)")
      ->check(CLI::Range(0, 86'400));
  import_->add_option("--server", target_.server, "address of the server (http://127.0.0.1:8080)");
  import_->add_option("--api-key", target_.api_key, "API key; environment DD_API_KEY");
  import_->add_option("--app-key", target_.app_key, "application key; environment DD_APP_KEY");
  import_->add_flag("--json", target_.json, "the counts as JSON");
  import_->footer(
      "A line is a point: metric, timestamp (Unix seconds or 2026-01-31T12:00:00Z), value, and, if given, type "
      "(gauge,\n"
      "count, rate, distribution), tags, interval, host. CSV begins with those names. Points older than "
      "--retention-days\n"
      "of the server are refused. A file may be loaded again, also one that grew: what is there is left out.\n\n"
      "Examples:\n"
      "  godseye import-history orders.ndjson latency.csv\n"
      "  zcat history.csv.gz | godseye import-history - --format csv\n"
      "  echo "
      "'{\"metric\":\"shop.orders\",\"timestamp\":\"2026-01-31T12:00:00Z\",\"value\":3,\"type\":\"count\",\"tags\":["
      "\"env:prod\"]}' |\n"
      "    godseye import-history - --format ndjson --json");
}

int ImportFlags::run(const Environment& environment) {
  if (target_.api_key.empty()) target_.api_key = environment("DD_API_KEY").value_or("");
  if (target_.app_key.empty()) target_.app_key = environment("DD_APP_KEY").value_or("");
  return run_import(target_, options_, std::cin, std::cout, std::cerr);
}

}  // namespace godseye::app
