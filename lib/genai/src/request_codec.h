#pragma once

#include "json.h"
#include "json_writer.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/requests.h>

// The request codecs, one pair per dialect, and what they share.
namespace godseye::genai {

using Dropped = std::vector<std::string>;

base::Status parse_openai_chat(Json root, ChatRequest& request);
base::Status parse_completions(Json root, ChatRequest& request);
base::Status parse_responses(Json root, ChatRequest& request);
base::Status parse_gemini(Json root, ChatRequest& request);
base::Status parse_anthropic(Json root, ChatRequest& request);
base::Status parse_ollama_chat(Json root, ChatRequest& request);
base::Status parse_ollama_generate(Json root, ChatRequest& request);

std::string write_openai_chat(const ChatRequest& request, Dropped& dropped);
std::string write_responses(const ChatRequest& request, Dropped& dropped);
std::string write_gemini(const ChatRequest& request, Dropped& dropped, bool count_tokens);
std::string write_anthropic(const ChatRequest& request, Dropped& dropped, bool count_tokens);
std::string write_ollama_chat(const ChatRequest& request, Dropped& dropped);

// "messages[3].content: expected …", kInvalidArgument.
base::Error wrong(std::string_view where, std::string_view expected);
base::Error wrong(std::string_view list, size_t index, std::string_view rest, std::string_view expected);

Part text_part(std::string text);
// The last message if it holds tool results, else a new one: results of parallel calls are one message.
Message& tool_message(std::vector<Message>& messages);
// Texts of a string or of a list of parts with `text`, joined.
std::string plain_text(Json content);
std::vector<std::string> texts_of(Json value);  // a string or a list of strings
// Temperature and the like under their common names.
void take_sampling(Json root, ChatRequest& request);
void write_sampling(JsonWriter& w, const ChatRequest& request, bool penalties);
// `schema` if it is a JSON object, else the schema of no arguments.
std::string schema_or_empty(std::string_view schema);
// Texts of system and developer messages, in order.
std::vector<std::string_view> system_texts(const ChatRequest& request);
// Adds to `dropped` what is set in `request` and named here: "top_k", "seed", "choices", "user", "metadata", "stop",
// "penalties", "parallel_tools", "reasoning".
void drop_set(const ChatRequest& request, std::initializer_list<std::string_view> names, Dropped& dropped);
// "low", "medium" or "high" for a number of thinking tokens; and back.
std::string_view effort_of(int64_t budget_tokens);
int64_t budget_of(std::string_view effort);

// Ids and names of tool calls and results. Some dialects have no ids, others give no name with a result; what is
// missing is filled in from the call that a result answers. `messages` must outlive this and not change.
class CallTable {
 public:
  explicit CallTable(const std::vector<Message>& messages);
  std::string_view id(const Part& part) const;
  std::string_view name(const Part& part) const;

 private:
  struct Entry {
    std::string id;
    std::string name;
  };
  std::unordered_map<const Part*, Entry> entries_;
};

}  // namespace godseye::genai
