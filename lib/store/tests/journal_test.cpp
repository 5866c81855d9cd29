#include "fakes/batches.h"
#include "fakes/real_engine.h"
#include "fakes/small_disk.h"
#include "segment_format.h"

#include <filesystem>
#include <fstream>

#include <godseye/store/journal.h>

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using testing::batch;

std::unique_ptr<Journal> open(const std::string& directory, std::shared_ptr<JournalFiles> files = nullptr,
                              uint64_t bytes_max = kJournalBytesMaxDefault) {
  auto journal = Journal::open({.directory = directory, .sync = JournalSync::kAlways, .bytes_max = bytes_max},
                               base::system_clock(), std::move(files));
  EXPECT_TRUE(journal) << journal.error().message();
  return *std::move(journal);
}

std::string segment_of(const std::vector<signal::MetricBatch>& batches) {
  const testing::TempDir directory;
  const auto journal = open(directory.path());
  for (const auto& each : batches) EXPECT_TRUE(journal->append(each));
  const auto id = journal->rotate();
  std::ifstream in(directory.path() + "/" + segment_file_name(*id), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Journal, GivesBackWhatWasAppended) {
  const testing::TempDir directory;
  const auto journal = open(directory.path());
  ASSERT_TRUE(journal->append(batch(1)));
  ASSERT_TRUE(journal->append(signal::MetricBatch{}));  // nothing in it
  ASSERT_TRUE(journal->append(batch(2)));
  const auto id = journal->rotate();
  ASSERT_TRUE(id);
  ASSERT_EQ(journal->closed(), std::vector<SegmentId>{*id});
  const auto contents = journal->read(*id);
  ASSERT_TRUE(contents) << contents.error().message();
  // A record each for points and sketches.
  ASSERT_EQ(contents->batches.size(), 4U);
  EXPECT_EQ(contents->batches[2].points[0].value, 2.0);
  EXPECT_EQ(contents->torn_bytes, 0U);
  ASSERT_TRUE(journal->remove(*id));
  EXPECT_TRUE(journal->closed().empty());
  EXPECT_EQ(journal->stats().bytes, 0U);
}

TEST(Journal, RotatesOnlyWhatHoldsSomething) {
  const testing::TempDir directory;
  const auto journal = open(directory.path());
  EXPECT_EQ(journal->rotate()->sequence, 0U);
  ASSERT_TRUE(journal->append(batch(1)));
  EXPECT_EQ(journal->rotate()->sequence, 1U);
  EXPECT_EQ(journal->rotate()->sequence, 1U);
}

TEST(Journal, FindsEarlierSegmentsInOrderUnderNewNames) {
  const testing::TempDir directory;
  for (uint64_t life = 1; life <= 3; ++life) {
    const auto journal = open(directory.path());
    ASSERT_TRUE(journal->append(batch(life)));
  }
  const auto journal = open(directory.path());
  const auto closed = journal->closed();
  ASSERT_EQ(closed.size(), 3U);
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(closed[i].sequence, i + 1);
    EXPECT_EQ(journal->read(closed[i])->batches[0].points[0].value, static_cast<double>(i + 1));
  }
  EXPECT_NE(closed[0].salt, closed[1].salt);
  EXPECT_EQ(parse_segment_file_name(segment_file_name(closed[0])), closed[0]);
  EXPECT_FALSE(parse_segment_file_name("00000000000000000001-0123456789ABCDEF.seg"));
  EXPECT_FALSE(parse_segment_file_name("00000000000000000001-0123456789abcdef.seg.tmp"));
}

TEST(Journal, RefusesAtItsLimitAndRecovers) {
  const testing::TempDir directory;
  const auto journal = open(directory.path(), nullptr, kSegmentBytesMax);
  uint64_t accepted = 0;
  base::Status appended = base::ok();
  while ((appended = journal->append(batch(1, 40'000)))) {
    ++accepted;
    ASSERT_TRUE(journal->rotate());
  }
  EXPECT_EQ(appended.error().code(), base::ErrorCode::kQueueFull);
  EXPECT_NE(appended.error().message().find("--journal-bytes-max"), std::string::npos);
  EXPECT_GT(accepted, 10U);
  EXPECT_LE(journal->stats().bytes, kSegmentBytesMax);
  EXPECT_EQ(journal->stats().refused_full, 1U);
  ASSERT_TRUE(journal->remove(journal->closed().front()));
  EXPECT_TRUE(journal->append(batch(1, 40'000)));
}

TEST(Journal, SplitsALargeBatchIntoRecordsAndClosesALargeSegment) {
  const testing::TempDir directory;
  const auto journal = open(directory.path());
  ASSERT_TRUE(journal->append(batch(1, kPointsPerRecordMax * 2 + 1)));
  EXPECT_EQ(journal->stats().records_appended, 4U);  // three of points, one of sketches
  size_t appended = 1;
  while (journal->closed().empty()) {
    ASSERT_TRUE(journal->append(batch(1, kPointsPerRecordMax)));
    ASSERT_LT(++appended, 1000U);
  }
}

TEST(Segment, CutsAnInterruptedWriteAtEveryPlace) {
  const std::string bytes = segment_of({batch(1), batch(2)});
  const auto whole = decode_segment(bytes);
  ASSERT_TRUE(whole);
  size_t records_before = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decode_segment(std::string_view(bytes).substr(0, size));
    ASSERT_TRUE(cut) << "cut at " << size << ": " << cut.error().message();
    EXPECT_GE(cut->batches.size(), records_before);
    records_before = cut->batches.size();
    // Zeros after the cut, as a file system leaves them after power loss.
    const auto zeros = decode_segment(bytes.substr(0, size) + std::string(bytes.size() - size, '\0'));
    EXPECT_TRUE(zeros) << size;
  }
  EXPECT_EQ(records_before, whole->batches.size() - 1);
}

TEST(Segment, DamageBeforeTheEndIsCorrupt) {
  const std::string bytes = segment_of({batch(1), batch(2)});
  std::string damaged = bytes;
  damaged[kSegmentHeaderBytes + kRecordHeaderBytes + 5] ^= 1;
  const auto decoded = decode_segment(damaged);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code(), base::ErrorCode::kCorrupt);
  EXPECT_NE(decoded.error().message().find("at byte 16 is damaged"), std::string::npos) << decoded.error().message();
  std::string other_version = bytes;
  other_version[8] = 2;
  EXPECT_NE(decode_segment(other_version).error().message().find("another version"), std::string::npos);
  EXPECT_FALSE(decode_segment("this is a text file of some length"));
}

TEST(Journal, AFullDiskRefusesWholeBatchesAndRecoversByItself) {
  const testing::TempDir directory;
  const auto disk = std::make_shared<testing::SmallDisk>(2000);
  const auto journal = open(directory.path(), disk);
  uint64_t accepted = 0;
  base::Status appended = base::ok();
  while ((appended = journal->append(batch(accepted + 1)))) ++accepted;
  EXPECT_EQ(appended.error().code(), base::ErrorCode::kNoSpace) << appended.error().message();
  EXPECT_GT(accepted, 0U);
  EXPECT_FALSE(journal->stats().last_error.empty());
  disk->set_room(1 << 20);
  ASSERT_TRUE(journal->append(batch(accepted + 1)));
  EXPECT_TRUE(journal->stats().last_error.empty());
  const auto contents = journal->read(*journal->rotate());
  ASSERT_TRUE(contents) << contents.error().message();
  EXPECT_EQ(contents->batches.size(), (accepted + 1) * 2);
  EXPECT_EQ(contents->torn_bytes, 0U);
}

TEST(Journal, ARefusedBatchThatCannotBeCutOffIsNotStored) {
  const testing::TempDir directory;
  const auto disk = std::make_shared<testing::SmallDisk>(1 << 20);
  const auto journal = open(directory.path(), disk);
  ASSERT_TRUE(journal->append(batch(1)));
  const auto size = journal->stats().bytes;
  disk->truncation_fails = true;
  disk->set_room(static_cast<long>(size) - 20);  // the record of points is whole, that of sketches is not
  ASSERT_FALSE(journal->append(batch(2)));
  disk->set_room(1 << 20);
  const auto contents = journal->read(journal->closed().front());
  ASSERT_TRUE(contents) << contents.error().message();
  EXPECT_EQ(contents->batches.size(), 2U);
  ASSERT_TRUE(journal->append(batch(2)));
}

TEST(Journal, QuarantineMovesTheSegmentWithItsReason) {
  const testing::TempDir directory;
  const auto journal = open(directory.path());
  ASSERT_TRUE(journal->append(batch(1)));
  const SegmentId id = *journal->rotate();
  ASSERT_TRUE(journal->quarantine(id, "because"));
  EXPECT_TRUE(journal->closed().empty());
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/quarantine/" + id.name() + ".seg"));
  std::ifstream reason(directory.path() + "/quarantine/" + id.name() + ".txt");
  std::string text;
  std::getline(reason, text);
  EXPECT_EQ(text, "because");
}

TEST(Journal, SyncWordsAreChecked) {
  EXPECT_EQ(*parse_journal_sync("always"), JournalSync::kAlways);
  const auto wrong = parse_journal_sync("sometimes");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("none, interval or always"), std::string::npos);
}

}  // namespace
}  // namespace godseye::store
