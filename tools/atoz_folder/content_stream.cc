#include "tools/atoz_folder/content_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "tools/atoz_folder/seeded_random.h"

namespace atozsync {
namespace {

Bytes FromText(std::string_view text) {
  ByteSpan bytes = AsBytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

Bytes DicomHead() {
  Bytes head(128, 0);
  for (uint8_t byte : FromText("DICM")) head.push_back(byte);
  // Group length and transfer syntax (explicit little endian).
  static constexpr uint8_t kMeta[] = {2, 0, 0, 0, 'U',  'L', 4,   0,   28, 0,
                                      0, 0, 2, 0, 0x10, 0,   'U', 'I', 20, 0};
  head.insert(head.end(), std::begin(kMeta), std::end(kMeta));
  for (uint8_t byte : FromText("1.2.840.10008.1.2.1")) head.push_back(byte);
  head.push_back(0);
  return head;
}

Bytes BmpHead(uint64_t size) {
  Bytes head(54, 0);
  head[0] = 'B';
  head[1] = 'M';
  auto put = [&](size_t at, uint64_t value) {
    for (size_t i = 0; i < 4; ++i) head[at + i] = static_cast<uint8_t>(value >> (8 * i));
  };
  put(2, size);
  put(10, 54);
  put(14, 40);
  put(18, 640);
  put(22, size / (640 * 3) + 1);
  head[26] = 1;
  head[28] = 24;
  return head;
}

Bytes Head(const Content& content) {
  using namespace std::string_view_literals;
  switch (content.kind) {
    case ContentKind::kJpeg:
      return FromText("\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x01\x01\x2C\x01\x2C\x00\x00"sv);
    case ContentKind::kPdf:
      return FromText(
          "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<</Type/XObject/Filter/FlateDecode>>\n"
          "stream\n"sv);
    case ContentKind::kTiff: return FromText("II*\x00\x08\x00\x00\x00\x0C\x00"sv);
    case ContentKind::kBmp: return BmpHead(content.size);
    case ContentKind::kDicom: return DicomHead();
    case ContentKind::kPng:
      return FromText(
          "\x89PNG\r\n\x1A\n\x00\x00\x00\x0DIHDR\x00\x00\x02\x80\x00\x00\x01\xE0\x08\x02"sv);
    case ContentKind::kDocx:
      return FromText("PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml"sv);
    case ContentKind::kZip: return FromText("PK\x03\x04\x14\x00\x00\x00\x08\x00volume.dcm"sv);
    case ContentKind::kCsv: return FromText("Date,Procedure,Description,Charge\r\n");
    case ContentKind::kHl7: return FromText("MSH|^~\\&|LAB|MAIN|OD|OFFICE|20190311||ORU^R01\r");
    case ContentKind::kThumbsDb: return FromText("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv);
    case ContentKind::kText: break;
  }
  return {};
}

Bytes Tail(ContentKind kind) {
  using namespace std::string_view_literals;
  switch (kind) {
    case ContentKind::kJpeg: return FromText("\xFF\xD9"sv);
    case ContentKind::kPdf: return FromText("\nendstream\nendobj\ntrailer\n<<>>\n%%EOF\n");
    case ContentKind::kPng: return FromText("\x00\x00\x00\x00IEND\xAE\x42\x60\x82"sv);
    case ContentKind::kDocx:
    case ContentKind::kZip: {
      Bytes end = FromText("PK\x05\x06");
      end.resize(22);
      return end;
    }
    default: return {};
  }
}

// No byte 0xFF: inside a photograph it would begin a marker.
uint64_t WithoutMarkers(uint64_t word) {
  constexpr uint64_t kLow = 0x7F7F7F7F7F7F7F7Fu;
  constexpr uint64_t kOnes = 0x0101010101010101u;
  return word & ~(((word & kLow) + kOnes) & word & ~kLow);
}

void FillBinary(ContentKind kind, SeededRandom& random, Bytes* block) {
  for (size_t at = 0; at + 8 <= block->size(); at += 8) {
    uint64_t word = random.Next();
    switch (kind) {
      case ContentKind::kJpeg: word = WithoutMarkers(word); break;
      // Weak compression, as of scanners.
      case ContentKind::kTiff: word &= 0x7F7F7F7F7F7F7F7Fu; break;
      // A slow ramp with a little noise.
      case ContentKind::kBmp:
        word = (word & 0x0101010101010101u) + (at / 512) * 0x0101010101010101u;
        break;
      // 12 bits in 16.
      case ContentKind::kDicom: word &= 0x0FFF0FFF0FFF0FFFu; break;
      case ContentKind::kThumbsDb: word = at % 512 < 256 ? word : 0; break;
      default: break;
    }
    std::memcpy(block->data() + at, &word, 8);
  }
}

constexpr std::array<std::string_view, 32> kWords = {
    "patient", "tooth",    "the",       "of",         "crown",  "and",    "referred",  "to",
    "exam",    "bitewing", "composite", "surface",    "mesial", "distal", "anterior",  "with",
    "caries",  "plan",     "insurance", "estimate",   "visit",  "signed", "consent",   "for",
    "hygiene", "recall",   "molar",     "extraction", "root",   "canal",  "follow-up", "notes"};

// One statement per number drawn: the order in which operands are evaluated is the compiler's.
std::string Line(ContentKind kind, SeededRandom& random) {
  std::string line;
  auto number = [&](uint64_t bound) { line += std::to_string(random.Below(bound)); };
  auto word = [&] { line += kWords[random.Below(kWords.size())]; };
  if (kind == ContentKind::kCsv) {
    line = "2019-03-";
    number(31);
    line += ",D";
    number(9999);
    line += ",";
    word();
    line += " ";
    word();
    line += ",";
    number(2000);
    return line + ".00\r\n";
  }
  if (kind == ContentKind::kHl7) {
    line = "OBX|";
    number(40);
    line += "|NM|";
    word();
    line += "^";
    word();
    line += "||";
    number(1000);
    return line + "|mg/dL|N|||F\r";
  }
  while (line.size() < 80) {
    word();
    line += " ";
  }
  return line + "\r\n";
}

}  // namespace

ContentStream::ContentStream(const Content& content)
    : content_(content), head_(Head(content)), tail_(Tail(content.kind)), block_(kBlockBytes) {
  // What is too short for both ends has none.
  if (head_.size() + tail_.size() > content_.size) {
    head_.clear();
    tail_.clear();
  }
}

void ContentStream::MakeBlock(uint64_t index) {
  SeededRandom random(MixSeed(content_.seed, index));
  block_index_ = index;
  bool lines = content_.kind == ContentKind::kText || content_.kind == ContentKind::kCsv ||
               content_.kind == ContentKind::kHl7;
  if (!lines) return FillBinary(content_.kind, random, &block_);
  for (size_t at = 0; at < block_.size();) {
    std::string line = Line(content_.kind, random);
    size_t count = std::min(line.size(), block_.size() - at);
    std::memcpy(block_.data() + at, line.data(), count);
    at += count;
  }
}

size_t ContentStream::Read(MutableByteSpan out) {
  size_t done = 0;
  uint64_t tail_start = content_.size - tail_.size();
  while (done < out.size() && position_ < content_.size) {
    ByteSpan source;
    if (position_ < head_.size()) {
      source = ByteSpan(head_).subspan(static_cast<size_t>(position_));
    } else if (position_ >= tail_start) {
      source = ByteSpan(tail_).subspan(static_cast<size_t>(position_ - tail_start));
    } else {
      uint64_t index = position_ / kBlockBytes;
      if (index != block_index_) MakeBlock(index);
      source = ByteSpan(block_).subspan(static_cast<size_t>(position_ % kBlockBytes));
      source = source.first(std::min<size_t>(
          source.size(),
          static_cast<size_t>(std::min<uint64_t>(tail_start - position_, kBlockBytes))));
    }
    size_t count = std::min(source.size(), out.size() - done);
    std::memcpy(out.data() + done, source.data(), count);
    done += count;
    position_ += count;
  }
  return done;
}

}  // namespace atozsync
