#pragma once

#include <string>

#include <godseye/dogstatsd/message.h>

// Messages to DogStatsD lines: the inverse of decode.h, for clients, load tools and forwarding. Each function appends
// one line with its LF. Fields that hold their default are left out; order as official clients write it (`@ # c: e:
// card: T`). Requires: names, tags and host hold neither LF nor `|`, names no `:`; the caller cuts packets to size.
namespace godseye::dogstatsd {

void append_metric(const MetricMessage& metric, std::string& out);
// Title and text already escaped (escape_newlines).
void append_event(const EventMessage& event, std::string& out);
void append_service_check(const ServiceCheckMessage& check, std::string& out);

// Appends `text` with each line feed as the two characters `\n`.
void escape_newlines(std::string_view text, std::string& out);

}  // namespace godseye::dogstatsd
