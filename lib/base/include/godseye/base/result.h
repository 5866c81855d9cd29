#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include <godseye/base/assert.h>
#include <godseye/base/error.h>

// `Result<T>`: a value or an `Error`. Member names are a subset of C++23's std::expected, which will replace it the day
// the compiler floor has it. Ignoring one is a compiler warning, reading the wrong side aborts.
//
//   Result<Plan> plan(std::string_view text) {
//     Result<Ast> ast = parse(text);
//     if (!ast) return std::move(ast).error().within("planning query");
//     return lower(*std::move(ast));
//   }
namespace godseye::base {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design
  template <typename U>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT: implicit by design

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(), std::get<0>(state_); }
  const T& value() const& { return checked(), std::get<0>(state_); }
  T&& value() && { return checked(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return failed(), std::get<1>(state_); }
  Error&& error() && { return failed(), std::get<1>(std::move(state_)); }

  T value_or(T fallback) && { return has_value() ? std::get<0>(std::move(state_)) : std::move(fallback); }

  // `f(T) -> Result<U>`; not called on error.
  template <typename F>
  auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
    if (!has_value()) return std::move(*this).error();
    return std::invoke(std::forward<F>(f), std::get<0>(std::move(state_)));
  }
  // `f(T) -> U`; not called on error.
  template <typename F>
  auto transform(F&& f) && -> Result<std::invoke_result_t<F, T&&>> {
    if (!has_value()) return std::move(*this).error();
    return std::invoke(std::forward<F>(f), std::get<0>(std::move(state_)));
  }

 private:
  void checked() const { GE_ASSERT(has_value(), "a Result is asked for its value only after it was tested"); }
  void failed() const { GE_ASSERT(!has_value(), "a Result is asked for its error only after it was tested"); }

  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;
inline Status ok() { return Ok{}; }

}  // namespace godseye::base
