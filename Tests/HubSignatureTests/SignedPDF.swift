@testable import HubSignature

/// A small PDF file that can be signed, added to and signed again.
struct SignedPDF {
  private(set) var bytes: [UInt8]
  private var next = 5
  private var lastTable: Int
  private var fields: [Int] = []
  private var extra = ""

  init(text: String = "Quyet dinh 118/QD-UBND", trailer: String = "") {
    let page = "BT /F1 24 Tf 72 700 Td (\(text)) Tj ET"
    let objects = [
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
      "<< /Length \(page.utf8.count) >>\nstream\n\(page)\nendstream",
    ]
    bytes = Array("%PDF-1.7\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A]
    lastTable = 0
    extra = trailer
    append(objects.enumerated().map { ($0 + 1, $1) }, isFirst: true)
  }

  /// Adds objects, as an incremental update does; each character stands for a byte.
  mutating func append(_ objects: [(number: Int, text: String)], isFirst: Bool = false) {
    var offsets: [(Int, Int)] = []
    for (number, text) in objects {
      offsets.append((number, bytes.count))
      bytes += "\(number) 0 obj\n\(text)\nendobj\n".unicodeScalars.map { UInt8($0.value) }
    }
    next = max(next, (objects.map(\.number).max() ?? 0) + 1)
    let table = bytes.count
    var lines = "xref\n" + (isFirst ? "0 1\n0000000000 65535 f \n" : "")
    for (number, offset) in offsets {
      let digits = String(offset)
      lines += "\(number) 1\n\(String(repeating: "0", count: 10 - digits.count))\(digits) 00000 n \n"
    }
    let previous = isFirst ? "" : " /Prev \(lastTable)"
    lines += "trailer\n<< /Size \(next) /Root 1 0 R\(previous)\(extra) >>\nstartxref\n\(table)\n%%EOF\n"
    bytes += Array(lines.utf8)
    lastTable = table
  }

  /// Adds bytes as they are.
  mutating func append(raw: [UInt8]) { bytes += raw }

  /// The number of the next new object.
  var nextNumber: Int { next }

  struct Options {
    var subFilter = "ETSI.CAdES.detached"
    /// So many bytes at the end are not signed.
    var unsignedTail = 0
    /// What stands in the dictionary besides.
    var more = "/Name (Nguyen Thu Nghiem) /M (D:20261128093000+07'00') /Reason (Ban hanh) /Location (Hai Phong)"
    var room = 12_000
  }

  /// Adds a signature.
  mutating func sign(_ options: Options = Options(), _ make: (_ signed: [UInt8]) -> [UInt8]) {
    let (signature, field) = (next, next + 1)
    fields.append(field)
    let list = fields.map { "\($0) 0 R" }.joined(separator: " ")
    let empty = String(repeating: "0", count: 2 * options.room)
    let range = "[0 0000000000 0000000000 0000000000]"
    let start = bytes.count
    append([
      (
        signature,
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /\(options.subFilter) \(options.more)\n"
          + "/ByteRange \(range)\n/Contents <\(empty)> >>"
      ),
      (
        field,
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature\(fields.count)) /V \(signature) 0 R /Rect [0 0 0 0] "
          + "/P 3 0 R >>"
      ),
      (1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [\(list)] /SigFlags 3 >> >>"),
    ])
    guard let hole = bytes[start...].firstRange(of: Array("<\(empty)>".utf8)),
      let place = bytes[start...].firstRange(of: Array(range.utf8))
    else { return }
    let numbers = [hole.lowerBound, hole.upperBound, bytes.count - hole.upperBound - options.unsignedTail]
    let text =
      "[0 " + numbers.map { String(repeating: "0", count: 10 - "\($0)".count) + "\($0)" }.joined(separator: " ") + "]"
    bytes.replaceSubrange(place, with: Array(text.utf8))
    let signed = Array(bytes[..<hole.lowerBound] + bytes[hole.upperBound..<bytes.count - options.unsignedTail])
    bytes.replaceSubrange(
      hole.lowerBound + 1..<hole.lowerBound + 1 + 2 * options.room, with: Self.hex(make(signed), options.room))
  }

  private static func hex(_ bytes: [UInt8], _ room: Int) -> [UInt8] {
    precondition(bytes.count <= room, "\(bytes.count)")
    let digits = Array("0123456789abcdef".utf8)
    return (bytes + [UInt8](repeating: 0, count: room - bytes.count)).flatMap {
      [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
    }
  }

  /// Signs as persons do, with a time stamp or without.
  mutating func sign(by person: Authority.Person, isStamped: Bool = false, tsa: Authority.Person = .tsa) {
    sign { signed in
      let cms = Authority.shared.sign(signed, by: person)
      guard isStamped, var parts = CMS(cms) else { return cms }
      parts.add(stamp: Authority.shared.stamp(parts.signature, by: tsa))
      return parts.bytes
    }
  }

  /// Adds a time stamp over the file.
  mutating func stamp(by tsa: Authority.Person = .tsa) {
    sign(Options(subFilter: "ETSI.RFC3161", more: "")) { Authority.shared.stamp($0, by: tsa) }
  }

  /// Adds what proves the signatures: certificates, lists, answers.
  mutating func addProofs(crls: [[UInt8]] = [], answers: [[UInt8]] = [], certificates: [[UInt8]] = []) {
    let all = crls + answers + certificates
    let numbers = all.indices.map { next + $0 }
    func list(_ range: Range<Int>) -> String { "[" + numbers[range].map { "\($0) 0 R" }.joined(separator: " ") + "]" }
    let (first, second) = (crls.count, crls.count + answers.count)
    let store = next + all.count
    var objects = zip(numbers, all).map { number, der in
      (
        number: number,
        text: "<< /Length \(der.count) >>\nstream\n\(String(decoding: der.map(UInt16.init), as: UTF16.self))\nendstream"
      )
    }
    objects.append(
      (
        number: store,
        text:
          "<< /Type /DSS /CRLs \(list(0..<first)) /OCSPs \(list(first..<second)) /Certs \(list(second..<all.count)) >>"
      ))
    let fields = fields.map { "\($0) 0 R" }.joined(separator: " ")
    objects.append(
      (1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [\(fields)] /SigFlags 3 >> /DSS \(store) 0 R >>"))
    append(objects)
  }
}
