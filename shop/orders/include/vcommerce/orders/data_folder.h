#pragma once

#include <string>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// Where a service keeps what must survive: the folder of its setting, made when it is not there; or, without one, a
// temporary folder that goes with the object. Move only.
namespace vcommerce {

class DataFolder {
 public:
  // kIo names the folder.
  static base::Result<DataFolder> open(const std::string& setting);
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  const std::string& path() const { return path_; }

 private:
  DataFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  std::string path_;
  bool temporary_;
};

}  // namespace vcommerce
