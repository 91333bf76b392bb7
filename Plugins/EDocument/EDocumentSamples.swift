internal import EdXMLWire
public import HubKit

/// Makes synthetic edXML: documents of city departments and wards with small attachments, status messages, the quirks
/// that real senders' files have, and what the door must refuse. No person and no document in it is real.
public struct EDocumentSamples: SampleTraffic {
  /// Kinds, without the prefix `edocument/`.
  enum Kind: String, CaseIterable {
    /// A document with a PDF.
    case plain
    /// A document whose attachment is a zip with one entry, declared as a PDF.
    case zip
    /// Three attachments.
    case attachments
    /// Impossible date, empty ResponseFor, padded values, CDATA, default namespace, hop without a code, unknown
    /// element.
    case quirky
    /// A byte-order mark, and base64 broken into lines.
    case marked
    /// A signature that a server has moved out of its namespace.
    case signed
    /// Takes an earlier document back.
    case revoke
    /// Changes an earlier document's receivers.
    case update
    /// Stands in place of earlier documents.
    case replace
    /// A report on what became of a document.
    case status
    /// Marked as a state secret.
    case secret
    /// An undeclared prefix.
    case malformed
    /// Bytes before the XML declaration.
    case junk
    /// A document type declaration.
    case doctype
  }

  /// Kinds that it can make, as in `edocument/plain`.
  public static let kinds = Kind.allCases.map { "edocument/\($0.rawValue)" }

  /// Makes a message; an unknown kind gives a plain document.
  public static func make(_ request: SampleRequest) -> SampleMessage {
    let kind = Kind(rawValue: String(request.kind.drop { $0 != "/" }.dropFirst())) ?? .plain
    var composer = SampleComposer(request, kind)
    let text = composer.text()
    return SampleMessage(
      mediaType: "application/xml", body: SampleDisturbance.apply(kind, to: text), documentID: composer.documentID)
  }
}

/// A generator of numbers that gives the same sequence for the same seed (SplitMix64).
struct SampleRandom: RandomNumberGenerator {
  private var state: UInt64

  /// Seeds with a text (FNV-1a).
  init(_ seed: String) {
    state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &self)] }

  /// A UUID of version 4 in its usual form.
  mutating func uuid() -> String {
    var digits = (0..<32).map { _ in String(Int.random(in: 0..<16, using: &self), radix: 16) }
    digits[12] = "4"
    digits[16] = pick(["8", "9", "a", "b"])
    let text = digits.joined()
    var parts: [Substring] = []
    var rest = text[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}
