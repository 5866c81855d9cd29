#pragma once

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/pipeline/catalogues.h>

// The live catalogues that answers are checked against (pipeline/catalogues.h). Writing takes an API key, since shops
// push their catalogue as they push telemetry; reading and removing take both.
//   PUT    /api/godseye/v1/catalogues/{name}              NDJSON: the whole catalogue
//   PUT    /api/godseye/v1/catalogues/{name}?part=true    NDJSON: the products that changed
//   GET    /api/godseye/v1/catalogues, …/{name}           {"name","products","version","updated","age_s"}
//   GET    /api/godseye/v1/catalogues/{name}/products    NDJSON: the whole catalogue, for gateways that run alone
//   DELETE /api/godseye/v1/catalogues/{name}
namespace godseye::api {

// `book` must outlive the router.
void add_catalogue_routes(Router& router, pipeline::CatalogueBook& book, base::Clock clock);

}  // namespace godseye::api
