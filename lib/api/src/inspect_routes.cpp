#include "answer_json.h"
#include "inspect_body.h"
#include "json_list.h"

#include <godseye/api/errors.h>
#include <godseye/api/inspect_routes.h>
#include <godseye/guard/explain.h>
#include <godseye/guard/json.h>
#include <godseye/guard/pii.h>
#include <godseye/sandbox/inspect.h>

namespace godseye::api {
namespace {

using guard::json_number;
using guard::json_quoted;

bool is_json(std::string_view content_type) {
  constexpr std::string_view kJson = "application/json";
  return net::equal_ignoring_case(content_type.substr(0, kJson.size()), kJson);
}

std::string passages_json(std::string_view text, guard::Source source) {
  return json_list(guard::explain(guard::InjectScorer::shipped(), text, source), [](const guard::Passage& passage) {
    return '{' + span_members(passage.start, passage.end) + ",\"score\":" + json_number(passage.score) +
           ",\"reasons\":" + json_list(passage.reasons, [](const std::string& reason) { return json_quoted(reason); }) +
           '}';
  });
}

}  // namespace

InspectRoutes::InspectRoutes(sandbox::ImageDecoder* decoder, FindCatalogue catalogues)
    : decoder_(decoder), catalogues_(std::move(catalogues)) {}

void InspectRoutes::add_to(Router& router) {
  router.add(RouteClass::kIntake, "POST", "/api/godseye/v1/inspect/text",
             [this](const Request& request) { return inspect_text(request); });
  router.add(RouteClass::kIntake, "POST", "/api/godseye/v1/inspect/image",
             [this](const Request& request) { return inspect_image(request); });
}

net::HttpResponse InspectRoutes::refuse(const base::Error& error) {
  ++malformed_;
  return error_response(error);
}

std::shared_ptr<InspectRoutes::Conversation> InspectRoutes::conversation(const std::string& name) {
  const base::MutexLock lock(mutex_);
  auto [found, added] = conversations_.try_emplace(name);
  if (added) {
    found->second = std::make_shared<Conversation>();
    order_.push_back(name);
    if (order_.size() > kInspectSessionsMax) {
      conversations_.erase(order_.front());
      order_.pop_front();
      ++forgotten_;
      return conversations_[name];
    }
  }
  return found->second;
}

guard::InjectScore InspectRoutes::score(std::string_view text, guard::Source source, const std::string& session) {
  const guard::InjectScorer& scorer = guard::InjectScorer::shipped();
  if (session.empty()) return scorer.score(text, source);
  const std::shared_ptr<Conversation> held = conversation(session);
  const base::MutexLock lock(held->mutex);
  return held->session.score_turn(scorer, text, source);
}

net::HttpResponse InspectRoutes::inspect_text(const Request& request) {
  const base::Result<TextToInspect> input = parse_text_to_inspect(request.body());
  if (!input) return refuse(input.error());
  std::shared_ptr<const guard::Catalogue> catalogue;
  if (!input->catalogue.empty() && input->answer) {
    if (catalogues_) catalogue = catalogues_(input->catalogue);
    if (!catalogue)
      return refuse({base::ErrorCode::kNotFound, "there is no catalogue called \"" + input->catalogue + "\""});
  }
  const std::string& text = input->text ? *input->text : *input->answer;
  ++texts_;
  text_bytes_ += text.size();
  std::string out = "{";
  if (input->text) {
    const guard::InjectScore score = this->score(text, input->source, input->session);
    if (score.score >= guard::kSuspiciousScore) ++suspicious_;
    if (score.score > guard::kRefuseScore) ++refused_;
    out += guard::json_members(score) + ',';
  }
  const std::vector<guard::PiiEntity> entities = guard::find_pii(text);
  out += guard::json_members(entities);
  if (input->redact) out += ",\"redacted\":" + json_quoted(guard::redact(text, entities));
  if (input->explain && input->text) out += ",\"passages\":" + passages_json(text, input->source);
  if (input->answer) out += answer_members(*input, catalogue.get());
  return net::json_response(200, out + '}');
}

net::HttpResponse InspectRoutes::inspect_image(const Request& request) {
  ImageToInspect input;
  std::string_view bytes = request.body();
  const std::string_view type = request.http.headers.get("content-type");
  if (is_json(type)) {
    base::Result<ImageToInspect> parsed = parse_image_to_inspect(request.body());
    if (!parsed) return refuse(parsed.error());
    input = *std::move(parsed);
    bytes = input.bytes;
  } else {
    input.file_name = request.query("filename");
    input.content_type = type;
    input.decode = request.query("decode") == "true" || request.query("decode") == "1";
  }
  guard::ImageOptions options{.file_name = input.file_name, .content_type = input.content_type};
  options.score_text = [](std::string_view text) {
    return guard::InjectScorer::shipped().score(text, guard::Source::kDocument).score;
  };
  sandbox::InspectedImage image = sandbox::inspect_image(bytes, options, input.decode ? decoder_ : nullptr);
  const guard::ImageVerdict verdict = image.report.verdict;
  const bool refused = verdict == guard::ImageVerdict::kInvalid || verdict == guard::ImageVerdict::kMalicious;
  if (input.decode && decoder_ == nullptr && !refused)
    image.decode = sandbox::DecodeReport{.detail = "this server runs without an image decoder"};
  ++images_;
  image_bytes_ += bytes.size();
  if (verdict == guard::ImageVerdict::kSuspicious) ++images_suspicious_;
  if (refused) ++images_refused_;
  std::string out = '{' + sandbox::json_members(image);
  if (!image.report.metadata_text.empty()) out += ",\"metadata_text\":" + json_quoted(image.report.metadata_text);
  return net::json_response(200, out + '}');
}

InspectStats InspectRoutes::stats() const {
  InspectStats out{.texts = texts_,
                   .text_bytes = text_bytes_,
                   .suspicious = suspicious_,
                   .refused = refused_,
                   .images = images_,
                   .image_bytes = image_bytes_,
                   .images_suspicious = images_suspicious_,
                   .images_refused = images_refused_,
                   .malformed = malformed_};
  const base::MutexLock lock(mutex_);
  out.sessions_now = conversations_.size();
  out.sessions_forgotten = forgotten_;
  return out;
}

}  // namespace godseye::api
