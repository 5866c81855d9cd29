#pragma once

#include <godseye/query/query_engine.h>
#include <godseye/store/engine.h>

// What there is to query: names, types, tags, hosts. Contracts are those of QueryEngine.
namespace godseye::query {

base::Result<std::vector<std::string>> list_metric_names(store::Engine& engine, std::string_view part,
                                                         std::string_view tag, int64_t from_s, size_t count_max);
base::Result<MetricMetadata> read_metadata(store::Engine& engine, std::string_view metric);
base::Result<std::vector<TagKeyValues>> list_tags(store::Engine& engine, std::string_view metric, size_t values_max);
base::Result<std::vector<std::string>> list_hosts(store::Engine& engine, std::string_view part, int64_t from_s,
                                                  size_t count_max);

}  // namespace godseye::query
