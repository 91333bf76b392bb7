internal import Foundation

extension String {
  /// Unicode normalization form C: Vietnamese letters come composed or in parts, and must find each other.
  var normalized: String {
    utf8.allSatisfy { $0 < 0x80 } ? self : precomposedStringWithCanonicalMapping
  }
}
