internal import FoundationEssentials
internal import HubKit

/// What a far system's answer means. The README gives the table and the reasons.
struct HTTPAnswer {
  private let response: OutboundResponse

  /// A longer wait than this pauses the endpoint.
  static let patience = Duration.seconds(60)
  /// The longest piece of the far side's own words that is kept, in characters.
  static let wordsMax = 200

  init(_ response: OutboundResponse) {
    self.response = response
  }

  /// Returns for success.
  func check(settings: HTTPSettings, now: Timestamp) throws(AdapterError) {
    let status = response.status
    let isSuccess = (200...299).contains(status)
    if settings.successStatus.isEmpty ? isSuccess : settings.successStatus.contains(status) { return }
    throw AdapterError(
      verdict(urlHasPlaces: settings.url.hasPlaces, now: now), code: "http-\(status)", reason: reason)
  }

  private func verdict(urlHasPlaces: Bool, now: Timestamp) -> AdapterError.Verdict {
    switch response.status {
    case 200...299: .inDoubt
    case 300...399, 401, 403, 405, 407, 501: .outage(after: nil)
    case 404: urlHasPlaces ? .retry(after: nil) : .outage(after: nil)
    case 429, 503: busy(retryAfter(now: now))
    case 408, 409, 423, 425, 500...599: .retry(after: retryAfter(now: now))
    default: .reject
    }
  }

  private func busy(_ wait: Duration?) -> AdapterError.Verdict {
    if let wait, wait > Self.patience { .outage(after: wait) } else { .retry(after: wait) }
  }

  /// How long the far side asks us to wait; nil when it does not say.
  func retryAfter(now: Timestamp) -> Duration? { response.retryAfter(now: now) }

  private var reason: String {
    let status = response.status
    let advice =
      switch status {
      case 200...299: ", which this endpoint does not count as success; see `successStatus:`"
      case 300...399: ", a redirect, which is not followed; put the new address under `url:`"
      case 401, 407: ", it does not accept the hub's credentials; see `auth:`"
      case 403: ", the hub's credentials have no right there"
      case 404, 405, 501: ", nothing there takes messages; see `url:` and `method:`"
      default: ""
      }
    let words = farWords.map { ": \($0)" } ?? ""
    return "The far system answered \(status)\(advice)\(words)."
  }

  /// Title and detail of a problem document (RFC 9457), on one line and short.
  private var farWords: String? {
    struct Problem: Decodable {
      var title: String?
      var detail: String?
    }
    let mediaType = (response.headers["Content-Type"] ?? "").lowercased()
    guard mediaType.hasPrefix("application/problem+json") || mediaType.hasPrefix("application/json"),
      let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body))
    else { return nil }
    let joined = [problem.title, problem.detail].compactMap { $0 }.joined(separator: ": ")
    let clean = Self.cleaned(joined)
    return clean.isEmpty ? nil : clean
  }

  /// Without control characters, line breaks and characters that turn the direction of text, at most ``wordsMax`` long.
  static func cleaned(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
      case .format, .surrogate, .privateUse, .unassigned: continue
      default: scalars.append(scalar)
      }
    }
    let words = String(scalars).split(separator: " ").joined(separator: " ")
    let short = words.count > wordsMax ? words.prefix(wordsMax - 1) + "…" : words[...]
    return short.last == "." ? String(short.dropLast()) : String(short)
  }
}
