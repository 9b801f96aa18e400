#include "sync/model/file_type.h"

#include <gtest/gtest.h>

#include <string>

namespace atozsync {
namespace {

using std::string_literals::operator""s;

bool Fits(const std::string& name, const std::string& content) {
  EXPECT_TRUE(HasKnownType(name)) << name;
  return FitsType(name, AsBytes(content));
}

TEST(FileTypeTest, NamesOfWhichNothingIsKnown) {
  for (const char* name : {"", "x", "x.", ".jpg.", "x.txt", "x.jpg.locked", "x.stl", "jpg"}) {
    EXPECT_FALSE(HasKnownType(name)) << name;
  }
  EXPECT_TRUE(HasKnownType("x.JpG"));
  EXPECT_TRUE(HasKnownType("a.b.pdf"));
}

TEST(FileTypeTest, EachKindByItsFirstBytes) {
  const std::string jpeg = "\xFF\xD8\xFF\xE0..JFIF";
  const std::string png = "\x89PNG\r\n\x1A\n....";
  const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1..";
  const std::string zip = "PK\x03\x04..";
  const std::pair<const char*, std::string> kRight[] = {
      {"x.jpg", jpeg},
      {"x.JPEG", jpeg},
      {"x.png", png},
      {"x.gif", "GIF89a"},
      {"x.bmp", "BM1234"},
      {"x.tif", "II*\0...."s},
      {"x.tiff", "MM\0*...."s},
      {"x.tif", "II+\0...."s},
      {"x.pdf", "%PDF-1.7"},
      {"x.pdf", std::string(1'000, ' ') + "%PDF-1.4"},
      {"x.dcm", std::string(128, '\0') + "DICM"},
      {"x.dcm", "\x08\0\x05\0CS"s},
      {"x.doc", ole},
      {"x.doc", "{\\rtf1"},
      {"x.xls", "<html>"},
      {"x.docx", zip},
      {"x.docx", ole},
      {"x.xlsx", zip},
      {"x.zip", "PK\x05\x06"},
      {"x.rtf", "{\\rtf1"},
      {"x.wav", "RIFF...."},
      {"x.mp4", "....ftypisom"},
  };
  for (const auto& [name, content] : kRight) {
    EXPECT_TRUE(Fits(name, content)) << name;
    EXPECT_FALSE(Fits(name, "")) << name;
    EXPECT_FALSE(Fits(name, "Q" + content.substr(0, content.size() / 2))) << name;
    // A PDF may begin later.
    bool encrypted = !std::string_view(name).ends_with("pdf");
    EXPECT_FALSE(encrypted && Fits(name, "Salted__" + content)) << name;
  }
}

TEST(FileTypeTest, AnotherKindIsNotWhatTheNameSays) {
  EXPECT_FALSE(Fits("x.jpg", "%PDF-1.7"));
  EXPECT_FALSE(Fits("x.pdf", std::string(kTypeHeadBytes, ' ') + "%PDF-1.7"));
  EXPECT_FALSE(Fits("x.dcm", std::string(127, '\0') + "DICM"));
  EXPECT_FALSE(Fits("x.jpg", "\xFF\xD8"));
}

}  // namespace
}  // namespace atozsync
