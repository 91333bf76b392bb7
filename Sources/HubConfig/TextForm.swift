internal import Foundation
internal import HubKit
internal import HubRouting

extension TextForm {
  /// A value of the form, for complaints and documentation.
  var example: String {
    switch self {
    case .any: "text"
    case .name: "city-systems"
    case .target: "population/verify"
    case .organisation: "H24.12"
    case .organisationPattern: "H24.*"
    case .pattern: "vn.gov.edoc.*"
    case .path: "../Data"
    case .fileName: "dossier-progress.json"
    case .address: "127.0.0.1:8080"
    case .allowed: "axis.example:443"
    case .url, .farURL: "https://axis.example/api"
    case .jq: ".status != null"
    case .keyTemplate: "{sender}/{subject}"
    case .template: "/graves/{values.plot}"
    case .setting: "clientSecret"
    case .version: "1.0.0"
    case .attribute: "subject"
    case .time: "2026-11-23T08:00:00Z"
    case .day: "2025-07-01"
    case .hash: "sha256:c2FsdA==:aGFzaA=="
    }
  }

  /// What a text of the form is, in both languages.
  var words: (en: String, vi: String) {
    switch self {
    case .any: ("a text", "một đoạn văn bản")
    case .name:
      ("a name of lower-case letters, digits and hyphens", "một tên gồm chữ thường không dấu, chữ số và gạch nối")
    case .target:
      (
        "an endpoint's name, or `endpoint/operation`",
        "tên một điểm kết nối, hoặc `điểm-kết-nối/nghiệp-vụ`"
      )
    case .organisation: ("an organisation code", "một mã định danh cơ quan")
    case .organisationPattern: ("an organisation code, `*` allowed", "một mã định danh cơ quan, được dùng `*`")
    case .pattern: ("a text, `*` allowed", "một đoạn văn bản, được dùng `*`")
    case .path: ("a path", "một đường dẫn")
    case .fileName: ("the name of a file, without `..`", "tên một tệp, không chứa `..`")
    case .address: ("an address to listen on, host and port", "một địa chỉ lắng nghe gồm máy và cổng")
    case .allowed: ("a host, host and port, or network", "một máy, máy và cổng, hoặc một mạng")
    case .url: ("an absolute http or https URL", "một URL http hoặc https đầy đủ")
    case .farURL: ("an absolute http, https, sftp or ftps URL", "một URL http, https, sftp hoặc ftps đầy đủ")
    case .jq: ("a jq program", "một chương trình jq")
    case .keyTemplate: ("a key made from attributes in braces", "một khóa ghép từ thuộc tính trong ngoặc nhọn")
    case .template: ("a text with names in braces", "một đoạn văn bản với tên trong ngoặc nhọn")
    case .setting: ("a setting's name in lowerCamelCase", "tên thiết lập dạng lowerCamelCase")
    case .version: ("a version of three numbers", "một phiên bản gồm ba số")
    case .attribute:
      ("an attribute name of lower-case letters and digits", "tên thuộc tính gồm chữ thường không dấu và chữ số")
    case .time: ("an RFC 3339 time", "một thời điểm theo RFC 3339")
    case .day: ("a day, year first", "một ngày, năm trước")
    case .hash: ("a salted hash made by `lgsp agency`", "một giá trị băm có muối do `lgsp agency` tạo")
    }
  }

  /// A regular expression for the JSON Schema (ECMA 262), not stricter than ``problem(with:)``; nil: any text.
  var expression: String? {
    switch self {
    case .name: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
    case .target: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)?$"
    case .organisation: "^[A-Za-z0-9._-]{1,64}$"
    case .organisationPattern: "^[A-Za-z0-9._*-]{1,64}$"
    case .address: "^.+:[0-9]{1,5}$"
    case .url: "^https?://[^/\\s]+"
    case .farURL: "^(https?|sftp|ftps)://[^/\\s]+"
    case .attribute: "^[a-z0-9]{1,64}$"
    case .hash: "^sha256:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$"
    case .setting: "^[a-z][A-Za-z0-9]{0,63}$"
    case .version: "^[0-9]{1,6}\\.[0-9]{1,6}\\.[0-9]{1,6}$"
    case .day: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    case .any, .pattern, .path, .fileName, .allowed, .jq, .keyTemplate, .template, .time: nil
    }
  }

  /// What keeps a text from being of this form; nil when it is.
  func problem(with text: String) -> Phrase? {
    switch self {
    case .any, .jq, .path, .pattern: return text.isEmpty ? badText(text) : nil
    case .name: return isName(text) ? nil : badText(text, suggestion: madeName(text))
    case .target:
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      return parts.count <= 2 && parts.allSatisfy(isName) ? nil : badText(text)
    case .organisation: return OrganisationCode(text) == nil ? badText(text) : nil
    case .organisationPattern:
      return OrganisationCode(String(text.filter { $0 != "*" })) == nil && text != "*" ? badText(text) : nil
    case .fileName: return isFileName(text) ? nil : badText(text)
    case .address: return ListenAddress.problem(with: text)
    case .allowed: return isAllowed(text) ? nil : badText(text)
    case .url: return WebAddress.problem(with: text)
    case .farURL: return WebAddress.problem(with: text, files: true)
    case .keyTemplate: return keyTemplateProblem(text)
    case .template: return HTTPTemplate(text) == nil ? badText(text) : nil
    case .setting: return text.wholeMatch(of: /[a-z][A-Za-z0-9]{0,63}/) == nil ? badText(text) : nil
    case .version: return text.wholeMatch(of: /[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}/) == nil ? badText(text) : nil
    case .attribute: return AttributeName.isValid(text) ? nil : badText(text, suggestion: madeAttribute(text))
    case .time: return Timestamp(rfc3339: text) == nil ? badText(text) : nil
    case .day: return CalendarDay(text) == nil ? badText(text) : nil
    case .hash: return SaltedHash(text) == nil ? badText("") : nil
    }
  }

  private func badText(_ text: String, suggestion: String? = nil) -> Phrase {
    .badText(text, self, suggestion: suggestion)
  }

  private func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix("-") && !text.hasSuffix("-")
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }

  /// A name made from any text: `Hệ thống` becomes `he-thong`.
  private func madeName(_ text: String) -> String? {
    let plain = text.folding(options: .diacriticInsensitive, locale: nil).lowercased().replacing("đ", with: "d")
    let made = String(plain.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    return isName(made) ? made : nil
  }

  private func madeAttribute(_ text: String) -> String? {
    let made = String(text.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
    return AttributeName.isValid(made) ? made : nil
  }

  private func isFileName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("/")
      && !text.split(separator: "/", omittingEmptySubsequences: false).contains {
        $0 == ".." || $0.isEmpty || $0 == "."
      }
  }

  /// The forms that the transport's allow-list reads; whether a network is well formed it says itself.
  private func isAllowed(_ text: String) -> Bool {
    if text == "*" { return true }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2 {
      return Int(parts[1]).map { (0...128).contains($0) } ?? false
        && parts[0].allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
    }
    let isBareIPv6 = text.count { $0 == ":" } > 1 && !text.hasPrefix("[")
    if isBareIPv6 { return text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
    let hasPort = text.hasPrefix("[") ? !text.hasSuffix("]") : text.contains(":")
    return (ListenAddress(hasPort ? text : "\(text):1")?.port ?? 0) > 0
  }

  private func keyTemplateProblem(_ text: String) -> Phrase? {
    do {
      _ = try KeyTemplate(text)
      return nil
    } catch {
      return .badKeyTemplate(text, error)
    }
  }
}
