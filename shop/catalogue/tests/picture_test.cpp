#include "picture.h"

#include "drawings.h"
#include "generator.h"

#include <set>

#include <gtest/gtest.h>

namespace vcommerce::catalogue {
namespace {

TEST(Picture, IsSmallAndOfItsOwnForMostProducts) {
  std::set<std::string> pictures;
  const std::vector<Product> products = generate_products();
  for (const Product& product : products) {
    const std::string svg = draw_picture(product);
    EXPECT_GT(svg.size(), 500U);
    EXPECT_LT(svg.size(), 8'192U) << product.id;
    EXPECT_TRUE(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
    EXPECT_EQ(svg.find('$'), std::string::npos) << product.id;
    EXPECT_EQ(svg, draw_picture(product)) << "the same each time";
    pictures.insert(svg);
  }
  EXPECT_GT(pictures.size(), products.size() * 95 / 100);
}

TEST(Picture, KnowsEveryKind) {
  const std::string_view box = drawing_of("???", 0);
  for (const Product& product : generate_products()) {
    for (const unsigned form : {0U, 1U}) EXPECT_NE(drawing_of(product.id.substr(4, 3), form), box) << product.id;
  }
}

TEST(Picture, TakesNoTextFromTheProduct) {
  Product hostile;
  hostile.id = "\"/><script>alert(1)</script>";
  hostile.name = "<script>";
  hostile.colours = {{"\"/><script>", "#12\"><script>"}, {"x", "red;}</style>"}};
  const std::string svg = draw_picture(hostile);
  EXPECT_EQ(svg.find("script"), std::string::npos);
  EXPECT_EQ(svg.find("style"), std::string::npos);
  EXPECT_FALSE(draw_picture(Product{}).empty());
}

TEST(PictureName, IsTheIdWithItsEnding) {
  EXPECT_EQ(picture_name("APP-DRS-0007"), "APP-DRS-0007.svg");
  EXPECT_EQ(product_of_picture("APP-DRS-0007.svg"), "APP-DRS-0007");
}

TEST(PictureName, RefusesPathsAndOtherTricks) {
  using namespace std::string_view_literals;
  for (const std::string_view name :
       {""sv, ".svg"sv, "APP-DRS-0007"sv, "APP-DRS-0007.png"sv, "../APP-DRS-0007.svg"sv, "/etc/passwd"sv,
        "..%2fAPP.svg"sv, "APP\0.svg"sv, "app-drs-0007.svg"sv, "APP-DRS-0007.svg/"sv, "APP.svg.svg"sv, "A\\B.svg"sv}) {
    EXPECT_FALSE(product_of_picture(name)) << name;
  }
  EXPECT_FALSE(product_of_picture(std::string(kPictureNameBytesMax, 'A') + ".svg"));
}

}  // namespace
}  // namespace vcommerce::catalogue
