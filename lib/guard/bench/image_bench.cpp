// Structural inspection of images, per file and per megabyte. Without arguments: pictures made here. With a folder:
//   build/release/bench/image_bench FOLDER
// inspects every file of it 200 times and prints p50 and p99 of the time per file and per MB (files below 64 KB count
// as 64 KB: a small file has a fixed cost that says nothing about megabytes).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <godseye/guard/image.h>
#include <godseye/guard/inject.h>

#include <benchmark/benchmark.h>
#include <time.h>

namespace {

using namespace godseye::guard;

ImageOptions with_scorer() {
  ImageOptions options;
  options.score_text = [](std::string_view text) {
    return InjectScorer::shipped().score(text, Source::kDocument).score;
  };
  return options;
}

// A JPEG whose scan data has no markers: what a large photo looks like from outside.
std::string photo(size_t bytes) {
  std::string out = "\xff\xd8";
  out += std::string("\xff\xc0\x00\x0b\x08\x0f\xa0\x17\x70\x01\x01\x11\x00", 13);
  out += std::string("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", 10);
  uint32_t state = 1;
  while (out.size() < bytes) {
    state = state * 1664525 + 1013904223;
    const char c = static_cast<char>(state >> 24);
    if (c != '\xff') out += c;
  }
  return out + "\xff\xd9";
}

void Photo(benchmark::State& state) {
  const std::string bytes = photo(static_cast<size_t>(state.range(0)));
  const ImageOptions options = with_scorer();
  for (auto _ : state) benchmark::DoNotOptimize(inspect_image(bytes, options));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(Photo)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double at_share(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

int measure_folder(const char* folder) {
  constexpr int kRounds = 200;
  constexpr double kLeastMegabytes = 0.064;
  const ImageOptions options = with_scorer();
  std::vector<double> per_file;
  std::vector<double> per_megabyte;
  std::vector<std::pair<double, std::string>> slowest;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    ++files;
    std::vector<double> of_this;
    for (int round = 0; round < kRounds; ++round) {
      const double begin = cpu_milliseconds();
      benchmark::DoNotOptimize(inspect_image(bytes, options));
      const double took = cpu_milliseconds() - begin;
      per_file.push_back(took);
      per_megabyte.push_back(took / std::max(static_cast<double>(bytes.size()) / 1e6, kLeastMegabytes));
      of_this.push_back(took);
    }
    slowest.emplace_back(at_share(of_this, 0.5), entry.path().filename().string());
  }
  std::printf("%zu files, %d rounds: per file p50 %.3f ms, p99 %.3f ms; per MB p50 %.3f ms, p99 %.3f ms\n", files,
              kRounds, at_share(per_file, 0.5), at_share(per_file, 0.99), at_share(per_megabyte, 0.5),
              at_share(per_megabyte, 0.99));
  std::sort(slowest.rbegin(), slowest.rend());
  for (size_t i = 0; i < std::min<size_t>(5, slowest.size()); ++i)
    std::printf("  %.3f ms %s\n", slowest[i].first, slowest[i].second.c_str());
  return files > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && argv[1][0] != '-') return measure_folder(argv[1]);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
