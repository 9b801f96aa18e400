#include "tools/atoz_folder/shared_names.h"

#include <array>
#include <chrono>
#include <string_view>

namespace atozsync {
namespace {

std::string Padded(uint64_t value, size_t width) {
  std::string digits = std::to_string(value);
  return std::string(digits.size() < width ? width - digits.size() : 0, '0') + digits;
}

// .NET counts 100 ns from the year 1.
std::string Ticks(int64_t mtime_ns) {
  return std::to_string(621'355'968'000'000'000 + mtime_ns / 100);
}

constexpr std::array<std::string_view, 6> kAttachmentNames = {
    "Statement.pdf",       "Treatment Plan.pdf", "panoramic.jpg",
    "ReferralLetter.docx", "insurance_card.png", "xray #14.tif"};

ContentKind KindOfName(std::string_view name) {
  std::string_view extension = name.substr(name.rfind('.') + 1);
  if (extension == "jpg") return ContentKind::kJpeg;
  if (extension == "docx") return ContentKind::kDocx;
  if (extension == "png") return ContentKind::kPng;
  return extension == "tif" ? ContentKind::kTiff : ContentKind::kPdf;
}

}  // namespace

std::string ExtensionOf(ContentKind kind) {
  switch (kind) {
    case ContentKind::kJpeg: return "jpg";
    case ContentKind::kPdf: return "pdf";
    case ContentKind::kTiff: return "tif";
    case ContentKind::kBmp: return "bmp";
    case ContentKind::kDicom: return "dcm";
    case ContentKind::kPng: return "png";
    case ContentKind::kDocx: return "docx";
    case ContentKind::kZip: return "zip";
    case ContentKind::kText: return "txt";
    case ContentKind::kCsv: return "csv";
    case ContentKind::kHl7: return "hl7";
    case ContentKind::kThumbsDb: return "db";
  }
  return "";
}

std::string DateText(int64_t mtime_ns) {
  std::chrono::sys_days day{std::chrono::days(mtime_ns / 86'400'000'000'000)};
  std::chrono::year_month_day date(day);
  return Padded(static_cast<uint64_t>(static_cast<int>(date.year())), 4) +
         Padded(static_cast<unsigned>(date.month()), 2) +
         Padded(static_cast<unsigned>(date.day()), 2);
}

std::string DateTimeText(int64_t mtime_ns) {
  uint64_t second = static_cast<uint64_t>(mtime_ns / 1'000'000'000 % 86'400);
  return DateText(mtime_ns) + "_" + Padded(second / 3600, 2) + Padded(second / 60 % 60, 2) +
         Padded(second % 60, 2);
}

std::string FourRandom(SeededRandom& random) {
  static constexpr std::string_view kDigits = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string text;
  for (int i = 0; i < 4; ++i) text.push_back(kDigits[random.Below(kDigits.size())]);
  return text;
}

SharedName SharedNames::Next(int64_t mtime_ns, SeededRandom& random) {
  std::string stamp = DateTimeText(mtime_ns) + "_";
  uint64_t draw = random.Below(100);
  if (draw < 28) {
    ContentKind kind = random.OneIn(3) ? ContentKind::kJpeg : ContentKind::kPdf;
    std::string name = stamp + std::to_string(++eob_number_) + "." + ExtensionOf(kind);
    return {"EOBs/" + name, kind, false};
  }
  if (draw < 34) {
    std::string name = stamp + std::to_string(++amendment_number_) + ".pdf";
    return {"Amendments/" + name, ContentKind::kPdf, false};
  }
  if (draw < 76) return Attachment(mtime_ns, random);
  return ByHand(random);
}

SharedName SharedNames::Attachment(int64_t mtime_ns, SeededRandom& random) {
  // The random part of the real names can repeat; numbers make sure that here it does not.
  std::string unique = Ticks(mtime_ns + static_cast<int64_t>(++attachment_number_) * 100);
  std::string shown(kAttachmentNames[random.Below(kAttachmentNames.size())]);
  uint64_t draw = random.Below(100);
  if (draw < 20) {
    std::string name = DateText(mtime_ns) + "_" + unique + FourRandom(random) + ".pdf";
    return {"EmailAttachments/" + name, ContentKind::kPdf, true};
  }
  bool incoming = draw < 55;
  std::string name = DateText(mtime_ns) + "_" + unique + "_" + FourRandom(random) + "_" + shown;
  return {std::string("EmailAttachments/") + (incoming ? "In/" : "Out/") + name, KindOfName(shown),
          !incoming};
}

// People choose these names.
SharedName SharedNames::ByHand(SeededRandom& random) {
  std::string n = std::to_string(++by_hand_number_);
  switch (random.Below(14)) {
    case 0: return {"Forms/Health history " + n + ".pdf", ContentKind::kPdf, false};
    case 1: return {"Forms/Consent " + n + ".docx", ContentKind::kDocx, false};
    case 2: return {"SheetImages/logo_" + n + ".png", ContentKind::kPng, false};
    case 3: return {"SheetImages/2/letterhead " + n + ".jpg", ContentKind::kJpeg, false};
    case 4: return {"Wiki/how-to_" + n + ".png", ContentKind::kPng, false};
    case 5: return {"EmailImages/banner" + n + ".jpg", ContentKind::kJpeg, false};
    case 6: return {"ProviderImages/Dr Portrait " + n + ".jpg", ContentKind::kJpeg, false};
    case 7: return {"Reports/production_" + n + ".rdl", ContentKind::kText, false};
    case 8: return {"MedLabEmbeddedFiles/lab" + n + ".pdf", ContentKind::kPdf, false};
    case 9: return {"MedLabHL7/result" + n + ".hl7", ContentKind::kHl7, false};
    case 10: return {"ClaimForm" + n + ".png", ContentKind::kPng, false};
    default: return {"MedLabHL7/Processed/result" + n + ".hl7", ContentKind::kHl7, false};
  }
}

}  // namespace atozsync
