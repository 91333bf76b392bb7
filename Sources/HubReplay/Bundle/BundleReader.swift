internal import Foundation
internal import HubKit

/// Reads a bundle, one exchange after the other. Nothing in it is believed before its digest is right.
public final class BundleReader {
  /// What the bundle says of itself.
  public let manifest: BundleManifest
  private let folder: String
  private let file: BundleFile
  private var buffer: [UInt8] = []
  private var place = 0
  private var isAtEnd = false
  private var line = 0

  /// Files that every bundle has.
  static let exchangesFile = "exchanges.jsonl"
  static let archiveFile = "http.har"
  /// File that a masked bundle has: what it made in place of personal data, as digests.
  static let pseudonymsFile = "pseudonyms.txt"
  private static let manifestBytesMax = 16 << 20
  private static let lineBytesMax = 32 << 20

  /// Opens a bundle and checks its files.
  ///
  /// - Throws: ``BundleError`` when it is none, of another version, or not as it was written.
  public init(_ folder: String) throws(BundleError) {
    self.folder = folder
    let bytes = try BundleFile("\(folder)/manifest.json", name: "manifest.json").whole(limit: Self.manifestBytesMax)
    manifest = try Self.manifest(bytes)
    let masked = manifest.files[Self.pseudonymsFile] == nil ? [] : [Self.pseudonymsFile]
    for name in [Self.exchangesFile, Self.archiveFile] + masked {
      guard let told = manifest.files[name] else {
        throw BundleError("manifest.json: không kể tệp / does not name the file \(name).")
      }
      guard try BundleFile("\(folder)/\(name)", name: name).facts() == told else {
        throw BundleError(
          "\(name): khác lúc ghi / is not as it was written (SHA-256). Hãy lấy lại bản gốc / get the bundle again.")
      }
    }
    let known = [Self.exchangesFile, Self.archiveFile, Self.pseudonymsFile]
    for name in manifest.files.keys where !known.contains(name) {
      throw BundleError("manifest.json: tệp lạ / names a file that no bundle has: \(name.prefix(80)).")
    }
    file = try BundleFile("\(folder)/\(Self.exchangesFile)", name: Self.exchangesFile)
  }

  private struct Head: Decodable {
    var format: String
    var version: Int
  }

  private static func manifest(_ bytes: [UInt8]) throws(BundleError) -> BundleManifest {
    let decoder = JSONDecoder()
    guard let head = try? decoder.decode(Head.self, from: Data(bytes)), head.format == BundleManifest.format else {
      throw BundleError("manifest.json: không phải bó giao dịch / is not that of a bundle made by `lgsp record`.")
    }
    guard head.version == BundleManifest.version else {
      throw BundleError(
        "Bó giao dịch có phiên bản \(head.version), chương trình này đọc phiên bản \(BundleManifest.version) / "
          + "the bundle has format version \(head.version), this lgsp reads \(BundleManifest.version). Hãy dùng lgsp "
          + "đã ghi nó / use the lgsp that wrote it, or record again.")
    }
    do { return try decoder.decode(BundleManifest.self, from: Data(bytes)) } catch {
      throw BundleError("manifest.json: không đọc được / cannot be read: \(error)")
    }
  }

  /// The next exchange with its bytes; nil: that was all.
  ///
  /// - Throws: ``BundleError`` when the list itself cannot be read.
  public func next() throws(BundleError) -> Replayer.Next? {
    guard let text = try nextLine() else { return nil }
    line += 1
    let exchange: RecordedExchange
    do { exchange = try JSONDecoder().decode(RecordedExchange.self, from: Data(text)) } catch {
      return .unplayable(nil, "\(Self.exchangesFile):\(line): không đọc được / cannot be read.")
    }
    var contents = Contents()
    for content in exchange.contents where content.bytes > 0 {
      do { contents.insert(try body(content), as: content.digest) } catch {
        return .unplayable(exchange.id, error.description)
      }
    }
    return .recording(Recording(exchange: exchange, contents: contents))
  }

  private func body(_ content: Content) throws(BundleError) -> [UInt8] {
    guard content.digest.utf8.count == 64, content.digest.utf8.allSatisfy(Self.isHex) else {
      throw BundleError(
        "\(Self.exchangesFile):\(line): không phải mã băm / is no digest: \(content.digest.prefix(80)).")
    }
    let name = Self.path(of: content.digest)
    let bytes = try BundleFile("\(folder)/\(name)", name: name).whole(limit: Recorder.bodyBytesMax)
    guard Contents.digest(of: bytes) == content.digest else {
      throw BundleError("\(name): khác lúc ghi / is not as it was written (SHA-256).")
    }
    return bytes
  }

  private static func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }

  /// Where a body lies.
  static func path(of digest: String) -> String { "bodies/\(digest.prefix(2))/\(digest)" }

  private func nextLine() throws(BundleError) -> ArraySlice<UInt8>? {
    var searched = place
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { place = end + 1 }
        return buffer[place..<end]
      }
      guard !isAtEnd else {
        guard place < buffer.count else { return nil }
        defer { place = buffer.count }
        return buffer[place...]
      }
      searched = buffer.count - place
      buffer.removeFirst(place)
      place = 0
      guard buffer.count <= Self.lineBytesMax else {
        throw BundleError(
          "\(Self.exchangesFile):\(line + 1): dòng quá dài / is longer than \(Self.lineBytesMax) bytes.")
      }
      let more = try file.read(upTo: 1 << 18)
      isAtEnd = more.isEmpty
      buffer += more
    }
  }
}
