#include <cstdlib>
#include <filesystem>
#include <utility>

#include <vcommerce/orders/data_folder.h>

namespace vcommerce {

base::Result<DataFolder> DataFolder::open(const std::string& setting) {
  if (setting.empty()) {
    std::string path = (std::filesystem::temp_directory_path() / "vcommerce-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) return base::errno_error("making " + path, errno);
    return DataFolder(std::move(path), true);
  }
  std::error_code failed;
  std::filesystem::create_directories(setting, failed);
  if (failed) return base::Error(base::ErrorCode::kIo, "--data-dir " + setting + ": " + failed.message());
  return DataFolder(std::filesystem::absolute(setting).string(), false);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

DataFolder::~DataFolder() {
  std::error_code failed;
  if (temporary_) std::filesystem::remove_all(path_, failed);
}

}  // namespace vcommerce
