import HubKit

/// A signature as it stands in a file: what it says, and whether its place makes sense. Nothing is verified yet.
struct SignaturePlace {
  /// Most bytes of a signature itself.
  static let contentsBytesMax = 4 << 20

  /// How the file calls its way of signing.
  var subFilter: String
  /// The signature's own bytes, and where they stand with their brackets; empty when they do not.
  var contents: [UInt8] = []
  var gap: Range<Int> = 0..<0
  /// Where what is signed ends.
  var end = 0
  var reason, location: String?
  var signedAt: Timestamp?
  /// Why it makes no sense.
  var fault: SignatureFinding?

  /// Reads a signature's dictionary.
  ///
  /// - Parameter size: of the file, in bytes.
  init(_ dictionary: [PDFValue.Entry], size: Int, isEncrypted: Bool) {
    subFilter = PDFWords.plain(dictionary.single("SubFilter")?.name ?? "")
    if !isEncrypted {
      reason = Self.text(dictionary.single("Reason")).map(PDFWords.line)
      location = Self.text(dictionary.single("Location")).map(PDFWords.line)
      signedAt = Self.text(dictionary.single("M")).flatMap(PDFWords.time)
    }
    guard let range = dictionary.single("ByteRange") else {
      fault = dictionary.contains { $0.key == "ByteRange" } ? .badRange : .noRange
      return
    }
    guard let contents = dictionary.single("Contents"), case .text(let bytes, isHex: true) = contents.content,
      bytes.count <= Self.contentsBytesMax
    else {
      fault = .malformed
      return
    }
    (self.contents, gap) = (bytes, contents.place)
    guard case .array(let members) = range.content, members.count == 4,
      case let numbers = members.compactMap(\.number), numbers.count == 4, numbers[0] == 0,
      // All is signed but the signature itself: no byte more may be left out, and none less.
      numbers[1] == gap.lowerBound, numbers[2] == gap.upperBound, numbers[3] <= size - numbers[2]
    else {
      fault = .badRange
      return
    }
    end = numbers[2] + numbers[3]
  }

  /// One whose dictionary cannot be read.
  init(fault: SignatureFinding) {
    subFilter = ""
    self.fault = fault
  }

  private static func text(_ value: PDFValue?) -> [UInt8]? {
    guard case .text(let bytes, _) = value?.content else { return nil }
    return bytes
  }
}

/// The signatures of a file, in the order of their ends.
struct SignaturePlaces {
  var all: [SignaturePlace] = []
  var isEncrypted = false
  /// There are more than anybody makes; those at hand were not read.
  var isTooMany = false

  /// Finds them.
  init(in pdf: [UInt8], signaturesMax: Int) {
    let marks = PDFMarks(pdf: pdf)
    let positions = marks.positions(of: ["ByteRange", "SubFilter", "Encrypt"], limit: 4 * signaturesMax)
    isEncrypted = positions["Encrypt"] != nil
    let embedded = marks.embeddedFiles(limit: 4 * signaturesMax)
    let ranges = (positions["ByteRange"] ?? []).filter { mark in !embedded.contains { $0.contains(mark) } }
    guard ranges.count <= signaturesMax else {
      isTooMany = true
      return
    }
    for mark in ranges {
      guard let dictionary = marks.object(withKeyAt: mark)?.dictionary else {
        all.append(SignaturePlace(fault: .malformed))
        continue
      }
      // Several keys of that name in one dictionary are one signature.
      guard dictionary.first(where: { $0.key == "ByteRange" })?.position == mark else { continue }
      all.append(SignaturePlace(dictionary, size: pdf.count, isEncrypted: isEncrypted))
    }
    let others = (positions["SubFilter"] ?? []).filter { mark in !embedded.contains { $0.contains(mark) } }
    for mark in others.prefix(2 * signaturesMax) {
      // Fields yet to be signed list ways of signing; a signature names one.
      guard let dictionary = marks.object(withKeyAt: mark)?.dictionary, dictionary.single("SubFilter")?.name != nil,
        !dictionary.contains(where: { $0.key == "ByteRange" }),
        dictionary.contains(where: { $0.key == "Contents" })
          || dictionary.single("Type")?.name == "Sig"
      else { continue }
      all.append(SignaturePlace(dictionary, size: pdf.count, isEncrypted: isEncrypted))
    }
    all.sort { ($0.end, $0.gap.lowerBound) < ($1.end, $1.gap.lowerBound) }
    findOverlaps()
  }

  /// Whoever signs a file that is signed already adds to it, so a signature stands behind the end of the one before.
  private mutating func findOverlaps() {
    let sound = all.indices.filter { all[$0].fault == nil }
    for (former, latter) in zip(sound, sound.dropFirst()) where all[latter].gap.lowerBound < all[former].end {
      all[former].fault = .overlapping
      all[latter].fault = .overlapping
    }
  }
}
