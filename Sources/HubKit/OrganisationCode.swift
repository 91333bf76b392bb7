/// The code of an organisation or of a system that speaks for it (mã định danh điện tử), Decision 20/2020/QĐ-TTg.
///
/// New codes read from the left (`H24.12.3`), the older form of QCVN 102:2016 from the right (`000.00.12.H24`), and
/// systems on the national axis carry names such as `vxp.saas.03`. All three still meet in one document, so the hub
/// accepts letters, digits, dots, hyphens and underscores, and takes no meaning from the parts: who is who stands in
/// `agencies.yaml`.
public struct OrganisationCode: Sendable, Hashable, Comparable, CustomStringConvertible, Codable {
  /// The longest code accepted. Decision 20/2020 allows 35 characters; system names are longer.
  public static let lengthMax = 64

  /// The code as it was written.
  public let text: String

  /// Takes a code.
  ///
  /// - Returns: nil when it is empty, longer than ``lengthMax``, or holds a character that no code has.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= Self.lengthMax else { return nil }
    let good = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard good else { return nil }
    self.text = text
  }

  /// The code as it was written.
  public var description: String { text }

  /// Orders by code units.
  public static func < (left: OrganisationCode, right: OrganisationCode) -> Bool { left.text < right.text }

  /// Reads a code from a string.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let code = OrganisationCode(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an organisation code: \(text)"))
    }
    self = code
  }

  /// Writes the code as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
