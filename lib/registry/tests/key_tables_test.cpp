#include <fstream>
#include <sstream>

#include <godseye/base/temp_dir.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/virtual_keys.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

constexpr const char* kSecret = "sk-proj-abcdefghijklmnopqrstuvwxyz-9876";

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

class KeyTables : public ::testing::Test {
 protected:
  KeyTables()
      : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})),
        vault_(*KeyVault::open(dir_.file("provider.key"))) {}
  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }
  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
  std::shared_ptr<const KeyVault> vault_;
};

TEST_F(KeyTables, AProviderKeyComesOutWithTheSameVaultAfterARestart) {
  in_write([&](WriteSession& s) {
    ProviderKeyRow row{.provider = "openai", .name = "main", .created_s = 5, .expires_s = 100};
    ASSERT_TRUE(add_provider_key(s, *vault_, row, kSecret));
    EXPECT_EQ(row.last4, "9876");
  });
  const auto again = *KeyVault::open(dir_.file("provider.key"));
  in_write([&](WriteSession& s) {
    const auto key = provider_key_text(s, *again, "openai", 99);
    ASSERT_TRUE(key && *key);
    EXPECT_EQ((*key)->text, kSecret);
    EXPECT_FALSE(*provider_key_text(s, *again, "openai", 100)) << "expired";
    EXPECT_FALSE(*provider_key_text(s, *again, "gemini", 99));
  });
}

TEST_F(KeyTables, NoFileOfTheRegistryHoldsAKeysText) {
  std::string virtual_key;
  in_write([&](WriteSession& s) {
    ProviderKeyRow row{.provider = "openai", .name = "main"};
    ASSERT_TRUE(add_provider_key(s, *vault_, row, kSecret));
    VirtualKeyRow key{.name = "shop"};
    virtual_key = *create_virtual_key(s, key);
  });
  size_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    const std::string content = bytes_of(entry.path());
    bytes += content.size();
    EXPECT_EQ(content.find(kSecret), std::string::npos) << entry.path();
    EXPECT_EQ(content.find(virtual_key), std::string::npos) << entry.path();
    EXPECT_EQ(content.find(virtual_key.substr(17)), std::string::npos) << entry.path();
  }
  EXPECT_GT(bytes, 4096U);
}

TEST_F(KeyTables, AnotherVaultAndASwappedRowDoNotOpen) {
  const auto other = *KeyVault::open(dir_.file("other.key"));
  in_write([&](WriteSession& s) {
    ProviderKeyRow row{.provider = "openai"};
    ASSERT_TRUE(add_provider_key(s, *vault_, row, kSecret));
    EXPECT_EQ(provider_key_text(s, *other, "openai", 1).error().code(), ErrorCode::kCorrupt);
  });
  const std::string sealed = vault_->seal("text", "provider_key:1:openai:0");
  EXPECT_EQ(*vault_->open_sealed(sealed, "provider_key:1:openai:0"), "text");
  EXPECT_FALSE(vault_->open_sealed(sealed, "provider_key:2:openai:0"));
  EXPECT_FALSE(vault_->open_sealed(sealed.substr(1), "provider_key:1:openai:0"));
  EXPECT_FALSE(vault_->open_sealed("", "provider_key:1:openai:0"));
}

TEST_F(KeyTables, TheVaultsFileIsForItsOwnerAlone) {
  const std::string path = dir_.file("provider.key");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(KeyVault::open(path).error().code(), ErrorCode::kPermissionDenied);
  EXPECT_FALSE(KeyVault::parse("abc"));
  EXPECT_FALSE(KeyVault::parse(std::string(63, '0') + "g"));
  EXPECT_TRUE(KeyVault::parse(std::string(64, 'A')));
}

TEST_F(KeyTables, OfSeveralProviderKeysTheNewestUsableOneIsTaken) {
  in_write([&](WriteSession& s) {
    ProviderKeyRow old{.provider = "openai", .name = "old"}, fresh{.provider = "openai", .name = "fresh"};
    ASSERT_TRUE(add_provider_key(s, *vault_, old, "old-key-old-key-old"));
    ASSERT_TRUE(add_provider_key(s, *vault_, fresh, "new-key-new-key-new"));
    EXPECT_EQ((*provider_key_text(s, *vault_, "openai", 1))->text, "new-key-new-key-new");
    ASSERT_TRUE(set_provider_key_disabled(s, fresh.id, true));
    EXPECT_EQ((*provider_key_text(s, *vault_, "openai", 1))->text, "old-key-old-key-old");
    ASSERT_TRUE(delete_provider_key(s, old.id));
    EXPECT_FALSE(*provider_key_text(s, *vault_, "openai", 1));
    EXPECT_EQ(delete_provider_key(s, old.id).error().code(), ErrorCode::kNotFound);
  });
}

TEST_F(KeyTables, WrongProviderKeysAreRefusedWithoutSayingThem) {
  in_write([&](WriteSession& s) {
    for (const std::string text : {"", "has a blank in it", "line\nbreak"}) {
      ProviderKeyRow row{.provider = "openai"};
      const Status refused = add_provider_key(s, *vault_, row, text);
      ASSERT_FALSE(refused);
      if (!text.empty()) EXPECT_EQ(refused.error().message().find(text), std::string::npos);
    }
    ProviderKeyRow row{.provider = "Open AI"};
    EXPECT_FALSE(add_provider_key(s, *vault_, row, kSecret));
    ProviderKeyRow tiny{.provider = "openai"};
    ASSERT_TRUE(add_provider_key(s, *vault_, tiny, "short"));
    EXPECT_EQ(tiny.last4, "") << "four of five characters are too many";
  });
}

TEST_F(KeyTables, AVirtualKeyIsMadeChangedAndDeleted) {
  in_write([](WriteSession& s) {
    VirtualKeyRow row{.name = "shop", .user = "u", .providers = {"openai", "gemini"}, .models = {"gpt-*"}};
    const auto text = create_virtual_key(s, row);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 57U);
    EXPECT_EQ(row.id, "vk_" + text->substr(4, 12));
    VirtualKeyRow found = **find_virtual_key(s, row.id);
    EXPECT_EQ(found.providers, row.providers);
    EXPECT_EQ(found.models, row.models);
    EXPECT_EQ(found.hash, row.hash);
    found.disabled = true;
    found.models = {};
    ASSERT_TRUE(update_virtual_key(s, found));
    EXPECT_TRUE((*find_virtual_key(s, row.id))->disabled);
    EXPECT_TRUE((*find_virtual_key(s, row.id))->models.empty());
    ASSERT_TRUE(delete_virtual_key(s, row.id));
    EXPECT_FALSE(*find_virtual_key(s, row.id));
    VirtualKeyRow wrong{.name = "a\nb"};
    EXPECT_EQ(create_virtual_key(s, wrong).error().code(), ErrorCode::kInvalidArgument);
  });
}

}  // namespace
}  // namespace godseye::registry
