internal import Crypto
internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// A dossier as the portal writes it.
struct PortalRecord: Sendable {
  /// Event type of a dossier that was filed on the portal.
  static let eventType = "vn.gov.dvcqg.dossier"
  /// Event type of something listed there that could not be had.
  static let malformedType = "vn.gov.dvcqg.malformed"
  /// Extension attribute that says why.
  static let diagnosisName = "diagnosis"
  /// Extension attribute of a dossier whose time has not come yet by the hub's clock.
  static let aheadName = "timeahead"

  /// Words for `TrangThaiHoSo` 1 to 10.
  static let statusWords = [
    "registered", "accepted", "not-accepted", "in-progress", "supplement-requested", "fee-requested", "withdrawn",
    "stopped", "finished", "returned",
  ]

  /// Longest dossier code that is believed, in bytes.
  private static let codeBytesMax = 100

  private(set) var value: JSONValue
  /// `MaHoSo`.
  let code: String

  /// Takes a JSON object with a usable `MaHoSo`.
  init?(_ value: JSONValue) {
    guard case .object = value, let code = value["MaHoSo"]?.string, Self.isCode(code) else { return nil }
    self.value = value
    self.code = code
  }

  /// Dossier codes of every generation: letters, digits, dots, hyphens, slashes and underscores.
  static func isCode(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= codeBytesMax else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
      default: ".-/_".utf8.contains(byte)
      }
    }
  }

  /// The outside of the record as a message. The id is made of the code and a digest of the record's one text: the
  /// same record has the same id whether it was pushed or fetched, and a changed one has another.
  ///
  /// - Parameters:
  ///   - bytes: the record's one text.
  ///   - now: by the hub's clock; a time after it is kept and marked, since somebody's clock is wrong.
  func envelope(_ bytes: [UInt8], now: Timestamp) -> Envelope {
    var envelope = Envelope(
      id: "\(code).\(Self.digest(bytes))", source: "/dvcqg", type: Self.eventType, subject: code,
      time: time("NgayNopHoSo") ?? time("NgayTiepNhan"), dataContentType: "application/json")
    envelope.extensions["dossierstatus"] = statusWord
    envelope.extensions["duetime"] = value["NgayHenTra"]?.string.flatMap { text in
      PortalDate.parse(text) == nil ? nil : PortalDate.rfc3339(text)
    }
    let times = [time("NgayNopHoSo"), time("NgayTiepNhan")].compactMap(\.self)
    if times.contains(where: { $0 > now }) { envelope.extensions[Self.aheadName] = "true" }
    return envelope
  }

  /// A dossier without a status has just been filed; a number that nobody knows has no word.
  private var statusWord: String? {
    guard let text = value["TrangThaiHoSo"]?.code, !text.isEmpty else { return Self.statusWords.first }
    guard let number = Int(text), Self.statusWords.indices.contains(number - 1) else { return nil }
    return Self.statusWords[number - 1]
  }

  private func time(_ name: String) -> Timestamp? { value[name]?.string.flatMap(PortalDate.parse) }

  /// The first 128 bits of SHA-256, in hex.
  static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: Data(bytes)).prefix(16).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  // MARK: - Files

  private static let filesName = "TaiLieuNop"
  private static let bytesName = "Base64"

  /// Base64 without line breaks, and no empty texts in its place: writers differ there, and the file is the same.
  mutating func tidyFiles() {
    guard case .list(let files)? = value[Self.filesName] else { return }
    value[Self.filesName] = .list(
      files.map { file in
        var file = file
        guard let text = file[Self.bytesName]?.string else { return file }
        let clean = text.filter { !$0.isWhitespace }
        file[Self.bytesName] = clean.isEmpty ? nil : .text(clean)
        return file
      })
  }

  /// Files that have an id and neither bytes nor an address: their bytes must be fetched. By position.
  var filesToFetch: [(position: Int, id: String)] {
    (value[Self.filesName]?.items ?? []).enumerated().compactMap { position, file in
      guard let id = file["TepDinhKemId"]?.code, !id.isEmpty, file[Self.bytesName] == nil,
        file["DuongDanTaiTepTin"]?.string?.isEmpty ?? true
      else { return nil }
      return (position, id)
    }
  }

  mutating func putFile(_ base64: String, at position: Int) {
    guard case .list(var files)? = value[Self.filesName], files.indices.contains(position) else { return }
    files[position][Self.bytesName] = .text(base64.filter { !$0.isWhitespace })
    value[Self.filesName] = .list(files)
  }

  // MARK: - Values

  /// Where a value is no string: the portal takes strings only, booleans and numbers included (`"True"`, `"1"`).
  ///
  /// - Returns: a JSON Pointer and what stands there; nil when all is well.
  static func firstNonString(in value: JSONValue, at path: String = "") -> (path: String, kind: String)? {
    switch value {
    case .text: return nil
    case .null: return (path, "null")
    case .flag: return (path, "a boolean")
    case .whole, .number: return (path, "a number")
    case .list(let items):
      for (index, item) in items.enumerated() {
        if let found = firstNonString(in: item, at: "\(path)/\(index)") { return found }
      }
      return nil
    case .object(let members):
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        if let found = firstNonString(in: member, at: "\(path)/\(shown(name))") { return found }
      }
      return nil
    }
  }

  /// A name that could be a value put in the wrong place is not repeated.
  private static func shown(_ name: String) -> String {
    name.utf8.count <= 40 && name.utf8.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x5F }) ? name : "*"
  }
}

extension JSONValue {
  /// A string or whole number as text: the portal writes codes in both ways.
  var code: String? {
    switch self {
    case .text(let text): text
    case .whole(let number): String(number)
    case .null, .flag, .number, .list, .object: nil
    }
  }
}
