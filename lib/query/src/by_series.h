#pragma once

#include "space.h"

#include <cstdint>

#include <godseye/store/rows.h>

// Space aggregation of values that came series by series.
namespace godseye::query {

// `groups` are the rows of series_groups_statement, `values` those of series_values_statement, `keys` the number of
// keys of `by`. A series of `values` that no row of `groups` names came into being in between and is left to the next
// question. False, and nothing is added: groups × buckets are more than `cells_max`.
bool add_by_series(const store::Rows& groups, const store::Rows& values, size_t keys, Method space,
                   const Buckets& buckets, uint64_t cells_max, GroupTable& table);

}  // namespace godseye::query
