#include "interpret.h"

// Anthropic messages: blocks that open, grow and close; or one object with all blocks.
namespace godseye::genai {
namespace {

class Anthropic : public Interpreter {
 public:
  void event(Json root, std::string_view) override {
    std::forward_list<std::string> own;
    const std::string_view type = root["type"].text(own);
    if (type == "message_start") {
      const Json message = root["message"];
      start(message["id"], message["model"], 0);
      counters(message["usage"]);
    } else if (type == "content_block_start") {
      block(root["content_block"], index_of(root), true);
    } else if (type == "content_block_delta") {
      piece(root["delta"], index_of(root));
    } else if (type == "message_delta") {
      close(root["delta"]);
      counters(root["usage"]);
    } else if (type == "message_stop") {
      end();
    } else if (type == "error") {
      const bool overloaded = root["error"]["type"].equals("overloaded_error");
      failed(read_error(Family::kAnthropic, overloaded ? 529 : 500, root.raw()));
    }
  }

  void whole(Json root) override {
    start(root["id"], root["model"], 0);
    uint64_t index = 0;
    for (const Json item : root["content"].items()) block(item, index++, false);
    close(root);
    counters(root["usage"]);
  }

 private:
  static uint64_t index_of(Json root) {
    const std::optional<int64_t> index = root["index"].integer();
    return index && *index >= 0 ? static_cast<uint64_t>(*index) : 0;
  }

  void counters(Json value) {
    if (!value.is_object()) return;
    counters_.take(value);
    usage_now(counters_.usage());
  }

  void close(Json holder) {
    if (const Json word = holder["stop_reason"]; word.is_string()) {
      finish_choice(0, anthropic_finish(view(word)), holder["stop_sequence"]);
    }
  }

  // In a stream a block's `input` is empty at first and comes in pieces.
  void block(Json block, uint64_t index, bool streamed) {
    std::forward_list<std::string> own;
    const std::string_view type = block["type"].text(own);
    opens_ = true;
    if (type == "text") {
      grow(DeltaKind::kText, block["text"]);
    } else if (type == "tool_use") {
      bool fresh = false;
      const uint32_t call = call_number(0, index, fresh);
      if (too_much) return;
      Delta& delta = call_start(0, call, block["id"], block["name"]);
      const Json input = block["input"];
      if (input.is_object() && (!streamed || input.size() > 0)) {
        delta.text = input.raw();
        text_bytes += delta.text.size();
      }
    } else if (type == "thinking") {
      grow(DeltaKind::kReasoning, block["thinking"]);
      sign(block["signature"], false);
    } else if (type == "redacted_thinking") {
      sign(block["data"], true);
    } else {
      add_dropped(dropped, "content." + std::string(type.substr(0, 64)));
    }
  }

  void piece(Json delta, uint64_t index) {
    std::forward_list<std::string> own;
    const std::string_view type = delta["type"].text(own);
    if (type == "text_delta") {
      grow(DeltaKind::kText, delta["text"]);
    } else if (type == "thinking_delta") {
      grow(DeltaKind::kReasoning, delta["thinking"]);
    } else if (type == "signature_delta") {
      sign(delta["signature"], false);
    } else if (type == "input_json_delta") {
      bool fresh = false;
      const uint32_t call = call_number(0, index, fresh);
      // A piece of a server tool's call has no block of ours.
      if (!too_much && !fresh) call_piece(0, call, delta["partial_json"]);
    } else if (type == "citations_delta") {
      add_dropped(dropped, "content.citations");
    }
  }

  void grow(DeltaKind kind, Json value) {
    if (!value.is_string() || value.equals("")) return;
    text(kind, 0, value, opens_);
    opens_ = false;
  }

  void sign(Json signature, bool redacted) {
    if (!signature.is_string() || signature.equals("")) return;
    Delta& delta = add(DeltaKind::kReasoning);
    delta.signature = view(signature);
    delta.redacted = redacted;
    delta.opens = opens_;
    opens_ = false;
  }

  AnthropicCounters counters_;
  bool opens_ = false;
};

}  // namespace

std::unique_ptr<Interpreter> anthropic_interpreter() { return std::make_unique<Anthropic>(); }

}  // namespace godseye::genai
