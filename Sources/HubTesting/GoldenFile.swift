internal import FoundationEssentials

/// Compares what was produced with a file that a person has looked at.
///
/// With the environment variable `UPDATE_GOLDEN=1` the file is rewritten instead; look at the difference in version
/// control before committing it.
public enum GoldenFile {
  /// Compares bytes with a file.
  ///
  /// - Parameters:
  ///   - bytes: what was produced.
  ///   - path: the file, usually found through `#filePath`.
  /// - Returns: nil when they are equal or the file was rewritten; otherwise what differs, with line and both sides.
  public static func difference(_ bytes: [UInt8], from path: String) -> String? {
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { return rewrite(path, bytes) }
    guard let data = FileManager.default.contents(atPath: path) else {
      return "\(path) does not exist; run the test once with UPDATE_GOLDEN=1 and look at what it wrote"
    }
    return firstDifference(expected: Array(data), actual: bytes).map { "\(path), \($0)" }
  }

  /// Compares a text with a file, as ``difference(_:from:)-(_,_)`` does.
  public static func difference(_ text: String, from path: String) -> String? {
    difference(Array(text.utf8), from: path)
  }

  private static func rewrite(_ path: String, _ bytes: [UInt8]) -> String? {
    do {
      try Data(bytes).write(to: URL(filePath: path))
      return nil
    } catch {
      return "\(path) could not be written: \(error)"
    }
  }

  private static func quoted(_ line: String?) -> String { line.map { "'\($0)'" } ?? "the end" }

  private static func firstDifference(expected: [UInt8], actual: [UInt8]) -> String? {
    guard expected != actual else { return nil }
    let wanted = expected.split(separator: 0x0A, omittingEmptySubsequences: false)
    let got = actual.split(separator: 0x0A, omittingEmptySubsequences: false)
    for index in 0..<max(wanted.count, got.count) {
      let left = index < wanted.count ? String(decoding: wanted[index], as: UTF8.self) : nil
      let right = index < got.count ? String(decoding: got[index], as: UTF8.self) : nil
      if index >= wanted.count || index >= got.count || wanted[index] != got[index] {
        return "line \(index + 1): expected \(quoted(left)), got \(quoted(right))"
      }
    }
    return "the bytes differ"
  }
}
