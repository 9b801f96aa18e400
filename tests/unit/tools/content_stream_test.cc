#include "tools/atoz_folder/content_stream.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>

#include "tools/atoz_folder/seeded_random.h"

namespace atozsync {
namespace {

Bytes ReadAll(const Content& content, size_t piece_bytes) {
  ContentStream stream(content);
  Bytes all;
  Bytes piece(piece_bytes);
  while (size_t count = stream.Read(piece))
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(count));
  return all;
}

std::string Hex(const Bytes& bytes, size_t count) {
  return ToHex(ByteSpan(bytes).first(count));
}

// What zstd leaves of 100 bytes.
size_t PercentLeft(ContentKind kind) {
  Bytes bytes = ReadAll({kind, 400'000, 5}, 65'536);
  Bytes out(ZSTD_compressBound(bytes.size()));
  size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  return size * 100 / bytes.size();
}

TEST(ContentStream, BeginsAndEndsAsItsKind) {
  EXPECT_EQ(Hex(ReadAll({ContentKind::kJpeg, 5000, 1}, 999), 4), "ffd8ffe0");
  EXPECT_EQ(Hex(ReadAll({ContentKind::kPdf, 5000, 1}, 999), 5), ToHex(AsBytes("%PDF-")));
  EXPECT_EQ(Hex(ReadAll({ContentKind::kTiff, 5000, 1}, 999), 4), "49492a00");
  EXPECT_EQ(Hex(ReadAll({ContentKind::kBmp, 5000, 1}, 999), 6), "424d88130000");
  EXPECT_EQ(Hex(ReadAll({ContentKind::kPng, 5000, 1}, 999), 8), "89504e470d0a1a0a");
  EXPECT_EQ(Hex(ReadAll({ContentKind::kDocx, 5000, 1}, 999), 4), "504b0304");
  EXPECT_EQ(Hex(ReadAll({ContentKind::kThumbsDb, 5000, 1}, 999), 8), "d0cf11e0a1b11ae1");
  Bytes dicom = ReadAll({ContentKind::kDicom, 5000, 1}, 999);
  EXPECT_EQ(AsText(ByteSpan(dicom).subspan(128, 4)), "DICM");
  Bytes pdf = ReadAll({ContentKind::kPdf, 5000, 1}, 999);
  EXPECT_EQ(AsText(ByteSpan(pdf).last(6)), "%%EOF\n");
  Bytes jpeg = ReadAll({ContentKind::kJpeg, 5000, 1}, 999);
  EXPECT_EQ(jpeg[4998], 0xFF);
  EXPECT_EQ(jpeg[4999], 0xD9);
  // No marker in the middle that would end the picture.
  EXPECT_EQ(std::count(jpeg.begin() + 20, jpeg.end() - 2, 0xFF), 0);
}

TEST(ContentStream, HasExactlyItsSizeHoweverItIsRead) {
  for (uint64_t size : {0u, 1u, 21u, 22u, 23u, 65'535u, 65'536u, 65'537u, 200'000u}) {
    for (int kind = 0; kind <= static_cast<int>(ContentKind::kThumbsDb); ++kind) {
      Content content{static_cast<ContentKind>(kind), size, 9};
      Bytes whole = ReadAll(content, 300'000);
      EXPECT_EQ(whole.size(), size);
      EXPECT_EQ(whole, ReadAll(content, 7'001));
    }
  }
}

TEST(ContentStream, SeedDecides) {
  EXPECT_NE(ReadAll({ContentKind::kJpeg, 5000, 1}, 999),
            ReadAll({ContentKind::kJpeg, 5000, 2}, 999));
}

TEST(ContentStream, CompressesAboutAsTheRealThing) {
  EXPECT_GT(PercentLeft(ContentKind::kJpeg), 97u);
  EXPECT_GT(PercentLeft(ContentKind::kPdf), 97u);
  EXPECT_LT(PercentLeft(ContentKind::kBmp), 45u);
  EXPECT_LT(PercentLeft(ContentKind::kText), 40u);
  EXPECT_LT(PercentLeft(ContentKind::kHl7), 50u);
  size_t dicom = PercentLeft(ContentKind::kDicom);
  EXPECT_GT(dicom, 50u);
  EXPECT_LT(dicom, 90u);
}

// Fixed for all machines: generated folders are compared across them.
TEST(SeededRandom, GivesTheSameNumbersEverywhere) {
  SeededRandom random(1);
  EXPECT_EQ(random.Next(), 0xB3F2AF6D0FC710C5u);
  EXPECT_EQ(random.Next(), 0x853B559647364CEAu);
}

TEST(SeededRandom, LogUniformStaysWithinItsBounds) {
  SeededRandom random(2);
  uint64_t below_middle = 0;
  for (int i = 0; i < 20'000; ++i) {
    uint64_t value = random.LogUniform(100, 100'000);
    ASSERT_GE(value, 100u);
    ASSERT_LE(value, 100'000u);
    if (value < 3'162) ++below_middle;
  }
  EXPECT_NEAR(static_cast<double>(below_middle), 10'000, 600);
  EXPECT_EQ(random.LogUniform(7, 7), 7u);
}

}  // namespace
}  // namespace atozsync
