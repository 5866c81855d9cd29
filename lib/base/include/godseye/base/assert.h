#pragma once

// What we do about our own bugs; never about outside input, which is a `Result` (docs/architecture.md, "Errors").
//   GE_ASSERT(cond, "why it holds")   checked in every build; prints and aborts
//   GE_DCHECK(cond, "why it holds")   costly ones; checked in dev, tsan and relassert builds
namespace godseye::base {

// Prints `file:line: condition: why` on standard error and aborts.
[[noreturn]] void assertion_failed(const char* file, int line, const char* condition, const char* why);

}  // namespace godseye::base

#define GE_ASSERT(cond, why) \
  ((cond) ? static_cast<void>(0) : ::godseye::base::assertion_failed(__FILE__, __LINE__, #cond, why))
#ifdef GE_DCHECKS
#define GE_DCHECK(cond, why) GE_ASSERT(cond, why)
#else
#define GE_DCHECK(cond, why) static_cast<void>(0)
#endif
