#include "agent/media_type.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

using namespace std::string_view_literals;

std::string TypeOf(std::string_view text) {
  return MediaTypeOf(AsBytes(text));
}

TEST(MediaTypeTest, ByTheFirstBytes) {
  EXPECT_EQ(TypeOf("\xFF\xD8\xFF\xE0..JFIF"), "image/jpeg");
  EXPECT_EQ(TypeOf("\x89PNG\r\n\x1A\nIHDR"), "image/png");
  EXPECT_EQ(TypeOf("GIF89a.."), "image/gif");
  EXPECT_EQ(TypeOf("II*\0\x08\0\0\0"sv), "image/tiff");
  EXPECT_EQ(TypeOf("MM\0*\0\0\0\x08"sv), "image/tiff");
  EXPECT_EQ(TypeOf("%PDF-1.7\n"), "application/pdf");
  EXPECT_EQ(TypeOf(std::string(128, '\0') + "DICM...."), "application/dicom");
  EXPECT_EQ(TypeOf("BM\x36\x84\x03\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv), "image/bmp");
  EXPECT_EQ(TypeOf("MZ\x90\0\x03"sv), "application/octet-stream");
  EXPECT_EQ(TypeOf("PK\x03\x04.docx"), "application/octet-stream");
  EXPECT_EQ(TypeOf(""), "application/octet-stream");
}

TEST(MediaTypeTest, TextIsUtf8WithoutControlCharacters) {
  EXPECT_EQ(TypeOf("Dear Mr Smith,\r\n\tyours"), "text/plain");
  EXPECT_EQ(TypeOf("Zo\xC3\xAB"), "text/plain");
  EXPECT_EQ(TypeOf("cut off in Zo\xC3"), "text/plain");  // the beginning ends there
  EXPECT_EQ(TypeOf("Zo\xEB"), "text/plain") << "a character could begin here";
  EXPECT_EQ(TypeOf("Zo\xEB there"), "application/octet-stream");
  EXPECT_EQ(TypeOf("\xC0\xAF"), "application/octet-stream");
  EXPECT_EQ(TypeOf("a\0b"sv), "application/octet-stream");
  EXPECT_EQ(TypeOf("\x1B[31mred"), "application/octet-stream");
  EXPECT_EQ(TypeOf("BMX is a sport"), "text/plain");
}

// Whatever the bytes are: no type in which something runs.
TEST(MediaTypeTest, NothingThatRuns) {
  for (const char* text : {"<!DOCTYPE html><script>alert(1)</script>", "<svg onload='alert(1)'/>",
                           "<?xml version='1.0'?><html/>", "alert(1)", "#!/bin/sh\n"}) {
    EXPECT_EQ(TypeOf(text), "text/plain") << text;
  }
}

TEST(MediaTypeTest, NamesOfDownloads) {
  EXPECT_EQ(ExtensionOf("image/jpeg"), ".jpg");
  EXPECT_EQ(ExtensionOf("text/plain"), ".txt");
  EXPECT_EQ(ExtensionOf("application/octet-stream"), ".bin");
  EXPECT_FALSE(IsPreviewable("application/octet-stream"));
  EXPECT_TRUE(IsPreviewable("application/dicom"));
}

}  // namespace
}  // namespace atozsync
