#include "finished_call.h"

namespace godseye::gateway {

namespace {

std::string_view role_of(genai::Origin origin) {
  switch (origin) {
    case genai::Origin::kSystem:
      return "system";
    case genai::Origin::kAssistant:
    case genai::Origin::kToolArguments:
      return "assistant";
    case genai::Origin::kReasoning:
      return "reasoning";
    case genai::Origin::kToolResult:
      return "tool";
    default:
      return "user";
  }
}

}  // namespace

size_t FinishedCall::text_bytes() const {
  size_t bytes = texts.capacity() + prompt.capacity() * sizeof(PromptText) + answer.capacity();
  for (const AnsweredToolCall& tool : tool_calls) bytes += tool.arguments.capacity();
  return bytes;
}

std::vector<PromptMessage> messages_of(const FinishedCall& call) {
  std::vector<PromptMessage> messages;
  messages.reserve(call.prompt.size());
  const bool embedding = call.operation == genai::Operation::kEmbed;
  const PromptText* last = nullptr;
  for (const PromptText& part : call.prompt) {
    if (part.origin == genai::Origin::kToolDefinition) continue;
    const bool document = part.origin == genai::Origin::kDocument || embedding;
    const std::string_view role = document ? std::string_view() : role_of(part.origin);
    if (!document && last != nullptr && last->message == part.message && messages.back().role == role) {
      PromptMessage& message = messages.back();
      if (message.joined.empty()) message.joined = message.content;
      if (!message.joined.empty()) message.joined += '\n';
      message.joined += call.text(part);
      message.is_new = message.is_new || part.is_new;
    } else {
      messages.push_back({.role = role, .is_new = part.is_new, .content = call.text(part), .joined = {}});
    }
    last = document ? nullptr : &part;
  }
  for (PromptMessage& message : messages) {
    if (!message.joined.empty()) message.content = message.joined;
  }
  return messages;
}

void drop_texts(FinishedCall& call) {
  call.shed = Shed::kTexts;
  std::string().swap(call.texts);
  std::vector<PromptText>().swap(call.prompt);
  std::string().swap(call.answer);
  std::vector<AnsweredToolCall>().swap(call.tool_calls);
}

}  // namespace godseye::gateway
