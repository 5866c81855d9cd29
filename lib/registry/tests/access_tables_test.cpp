#include <fstream>
#include <sstream>

#include <godseye/base/temp_dir.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/passwords.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/sign_ins.h>
#include <godseye/registry/users.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

constexpr int64_t kNow_s = 1'700'000'000;
constexpr int64_t kHour_s = 3600;

class AccessTables : public ::testing::Test {
 protected:
  AccessTables() : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})) {}
  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }
  static UserRow user(std::string handle, Role role = Role::kViewer) {
    return {.handle = std::move(handle), .role = role, .password_hash = "$argon2id$fake", .created_s = kNow_s};
  }
  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(AccessTables, NamesOfUsersAreUniqueWithoutRegardToCase) {
  in_write([](WriteSession& s) {
    UserRow alice = user("Alice@example.com", Role::kEditor);
    ASSERT_TRUE(create_user(s, alice));
    EXPECT_EQ(alice.uuid.size(), 36U);
    UserRow twin = user("alice@EXAMPLE.com");
    EXPECT_EQ(create_user(s, twin).error().code(), ErrorCode::kAlreadyExists);
    for (const char* bad : {"", "two words", "a\nb", "17", "<b>"}) {
      UserRow row = user(bad);
      EXPECT_EQ(create_user(s, row).error().code(), ErrorCode::kInvalidArgument) << bad;
    }
    EXPECT_EQ((*find_user(s, "ALICE@example.com"))->id, alice.id);
    EXPECT_EQ(user_named(s, alice.uuid)->handle, "Alice@example.com");
    EXPECT_EQ(user_named(s, std::to_string(alice.id))->role, Role::kEditor);
    EXPECT_EQ(user_named(s, "nobody").error().code(), ErrorCode::kNotFound);
  });
}

TEST_F(AccessTables, TheLastAdminStays) {
  in_write([](WriteSession& s) {
    UserRow first = user("first", Role::kAdmin);
    ASSERT_TRUE(create_user(s, first));
    for (const auto& spoil :
         {+[](UserRow& row) { row.role = Role::kEditor; }, +[](UserRow& row) { row.disabled = true; },
          +[](UserRow& row) { row.password_hash.clear(); }}) {
      UserRow changed = first;
      spoil(changed);
      EXPECT_EQ(update_user(s, changed).error().code(), ErrorCode::kInvalidArgument);
    }
    UserRow second = user("second", Role::kAdmin);
    ASSERT_TRUE(create_user(s, second));
    first.role = Role::kViewer;
    EXPECT_TRUE(update_user(s, first));
  });
}

TEST_F(AccessTables, ASignInEndsByItsAgeByIdlenessAndByDeletion) {
  in_write([](WriteSession& s) {
    const SignInRow asked{
        .user_id = 7, .created_s = kNow_s, .expires_s = kNow_s + 24 * kHour_s, .address = "192.0.2.1"};
    const auto made = create_sign_in(s, asked, kHour_s);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->token.size(), 64U);
    const auto alive = [&](int64_t now_s) { return find_sign_in(s, made->token, now_s, kHour_s)->has_value(); };
    EXPECT_TRUE(alive(kNow_s + kHour_s - 1));
    EXPECT_FALSE(alive(kNow_s + kHour_s)) << "idle";
    ASSERT_TRUE(touch_sign_in(s, made->row.id, kNow_s + 24 * kHour_s - 60));
    EXPECT_TRUE(alive(kNow_s + 24 * kHour_s - 1));
    EXPECT_FALSE(alive(kNow_s + 24 * kHour_s)) << "too old";
    EXPECT_EQ(delete_sign_in(s, 8, made->row.id).error().code(), ErrorCode::kNotFound) << "somebody else's";
    EXPECT_TRUE(delete_sign_in(s, 7, made->row.id));
    EXPECT_FALSE(alive(kNow_s + 24 * kHour_s - 1));
    EXPECT_FALSE(find_sign_in(s, std::string(64, '0'), kNow_s, kHour_s)->has_value());
    EXPECT_FALSE(find_sign_in(s, "", kNow_s, kHour_s)->has_value());
  });
}

TEST_F(AccessTables, KeepsABoundedNumberOfSignInsAndNoToken) {
  std::string token;
  in_write([&](WriteSession& s) {
    for (size_t i = 0; i < kSignInsPerUserMax + 5; ++i) {
      const int64_t at = kNow_s + static_cast<int64_t>(i);
      token = create_sign_in(s, {.user_id = 7, .created_s = at, .expires_s = at + kHour_s}, kHour_s)->token;
    }
    EXPECT_EQ(list_sign_ins(s, 7, kNow_s + 100, kHour_s)->size(), kSignInsPerUserMax);
    const auto newest = find_sign_in(s, token, kNow_s + 100, kHour_s);
    EXPECT_EQ(*delete_sign_ins(s, 7, (*newest)->id), kSignInsPerUserMax - 1);
    EXPECT_EQ(list_sign_ins(s, 7, kNow_s + 100, kHour_s)->size(), 1U);
  });
  registry_.reset();
  std::ostringstream bytes;
  bytes << std::ifstream(dir_.file("registry.sqlite"), std::ios::binary).rdbuf();
  EXPECT_EQ(bytes.str().find(token), std::string::npos);
}

TEST_F(AccessTables, KeysHaveOwnersScopesAndALastUse) {
  in_write([](WriteSession& s) {
    const auto made = create_key(s, KeyKind::kApplication, "deploy", kNow_s, 3,
                                 std::vector<std::string>{"monitors_read", "future_thing"});
    ASSERT_TRUE(made);
    ASSERT_TRUE(touch_key(s, made->row.id, kNow_s + 9));
    const KeyRow row = **find_key(s, KeyKind::kApplication, made->text);
    EXPECT_EQ(row.scopes, (std::vector<std::string>{"monitors_read", "future_thing"}));
    EXPECT_EQ(row.owner_id, 3);
    EXPECT_EQ(row.used_s, kNow_s + 9);
    EXPECT_EQ(key_named(s, KeyKind::kApplication, row.uuid)->id, row.id);
    EXPECT_EQ(key_named(s, KeyKind::kApi, row.uuid).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(list_keys_of(s, 3)->size(), 1U);
    KeyRow changed = row;
    changed.scopes.emplace();
    ASSERT_TRUE(update_key(s, changed));
    EXPECT_TRUE(key_named(s, KeyKind::kApplication, row.uuid)->scopes->empty()) << "limited to nothing, not unlimited";
    EXPECT_FALSE(create_key(s, KeyKind::kApplication, "x", kNow_s, 0, std::vector<std::string>{"a,b"}));
  });
}

TEST(Passwords, MatchOnlyThemselves) {
  const auto hash = hash_password("correct horse battery");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_TRUE(*password_matches(*hash, "correct horse battery"));
  EXPECT_FALSE(*password_matches(*hash, "correct horse batterz"));
  EXPECT_FALSE(*password_matches("", "correct horse battery"));
  EXPECT_FALSE(*password_matches("not a hash", "correct horse battery"));
  EXPECT_NE(*hash_password("correct horse battery"), *hash) << "salted";
}

TEST(Passwords, WeakOnesAreNamed) {
  EXPECT_FALSE(check_password("alice", "short"));
  EXPECT_FALSE(check_password("alice", "aaaaaaaaaaaaaa"));
  EXPECT_FALSE(check_password("alice", "my-ALICE-password"));
  EXPECT_FALSE(check_password("alice", std::string(kPasswordBytesMax + 1, 'x') + "y"));
  EXPECT_TRUE(check_password("alice", random_password()));
}

}  // namespace
}  // namespace godseye::registry
