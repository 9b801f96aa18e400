#include "sync/model/file_type.h"

#include <algorithm>
#include <array>
#include <string>

namespace atozsync {

namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  size_t offset;
  std::string_view bytes;
};

// JPEG: SOI and the first byte of the next marker (ISO/IEC 10918-1, B.1.1.3).
constexpr Signature kJpeg = {0, "\xFF\xD8\xFF"sv};
// PNG: the signature (W3C PNG, 5.2).
constexpr Signature kPng = {0, "\x89PNG\r\n\x1A\n"sv};
// GIF: header, versions 87a and 89a (GIF89a specification, 17).
constexpr Signature kGif = {0, "GIF8"sv};
// BMP: bfType (Microsoft, BITMAPFILEHEADER).
constexpr Signature kBmp = {0, "BM"sv};
// TIFF: byte order and 42 (TIFF 6.0, section 2); BigTIFF: 43.
constexpr Signature kTiffLittle = {0, "II*\0"sv};
constexpr Signature kTiffBig = {0, "MM\0*"sv};
constexpr Signature kBigTiffLittle = {0, "II+\0"sv};
constexpr Signature kBigTiffBig = {0, "MM\0+"sv};
// DICOM: the prefix after the preamble (PS3.10, 7.1). Older files have neither: they begin with an
// element of group 0002 or 0008, little endian.
constexpr Signature kDicom = {128, "DICM"sv};
constexpr Signature kDicomMeta = {0, "\x02\0"sv};
constexpr Signature kDicomBare = {0, "\x08\0"sv};
// Compound File Binary ([MS-CFB], 2.2): Word, Excel and PowerPoint up to 2003, and later ones with
// a password ([MS-OFFCRYPTO]).
constexpr Signature kCompound = {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv};
// ZIP (PKWARE APPNOTE, 4.3.7, 4.3.16, 8.5.3): a local header, an empty archive, a split one.
constexpr Signature kZip = {0, "PK\x03\x04"sv};
constexpr Signature kZipEmpty = {0, "PK\x05\x06"sv};
constexpr Signature kZipSplit = {0, "PK\x07\x08"sv};
// Rich Text Format 1.9: the header. Word saves it under .doc, too.
constexpr Signature kRtf = {0, "{\\rtf"sv};
// Web pages and XML, which programs save under .doc and .xls.
constexpr Signature kMarkup = {0, "<"sv};
constexpr Signature kMarkupMarked = {0, "\xEF\xBB\xBF<"sv};
// RIFF (Microsoft/IBM, 1991): WAV and AVI. ISO/IEC 14496-12, 4.3: MP4, and QuickTime's atoms.
constexpr Signature kRiff = {0, "RIFF"sv};
constexpr Signature kFileType = {4, "ftyp"sv};
constexpr Signature kMovie = {4, "moov"sv};
constexpr Signature kMovieData = {4, "mdat"sv};
constexpr Signature kWide = {4, "wide"sv};
// PDF: readers take the header anywhere in the first 1024 bytes (ISO 32000-1, Annex H, 3.4.1).
constexpr std::string_view kPdf = "%PDF-"sv;

struct Type {
  std::string_view extension;
  std::array<Signature, 6> any_of = {};  // one that is empty ends them
  bool pdf = false;
};

constexpr Type kTypes[] = {
    {"jpg", {kJpeg}},
    {"jpeg", {kJpeg}},
    {"jpe", {kJpeg}},
    {"jfif", {kJpeg}},
    {"png", {kPng}},
    {"gif", {kGif}},
    {"bmp", {kBmp}},
    {"tif", {kTiffLittle, kTiffBig, kBigTiffLittle, kBigTiffBig}},
    {"tiff", {kTiffLittle, kTiffBig, kBigTiffLittle, kBigTiffBig}},
    {"dcm", {kDicom, kDicomMeta, kDicomBare}},
    {"dicom", {kDicom, kDicomMeta, kDicomBare}},
    {"pdf", {}, true},
    {"doc", {kCompound, kZip, kRtf, kMarkup, kMarkupMarked}},
    {"xls", {kCompound, kZip, kMarkup, kMarkupMarked}},
    {"ppt", {kCompound, kZip}},
    {"docx", {kZip, kCompound}},
    {"xlsx", {kZip, kCompound}},
    {"pptx", {kZip, kCompound}},
    {"zip", {kZip, kZipEmpty, kZipSplit}},
    {"rtf", {kRtf}},
    {"wav", {kRiff}},
    {"avi", {kRiff}},
    {"mp4", {kFileType, kMovie, kMovieData, kWide}},
    {"mov", {kFileType, kMovie, kMovieData, kWide}},
};

const Type* TypeOf(std::string_view name) {
  size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  std::string extension(name.substr(dot + 1));
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto* at = std::find_if(std::begin(kTypes), std::end(kTypes),
                                [&](const Type& type) { return type.extension == extension; });
  return at == std::end(kTypes) ? nullptr : at;
}

}  // namespace

bool HasKnownType(std::string_view name) {
  return TypeOf(name) != nullptr;
}

bool FitsType(std::string_view name, ByteSpan head) {
  const Type* type = TypeOf(name);
  if (type == nullptr) return true;
  const std::string_view bytes(reinterpret_cast<const char*>(head.data()),
                               std::min(head.size(), kTypeHeadBytes));
  if (type->pdf) return bytes.find(kPdf) != std::string_view::npos;
  return std::any_of(type->any_of.begin(), type->any_of.end(), [bytes](const Signature& each) {
    return !each.bytes.empty() && bytes.size() >= each.offset &&
           bytes.substr(each.offset).starts_with(each.bytes);
  });
}

}  // namespace atozsync
