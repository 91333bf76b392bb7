/// Where what a connector puts on the wire differs.
public enum WireDifference {
  /// One place, in one of the requests.
  public struct Place: Sendable, Hashable {
    /// Which of the requests, from 1.
    public var number: Int
    /// Where in it: `method`, `host`, `path`, `query:<name>`, `header:<name>`, `body` with a JSON pointer, or
    /// `requests` when there are more or fewer.
    public var place: DifferingPlace
  }

  /// Compares method, URL, header fields and body, request by request.
  public static func places(_ before: [SentRequest], _ now: [SentRequest]) -> [Place] {
    guard before.count == now.count else {
      return [
        Place(number: 1, place: DifferingPlace(name: "requests", recorded: "\(before.count)", made: "\(now.count)"))
      ]
    }
    return zip(before, now).enumerated().flatMap { index, pair in
      places(pair.0, pair.1).map { Place(number: index + 1, place: $0) }
    }
  }

  private static func places(_ old: SentRequest, _ new: SentRequest) -> [DifferingPlace] {
    var places: [DifferingPlace] = []
    func note(_ name: String, _ before: String?, _ now: String?) {
      if before != now { places.append(DifferingPlace(name: name, recorded: before, made: now)) }
    }
    note("method", old.method, new.method)
    let (left, right) = (URLParts(old.url), URLParts(new.url))
    note("host", left.host, right.host)
    note("path", left.path, right.path)
    for name in Set(left.query.keys).union(right.query.keys).sorted() {
      note("query:\(name)", left.query[name], right.query[name])
    }
    for name in Set((old.headers + new.headers).map { $0.first ?? "" }).sorted() {
      note("header:\(name)", old.values(of: name), new.values(of: name))
    }
    switch (old.body, new.body) {
    case (let one?, let other?):
      places += ContentDifference.places(one, other).map { place in
        DifferingPlace(name: "body\(place.name)", recorded: place.recorded, made: place.made)
      }
    case (let one, let other): note("body", one.map { "\($0.count) byte" }, other.map { "\($0.count) byte" })
    }
    return places
  }
}

extension SentRequest {
  fileprivate func values(of name: String) -> String? {
    let values = headers.filter { $0.first == name }.compactMap(\.last)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// The request for people.
  public var text: String {
    let head = ["\(method) \(url)"] + headers.map { $0.joined(separator: ": ") }
    return (head + ["", body.map(ContentDifference.text) ?? ""]).joined(separator: "\n")
  }
}

/// A URL taken apart as far as it is compared.
private struct URLParts {
  var host, path: String
  var query: [String: String] = [:]

  init(_ text: String) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let place = parts[0]
    let start = place.firstRange(of: "://").map(\.upperBound) ?? place.startIndex
    let slash = place[start...].firstIndex(of: "/") ?? place.endIndex
    (host, path) = (String(place[..<slash]), String(place[slash...]))
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      query[sides[0]] = sides.count > 1 ? sides[1] : ""
    }
  }
}
