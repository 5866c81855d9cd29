#pragma once

#include "json_writer.h"

#include <string>
#include <string_view>

#include <godseye/genai/chat.h>

// OpenAI's response object, whole and in the events of its stream: each part of the first choice is one output item.
namespace godseye::genai {

// `status` is "in_progress" (no output, no usage), "completed" or "incomplete".
void write_responses_object(JsonWriter& w, const ChatAnswer& answer, std::string_view status);
void write_responses_item(JsonWriter& w, const ChatAnswer& answer, size_t item, std::string_view status);
// A content part or summary part with this text.
void write_responses_part(JsonWriter& w, const Part& part, std::string_view text);
std::string responses_item_id(const ChatAnswer& answer, size_t item);

}  // namespace godseye::genai
