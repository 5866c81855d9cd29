#include "case_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <godseye/signal/normalize.h>

namespace godseye::test {
namespace {

using signal::MetricType;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

template <typename T>
bool read_number(std::string_view text, T& out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

class CaseReader {
 public:
  CaseReader(std::string file, int64_t base_s, std::vector<QueryCase>& cases)
      : file_(std::move(file)), base_s_(base_s), cases_(cases) {}

  base::Status read(std::istream& in) {
    for (std::string line; std::getline(in, line);) {
      ++line_;
      const size_t begin = line.find_first_not_of(' ');
      if (begin == std::string::npos || line[begin] == '#') continue;
      if (!read_line(line.substr(begin))) {
        return base::Error(base::ErrorCode::kInvalidArgument,
                           file_ + ":" + std::to_string(line_) + ": cannot read: " + line);
      }
    }
    return base::ok();
  }

 private:
  bool read_line(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string keyword = line.substr(0, space);
    std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (keyword == "case") {
      cases_.push_back({.name = file_ + ":" + std::to_string(line_) + " " + rest});
      prefix_ = "c" + std::to_string(cases_.size()) + ".";
      return true;
    }
    if (cases_.empty()) return false;
    QueryCase& c = cases_.back();
    for (size_t at = rest.find('$'); at != std::string::npos; at = rest.find('$', at)) rest.replace(at, 1, prefix_);
    const std::vector<std::string> words = words_of(rest);
    if (keyword == "point" || keyword == "dist") return read_point(c, words, keyword == "dist");
    if (keyword == "let") {
      c.queries.emplace_back(words.at(0), rest.substr(words[0].size() + 1));
      return true;
    }
    if (keyword == "query" || keyword == "formula" || keyword == "window") {
      c.kind = keyword == "query" ? CaseKind::kQuery : keyword == "formula" ? CaseKind::kFormula : CaseKind::kWindow;
      c.text = rest;
      return true;
    }
    if (keyword == "from") return read_range(c, words);
    if (keyword == "at") return words.size() == 1 && read_time(words[0], c.to_s);
    if (keyword == "interval") return words.size() == 1 && read_number(words[0], c.expected_interval_s.emplace());
    if (keyword == "expect") return read_expected(c, words);
    if (keyword == "error") {
      uint32_t column = 0;
      if (words.empty() || !read_number(words[0], column)) return false;
      c.expected_error.emplace(column, rest.size() > words[0].size() ? rest.substr(words[0].size() + 1) : "");
      return true;
    }
    return false;
  }

  bool read_time(std::string_view text, int64_t& out) const {
    if (!read_number(text, out)) return false;
    out += base_s_;
    return true;
  }

  bool read_range(QueryCase& c, const std::vector<std::string>& words) const {
    if (words.size() != 3 && words.size() != 5) return false;
    if (!read_time(words[0], c.from_s) || words[1] != "to" || !read_time(words[2], c.to_s)) return false;
    return words.size() == 3 || (words[3] == "every" && read_number(words[4], c.interval_s));
  }

  bool read_point(QueryCase& c, const std::vector<std::string>& words, bool distribution) const {
    const size_t fixed = distribution ? 3 : 4;
    if (words.size() < fixed) return false;
    CasePoint point;
    point.metric = words[0];
    if (distribution) {
      point.type = MetricType::kDistribution;
    } else if (!read_type(words[1], point)) {
      return false;
    }
    if (!read_time(words[fixed - 2], point.time_s)) return false;
    std::istringstream values(words[fixed - 1]);
    for (std::string value; std::getline(values, value, ',');) {
      if (!read_number(value, point.values.emplace_back())) return false;
    }
    for (size_t i = fixed; i < words.size(); ++i) {
      const size_t equals = words[i].find('=');
      const auto& names = signal::kAttributionKeyNames;
      const auto key = std::find(names.begin(), names.end(), words[i].substr(0, equals));
      if (equals == std::string::npos || key == names.end()) {
        point.tags.push_back(words[i]);
      } else {
        point.attribution.values[static_cast<size_t>(key - names.begin())] = words[i].substr(equals + 1);
      }
    }
    signal::normalize_tags(point.tags);
    c.points.push_back(std::move(point));
    return true;
  }

  static bool read_type(const std::string& text, CasePoint& point) {
    const size_t slash = text.find('/');
    const std::string name = text.substr(0, slash);
    if (slash != std::string::npos && !read_number(std::string_view(text).substr(slash + 1), point.interval_s))
      return false;
    point.type = name == "count" ? MetricType::kCount : name == "rate" ? MetricType::kRate : MetricType::kGauge;
    return name == "count" || name == "rate" || name == "gauge";
  }

  bool read_expected(QueryCase& c, const std::vector<std::string>& words) const {
    if (words.size() == 1 && words[0] == "none") return true;
    if (words.size() < 2) return false;
    ExpectedSeries series{.group = words[0], .values = {}};
    for (size_t i = 1; i < words.size(); ++i) {
      ExpectedValue value;
      std::string number = words[i];
      const size_t sign = words[i].find_first_of("=~");
      if (sign != std::string::npos) {
        if (sign > 0 && !read_time(words[i].substr(0, sign), value.time_s)) return false;
        value.approximate = words[i][sign] == '~';
        number = words[i].substr(sign + 1);
      }
      if (number != "missing" && !read_number(number, value.value.emplace())) return false;
      series.values.push_back(value);
    }
    c.expected.push_back(std::move(series));
    return true;
  }

  std::string file_;
  int64_t base_s_;
  std::vector<QueryCase>& cases_;
  std::string prefix_;
  int line_ = 0;
};

}  // namespace

base::Result<std::vector<QueryCase>> read_cases(const std::string& folder, int64_t base_s) {
  std::vector<std::string> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  if (failed) return base::Error(base::ErrorCode::kIo, folder + ": " + failed.message());
  std::sort(files.begin(), files.end());
  std::vector<QueryCase> cases;
  for (const std::string& file : files) {
    std::ifstream in(file);
    base::Status read = CaseReader(std::filesystem::path(file).filename(), base_s, cases).read(in);
    if (!read) return std::move(read).error();
  }
  return cases;
}

signal::MetricBatch to_batch(const std::vector<QueryCase>& cases) {
  signal::MetricBatch batch;
  std::map<signal::SeriesId, bool> known;
  for (const QueryCase& c : cases) {
    for (const CasePoint& point : c.points) {
      const signal::SeriesId id = signal::series_id(point.metric, point.type, point.tags);
      if (known.emplace(id, true).second) {
        batch.series.push_back(
            {.id = id, .metric = point.metric, .type = point.type, .interval_s = point.interval_s, .tags = point.tags});
      }
      uint32_t attribution = signal::kNoAttribution;
      if (point.attribution != signal::Attribution{}) {
        attribution = static_cast<uint32_t>(batch.attributions.size());
        batch.attributions.push_back(point.attribution);
      }
      if (point.type == MetricType::kDistribution) {
        signal::SketchPoint sketch{.series = id, .time_s = point.time_s, .attribution = attribution, .sketch = {}};
        for (const double value : point.values) sketch.sketch.insert(value);
        batch.sketches.push_back(std::move(sketch));
      } else {
        batch.points.push_back(
            {.series = id, .time_s = point.time_s, .value = point.values[0], .attribution = attribution});
      }
    }
  }
  return batch;
}

}  // namespace godseye::test
