#include "json_fields.h"

#include <algorithm>
#include <array>

#include <godseye/base/json_text.h>
#include <godseye/gateway/decision.h>

namespace godseye::gateway {

using base::Error;
using base::ErrorCode;
namespace json = boost::json;

namespace {

constexpr std::array kKinds = {DecisionKind::kMessageRefused, DecisionKind::kMessageRedacted,
                               DecisionKind::kAnswerStopped, DecisionKind::kBlockSet};
constexpr size_t kNameBytesMax = 512;

// What comes from clients may not be UTF-8; JSON must be.
std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = base::utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

json::object object_of(const Block& block, int64_t now_s) {
  json::object object{{"id", block.id},
                      {"kind", block_kind_name(block.kind)},
                      {"value", clean(block.value)},
                      {"reason", clean(block.reason)},
                      {"author", clean(block.author)},
                      {"created", block.created_s},
                      {"expires", nullptr},
                      {"active", block.active(now_s)},
                      {"automatic", block.automatic},
                      {"rule", block.rule},
                      {"times", block.times},
                      {"version", block.version},
                      {"lifted", nullptr},
                      {"lifted_by", clean(block.lifted_by)}};
  if (block.expires_s != 0) object["expires"] = block.expires_s;
  if (block.lifted_s != 0) object["lifted"] = block.lifted_s;
  return object;
}

base::Result<Block> block_of(const json::object& object) {
  Fields fields(object, "block");
  Block block;
  fields.required("kind");
  fields.required("value");
  const std::optional<BlockKind> kind = parse_block_kind(fields.text("kind", "session", 16));
  if (!kind) fields.wrong("kind", "expected session, user, address or key");
  block.kind = kind.value_or(BlockKind::kSession);
  block.value = fields.text("value", "", kBlockValueBytesMax);
  block.id = fields.whole("id", 0, 0, INT64_MAX);
  block.version = static_cast<uint64_t>(fields.whole("version", 0, 0, INT64_MAX));
  block.reason = fields.text("reason", "", kBlockReasonBytesMax);
  block.author = fields.text("author", "", kBlockAuthorBytesMax);
  block.rule = fields.text("rule", "", kNameBytesMax);
  block.created_s = fields.whole("created", 0, 0, INT64_MAX);
  block.expires_s = fields.whole_or_null("expires", 0, 0, INT64_MAX);
  block.lifted_s = fields.whole_or_null("lifted", 0, 0, INT64_MAX);
  block.lifted_by = fields.text("lifted_by", "", kBlockAuthorBytesMax);
  block.automatic = fields.flag("automatic", false);
  block.times = static_cast<uint32_t>(fields.whole("times", 1, 1, UINT32_MAX));
  if (base::Status wrong = fields.finish(true); !wrong) return wrong.error();
  base::Result<std::string> value = block_value(block.kind, block.value);
  if (!value) return std::move(value).error();
  block.value = *std::move(value);
  return block;
}

}  // namespace

std::string_view decision_kind_name(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kMessageRefused:
      return "message.refused";
    case DecisionKind::kMessageRedacted:
      return "message.redacted";
    case DecisionKind::kAnswerStopped:
      return "answer.stopped";
    case DecisionKind::kBlockSet:
      return "block.set";
  }
  return "";
}

base::Result<DecisionKind> parse_decision_kind(std::string_view name) {
  for (const DecisionKind kind : kKinds) {
    if (decision_kind_name(kind) == name) return kind;
  }
  return Error(ErrorCode::kInvalidArgument,
               "decision.kind: expected message.refused, message.redacted, answer.stopped or block.set");
}

std::string decision_json(const Decision& decision) {
  json::object object{{"id", decision.id},
                      {"time_ms", decision.time_ms},
                      {"kind", decision_kind_name(decision.kind)},
                      {"shadow", decision.shadow},
                      {"rule", decision.rule},
                      {"route", clean(decision.route)},
                      {"call_id", clean(decision.call_id)},
                      {"session", clean(decision.session)},
                      {"user", clean(decision.user)},
                      {"gateway", clean(decision.gateway)},
                      {"sample", clean(std::string_view(decision.sample).substr(0, kDecisionSampleBytesMax))}};
  if (decision.score >= 0) object["score"] = decision.score;
  if (decision.kind == DecisionKind::kBlockSet) {
    object["block"] = object_of(decision.block, decision.time_ms / 1000);
  }
  return json::serialize(object);
}

base::Result<Decision> parse_decision(std::string_view text) {
  base::Result<json::object> object = parse_object(text, "decision");
  if (!object) return std::move(object).error();
  Fields fields(*object, "decision");
  fields.required("id");
  fields.required("kind");
  fields.required("time_ms");
  Decision decision;
  decision.id = fields.text("id", "", 64);
  decision.time_ms = fields.whole("time_ms", 0, 0, INT64_MAX);
  base::Result<DecisionKind> kind = parse_decision_kind(fields.text("kind", "", 32));
  decision.shadow = fields.flag("shadow", false);
  decision.rule = fields.text("rule", "", kNameBytesMax);
  decision.route = fields.text("route", "", kNameBytesMax);
  decision.call_id = fields.text("call_id", "", kNameBytesMax);
  decision.session = fields.text("session", "", kNameBytesMax);
  decision.user = fields.text("user", "", kNameBytesMax);
  decision.gateway = fields.text("gateway", "", kNameBytesMax);
  decision.sample = fields.text("sample", "", 4 * kDecisionSampleBytesMax);
  decision.score = fields.number("score", -1, -1, 1);
  if (decision.id.empty()) fields.wrong("id", "is empty");
  const json::object* block = fields.object("block");
  if (base::Status wrong = fields.finish(true); !wrong) return wrong.error();
  if (!kind) return std::move(kind).error();
  decision.kind = *kind;
  if (decision.kind != DecisionKind::kBlockSet) return decision;
  if (block == nullptr) return Error(ErrorCode::kInvalidArgument, "decision.block: is missing");
  base::Result<Block> parsed = block_of(*block);
  if (!parsed) return std::move(parsed).error();
  decision.block = *std::move(parsed);
  return decision;
}

std::string block_json(const Block& block, int64_t now_s) { return json::serialize(object_of(block, now_s)); }

base::Result<Block> parse_block(std::string_view text) {
  base::Result<json::object> object = parse_object(text, "block");
  if (!object) return std::move(object).error();
  return block_of(*object);
}

base::Result<std::vector<Block>> parse_blocks(std::string_view text) {
  base::Result<json::array> array = parse_array(text, "blocks");
  if (!array) return std::move(array).error();
  std::vector<Block> blocks;
  for (const json::value& value : *array) {
    if (!value.is_object()) return Error(ErrorCode::kInvalidArgument, "blocks: expected objects");
    base::Result<Block> block = block_of(value.as_object());
    if (!block) return std::move(block).error();
    blocks.push_back(*std::move(block));
  }
  return blocks;
}

}  // namespace godseye::gateway
