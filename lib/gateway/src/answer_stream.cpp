#include "answer_stream.h"

#include "redact_json.h"

#include <algorithm>
#include <span>
#include <utility>

#include <godseye/genai/error.h>
#include <godseye/genai/requests.h>
#include <godseye/guard/pii.h>
#include <godseye/guard/pii_memory.h>

namespace godseye::gateway {

namespace {

using base::Error;
using base::ErrorCode;
using base::Status;
using genai::Delta;
using genai::DeltaKind;

constexpr size_t kToolCallsMax = 64;
constexpr size_t kArgumentsBytesMax = 64u << 10;
constexpr size_t kJudgeStep = 64;  // bytes of new text after which a blocking guard looks again
constexpr uint32_t kReasoningStream = 1u << 16;
constexpr uint32_t kArgumentsStream = 1u << 17;

// Where the last whole frame of `raw` ends, by its blank line or line end; 0: none.
size_t last_frame_end(std::string_view raw, genai::Framing framing) {
  if (framing == genai::Framing::kNdjson) {
    const size_t line = raw.rfind('\n');
    return line == std::string_view::npos ? 0 : line + 1;
  }
  size_t end = 0;
  for (const std::string_view blank : {"\n\n", "\r\n\r\n", "\r\r"}) {
    const size_t at = raw.rfind(blank);
    if (at != std::string_view::npos) end = std::max(end, at + blank.size());
  }
  return end;
}

}  // namespace

AnswerStream::AnswerStream(AnswerStreamOptions options, FinishedCall& call)
    : options_(std::move(options)), call_(call), reader_(options_.upstream, options_.upstream_framing) {
  const RouteSettings& route = *options_.route;
  const bool enforced = !options_.shadow;
  guards_text_ = enforced && (route.pii_answer == GuardMode::kRedact || route.pii_answer == GuardMode::kBlock);
  judges_ = (route.leak == GuardMode::kBlock || route.toxicity == GuardMode::kBlock) && enforced;
  holds_ = guards_text_ || judges_ || (options_.hide_usage && !options_.translate);
  if (guards_text_ && options_.upstream_framing == genai::Framing::kSse) joiner_.emplace();
  if (judges_) system_prompt_ = system_prompt_of(call_);
  if (options_.translate) {
    genai::StreamHead head;
    head.model = call_.model_asked;
    head.created_s = options_.now_s;
    head.include_usage = options_.client_wants_usage;
    writer_ = std::make_unique<genai::AnswerWriter>(options_.client, options_.client_framing, std::move(head));
    if (holds_) second_ = std::make_unique<genai::AnswerReader>(options_.upstream, options_.upstream_framing);
  }
}

AnswerStream::~AnswerStream() { fill_usage(); }

void AnswerStream::fill_usage() {
  call_.usage = reader_.usage();
  const genai::FinishReason finish = reader_.finish_reason();
  if (finish != genai::FinishReason::kNone) call_.finish_reason = genai::finish_reason_name(finish);
  if (!reader_.model().empty()) call_.model_answered = reader_.model();
  call_.answer_text = std::max<size_t>(call_.answer_text, reader_.text_bytes());
}

base::Result<std::string_view> AnswerStream::feed(std::string_view bytes, bool& first_text) {
  if (stopped_) return std::string_view();
  deltas_.clear();
  if (joiner_) {
    joined_.clear();
    joiner_->feed(bytes, joined_);
    bytes = joined_;
  }
  const Status read = reader_.feed(bytes, deltas_);
  // A frame that is not JSON is the client's to judge, unless we must understand it.
  if (!read && (options_.translate || guards_text_ || judges_)) {
    return Error(ErrorCode::kCorrupt, "the provider's stream cannot be read: " + read.error().message());
  }
  for (const Delta& delta : deltas_) observe(delta, first_text);
  out_.clear();
  if (!holds_) {
    if (!options_.translate) return bytes;
    for (const Delta& delta : deltas_) writer_->write(delta, out_);
    wrote_ = wrote_ || !out_.empty();
    return std::string_view(out_);
  }
  hold(deltas_, bytes);
  return give(false);
}

base::Result<std::string_view> AnswerStream::finish() {
  if (stopped_) return std::string_view();
  deltas_.clear();
  bool first_text = false;
  if (joiner_) {
    joined_.clear();
    joiner_->finish(joined_);
    const Status fed = reader_.feed(joined_, deltas_);
    if (!fed) return Error(ErrorCode::kCorrupt, "the provider's stream cannot be read: " + fed.error().message());
    for (const Delta& delta : deltas_) observe(delta, first_text);
    hold(deltas_, joined_);
    deltas_.clear();
  }
  const Status read = reader_.finish(deltas_);
  for (const Delta& delta : deltas_) observe(delta, first_text);
  fill_usage();
  out_.clear();
  if (!read && read.error().code() == ErrorCode::kUnavailable && !failed_) {
    // Cut off: what came goes out when nothing must be understood, and the connection is cut after it.
    if (options_.translate || holds_)
      return Error(ErrorCode::kUnavailable, "the provider's stream ended in the middle");
    return Error(ErrorCode::kUnavailable, "the provider's stream ended in the middle");
  }
  if (!holds_) {
    if (!options_.translate) return std::string_view();
    for (const Delta& delta : deltas_) writer_->write(delta, out_);
    writer_->finish(out_);
    return std::string_view(out_);
  }
  hold(deltas_, {});
  const std::string_view rest = give(true);
  if (!options_.translate || stopped_) return rest;
  writer_->finish(out_);
  return std::string_view(out_);
}

void AnswerStream::observe(const Delta& delta, bool& first_text) {
  switch (delta.kind) {
    case DeltaKind::kText:
    case DeltaKind::kRefusal:
      if (delta.choice == 0 && call_.answer.size() < options_.observed_bytes_max) {
        call_.answer.append(delta.text.substr(0, options_.observed_bytes_max - call_.answer.size()));
      }
      first_text = first_text || !delta.text.empty();
      break;
    case DeltaKind::kReasoning:
    case DeltaKind::kMedia:
      first_text = true;
      break;
    case DeltaKind::kToolCall: {
      first_text = true;
      if (delta.choice != 0) break;
      if (delta.call >= call_.tool_calls.size() && delta.call < kToolCallsMax) call_.tool_calls.resize(delta.call + 1);
      if (delta.call >= call_.tool_calls.size()) break;
      AnsweredToolCall& tool = call_.tool_calls[delta.call];
      if (!delta.id.empty()) tool.id = delta.id;
      if (!delta.name.empty()) tool.name = delta.name;
      if (tool.arguments.size() < kArgumentsBytesMax) {
        tool.arguments.append(delta.text.substr(0, kArgumentsBytesMax - tool.arguments.size()));
      }
      break;
    }
    case DeltaKind::kError:
      failed_ = true;
      if (delta.error != nullptr) {
        call_.error_type = delta.error->kind.empty() ? "provider_error" : delta.error->kind;
        call_.error = delta.error->message;
      }
      break;
    default:
      break;
  }
}

void AnswerStream::hold(const std::vector<Delta>& deltas, std::string_view bytes) {
  raw_.append(bytes);
  for (const Delta& delta : deltas) {
    frames_end_ = std::max(frames_end_, delta.frame_end);
    if (delta.kind == DeltaKind::kUsage && delta.usage_only && options_.hide_usage && !options_.translate) {
      cuts_.emplace_back(delta.frame_begin, delta.frame_end);
    }
    const bool text =
        delta.kind == DeltaKind::kText || delta.kind == DeltaKind::kRefusal || delta.kind == DeltaKind::kReasoning;
    if (guards_text_) hold_arguments(delta);
    if (!text || delta.text.empty() || !(guards_text_ || judges_)) continue;
    const uint32_t stream = delta.choice + (delta.kind == DeltaKind::kReasoning ? kReasoningStream : 0);
    held_.push_back({.frame_begin = delta.frame_begin,
                     .value_begin = delta.value_begin,
                     .value_end = delta.value_end,
                     .stream = stream,
                     .decided = false,
                     .text = {}});
    texts_[stream].add(delta.text);
  }
  frames_end_ = std::max<uint64_t>(frames_end_, raw_begin_ + last_frame_end(raw_, options_.upstream_framing));
}

void AnswerStream::hold_arguments(const Delta& delta) {
  const uint32_t key = kArgumentsStream + delta.choice * genai::kStreamToolCallsMax + delta.call;
  const bool of_call = delta.kind == DeltaKind::kToolCall;
  // Whatever else the choice says, the calls before it are whole.
  for (auto& [stream, arguments] : arguments_) {
    const bool ends = delta.kind == DeltaKind::kEnd || delta.kind == DeltaKind::kError;
    if (ends || (arguments.choice == delta.choice && !(of_call && stream == key))) arguments.closed = true;
  }
  if (!of_call || delta.text.empty() || delta.value_end <= delta.value_begin) return;
  held_.push_back({.frame_begin = delta.frame_begin,
                   .value_begin = delta.value_begin,
                   .value_end = delta.value_end,
                   .stream = key,
                   .decided = false,
                   .is_json = delta.value_is_json,
                   .same = false,
                   .text = {}});
  Arguments& arguments = arguments_[key];
  arguments.choice = delta.choice;
  arguments.text.append(delta.text);
  if (delta.value_is_json) arguments.closed = true;
}

void AnswerStream::decide_arguments(bool last) {
  for (auto at = arguments_.begin(); at != arguments_.end();) {
    Arguments& arguments = at->second;
    if (!arguments.closed && !last) {
      ++at;
      continue;
    }
    int64_t found = 0;
    std::optional<std::string> redacted = redact_json(arguments.text, found);
    if (!redacted) {  // cut off: no JSON that could be kept
      const std::vector<guard::PiiEntity> entities = guard::PiiMemory::shared().find(arguments.text);
      found = static_cast<int64_t>(entities.size());
      redacted = guard::redact(arguments.text, entities);
    }
    if (found > 0) call_.pii_answer = std::max<int64_t>(0, call_.pii_answer) + found;
    // The first piece says it all, the others nothing.
    bool first = true;
    for (Held& held : held_) {
      if (held.stream != at->first || held.decided) continue;
      held.decided = true;
      held.same = found == 0;
      if (!held.same && std::exchange(first, false)) held.text = *redacted;
    }
    at = arguments_.erase(at);
  }
}

// Gives each held piece its text, as far as that can be said.
void AnswerStream::decide(bool last) {
  decide_arguments(last);
  std::vector<std::string> texts;
  for (auto& [stream, held_text] : texts_) {
    texts.clear();
    int64_t count = 0;
    held_text.release(options_.route->pii_answer == GuardMode::kRedact, last, texts, count);
    if (count > 0) call_.pii_answer = std::max<int64_t>(0, call_.pii_answer) + count;
    size_t next = 0;
    for (Held& held : held_) {
      if (next == texts.size()) break;
      if (held.stream != stream || held.decided) continue;
      held.decided = true;
      held.text = std::move(texts[next++]);
    }
  }
}

bool AnswerStream::stop_if_judged(bool last) {
  const RouteSettings& route = *options_.route;
  AnswerFinding finding;
  if (judges_ && (last || call_.answer.size() >= judged_ + kJudgeStep)) {
    judged_ = call_.answer.size();
    finding = judge_answer(call_.answer, system_prompt_, route, call_.verdict.reasons);
  }
  if (!finding.stop && route.pii_answer == GuardMode::kBlock && call_.pii_answer > 0) {
    finding = {.stop = true, .rule = Rule::kPiiAnswer, .score = -1, .reason = "pii:answer"};
    call_.verdict.reasons.push_back(finding.reason);
  }
  if (!finding.stop) return false;
  call_.verdict.add({.rule = finding.rule, .outcome = Outcome::kRefused, .enforced = true, .score = finding.score});
  call_.sample = call_.answer;
  genai::ApiError error;
  error.status = 403;
  error.code = genai::kCodeBlocked;
  error.message = "the answer was stopped by a guard (" + finding.reason + ")";
  error.reference = options_.call_id;
  const genai::Dialect dialect = options_.translate ? options_.client : options_.upstream;
  const genai::Framing framing = options_.translate ? options_.client_framing : options_.upstream_framing;
  out_ += genai::error_event(dialect, framing, error, !wrote_);
  call_.error_type = "godseye_blocked";
  call_.error = error.message;
  stopped_ = true;
  return true;
}

std::string_view AnswerStream::give(bool last) {
  if (guards_text_ || judges_) decide(last);
  if (stop_if_judged(last)) return out_;
  if (!options_.translate) {
    emit(last, out_);
    wrote_ = wrote_ || !out_.empty();
    return out_;
  }
  std::string approved;
  emit(last, approved);
  if (!translate(approved)) out_.clear();
  wrote_ = wrote_ || !out_.empty();
  return out_;
}

// Moves what may go out from raw_ to `out`, with texts replaced and cuts left out.
void AnswerStream::emit(bool last, std::string& out) {
  uint64_t until = last ? raw_begin_ + raw_.size() : frames_end_;
  for (const Held& held : held_) {
    if (!held.decided) {
      until = std::min(until, held.frame_begin);
      break;
    }
  }
  if (until <= raw_begin_) return;
  std::vector<genai::Replacement> changes;
  size_t gone = 0;
  for (; gone < held_.size() && held_[gone].value_end <= until; ++gone) {
    Held& held = held_[gone];
    if (options_.route->pii_answer != GuardMode::kRedact || held.same || held.value_end <= held.value_begin) continue;
    changes.push_back({.begin = static_cast<uint32_t>(held.value_begin - raw_begin_),
                       .end = static_cast<uint32_t>(held.value_end - raw_begin_),
                       .text = std::move(held.text),
                       .is_json = held.is_json});
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(gone));
  // Between the cuts.
  uint64_t at = raw_begin_;
  size_t used = 0;
  const auto copy = [&](uint64_t to) {
    if (to <= at) return;
    const std::string_view piece(raw_.data() + (at - raw_begin_), to - at);
    std::vector<genai::Replacement> inside;
    for (; used < changes.size() && changes[used].begin < to - raw_begin_; ++used) {
      inside.push_back(std::move(changes[used]));
      inside.back().begin -= static_cast<uint32_t>(at - raw_begin_);
      inside.back().end -= static_cast<uint32_t>(at - raw_begin_);
    }
    if (inside.empty()) {
      out.append(piece);
    } else {
      out += genai::replace_texts(piece, inside);
    }
    at = to;
  };
  size_t cut = 0;
  for (; cut < cuts_.size() && cuts_[cut].second <= until; ++cut) {
    copy(cuts_[cut].first);
    at = std::max(at, cuts_[cut].second);
  }
  cuts_.erase(cuts_.begin(), cuts_.begin() + static_cast<ptrdiff_t>(cut));
  copy(until);
  raw_.erase(0, until - raw_begin_);
  raw_begin_ = until;
}

Status AnswerStream::translate(std::string_view approved) {
  std::vector<Delta> deltas;
  if (Status read = second_->feed(approved, deltas); !read) return read;
  for (const Delta& delta : deltas) writer_->write(delta, out_);
  return base::ok();
}

}  // namespace godseye::gateway
