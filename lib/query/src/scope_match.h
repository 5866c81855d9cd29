#pragma once

#include <span>
#include <string>
#include <string_view>

#include <godseye/lang/metric_query.h>
#include <godseye/signal/metric.h>

// What a scope means, in C++: the reference that the SQL of scope_sql.h is tested against.
namespace godseye::query {

// The attribution column of `key`, or kAttributionKeyCount when it is an ordinary tag.
size_t attribution_column(std::string_view key);

// `tags` are those of the series, `key:value` or bare words. A key matches when any of its values does; an attribution
// key has the point's value besides those of the series. A missing key fails `key:x` and passes `!key:x`.
bool scope_matches(const lang::Scope& scope, std::span<const std::string> tags, const signal::Attribution& attribution);

// `scope` as stored names are written: tags are normalised as the intake does it, wildcards kept.
lang::Scope normalized(lang::Scope scope);
// Likewise for one tag key.
std::string normalized_key(std::string_view key);

}  // namespace godseye::query
