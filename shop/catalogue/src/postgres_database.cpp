#include "sql.h"

#include <array>
#include <cerrno>
#include <unordered_map>

#include <godseye/base/clock.h>

#include <libpq-fe.h>
#include <poll.h>

// The store's database as a schema of a PostgreSQL server. libpq's names end here.
//
// Every wait has an end: libpq is driven without blocking, and a server that does not answer within kAnswerWait loses
// its connection. While the server is away it is tried once a second; who asks in between is told at once.
namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kConnections = 4;
constexpr std::chrono::milliseconds kConnectWait{900};
constexpr std::chrono::milliseconds kAnswerWait{2500};
constexpr std::chrono::seconds kTryAgain{1};

// The server's own limits are below ours, so that it ends what nobody waits for.
constexpr const char* kOnConnect =
    "SET search_path = vcommerce; SET statement_timeout = 2000; SET idle_in_transaction_session_timeout = 10000; "
    "SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning";

// Ids are compared byte by byte, as SQLite does, whatever the server's language.
constexpr const char* kSchema = R"(
CREATE SCHEMA IF NOT EXISTS vcommerce;
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS products(id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL, brand TEXT NOT NULL,
  category TEXT NOT NULL, kind TEXT NOT NULL, description TEXT NOT NULL, units BIGINT NOT NULL, nanos BIGINT NOT NULL,
  weight_grams BIGINT NOT NULL, material TEXT NOT NULL, care TEXT NOT NULL, tags TEXT NOT NULL, colours TEXT NOT NULL,
  pairs_with TEXT NOT NULL, version BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS products_by_category ON products(category, id);
CREATE TABLE IF NOT EXISTS stock(product_id TEXT COLLATE "C" NOT NULL, size TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL, available BIGINT NOT NULL CHECK(available >= 0), filled BIGINT NOT NULL,
  PRIMARY KEY(product_id, size)) WITH (fillfactor = 80);
CREATE TABLE IF NOT EXISTS reservations(key TEXT COLLATE "C" PRIMARY KEY, state BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reservations_by_age ON reservations(state, changed_ms);
CREATE TABLE IF NOT EXISTS reservation_lines(key TEXT COLLATE "C" NOT NULL, line BIGINT NOT NULL,
  product_id TEXT NOT NULL, size TEXT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY(key, line));
CREATE TABLE IF NOT EXISTS deliveries(key TEXT COLLATE "C" PRIMARY KEY, received_ms BIGINT NOT NULL);
)";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Clear>;

// libpq's messages end in line feeds and may have several lines: one line.
std::string one_line(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text.empty() ? "the connection was lost" : text;
}

// By the classes of SQLSTATE (PostgreSQL's appendix A).
ErrorCode code_of(std::string_view state) {
  if (state.starts_with("23")) return ErrorCode::kAlreadyExists;  // a constraint
  if (state == "53100") return ErrorCode::kNoSpace;
  if (state == "57014") return ErrorCode::kTimeout;  // statement_timeout
  // Connections, resources, shutdown, a transaction that must be tried again, a standby that may not be written to.
  for (const std::string_view away : {"08", "53", "57", "40", "25006", "28", "3D000"}) {
    if (state.starts_with(away)) return ErrorCode::kUnavailable;
  }
  return state.empty() ? ErrorCode::kUnavailable : ErrorCode::kInternal;
}

// What the connections of a pool know together: when the server may be tried again, and why not now.
struct Reach {
  base::Mutex mutex;
  base::TickTime next GE_GUARDED_BY(mutex);
  std::string why GE_GUARDED_BY(mutex);
};

class PostgresSession final : public SqlSession {
 public:
  PostgresSession(std::string url, std::string name, std::shared_ptr<Reach> reach)
      : url_(std::move(url)), name_(std::move(name)), reach_(std::move(reach)) {}

  base::Status ready() override {
    // A server that ended while the connection lay idle has said so by now.
    if (connection_ && PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK) {
      return base::ok();
    }
    {
      base::MutexLock lock(reach_->mutex);
      if (clock_.tick() < reach_->next) return Error(ErrorCode::kUnavailable, reach_->why);
    }
    base::Status connected = connect();
    if (connected) return connected;
    close();
    base::MutexLock lock(reach_->mutex);
    reach_->next = clock_.tick() + kTryAgain;
    reach_->why = connected.error().message();
    return Error(ErrorCode::kUnavailable, reach_->why);
  }

  base::Result<Rows> run(std::string_view sql, std::initializer_list<SqlValue> values) override {
    base::Result<std::string> statement = prepared(sql);
    if (!statement) return std::move(statement).error();
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const SqlValue& value : values) {
      const auto* number = std::get_if<int64_t>(&value);
      texts.push_back(number != nullptr ? std::to_string(*number) : std::string(std::get<std::string_view>(value)));
    }
    std::vector<const char*> pointers;
    for (const std::string& text : texts) pointers.push_back(text.c_str());
    const int sent = PQsendQueryPrepared(connection_.get(), statement->c_str(), static_cast<int>(pointers.size()),
                                         pointers.data(), nullptr, nullptr, 0);
    return answer(sent);
  }

  base::Status make_tables() override {
    // Whoever may not make tables can still use those that are there.
    base::Result<Rows> there = run("SELECT count(*) FROM pg_tables WHERE schemaname = 'vcommerce'", {});
    if (!there) return std::move(there).error();
    if (there->integer(0, 0) >= 6) return base::ok();
    SqlTransaction transaction(*this, "tables");
    if (!transaction.status()) return transaction.status();
    if (base::Status made = execute(kSchema); !made) return made;
    return transaction.commit();
  }

  base::Status begin(std::string_view key) override {
    if (base::Status begun = execute("BEGIN"); !begun) return begun;
    // The first number keeps our keys apart from those of other programs on the same server.
    base::Result<Rows> locked = run("SELECT pg_advisory_xact_lock(22083, hashtext($1))", {key});
    if (locked) return base::ok();
    rollback();
    return std::move(locked).error();
  }
  base::Status commit() override { return execute("COMMIT"); }
  // A connection that is gone has rolled back.
  void rollback() override { (void)execute("ROLLBACK").has_value(); }

 private:
  static short events_of(PostgresPollingStatusType state) { return state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN; }

  // False when the socket stayed silent until `deadline`.
  bool wait(short events, base::TickTime deadline) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.tick());
      if (left.count() <= 0) return false;
      pollfd socket{PQsocket(connection_.get()), events, 0};
      const int ready = poll(&socket, 1, static_cast<int>(left.count()));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  base::Status connect() {
    prepared_.clear();
    constexpr std::array kNames{"dbname", "client_encoding", "fallback_application_name",
                                static_cast<const char*>(nullptr)};
    const std::array values{url_.c_str(), "UTF8", "vcommerce", static_cast<const char*>(nullptr)};
    connection_.reset(PQconnectStartParams(kNames.data(), values.data(), 1));
    if (!connection_) return Error(ErrorCode::kUnavailable, name_ + ": out of memory");
    const base::TickTime deadline = clock_.tick() + kConnectWait;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
      if (PQstatus(connection_.get()) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) return failure(nullptr);
      if (!wait(events_of(state), deadline)) {
        return Error(ErrorCode::kUnavailable,
                     name_ + ": no connection within " + std::to_string(kConnectWait.count()) + " ms");
      }
      state = PQconnectPoll(connection_.get());
    }
    return execute(kOnConnect);
  }

  void close() {
    connection_.reset();
    prepared_.clear();
  }

  // Of the connection (`result` null) or of a statement.
  Error failure(const PGresult* result) const {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* message =
        result == nullptr ? PQerrorMessage(connection_.get()) : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message == nullptr) message = PQerrorMessage(connection_.get());
    return {code_of(state == nullptr ? "" : state), name_ + ": " + one_line(message)};
  }

  // The answer to what was just sent (`sent` 1): of several statements the first error or the last result.
  base::Result<Rows> answer(int sent) {
    base::Result<Result> result = last_result(sent);
    if (!result) {
      close();
      return std::move(result).error();
    }
    const ExecStatusType status = PQresultStatus(result->get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      Error error = failure(result->get());
      if (PQstatus(connection_.get()) == CONNECTION_BAD) close();
      return error;
    }
    Rows rows;
    rows.columns = static_cast<size_t>(PQnfields(result->get()));
    const int count = PQntuples(result->get());
    rows.cells.reserve(static_cast<size_t>(count) * rows.columns);
    for (int row = 0; row < count; ++row) {
      for (int column = 0; column < static_cast<int>(rows.columns); ++column) {
        rows.cells.emplace_back(PQgetvalue(result->get(), row, column),
                                static_cast<size_t>(PQgetlength(result->get(), row, column)));
      }
    }
    rows.changed = std::strtoll(PQcmdTuples(result->get()), nullptr, 10);
    return rows;
  }

  base::Result<Result> last_result(int sent) {
    if (sent != 1) return failure(nullptr);
    const base::TickTime deadline = clock_.tick() + kAnswerWait;
    const auto late = [this] {
      return Error(ErrorCode::kTimeout, name_ + ": no answer within " + std::to_string(kAnswerWait.count()) + " ms");
    };
    for (int left = PQflush(connection_.get()); left != 0; left = PQflush(connection_.get())) {
      if (left < 0) return failure(nullptr);
      if (!wait(POLLIN | POLLOUT, deadline)) return late();
      if (PQconsumeInput(connection_.get()) != 1) return failure(nullptr);
    }
    Result last;
    for (;;) {
      while (PQisBusy(connection_.get()) == 1) {
        if (!wait(POLLIN, deadline)) return late();
        if (PQconsumeInput(connection_.get()) != 1 && PQisBusy(connection_.get()) == 1) return failure(nullptr);
      }
      Result next(PQgetResult(connection_.get()));
      if (!next) break;
      const bool failed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
      if (!failed) last = std::move(next);
    }
    if (!last) return failure(nullptr);
    return last;
  }

  base::Status execute(const char* sql) {
    if (!connection_) return lost();
    base::Result<Rows> done = answer(PQsendQuery(connection_.get(), sql));
    if (!done) return std::move(done).error();
    return base::ok();
  }

  base::Result<std::string> prepared(std::string_view sql) {
    if (!connection_) return lost();
    if (const auto found = prepared_.find(std::string(sql)); found != prepared_.end()) return found->second;
    const std::string text(sql);
    std::string statement = "s" + std::to_string(prepared_.size());
    base::Result<Rows> done = answer(PQsendPrepare(connection_.get(), statement.c_str(), text.c_str(), 0, nullptr));
    if (!done) return std::move(done).error();
    prepared_.emplace(text, statement);
    return statement;
  }

  Error lost() const { return {ErrorCode::kUnavailable, name_ + ": the connection was lost"}; }

  const std::string url_;
  const std::string name_;
  const std::shared_ptr<Reach> reach_;
  const base::Clock clock_ = base::system_clock();
  Connection connection_;
  std::unordered_map<std::string, std::string> prepared_;  // by text; the store has some 40
};

// "postgresql HOST:PORT/NAME" for errors: what the address says, without user and password.
base::Result<std::string> name_of(const std::string& url) {
  char* why = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &why);
  if (options == nullptr) {
    PQfreemem(why);  // it may hold parts of a password
    return Error(ErrorCode::kInvalidArgument, "not an address like postgresql://USER:PASSWORD@HOST:PORT/NAME");
  }
  std::string host = "local";
  std::string port;
  std::string base_name;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = std::string(":") + option->val;
    if (keyword == "dbname") base_name = std::string("/") + option->val;
  }
  PQconninfoFree(options);
  return "postgresql " + host + port + base_name;
}

}  // namespace

base::Result<std::unique_ptr<SqlPool>> open_postgres(const std::string& url) {
  base::Result<std::string> name = name_of(url);
  if (!name) return std::move(name).error();
  const auto reach = std::make_shared<Reach>();
  std::vector<std::unique_ptr<SqlSession>> sessions;
  for (size_t i = 0; i < kConnections; ++i) sessions.push_back(std::make_unique<PostgresSession>(url, *name, reach));
  return std::make_unique<SqlPool>("postgresql", *std::move(name), std::move(sessions));
}

}  // namespace vcommerce::catalogue
