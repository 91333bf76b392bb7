internal import Foundation
public import HubKit
public import HubTransform

/// Looks through a bundle for personal data: whatever a detector finds, whatever stands at a place that a schema marks,
/// and what the journal holds at such places, unless the bundle names it as a pseudonym.
public struct MaskProof: Sendable {
  /// What an exchange's marked places hold in the journal; nil: it cannot be compared.
  public typealias Originals = (ExchangeID) throws -> [String]?

  private let folder: String
  private let schemas: PersonalSchemas
  private let reader: ContentReader

  /// Prepares a look.
  ///
  /// - Parameters:
  ///   - folder: of the bundle.
  ///   - schemas: of the configuration that marks personal data.
  ///   - pdf: reads the text layer of PDF files.
  public init(_ folder: String, schemas: PersonalSchemas, pdf: PDFText = PDFText()) {
    self.folder = folder
    self.schemas = schemas
    reader = ContentReader(pdf: pdf)
  }

  /// Reads every file of the bundle.
  ///
  /// - Parameters:
  ///   - originals: asks the journal; nil: there is none at hand.
  ///   - progress: is told how many files were read.
  /// - Throws: ``BundleError`` when the bundle is none or cannot be read; what `originals` throws.
  public func run(originals: Originals? = nil, progress: (Int) -> Void = { _ in }) throws -> MaskReport {
    let bundle = try BundleReader(folder)
    let notes = try pseudonyms(bundle.manifest)
    var report = MaskReport()
    report.isMasked = bundle.manifest.masked && notes != nil
    report.pseudonyms = notes?.count ?? 0
    report.exchanges = bundle.manifest.exchanges
    let look = MaskLook(notes: notes ?? PseudonymNotes())
    var known: [String] = []
    if originals != nil { report.compared = 0 }
    while let next = try bundle.next() {
      guard case .recording(let recording) = next else {
        report.add(closed: BundleReader.exchangesFile, at: "", "an exchange that cannot be read")
        continue
      }
      let own = try originals?(recording.exchange.id)
      if own != nil { report.compared = (report.compared ?? 0) + 1 }
      try check(recording, own, look, &report)
      known += (own ?? []).filter(Self.isUnmistakable)
    }
    try files(MaskLook(notes: look.notes, originals: KnownTexts(known)), &report, progress)
    return report
  }

  /// What means nobody but one person wherever it stands; single words are looked for in their own exchange only.
  private static func isUnmistakable(_ text: String) -> Bool {
    text.contains(where: \.isNumber) || text.contains(where: \.isWhitespace)
  }

  private func pseudonyms(_ manifest: BundleManifest) throws(BundleError) -> PseudonymNotes? {
    let name = BundleReader.pseudonymsFile
    guard manifest.files[name] != nil else { return nil }
    let lines = try BundleFile("\(folder)/\(name)", name: name).whole(limit: 1 << 30)
    guard let notes = PseudonymNotes(lines: lines) else {
      throw BundleError("\(name): không phải danh sách mã băm / is no list of digests.")
    }
    return notes
  }

  /// Marked places of one exchange, and its own originals in its own bodies.
  private func check(
    _ recording: Recording, _ originals: [String]?, _ look: MaskLook, _ report: inout MaskReport
  ) throws {
    let exchange = recording.exchange
    var parts = schemas.parts(of: exchange)
    if let answer = exchange.made.answer {
      let places = schemas.places(inReplyTo: CallName(endpoint: ""), of: exchange.made.route)
      parts.append(PersonalSchemas.Part(content: answer, places: places))
    }
    for part in parts {
      let file = BundleReader.path(of: part.content.digest)
      guard let values = try? schemas.values(in: part, recording.contents) else {
        // The same bytes are read as they come with all other files.
        continue
      }
      for value in values where !value.isChoice && !look.notes.contains(value.text) {
        report.add("marked", value.text, in: file, at: "#\(value.place)")
      }
    }
    guard let originals, !originals.isEmpty else { return }
    let own = MaskLook(notes: look.notes, originals: KnownTexts(originals.filter { !Self.isUnmistakable($0) }))
    for content in Set(exchange.contents) {
      guard let bytes = recording.contents[content] else { continue }
      reader.read(bytes) { own.originals($0, in: BundleReader.path(of: content.digest), &report) }
    }
  }
}

// MARK: - Files

extension MaskProof {
  private func files(_ look: MaskLook, _ report: inout MaskReport, _ progress: (Int) -> Void) throws {
    let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
    for name in names {
      look.all(.text(ContentReader.Text(place: "(file name)", text: name)), in: name, &report)
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      guard attributes?[.type] as? FileAttributeType != .typeDirectory else { continue }
      report.files += 1
      progress(report.files)
      switch name {
      case BundleReader.pseudonymsFile: break
      case BundleReader.exchangesFile: try lines(name, look, &report, { $0 })
      case BundleReader.archiveFile: try lines(name, look, &report, HTTPArchive.entry(ofLine:))
      default:
        let bytes: [UInt8]
        do { bytes = try BundleFile("\(folder)/\(name)", name: name).whole(limit: Recorder.bodyBytesMax) } catch {
          report.add(closed: name, at: "", "\(error)")
          continue
        }
        read(bytes, at: "", in: name, look, &report)
      }
    }
  }

  private func read(
    _ bytes: [UInt8], at place: String, in file: String, _ look: MaskLook, _ report: inout MaskReport
  ) {
    reader.read(bytes, at: place) { look.all($0, in: file, &report) }
  }

  /// A file of documents, one a line.
  private func lines(
    _ name: String, _ look: MaskLook, _ report: inout MaskReport, _ document: (ArraySlice<UInt8>) -> ArraySlice<UInt8>
  ) throws(BundleError) {
    let file = try BundleFile("\(folder)/\(name)", name: name)
    var rest: [UInt8] = []
    var number = 0
    while true {
      let more = try file.read(upTo: 1 << 20)
      rest += more
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // What stands behind the last break is not whole yet.
      let unfinished = more.isEmpty ? nil : lines.popLast()
      for line in lines {
        number += 1
        read(Array(document(line)), at: "line \(number)", in: name, look, &report)
      }
      guard !more.isEmpty else { return }
      rest = Array(unfinished ?? [])
    }
  }
}

/// Judges pieces of text.
private struct MaskLook {
  var notes: PseudonymNotes
  var originals = KnownTexts([])

  /// What is found by detectors and by what is known.
  func all(_ part: ContentReader.Part, in file: String, _ report: inout MaskReport) {
    switch part {
    case .closed(let place, let reason): report.add(closed: file, at: place, reason)
    case .text(let text):
      for finding in PersonalFinding.all(in: text) where !notes.contains(finding.text) {
        let offset = finding.offset == 0 ? "" : " byte \(finding.offset)"
        report.add(finding.kind.rawValue, finding.text, in: file, at: text.place + offset)
      }
      originals(part, in: file, &report)
    }
  }

  /// What is known from the journal.
  func originals(_ part: ContentReader.Part, in file: String, _ report: inout MaskReport) {
    guard case .text(let text) = part else { return }
    let bytes = Array(text.text.utf8)
    for range in originals.places(in: text.text) {
      let found = String(decoding: bytes[range], as: UTF8.self)
      guard !notes.contains(found) else { continue }
      report.add("original", found, in: file, at: "\(text.place) byte \(range.lowerBound)")
    }
  }
}

extension HTTPArchive {
  /// The entry of a line of the archive.
  static func entry(ofLine line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var entry = line
    if entry.starts(with: beginning) { entry = entry.dropFirst(beginning.count) }
    if entry.last == UInt8(ascii: ",") { return entry.dropLast() }
    let closing = end.dropLast()
    return entry.suffix(closing.count).elementsEqual(closing) ? entry.dropLast(closing.count) : entry
  }
}
