internal import HubBus
internal import HubKit
internal import HubTesting

/// Holds what a configuration makes of a message against what was recorded.
///
/// Told are causes: when another route takes the message, nobody wants to read that its bodies differ too.
struct ExchangeComparison {
  private let recorded, made: ReplayStand.Played
  private var found = Differences()

  /// - Returns: the differences, and the numbers of calls that are new or not made any more.
  static func compare(
    _ recorded: ReplayStand.Played, _ made: ReplayStand.Played
  ) -> (differences: Differences, newCalls: Int, missingCalls: Int) {
    var comparison = ExchangeComparison(recorded: recorded, made: made)
    let pairs = Pairs(recorded.made.deliveries, made.made.deliveries)
    comparison.compare(pairs)
    return (comparison.found, pairs.new.count, pairs.missing.count)
  }

  private init(recorded: ReplayStand.Played, made: ReplayStand.Played) {
    self.recorded = recorded
    self.made = made
  }

  private mutating func compare(_ pairs: Pairs) {
    let (before, now) = (recorded.made, made.made)
    guard before.refusal == now.refusal else {
      return found.add(.refusal, route: before.route, before.refusal ?? "-", now.refusal ?? "-")
    }
    guard before.route == now.route else {
      return found.add(.route, route: before.route, place: now.route ?? "-", before.route ?? "-", now.route ?? "-")
    }
    guard before.violations == now.violations else {
      let rules = Set(before.violations).symmetricDifference(now.violations).sorted().joined(separator: " ")
      return found.add(
        .violations, route: before.route, place: rules, before.violations.joined(separator: ", "),
        now.violations.joined(separator: ", "))
    }
    for delivery in pairs.missing {
      found.add(.missingCall, route: delivery.route, subject: delivery.name.text, text(recorded, delivery.body), nil)
    }
    for delivery in pairs.new {
      found.add(.newCall, route: delivery.route, subject: delivery.name.text, nil, text(made, delivery.body))
    }
    for (old, new) in pairs.both { compare(old, new) }
    if found.isEmpty, before.state != now.state {
      found.add(.end, route: before.route, before.state?.rawValue ?? "-", now.state?.rawValue ?? "-")
    }
    compareAnswers(before, now)
  }

  private mutating func compare(_ old: MadeDelivery, _ new: MadeDelivery) {
    // Whatever a route maps goes to all its receivers alike: one cause, not one for each of them.
    let subject = old.name.role == "call" ? "call \(old.name.call ?? "")" : ""
    let places = places(old.body, new.body)
    let whole = places.isEmpty ? [] : [text(recorded, old.body), text(made, new.body)]
    for place in places {
      found.add(
        .body, route: old.route, subject: subject, place: place.name, place.recorded, place.made, whole: whole)
    }
    if places.isEmpty { compareRequests(old, new) }
    if places.isEmpty, old.state != new.state {
      found.add(.delivery, route: old.route, subject: old.name.text, old.state.rawValue, new.state.rawValue)
    }
  }

  private mutating func compareRequests(_ old: MadeDelivery, _ new: MadeDelivery) {
    guard let before = old.requests, let now = new.requests, before != now else { return }
    let (left, right) = (before.map { $0.whole(recorded.contents) }, now.map { $0.whole(made.contents) })
    let whole = [left, right].map { $0.map(\.text).joined(separator: "\n\n") }
    for found in WireDifference.places(left, right) {
      let number = found.number > 1 ? " #\(found.number)" : ""
      self.found.add(
        .request, route: old.route, subject: old.name.place + number, place: found.place.name, found.place.recorded,
        found.place.made, whole: whole)
    }
  }

  private func places(_ old: Content, _ new: Content) -> [DifferingPlace] {
    guard old.digest != new.digest else { return [] }
    return ContentDifference.places(recorded.contents[old] ?? [], made.contents[new] ?? [])
  }

  private mutating func compareAnswers(_ before: MadeExchange, _ now: MadeExchange) {
    guard before.answer?.digest != now.answer?.digest else { return }
    guard let old = before.answer, let new = now.answer else {
      // Whoever asked gets nothing because of something that is told already.
      if found.isEmpty {
        found.add(.answer, route: before.route, text(recorded, before.answer), text(made, now.answer))
      }
      return
    }
    for place in places(old, new) {
      found.add(
        .answer, route: before.route, place: place.name, place.recorded, place.made,
        whole: [text(recorded, old), text(made, new)])
    }
  }

  private func text(_ played: ReplayStand.Played, _ content: Content?) -> String? {
    played.contents[content].map { ContentDifference.text($0) }
  }
}

extension MadeRequest {
  /// With its bytes.
  fileprivate func whole(_ contents: Contents) -> SentRequest {
    SentRequest(method: method, url: url, headers: headers, body: contents[body])
  }
}

/// The deliveries of two runs, brought together by name and order.
private struct Pairs {
  var both: [(MadeDelivery, MadeDelivery)] = []
  var missing: [MadeDelivery] = []
  var new: [MadeDelivery]

  init(_ recorded: [MadeDelivery], _ made: [MadeDelivery]) {
    new = made
    for delivery in recorded {
      if let place = new.firstIndex(where: { $0.name == delivery.name && $0.route == delivery.route }) {
        both.append((delivery, new.remove(at: place)))
      } else {
        missing.append(delivery)
      }
    }
  }
}
