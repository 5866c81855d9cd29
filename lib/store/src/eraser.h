#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/store/engine.h>
#include <godseye/store/store.h>

// Erases a session or a user from every table. Requires: everything that was appended before is stored, and nothing is
// inserted meanwhile (Writer::exclusively).
//
// The steps are ordered so that an erasure that was cut off can be repeated: what leads to other rows goes after them.
// Rows are removed by mutations that rewrite their parts, not hidden by a mask.
namespace godseye::store {

enum class EraseKey : uint8_t { kSession, kUser };

class Eraser {
 public:
  // `engine` must outlive the eraser.
  Eraser(Engine& engine, EraseKey key, std::string_view id, base::Clock clock, base::TickTime deadline)
      : engine_(engine),
        column_(key == EraseKey::kSession ? "session_id" : "user_id"),
        id_(id),
        clock_(std::move(clock)),
        deadline_(deadline) {}

  base::Result<EraseReport> run();

 private:
  static constexpr size_t kTracesMax = 2'000'000;  // of one session or user; more is kTooLarge
  static constexpr size_t kTracesPerStatement = 20'000;

  base::Result<std::vector<uint64_t>> traces();
  // Deletes rows of `table` WHERE `condition`, in which {id:String} and {traces:Array(UInt64)} are bound.
  base::Status remove(std::string_view table, const std::string& condition, const std::vector<uint64_t>& traces);
  base::Result<QueryOptions> options(const std::vector<uint64_t>& traces) const;

  Engine& engine_;
  const std::string column_;
  const std::string id_;
  const base::Clock clock_;
  const base::TickTime deadline_;
  EraseReport report_;
};

}  // namespace godseye::store
