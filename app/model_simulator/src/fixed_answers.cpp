#include "fixed_answers.h"

#include "answer_frames.h"

#include <godseye/genai/answers.h>

namespace godseye::model_simulator {

namespace {

constexpr genai::Dialect kDialects[] = {genai::Dialect::kOpenAiChat,      genai::Dialect::kOpenAiCompletions,
                                        genai::Dialect::kOpenAiResponses, genai::Dialect::kGemini,
                                        genai::Dialect::kAnthropic,       genai::Dialect::kOllamaChat,
                                        genai::Dialect::kOllamaGenerate};

genai::ChatAnswer answer_of(std::string_view text) {
  genai::Part part;
  part.text = text;
  genai::Choice choice;
  choice.parts = {std::move(part)};
  choice.finish = genai::FinishReason::kStop;
  genai::ChatAnswer answer;
  answer.id = "sim-fixed";
  answer.model = "fixed-simulated";
  answer.created_s = 1'767'225'600;
  answer.choices = {std::move(choice)};
  answer.usage.input = 256;
  answer.usage.output = static_cast<int64_t>(token_pieces(text).size());
  answer.usage.total = answer.usage.input + answer.usage.output;
  return answer;
}

}  // namespace

FixedAnswers::FixedAnswers(std::string_view text) {
  if (text.empty()) return;
  const genai::ChatAnswer answer = answer_of(text);
  for (const genai::Dialect dialect : kDialects) {
    if (auto body = genai::write_answer(dialect, answer)) whole_.emplace(dialect, *std::move(body));
    for (const genai::Framing framing : {genai::framing_of(dialect), genai::Framing::kJsonArray}) {
      if (framing == genai::Framing::kJsonArray && dialect != genai::Dialect::kGemini) continue;
      genai::AnswerWriter writer(dialect, framing,
                                 {.id = answer.id, .model = answer.model, .created_s = answer.created_s});
      std::vector<std::string> frames;
      for (const Step& step : steps_of(answer)) {
        std::string frame;
        writer.write(step.delta, frame);
        if (!frame.empty()) frames.push_back(std::move(frame));
      }
      std::string last;
      writer.finish(last);
      frames.push_back(std::move(last));
      frames_.emplace(std::pair(dialect, framing), std::move(frames));
    }
  }
}

const std::string* FixedAnswers::whole(genai::Dialect dialect) const {
  const auto found = whole_.find(dialect);
  return found == whole_.end() ? nullptr : &found->second;
}

const std::vector<std::string>* FixedAnswers::frames(genai::Dialect dialect, genai::Framing framing) const {
  const auto found = frames_.find({dialect, framing});
  return found == frames_.end() ? nullptr : &found->second;
}

}  // namespace godseye::model_simulator
