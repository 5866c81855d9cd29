#include <godseye/ddapi/query.h>

#include <gtest/gtest.h>

namespace godseye::ddapi {
namespace {

constexpr const char* kExample = R"json({"data":{"type":"timeseries_request","attributes":{
  "from":1700000000000,"to":1700003600000,"interval":60000,
  "formulas":[{"formula":"a / b * 100","limit":{"count":10,"order":"asc"}}],
  "queries":[{"data_source":"metrics","name":"a","query":"sum:err{*}.as_count()"},
             {"data_source":"metrics","query":"sum:req{*}.as_count()"}]}}})json";

std::string error_of(std::string_view body) {
  auto request = decode_timeseries_request(body);
  return request ? "accepted" : request.error().message();
}

TEST(QueryCodec, ReadsATimeseriesRequest) {
  auto request = decode_timeseries_request(kExample);
  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(request->from_s, 1700000000);
  EXPECT_EQ(request->to_s, 1700003600);
  EXPECT_EQ(request->interval_s, 60u);
  ASSERT_EQ(request->queries.size(), 2u);
  EXPECT_EQ(request->queries[0].name, "a");
  EXPECT_EQ(request->queries[1].name, "query2");
  ASSERT_EQ(request->formulas.size(), 1u);
  EXPECT_EQ(request->formulas[0].limit, 10u);
  EXPECT_TRUE(request->formulas[0].ascending);
}

TEST(QueryCodec, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(error_of("{}"), "data: expected an object");
  EXPECT_NE(error_of("{"), "accepted");
  EXPECT_EQ(error_of(R"({"data":{"type":"x","attributes":{}}})"), "data.type: expected \"timeseries_request\"");
  const auto with = [](std::string attributes) {
    return error_of(R"({"data":{"type":"timeseries_request","attributes":)" + attributes + "}}");
  };
  EXPECT_EQ(with("{}"), "data.attributes.from: expected milliseconds since 1970");
  EXPECT_EQ(with(R"({"from":1,"to":2})"), "data.attributes.queries: expected at least one query");
  EXPECT_EQ(with(R"({"from":1,"to":2,"interval":5,"queries":[]})"),
            "data.attributes.interval: expected milliseconds, from one second to 366 days");
  EXPECT_EQ(with(R"({"from":1,"to":2,"queries":[{"data_source":"logs"}]})"),
            "data.attributes.queries[0].data_source: only \"metrics\" can be queried");
  EXPECT_EQ(with(R"({"from":1,"to":2,"queries":[{"data_source":"metrics","query":""}]})"),
            "data.attributes.queries[0].query: expected a metric query");
}

TEST(QueryCodec, WritesTheV1Answer) {
  const MetricsQueryResponse response{.query = "avg:m{*} by {host}",
                                      .from_s = 100,
                                      .to_s = 200,
                                      .group_by = {"host"},
                                      .message = "",
                                      .series = {{.metric = "m",
                                                  .aggregator = "avg",
                                                  .expression = "avg:m{host:a}",
                                                  .scope = "host:a",
                                                  .tag_set = {"host:a"},
                                                  .query_index = 0,
                                                  .interval_s = 20,
                                                  .end_s = 140,
                                                  .points = {{100, 1.5}, {120, -2}}}}};
  EXPECT_EQ(encode_metrics_query(response),
            R"({"status":"ok","res_type":"time_series","resp_version":1,"query":"avg:m{*} by {host}",)"
            R"("from_date":100000,"to_date":200000,"message":"","group_by":["host"],"values":[],"times":[],"series":[)"
            R"({"metric":"m","display_name":"m","aggr":"avg","expression":"avg:m{host:a}","scope":"host:a",)"
            R"("tag_set":["host:a"],"query_index":0,"interval":20,"start":100000,"end":139999,"length":2,"unit":null,)"
            R"("attributes":{},"pointlist":[[100000,1.5],[120000,-2]]}]})");
}

TEST(QueryCodec, WritesTheV2Answer) {
  const TimeseriesFormulaResponse response{
      .times_s = {10, 20}, .series = {{.group_tags = {"a:\"b\""}, .query_index = 1, .values = {0.5, std::nullopt}}}};
  EXPECT_EQ(encode_timeseries_response(response),
            R"({"data":{"id":"0","type":"timeseries_response","attributes":{"series":[{"group_tags":["a:\"b\""],)"
            R"("query_index":1,"unit":[null,null]}],"times":[10000,20000],"values":[[0.5,null]]}}})");
}

TEST(QueryCodec, WritesListsAndMetadata) {
  EXPECT_EQ(encode_metric_list(7, {"a", "b"}), R"({"from":"7","metrics":["a","b"]})");
  EXPECT_EQ(encode_search_results(std::vector<std::string>{"m"}, std::nullopt), R"({"results":{"metrics":["m"]}})");
  EXPECT_EQ(encode_search_results(std::vector<std::string>{}, std::vector<std::string>{"h"}),
            R"({"results":{"metrics":[],"hosts":["h"]}})");
  EXPECT_EQ(encode_metric_metadata("rate", 10),
            R"({"type":"rate","description":null,"short_name":null,"unit":null,"per_unit":null,"integration":null,)"
            R"("statsd_interval":10})");
  EXPECT_EQ(encode_all_tags("m", {"a:b"}), R"({"data":{"id":"m","type":"metrics","attributes":{"tags":["a:b"]}}})");
}

}  // namespace
}  // namespace godseye::ddapi
