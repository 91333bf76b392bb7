internal import Crypto
internal import FoundationEssentials

/// The files of a configuration, as bytes by path: from a folder, from a bundle that the journal pinned, or made by a
/// test.
public struct ConfigFiles: Sendable, Hashable {
  /// Contents by path relative to the configuration folder, with `/` between the parts.
  public var contents: [String: [UInt8]]
  /// Files that lie in the folder and mean nothing to the hub; only named, never read.
  public var ignored: [String]
  /// True when the files come from a bundle: agencies and rights are then not among them.
  public var isPinned: Bool

  /// The largest file that is read, in bytes.
  public static let fileBytesMax = 1 << 20
  /// Files that an operator edits while the hub runs; they are no part of ``digest`` and of ``bundle()``.
  public static let liveFiles: Set<String> = ["agencies.yaml", "access.yaml"]

  /// Takes files.
  public init(_ contents: [String: [UInt8]], ignored: [String] = [], isPinned: Bool = false) {
    self.contents = contents
    self.ignored = ignored
    self.isPinned = isPinned
  }

  /// Takes files from texts, for tests and generated configurations.
  public init(texts: [String: String]) {
    self.init(texts.mapValues { Array($0.utf8) })
  }

  /// The paths whose change makes another configuration, sorted.
  public var pinnedPaths: [String] {
    contents.keys.filter { !Self.liveFiles.contains($0) }.sorted()
  }

  /// SHA-256 over the sorted paths and their bytes, each with its length before it, in lower-case hex.
  public var digest: String {
    var hash = SHA256()
    for path in pinnedPaths {
      for part in [Array(path.utf8), contents[path] ?? []] {
        withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: part)
      }
    }
    return hash.finalize().hex
  }

  /// Paths in one folder, with any of the endings, in order of name.
  func paths(in folder: String, endingWith endings: String...) -> [String] {
    contents.keys.filter { path in
      path.hasPrefix("\(folder)/") && endings.contains { path.hasSuffix($0) }
    }.sorted()
  }
}

// MARK: - Bundle

extension ConfigFiles {
  /// The pinned files as one JSON document: texts as text, all else in base64, keys sorted, so that the same
  /// configuration always gives the same bytes.
  public func bundle() -> [UInt8] {
    let files = pinnedPaths.map { path -> (String, BundledFile) in
      let bytes = contents[path] ?? []
      let text = String(validating: bytes, as: UTF8.self)
      return (path, BundledFile(text: text, base64: text == nil ? Data(bytes).base64EncodedString() : nil))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bundle = Bundled(version: 1, files: Dictionary(files, uniquingKeysWith: { first, _ in first }))
    return (try? encoder.encode(bundle)).map(Array.init) ?? []
  }

  /// Reads what ``bundle()`` wrote.
  ///
  /// - Throws: ``ConfigurationError`` when the bytes are no such bundle.
  public init(bundle bytes: [UInt8]) throws(ConfigurationError) {
    let read = try? JSONDecoder().decode(Bundled.self, from: Data(bytes))
    guard let read, read.version == 1 else { throw .brokenBundle }
    var contents: [String: [UInt8]] = [:]
    for (path, file) in read.files {
      guard
        let bytes = file.text.map({ Array($0.utf8) })
          ?? file.base64.flatMap({ Data(base64Encoded: $0) }).map(Array.init)
      else { throw .brokenBundle }
      contents[path] = bytes
    }
    self.init(contents, isPinned: true)
  }
}

private struct Bundled: Codable {
  var version: Int
  var files: [String: BundledFile]
}

private struct BundledFile: Codable {
  var text: String?
  var base64: String?
}

extension ConfigurationError {
  fileprivate static var brokenBundle: ConfigurationError {
    ConfigurationError([
      Complaint(
        severity: .error, file: "(bundle)", code: "broken-bundle",
        message: "The pinned configuration cannot be read; the journal may be damaged: run `lgsp journal verify`.",
        vi: "Không đọc được cấu hình đã ghim; nhật ký có thể đã hỏng: hãy chạy `lgsp journal verify`.")
    ])
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hex digits for each byte.
  var hex: String {
    let digits = Array("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
