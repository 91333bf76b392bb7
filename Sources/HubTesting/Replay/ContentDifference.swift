internal import HubKit
internal import HubTransform

/// One place at which two contents differ.
public struct DifferingPlace: Sendable, Hashable {
  /// A JSON pointer in which items are `*`; of XML that of its JSON form; empty: bytes.
  public var name: String
  /// What was recorded there; nil: nothing.
  public var recorded: String?
  /// What is made there now; nil: nothing.
  public var made: String?
}

/// Compares contents by structure where they have one: JSON by value, XML by its elements, all else byte for byte.
public enum ContentDifference {
  /// Most places that are told of one content.
  private static let placesMax = 100

  /// Where two contents differ; empty: they mean the same.
  public static func places(_ left: [UInt8], _ right: [UInt8]) -> [DifferingPlace] {
    guard left != right else { return [] }
    guard let one = json(left), let other = json(right),
      let comparison = try? JSONComparison(one, other, differencesMax: placesMax)
    else {
      return [DifferingPlace(name: "", recorded: text(left), made: text(right))]
    }
    let documents = (try? JSONPlaces(one), try? JSONPlaces(other))
    return comparison.differences.map { difference in
      DifferingPlace(
        name: difference.path.place, recorded: documents.0?.text(at: difference.path),
        made: documents.1?.text(at: difference.path))
    }
  }

  /// A JSON document as it is, an XML document in the JSON form that keeps all of it; nil: neither.
  private static func json(_ bytes: [UInt8]) -> [UInt8]? {
    switch bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return bytes
    case UInt8(ascii: "<"):
      return try? XMLCodec().decode(BytesReader(bytes), into: MemoryBodyStore(), limits: CodecLimits()).json
    default: return nil
    }
  }

  /// Most bytes of a text that are shown.
  private static let textBytesMax = 32 << 10

  /// Contents for people: cut off, and without bytes that are no text.
  public static func text(_ bytes: [UInt8]) -> String {
    guard let text = String(validating: bytes.prefix(textBytesMax), as: UTF8.self) else {
      return bytes.count <= textBytesMax
        ? "(\(bytes.count) byte)" : String(decoding: bytes.prefix(textBytesMax), as: UTF8.self)
    }
    return bytes.count <= textBytesMax ? text : text + "…"
  }
}
