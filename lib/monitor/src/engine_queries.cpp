#include <godseye/monitor/evaluator.h>

namespace godseye::monitor {

namespace {

class EngineQueries : public WindowQueries {
 public:
  explicit EngineQueries(query::QueryEngine& engine) : engine_(engine) {}
  base::Result<std::vector<query::GroupValue>> evaluate(const lang::MonitorQuery& query, int64_t to_s) override {
    return engine_.evaluate_window(query, to_s);
  }

 private:
  query::QueryEngine& engine_;
};

}  // namespace

std::unique_ptr<WindowQueries> engine_queries(query::QueryEngine& engine) {
  return std::make_unique<EngineQueries>(engine);
}

}  // namespace godseye::monitor
