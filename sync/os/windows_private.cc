#include "sync/os/windows_private.h"

#include <windows.h>

// Behind the header that they need.
#include <aclapi.h>
#include <sddl.h>

#include <vector>

#include "sync/os/windows_handle.h"

namespace atozsync {

namespace {

// "S-1-5-…"; empty where it cannot be said.
std::wstring TextOf(PSID sid) {
  wchar_t* text = nullptr;
  if (!::ConvertSidToStringSidW(sid, &text)) return {};
  std::wstring copy = text;
  ::LocalFree(text);
  return copy;
}

std::wstring OwnAccount() {
  HANDLE token = nullptr;
  if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token)) return {};
  const WindowsHandle owned(token);
  DWORD size = 0;
  ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<unsigned char> user(size);
  if (!::GetTokenInformation(token, TokenUser, user.data(), size, &size)) return {};
  return TextOf(reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid);
}

bool IsAnybody(const std::wstring& sid) {
  for (const wchar_t* broad : {L"S-1-1-0", L"S-1-5-2", L"S-1-5-4", L"S-1-5-7", L"S-1-5-11",
                               L"S-1-5-32-545", L"S-1-5-32-546"}) {
    if (sid == broad) return true;
  }
  return false;
}

// The system, administrators, services' own accounts, "whoever makes it", and this account.
bool IsTrusted(const std::wstring& sid, const std::wstring& own) {
  return sid == own || sid == L"S-1-5-18" || sid == L"S-1-5-32-544" ||
         sid.starts_with(L"S-1-5-80-") || sid.starts_with(L"S-1-3-");
}

}  // namespace

uint32_t CloseDirectory(const std::wstring& native) {
  std::wstring text = L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
  if (const std::wstring own = OwnAccount(); !own.empty()) text += L"(A;OICI;FA;;;" + own + L")";
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1,
                                                              &descriptor, nullptr)) {
    return ::GetLastError();
  }
  const LocalPtr owned(descriptor);
  PACL list = nullptr;
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  if (!::GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted)) {
    return ::GetLastError();
  }
  std::wstring name = native;  // the call wants to be able to write to it
  // Whoever made it before us may change the list as its owner. Only administrators can take that
  // away; others go on without.
  PSID administrators = nullptr;
  if (::ConvertStringSidToSidW(L"S-1-5-32-544", &administrators)) {
    const LocalPtr owned_sid(administrators);
    ::SetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, administrators,
                            nullptr, nullptr, nullptr);
  }
  return ::SetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT,
                                 DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                                 nullptr, nullptr, list, nullptr);
}

bool LetsOthersIn(const std::wstring& native, Closed wanted) {
  std::wstring name = native;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  PACL list = nullptr;
  if (::GetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr,
                              nullptr, &list, nullptr, &descriptor) != ERROR_SUCCESS) {
    return false;
  }
  const LocalPtr owned(descriptor);
  if (list == nullptr) return true;  // no list at all: everybody may do everything
  const std::wstring own = OwnAccount();
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* ace = nullptr;
    if (!::GetAce(list, i, &ace)) continue;
    auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(ace);
    const bool counts =
        allowed->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
        (allowed->Header.AceFlags & INHERIT_ONLY_ACE) == 0 &&
        (allowed->Mask & (FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | WRITE_DAC |
                          WRITE_OWNER | GENERIC_READ | GENERIC_WRITE | GENERIC_ALL)) != 0;
    if (!counts) continue;
    const std::wstring sid = TextOf(&allowed->SidStart);
    const bool forbidden = wanted == Closed::kToAll ? !IsTrusted(sid, own) : IsAnybody(sid);
    if (forbidden) return true;
  }
  return false;
}

}  // namespace atozsync
