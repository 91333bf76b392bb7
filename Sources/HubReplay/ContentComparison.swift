internal import Foundation

/// Compares contents by what they mean: JSON by value, all else byte for byte after the last line break is dropped.
public enum ContentComparison {
  /// Where two contents differ first.
  ///
  /// - Returns: nil when they mean the same.
  public static func difference(_ found: [UInt8], _ wanted: [UInt8]) -> String? {
    first(found, wanted)?.sentence
  }

  /// A difference: in JSON with the pointer to where it is.
  typealias Difference = (place: String?, sentence: String)

  /// The same with its place.
  static func first(_ found: [UInt8], _ wanted: [UInt8]) -> Difference? {
    if found == wanted { return nil }
    if let left = json(found), let right = json(wanted) { return difference(left, right, at: "") }
    let (found, wanted) = (trimmed(found), trimmed(wanted))
    if found == wanted { return nil }
    let same = zip(found, wanted).prefix { $0 == $1 }.count
    let line = found.prefix(same).count { $0 == UInt8(ascii: "\n") } + 1
    return (nil, "at byte \(same), line \(line); \(found.count) bytes found, \(wanted.count) wanted.")
  }

  private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var slice = bytes[...]
    while let last = slice.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { slice.removeLast() }
    return slice
  }

  private static func json(_ bytes: [UInt8]) -> Any? {
    try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
  }

  private static func difference(_ found: Any, _ wanted: Any, at path: String) -> Difference? {
    if let left = found as? [String: Any], let right = wanted as? [String: Any] {
      for key in Set(left.keys).union(right.keys).sorted() {
        let place = "\(path)/\(key)"
        guard let one = left[key] else { return (place, "\(place) is missing.") }
        guard let other = right[key] else { return (place, "\(place) should not be there.") }
        if let difference = difference(one, other, at: place) { return difference }
      }
      return nil
    }
    if let left = found as? [Any], let right = wanted as? [Any] {
      guard left.count == right.count else { return (path, "\(path) has \(left.count) items, wanted \(right.count).") }
      for (index, pair) in zip(left, right).enumerated() {
        if let difference = difference(pair.0, pair.1, at: "\(path)/\(index)") { return difference }
      }
      return nil
    }
    let equal = (found as? NSObject)?.isEqual(wanted) ?? false
    return equal ? nil : (path, "\(path.isEmpty ? "the value" : path) has another value.")
  }
}
