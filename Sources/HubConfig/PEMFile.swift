internal import HubRouting

/// A file with certificates in PEM, beside the configuration, as it was when the configuration was read: replacing the
/// file changes nothing until the configuration is loaded again.
public struct PEMFile: Sendable, Hashable {
  /// Its path; relative to the configuration folder.
  public var path: String
  /// What it held; nil while a configuration is only checked.
  public var bytes: [UInt8]?

  /// Names a file that was not read yet.
  public init(path: String) { self.path = path }
}

extension ConfigurationLoader {
  /// Largest file: that with all authorities of a Debian system has a quarter of it.
  private static let pemBytesMax = 1 << 20

  /// The file that a key names, with what it holds; without, and with a complaint, when it cannot be read.
  mutating func pemFile(_ key: String, of object: CheckedObject) -> PEMFile? {
    guard var file = object.text(key).map(PEMFile.init) else { return nil }
    guard case .resolve(let folder) = secrets else { return file }
    do throws(FileError) {
      file.bytes = try readFile(configuredPath(file.path, in: folder), limit: Self.pemBytesMax).bytes
    } catch {
      complaints.error(.pemUnreadable(file.path, error), at: object.place(key))
    }
    return file
  }
}

extension Phrase {
  fileprivate static func pemUnreadable(_ path: String, _ error: FileError) -> Phrase {
    let cause =
      switch error {
      case .tooLarge: "it has more than 1 MiB"
      case .system(let cause): cause
      }
    return Phrase(
      "file-unreadable",
      en: "The file `\(path)` cannot be read: \(cause). Put the certificates there, in PEM, or name another file.",
      vi: "Không đọc được tệp `\(path)`: \(cause). Hãy đặt chứng thư dạng PEM vào đó hoặc ghi tên tệp khác.")
  }
}
