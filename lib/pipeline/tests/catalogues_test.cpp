#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <godseye/guard/products.h>
#include <godseye/pipeline/catalogues.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kTwo =
    "{\"id\":\"P-1\",\"name\":\"Fjellby Lamp\",\"brand\":\"Fjellby\",\"price\":79,\"currency\":\"USD\",\"stock\":4,"
    "\"attributes\":{\"color\":\"black\",\"watts\":5}}\r\n"
    "\n"
    "{\"id\":\"P-2\",\"name\":\"Havsoy Chair\",\"price\":120.5}\n";

class CataloguesTest : public ::testing::Test {
 protected:
  CataloguesTest() {
    std::string pattern = ::testing::TempDir() + "catalogues-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    reopen();
  }
  ~CataloguesTest() override { std::filesystem::remove_all(directory_); }
  void reopen() {
    book_ = std::make_unique<CatalogueBook>(
        directory_ + "/kept", base::Clock{.wall = [] { return base::WallTime(std::chrono::seconds(1'769'072'851)); },
                                          .tick = [] { return base::TickTime{}; }});
  }
  std::string directory_;
  std::unique_ptr<CatalogueBook> book_;
};

TEST_F(CataloguesTest, AWholeCatalogueThenPartsOfItEachIsAVersion) {
  const auto first = book_->put("shop", kTwo, false);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->products, 2U);
  EXPECT_EQ(first->version, 1U);
  EXPECT_EQ(first->updated_s, 1'769'072'851);
  const auto old = book_->find("shop");
  const auto second =
      book_->put("shop", "{\"id\":\"P-1\",\"removed\":true}\n{\"id\":\"P-3\",\"name\":\"Tova Rug\"}\n", true);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->products, 2U);
  EXPECT_EQ(second->version, 2U);
  EXPECT_EQ(book_->find("shop")->find("P-1"), nullptr);
  EXPECT_NE(book_->find("shop")->find("P-3"), nullptr);
  EXPECT_NE(old->find("P-1"), nullptr) << "who holds a version keeps it";
  EXPECT_EQ(book_->put("shop", "{\"id\":\"P-9\",\"name\":\"Only\"}", false)->products, 1U);
}

TEST_F(CataloguesTest, OutlivesTheProcess) {
  ASSERT_TRUE(book_->put("shop", kTwo, false));
  ASSERT_TRUE(book_->put("shop", "", true));
  reopen();
  const auto info = book_->info("shop");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, 2U);
  EXPECT_EQ(info->products, 2U);
  const guard::Product* lamp = book_->find("shop")->find("P-1");
  ASSERT_NE(lamp, nullptr);
  EXPECT_EQ(lamp->price, 79);
  EXPECT_EQ(lamp->stock, 4);
  EXPECT_THAT(lamp->attributes, SizeIs(2));
  ASSERT_TRUE(book_->remove("shop"));
  EXPECT_EQ(book_->remove("shop").error().code(), base::ErrorCode::kNotFound);
  reopen();
  EXPECT_EQ(book_->find("shop"), nullptr);
}

TEST_F(CataloguesTest, ADamagedFileIsLeftOut) {
  ASSERT_TRUE(book_->put("shop", kTwo, false));
  std::ofstream(directory_ + "/kept/bad.ndjson") << "not json\n";
  std::ofstream(directory_ + "/kept/half.ndjson") << "{\"version\":1,\"updated_s\":1}\n{\"id\":";
  reopen();
  EXPECT_THAT(book_->list(), SizeIs(1));
}

TEST_F(CataloguesTest, WhatIsWrongIsNamedAndNothingChanges) {
  ASSERT_TRUE(book_->put("shop", kTwo, false));
  const auto error = [&](std::string_view name, std::string_view lines) {
    const auto info = book_->put(name, lines, true);
    return info ? std::string("taken") : info.error().message();
  };
  EXPECT_THAT(error("shop", "{\"id\":\"a\",\"name\":\"b\"}\n{\"name\":\"c\"}"), HasSubstr("line 2: id"));
  EXPECT_THAT(error("shop", "{\"id\":\"a\",\"price\":\"x\"}"), HasSubstr("price: expected a number"));
  EXPECT_THAT(error("shop", "[1]"), HasSubstr("line 1"));
  EXPECT_THAT(error("../shop", kTwo), HasSubstr("the name of a catalogue"));
  EXPECT_THAT(error("", kTwo), HasSubstr("the name of a catalogue"));
  EXPECT_THAT(error("shop", std::string(100'000, '[')), HasSubstr("line 1"));
  EXPECT_EQ(book_->info("shop")->version, 1U);
}

TEST_F(CataloguesTest, AnApplicationFindsItsOwn) {
  EXPECT_EQ(book_->for_application("chat", "web"), nullptr);
  ASSERT_TRUE(book_->put("shop", kTwo, false));
  EXPECT_EQ(book_->for_application("chat", "web"), book_->find("shop")) << "the only one";
  ASSERT_TRUE(book_->put("web", kTwo, false));
  EXPECT_EQ(book_->for_application("chat", "web"), book_->find("web"));
  EXPECT_EQ(book_->for_application("chat", "other"), nullptr);
  ASSERT_TRUE(book_->put("default", kTwo, false));
  EXPECT_EQ(book_->for_application("chat", "other"), book_->find("default"));
  ASSERT_TRUE(book_->put("chat", kTwo, false));
  EXPECT_EQ(book_->for_application("chat", "web"), book_->find("chat"));
}

}  // namespace
}  // namespace godseye::pipeline
