public import HubKit

/// Looks into attachments: tells their kind by their first bytes, refuses archives that harm whoever unpacks them, and
/// searches names and text layers for marks of state secrets. What cannot be seen, such as pictures, is said.
///
/// Blocks its thread; memory and time are bounded.
public struct AttachmentInspector: Sendable {
  private let limits: InspectionLimits
  private let pdf: PDFText
  private let signatures: SignatureLook?

  /// Takes limits.
  ///
  /// - Parameters:
  ///   - pdf: reads PDF files; nil: the tools of Poppler, within the limits.
  ///   - signatures: looks at signatures in PDF files; nil: nobody does.
  public init(
    limits: InspectionLimits = InspectionLimits(), pdf: PDFText? = nil, signatures: SignatureLook? = nil
  ) {
    self.signatures = signatures
    self.limits = limits
    self.pdf = pdf ?? PDFText(memoryMax: 512 << 20, timeMax: limits.toolTimeMax, textBytesMax: 16 << 20)
  }

  /// Looks into the attachments of one message.
  ///
  /// - Parameter verifying: whether signatures are looked at.
  /// - Returns: one result for each, in order.
  /// - Throws: ``BodyError`` when an attachment cannot be read.
  public func inspect(
    _ attachments: [Body], in store: any BodyStore, verifying: Bool = true
  ) throws(BodyError) -> [AttachmentInspection] {
    let look = AttachmentLook(limits: limits, pdf: pdf, signatures: verifying ? signatures : nil)
    var results: [AttachmentInspection] = []
    for (index, body) in attachments.enumerated() {
      guard body.byteCount <= limits.fileBytesMax else {
        results.append(try tooLarge(body, number: index + 1, in: store))
        continue
      }
      let bytes = try store.bytes(of: body, limit: limits.fileBytesMax)
      var result = AttachmentInspection(number: index + 1, kind: ContentKind(bytes).mediaType)
      look.read(bytes, at: result.place, depth: 0, into: &result)
      results.append(result)
    }
    return results
  }

  private func tooLarge(_ body: Body, number: Int, in store: any BodyStore) throws(BodyError) -> AttachmentInspection {
    let prefix = try store.reader(of: body).read(upTo: 4096)
    var result = AttachmentInspection(number: number, kind: ContentKind(prefix).mediaType)
    result.miss("larger than the \(limits.fileBytesMax) bytes that are looked into", at: result.place)
    return result
  }
}

/// One look at one message: what is left of its time and room.
final class AttachmentLook {
  private let limits: InspectionLimits
  private let pdf: PDFText
  private let signatures: SignatureLook?
  private let until: ContinuousClock.Instant
  private var room: Int

  /// How deep archives may lie in archives.
  private static let depthMax = 3
  /// A page with a picture and less text than this counts as scanned, in bytes: a page number, a signature's words.
  private static let pageTextMin = 200

  init(limits: InspectionLimits, pdf: PDFText, signatures: SignatureLook? = nil) {
    self.signatures = signatures
    self.limits = limits
    self.pdf = pdf
    until = .now + limits.timeMax
    room = limits.unpackedBytesMax
  }

  func read(_ bytes: [UInt8], at place: String, depth: Int, into result: inout AttachmentInspection) {
    guard ContinuousClock.now < until else { return result.miss("no time was left to look into it", at: place) }
    switch ContentKind(bytes) {
    case .pdf: pages(bytes, at: place, into: &result)
    case .zip: entries(bytes, at: place, depth: depth, into: &result)
    case .text, .json, .xml:
      result.marks += SecretScan.marks(in: String(decoding: bytes, as: UTF8.self), as: .content, at: place)
    case .closed(let name): result.miss("\(name) is not looked into", at: place)
    case .binary:
      guard !bytes.isEmpty else { return }
      result.marks += SecretScan.marks(in: Self.text(Array(bytes.prefix(1 << 20))), as: .content, at: place)
      result.miss("bytes of no known kind", at: place)
    }
  }

  /// Text in an old code is no UTF-8; its marks are known when it is taken for Latin-1.
  private static func text(_ bytes: [UInt8]) -> String {
    String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  private func pages(_ bytes: [UInt8], at place: String, into result: inout AttachmentInspection) {
    if let signatures {
      var found = signatures(bytes)
      found.place = place
      result.signatures.append(found)
    }
    do {
      let pages = try pdf.pages(of: bytes)
      for (index, page) in pages.enumerated() {
        result.marks += SecretScan.marks(in: page, as: .content, at: "\(place), page \(index + 1)")
      }
      try scans(bytes, pages, at: place, into: &result)
      if PDFText.hasFiles(bytes) { result.miss("files inside of the PDF file", at: place) }
    } catch {
      result.miss("PDF: \(error)", at: place)
    }
  }

  /// Pages that are pictures: what is written there nobody has read.
  private func scans(
    _ bytes: [UInt8], _ pages: [String], at place: String, into result: inout AttachmentInspection
  ) throws(PDFText.Problem) {
    let bare = pages.indices.filter { index in
      pages[index].utf8.lazy.filter { $0 > 0x20 }.prefix(Self.pageTextMin).count < Self.pageTextMin
    }
    guard !bare.isEmpty else { return }
    let pictured = try pdf.pagesWithPictures(of: bytes)
    let scanned = bare.map { $0 + 1 }.filter(pictured.contains)
    guard !scanned.isEmpty else { return }
    let named = scanned.prefix(10).map(String.init).joined(separator: ", ") + (scanned.count > 10 ? ", …" : "")
    result.miss("\(scanned.count) scanned page(s) without text: \(named)", at: place)
  }

  private func entries(_ bytes: [UInt8], at place: String, depth: Int, into result: inout AttachmentInspection) {
    guard depth < Self.depthMax else {
      return result.refuse("archive-nested", "more than \(Self.depthMax) archives in each other", at: place)
    }
    let archive: ZipArchive
    do { archive = try ZipArchive(bytes) } catch {
      // What is no archive but begins as one may be opened as a PDF file all the same.
      if error != .tooLarge, ContentKind.holdsPDFMark(bytes) { return pages(bytes, at: place, into: &result) }
      guard error == .tooLarge else { return result.miss("ZIP: \(error)", at: place) }
      return result.refuse("archive-bomb", "the archive has more than 10,000 entries", at: place)
    }
    if let (rule, why, entry) = ArchiveRules.refusal(of: archive, byteCount: bytes.count) {
      return result.refuse(rule, why, at: entry.map { "\(place), entry \($0)" } ?? place)
    }
    if let parts = OfficeText.parts(of: archive) {
      return office(archive, parts, at: place, into: &result)
    }
    for (index, entry) in archive.entries.enumerated() {
      let inner = "\(place), entry \(index + 1)"
      result.marks += SecretScan.marks(in: Self.text(entry.rawName), as: .name, at: inner)
      guard index < limits.entriesMax else {
        return result.miss("entries of the archive beyond the first \(limits.entriesMax)", at: place)
      }
      if let unpacked = unpack(entry, of: archive, at: inner, into: &result) {
        read(unpacked, at: inner, depth: depth + 1, into: &result)
      }
    }
  }

  private func office(
    _ archive: ZipArchive, _ parts: [ZipArchive.Entry], at place: String, into result: inout AttachmentInspection
  ) {
    for part in parts {
      guard let xml = unpack(part, of: archive, at: place, into: &result) else { continue }
      result.marks += SecretScan.marks(in: OfficeText.text(of: xml), as: .content, at: place)
    }
  }

  private func unpack(
    _ entry: ZipArchive.Entry, of archive: ZipArchive, at place: String, into result: inout AttachmentInspection
  ) -> [UInt8]? {
    do {
      let bytes = try archive.bytes(of: entry, limit: min(room, limits.fileBytesMax))
      room -= bytes.count
      return bytes
    } catch {
      result.miss("ZIP: \(error)", at: place)
      return nil
    }
  }
}

extension ContentKind {
  /// As a media type.
  var mediaType: String {
    switch self {
    case .json: "application/json"
    case .xml: "application/xml"
    case .text: "text/plain"
    case .pdf: "application/pdf"
    case .zip: "application/zip"
    case .closed(let name): name
    case .binary: "application/octet-stream"
    }
  }
}
