extension OutboundResponse {
  /// How long the far side asks to wait (`Retry-After`, RFC 9110 section 10.2.3), in seconds or until a date.
  ///
  /// - Parameter now: the time, for the form with a date; nil: that form is not read.
  /// - Returns: nil when it does not say, or not in a form that is known; at most a day.
  public func retryAfter(now: Timestamp? = nil) -> Duration? {
    guard let text = headers["Retry-After"] else { return nil }
    let dayMax = Duration.seconds(86_400)
    if let seconds = Int64(text) { return seconds < 0 ? nil : min(.seconds(min(seconds, 86_400)), dayMax) }
    guard let now, let time = HTTPDate.parse(text) else { return nil }
    return min(max(.zero, time - now), dayMax)
  }
}

/// Dates in HTTP header fields.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads the form that senders must use, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7). The two obsolete
  /// forms are not read: no system that sends Retry-After is that old.
  static func parse(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].count == 4, parts[0].hasSuffix(","), parts[1].count == 2, parts[3].count == 4,
      parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
    return Timestamp(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }
}
