#include "database/place.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

Place Of(const std::string& path) {
  return PlaceOf(RelPath::Parse(path).value());
}

TEST(PlaceTest, PatientFoldersLeadToTheirPatient) {
  const Place place = Of("S/SmithJohn15/a b.jpg");
  EXPECT_EQ(place.kind, PlaceKind::kPatient);
  EXPECT_EQ(place.dir, "S/SmithJohn15");
  EXPECT_EQ(place.name, "a b.jpg");
  EXPECT_EQ(place.number, 15);
  EXPECT_EQ(Of("É/ÉmondLuc19/x").number, 19);
  EXPECT_EQ(Of("1/18/403.jpg").number, 18);
}

TEST(PlaceTest, DigitsThatCannotBeTrustedLeadNowhere) {
  EXPECT_EQ(Of("S/Smith/x.jpg").kind, PlaceKind::kPatient);
  EXPECT_FALSE(Of("S/Smith/x.jpg").number.has_value());
  EXPECT_FALSE(Of("S/S99999999999999999999/x.jpg").number.has_value());
  const std::string cut = "S" + std::string(97, 'o') + "15";
  EXPECT_FALSE(Of("S/" + cut + "/x.jpg").number.has_value());
  // Characters count, not bytes.
  std::string wide = "É";
  for (int i = 0; i < 96; ++i) wide += "é";
  EXPECT_EQ(Of("É/" + wide + "15/x.jpg").number, 15);
  EXPECT_FALSE(Of("É/" + wide + "é15/x.jpg").number.has_value());
}

TEST(PlaceTest, OtherFoldersOfRows) {
  EXPECT_EQ(Of("MedLabEmbeddedFiles/a.pdf").kind, PlaceKind::kLab);
  EXPECT_EQ(Of("EOBs/20241001_100000_12.jpg").kind, PlaceKind::kEob);
  EXPECT_EQ(Of("EOBs/20241001_100000_12.jpg").number, 12);
  EXPECT_EQ(Of("EOBs/20241001_100000_12").number, 12);
  EXPECT_EQ(Of("Amendments/20241001_110000_3.pdf").kind, PlaceKind::kAmendment);
  EXPECT_EQ(Of("Amendments/20241001_110000_3.pdf").number, 3);
}

TEST(PlaceTest, NoIndexLeadsToTheRest) {
  for (const char* path :
       {"a.jpg", "S/a.jpg", "Wiki/a.gif", "EOBs/by hand.pdf", "EOBs/x_1a.pdf", "EOBs/x_.pdf",
        "EOBs/sub/x_1.pdf", "S/SmithJohn15/Thumbnails/a.jpg", "EmailAttachments/In/a.jpg",
        "Amendments/a.pdf", "MedLabEmbeddedFiles/sub/a.pdf"}) {
    EXPECT_EQ(Of(path).kind, PlaceKind::kElsewhere) << path;
  }
}

TEST(PlaceTest, FoldersComeFromTheColumnAndItsFirstCharacter) {
  EXPECT_EQ(PatientDir("D", "delaCruzAna17")->str(), "D/delaCruzAna17");
  EXPECT_FALSE(PatientDir("", "").has_value());
  EXPECT_FALSE(PatientDir(".", "../../etc").has_value());
  EXPECT_FALSE(PatientDir("S", "Smith/15").has_value());
}

TEST(PlaceTest, OddFoldersDoNotLeadToTheirOwner) {
  EXPECT_FALSE(IsOddFolder(15, "SmithJohn15"));
  EXPECT_FALSE(IsOddFolder(20, ""));
  EXPECT_TRUE(IsOddFolder(16, "SmithJohn15"));
  EXPECT_TRUE(IsOddFolder(15, "Smith"));
  EXPECT_TRUE(IsOddFolder(15, std::string(98, 'o') + "15"));
}

TEST(PlaceTest, HalfMadeNamesAreNone) {
  EXPECT_FALSE(IsCompleteName(""));
  EXPECT_FALSE(IsCompleteName(".jpg"));
  EXPECT_TRUE(IsCompleteName("x"));
  EXPECT_TRUE(IsCompleteName("a.jpg"));
}

TEST(PlaceTest, TellsTextFromBytes) {
  for (const char* text : {"", "abc", "É", "日本", "\xf0\x9f\xa6\xb7"}) EXPECT_TRUE(IsUtf8(text));
  for (const char* bytes :
       {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "a\x80", "\xe2\x28\xa1", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bytes)) << bytes;
  }
  EXPECT_EQ(CharactersIn("É日a"), 3u);
}

}  // namespace
}  // namespace atozsync
