internal import FoundationEssentials
internal import Glibc

/// A new, empty directory that is removed with all its contents when the last reference goes.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, without a slash at the end.
  public let path: String

  /// Makes the directory under the system's place for temporary files.
  ///
  /// - Parameter label: begins the directory's name, so that one left behind by a crash can be recognised.
  public init(_ label: String = "lgsp") throws(TestingError) {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(base)/\(label)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestingError("no temporary directory could be made under \(base): \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something inside.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file inside and returns its path; folders on the way are made.
  @discardableResult
  public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let target = file(name)
    if let slash = target.lastIndex(of: "/") {
      try FileManager.default.createDirectory(
        atPath: String(target[..<slash]), withIntermediateDirectories: true)
    }
    try Data(bytes).write(to: URL(filePath: target))
    return target
  }

  /// Writes a text file inside and returns its path.
  @discardableResult
  public func write(_ name: String, text: String) throws -> String {
    try write(name, text.utf8)
  }
}

/// Something that a test needs could not be had.
public struct TestingError: Error, Hashable, CustomStringConvertible {
  /// What is missing, in a sentence.
  public var description: String

  /// Creates an error.
  public init(_ description: String) {
    self.description = description
  }
}
