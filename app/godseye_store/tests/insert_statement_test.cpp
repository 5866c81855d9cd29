#include "insert_statement.h"

#include "clickhouse_http.h"
#include "engine_library.h"

#include <gtest/gtest.h>

namespace godseye::engine {
namespace {

TEST(InsertStatement, IsTakenApartAtFormat) {
  const auto insert = split_insert("INSERT INTO t (a, `b;c`) SETTINGS x = 'FORMAT' FORMAT Native \r\n\x01\x02");
  ASSERT_TRUE(insert);
  EXPECT_EQ(insert->head, "INSERT INTO t (a, `b;c`) SETTINGS x = 'FORMAT' ");
  EXPECT_EQ(insert->format, "Native");
  EXPECT_EQ(insert->data_begin, 63U);
}

TEST(InsertStatement, KnowsValuesAndTheirData) {
  const std::string text = "insert into d.t /* FORMAT x */ -- VALUES\n values (1, 'a')";
  const auto insert = split_insert(text);
  ASSERT_TRUE(insert);
  EXPECT_EQ(insert->format, "Values");
  EXPECT_EQ(text.substr(insert->data_begin), " (1, 'a')");
  EXPECT_EQ(split_insert("INSERT INTO t")->format, "Values");
  EXPECT_EQ(split_insert("INSERT INTO t;")->head, "INSERT INTO t");
}

TEST(InsertStatement, LeavesOtherStatementsAlone) {
  EXPECT_FALSE(split_insert("SELECT 1 FORMAT Native"));
  EXPECT_FALSE(split_insert("INSERT INTO t SELECT * FROM x FORMAT Null"));
  EXPECT_FALSE(split_insert("INSERT INTO t WITH 1 AS a SELECT a"));
  EXPECT_FALSE(split_insert("INSERT INTO t FORMAT 'quoted'"));
  EXPECT_FALSE(split_insert(""));
  EXPECT_TRUE(split_insert("INSERT INTO t (select, format) VALUES"));  // names in brackets are names
}

TEST(InsertStatement, SurvivesUnfinishedText) {
  EXPECT_TRUE(split_insert("INSERT INTO t ('unfinished \\"));
  EXPECT_TRUE(split_insert("INSERT INTO t /* unfinished"));
  EXPECT_FALSE(split_insert("INSERT INTO t FORMAT"));
}

TEST(Sql, QuotesLiteralsAndChecksNames) {
  EXPECT_EQ(sql_quoted("a'b\\"), "'a\\'b\\\\'");
  EXPECT_TRUE(is_identifier("max_threads"));
  for (const char* wrong : {"", "1a", "a b", "a'", "a-b"}) EXPECT_FALSE(is_identifier(wrong)) << wrong;
  EXPECT_FALSE(is_identifier(std::string(129, 'a')));
}

TEST(EngineLibrary, SaysWhereItLooked) {
  const auto found = EngineLibrary::find("", "", "/nonexistent/bin", "/nonexistent/home");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message().find("/nonexistent/bin/../lib/libchdb.so"), std::string::npos);
  EXPECT_EQ(*EngineLibrary::find("flag", "environment", "", ""), "flag");
  EXPECT_EQ(*EngineLibrary::find("", "environment", "", ""), "environment");
  EXPECT_FALSE(EngineLibrary::load("/nonexistent/libchdb.so"));
}

TEST(EngineFailure, CarriesClickhousesNumberAndStatus) {
  EXPECT_EQ(exception_code("Code: 60. DB::Exception: no table"), 60);
  EXPECT_EQ(exception_code("something else"), 0);
  EXPECT_EQ(http_status_of(60), 404);
  EXPECT_EQ(http_status_of(62), 400);
  EXPECT_EQ(http_status_of(159), 408);
  EXPECT_EQ(http_status_of(202), 503);
  EXPECT_EQ(http_status_of(241), 500);
}

}  // namespace
}  // namespace godseye::engine
