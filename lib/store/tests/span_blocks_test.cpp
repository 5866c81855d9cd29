#include "span_blocks.h"

#include "blocks.h"
#include "fakes/fake_engine.h"
#include "fakes/real_engine.h"
#include "fakes/spans.h"
#include "json_text.h"
#include "native.h"

#include <cstring>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using signal::Span;
using signal::SpanBatch;

constexpr int64_t kDayNs = 86'400 * testing::kNsPerSecond;

SegmentContents contents_of(SpanBatch batch) {
  SegmentContents contents;
  contents.spans.push_back(std::move(batch));
  return contents;
}

TEST(Native, WritesLowCardinalityAsItReadsIt) {
  for (const size_t distinct : {size_t{1}, size_t{255}, size_t{300}, size_t{70'000}}) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < distinct; ++i) texts.push_back("word" + std::to_string(i));
    WordTable words;
    std::vector<uint32_t> numbers{0};
    for (const std::string& text : texts) numbers.push_back(words.number(text));
    numbers.push_back(words.number("word0"));
    const std::vector<uint64_t> ends{1, 1, numbers.size()};
    NativeBlock column(1, numbers.size());
    column.low_cardinality("w", words, numbers);
    const auto rows = decode_native(column.take());
    ASSERT_TRUE(rows) << rows.error().message();
    EXPECT_EQ(rows->column(0).text(0), "");
    EXPECT_EQ(rows->column(0).text(distinct), "word" + std::to_string(distinct - 1));
    EXPECT_EQ(rows->column(0).text(distinct + 1), "word0");
    NativeBlock array(1, ends.size());
    array.low_cardinality_arrays("a", "Array(LowCardinality(String))", ends, words, numbers);
    const auto arrays = decode_native(array.take());
    ASSERT_TRUE(arrays) << arrays.error().message();
    EXPECT_EQ(arrays->column(0).items(1).size(), 0U);
    EXPECT_EQ(arrays->column(0).items(2).size(), distinct + 1);
    EXPECT_EQ(arrays->column(0).elements().text(1), "word0");
  }
}

TEST(JsonText, TakesArraysOfTextsApart) {
  std::vector<std::string> out;
  EXPECT_TRUE(parse_json_strings(R"( [ "a:b" , "é\n\u00e9\ud83d\ude00" ] )", out));
  EXPECT_EQ(out, (std::vector<std::string>{"a:b", "é\né😀"}));
  out.clear();
  EXPECT_TRUE(parse_json_strings("[]", out));
  EXPECT_TRUE(parse_json_strings(R"(["\ud800x"])", out));
  EXPECT_EQ(out.back(), "\uFFFDx");
  for (const char* wrong : {"", "{}", "[1]", "[\"a\"", "[\"a\",]", "[\"a\"] b", "[\"\\x\"]", "[\"\\u12\"]", "null"}) {
    EXPECT_FALSE(parse_json_strings(wrong, out)) << wrong;
  }
}

TEST(SpanBlocks, OneForEachTableAndDay) {
  SpanBatch batch = testing::spans(1, 4);
  batch.spans[3].start_ns += kDayNs;
  const SpanBlocks blocks = build_span_blocks("seg", contents_of(std::move(batch)), {});
  std::vector<std::string> tables;
  for (const InsertBlock& block : blocks.blocks) tables.push_back(block.table);
  EXPECT_EQ(tables, (std::vector<std::string>{"spans", "spans", "llm_spans", "evaluations"}));
  EXPECT_EQ(blocks.days[1], blocks.days[0] + 1);
  EXPECT_EQ(blocks.spans, 4U);
  EXPECT_EQ(blocks.evaluations, 1U);
}

TEST(SpanBlocks, AreTheSameEveryTime) {
  testing::RandomSpans random(3);
  SegmentContents contents = contents_of(random.batch(200));
  fold_days(contents);
  const SpanBlocks a = build_span_blocks("seg", contents, {});
  const SpanBlocks b = build_span_blocks("seg", contents, {});
  ASSERT_EQ(a.blocks.size(), b.blocks.size());
  for (size_t i = 0; i < a.blocks.size(); ++i) EXPECT_EQ(a.blocks[i].native, b.blocks[i].native);
}

TEST(SpanBlocks, FoldFarDaysIntoAFewOfTheSegment) {
  SpanBatch batch = testing::spans(1, 1000);
  for (size_t i = 0; i < 500; ++i) batch.spans[i].start_ns = static_cast<int64_t>(i) * kDayNs + 5;
  batch.spans[0].start_ns = INT64_MIN;
  batch.spans[1].start_ns = INT64_MAX;
  batch.evaluations[0].time_ms = INT64_MIN;
  SegmentContents contents = contents_of(std::move(batch));
  EXPECT_GT(fold_days(contents), 400U);
  const SpanBlocks blocks = build_span_blocks("seg", contents, {});
  size_t span_days = 0;
  for (const InsertBlock& block : blocks.blocks) span_days += block.table == "spans" ? 1 : 0;
  EXPECT_EQ(span_days, kDaysPerSegmentMax);
  EXPECT_EQ(contents.spans[0].spans[999].flags & signal::kSpanTimesClamped, 0);
  EXPECT_EQ(fold_days(contents), 0U) << "stays as it is";
}

TEST(SpanBlocks, LargeTextsAreStoredOnceAndReferredTo) {
  SpanBatch batch = testing::spans(1);
  const std::string large = std::string(kTextPrefixBytes - 1, 'x') + "é" + std::string(kTextInlineMax, 'y');
  batch.llm[0].input = batch.add(large);
  batch.llm[0].output = batch.add(large);
  batch.llm[0].metadata = batch.add(std::string(kTextInlineMax, 'z'));  // just fits
  const SegmentContents contents = contents_of(std::move(batch));
  const SpanBlocks blocks = build_span_blocks("seg", contents, {});
  ASSERT_EQ(blocks.blocks[0].table, "texts");
  const auto texts = decode_native(blocks.blocks[0].native);
  ASSERT_TRUE(texts) << texts.error().message();
  ASSERT_EQ(texts->row_count(), 1U);
  EXPECT_EQ(texts->find("text")->text(0), large);
  EXPECT_EQ(texts->find("size")->u64(0), large.size());
  const TextHash hash = text_hash(large);
  EXPECT_EQ(texts->find("hash")->text(0), std::string_view(hash.data(), hash.size()));

  const auto llm = decode_native(blocks.blocks[2].native);
  ASSERT_TRUE(llm) << llm.error().message();
  EXPECT_EQ(llm->find("input")->text(0), std::string(kTextPrefixBytes - 1, 'x')) << "cut at a character";
  EXPECT_EQ(llm->find("metadata")->text(0).size(), kTextInlineMax);
  ASSERT_EQ(llm->find("large_fields")->items(0).size(), 2U);
  EXPECT_EQ(llm->find("large_fields")->elements().text(0), "input");
  EXPECT_EQ(llm->find("large_hashes")->elements().text(1), std::string_view(hash.data(), hash.size()));

  TextRegister stored;
  for (const auto& [known, day] : blocks.text_hashes) stored.add(known, day);
  EXPECT_NE(build_span_blocks("seg", contents, stored).blocks[0].table, "texts");
}

TEST(SpanBlocks, MuchOfADayBecomesPartsWithTheirOwnNumbers) {
  SpanBatch batch;
  const signal::Text key = batch.add("k");
  const signal::Text value = batch.add(std::string(1000, 'v'));
  for (size_t i = 0; i < 80'000; ++i) {
    Span span;
    span.span_id = i + 1;
    span.start_ns = kDayNs;
    span.meta = {static_cast<uint32_t>(i), static_cast<uint32_t>(i + 1)};
    batch.meta.push_back({key, value});
    batch.spans.push_back(span);
  }
  const SegmentContents contents = contents_of(std::move(batch));
  const SpanBlocks blocks = build_span_blocks("seg", contents, {});
  ASSERT_EQ(blocks.blocks.size(), 3U);
  EXPECT_EQ(blocks.parts, (std::vector<uint32_t>{0, 1, 2}));
  uint64_t rows = 0;
  for (uint32_t part = 0; part < 3; ++part) {
    EXPECT_LT(blocks.blocks[part].native.size(), kBlockBytesMax * 3 / 2);
    // Without `meta`, whose type a reader of answers refuses: the numbers stand at the end of the block.
    uint64_t number = 0;
    const std::string& native = blocks.blocks[part].native;
    std::memcpy(&number, native.data() + native.size() - sizeof number, sizeof number);
    EXPECT_EQ(number, segment_number(part_name("seg", part)));
    rows += static_cast<uint8_t>(native[1]) != 0 ? 1 : 0;
  }
  EXPECT_EQ(rows, 3U);
  EXPECT_EQ(part_name("seg", 0), "seg");
  EXPECT_EQ(part_name("seg", 2), "seg+2");
  const SegmentBlocks all = build_blocks("seg", contents, {}, {});
  EXPECT_EQ(all.blocks.back().token, "seg+2/spans/19700102");
}

// The store with an engine that fails as told.
struct Fixture {
  testing::TempDir directory;
  std::shared_ptr<testing::FakeEngine> engine = std::make_shared<testing::FakeEngine>();
  std::unique_ptr<Store> store;

  Fixture() {
    StoreConfig config;
    config.data_dir = directory.path();
    config.retention_days = 3650;
    config.derive = testing::derive;
    auto opened = Store::open_with(config, base::system_clock(), engine);
    EXPECT_TRUE(opened) << opened.error().message();
    store = *std::move(opened);
  }
  base::Status stored() { return store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 20s); }
  size_t blocks_of(const std::string& table) const {
    size_t count = 0;
    for (const InsertBlock& block : engine->blocks()) count += block.table == table ? 1 : 0;
    return count;
  }
};

TEST(Writer, StoresSpansAndWhatIsDerivedInOneBlockEach) {
  Fixture f;
  for (uint64_t number = 1; number <= 5; ++number) ASSERT_TRUE(f.store->append(testing::spans(number)));
  ASSERT_TRUE(f.store->append(testing::batch(6)));
  ASSERT_TRUE(f.stored());
  for (const char* table : {"points", "sketches", "spans", "llm_spans", "evaluations"}) {
    EXPECT_EQ(f.blocks_of(table), 1U) << table;
  }
  const StoreStats stats = f.store->stats();
  EXPECT_EQ(stats.spans_appended, 15U);
  EXPECT_EQ(stats.spans_stored, 15U);
  EXPECT_EQ(stats.evaluations_stored, 5U);
  EXPECT_EQ(stats.points_derived, 6U) << "five of cost; one sketch, since the segment is one batch for derive";
  EXPECT_EQ(stats.points_stored, 11U);
}

TEST(Writer, LeavesOutDerivedPointsWithoutASeries) {
  Fixture f;
  f.store.reset();
  StoreConfig config;
  config.data_dir = f.directory.path();
  config.retention_days = 3650;
  config.derive = [](const SpanBatch& batch) {
    signal::MetricBatch out = testing::derive(batch);
    out.points.at(0).series = 42;
    out.points.push_back(out.points.at(0));
    out.points.back().series = out.series[0].id;
    out.points.back().attribution = 77;
    return out;
  };
  f.store = *Store::open_with(config, base::system_clock(), f.engine);
  ASSERT_TRUE(f.store->append(testing::spans(1)));
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->stats().points_undefined, 2U);
  EXPECT_EQ(f.blocks_of("points"), 0U);
  EXPECT_EQ(f.blocks_of("spans"), 1U);
}

TEST(Writer, StoresSpanBlocksWhoseTokenWasRememberedWithoutTheirRows) {
  for (const char* table : {"spans", "llm_spans", "evaluations", "texts", "points"}) {
    Fixture f;
    f.engine->kill_after_token(table);
    SpanBatch batch = testing::spans(1);
    batch.llm[0].output = batch.add(std::string(kTextInlineMax + 1, 'x'));
    ASSERT_TRUE(f.store->append(batch));
    ASSERT_TRUE(f.stored());
    EXPECT_EQ(f.blocks_of(table), 1U) << table;
  }
}

}  // namespace
}  // namespace godseye::store
