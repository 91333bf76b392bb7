internal import HubBus
internal import HubKit
internal import HubRouting
internal import HubTransform

/// Holds what a test expects against what came of it.
struct Comparison {
  private let expected: RouteExpectation
  private let route: Route

  init(_ expected: RouteExpectation, route: Route) {
    self.expected = expected
    self.route = route
  }

  /// Each difference in a sentence; personal data may stand in test files, so bodies are not quoted beyond the place
  /// where they differ.
  func differences(from result: Rehearsal.Result) -> [String] {
    if let refusal = result.refusal { return refused(refusal) }
    var list: [String] = []
    if expected.noRoute {
      if let taken = result.route { list.append("No route should take the message, but \(taken) does.") }
      return list
    }
    let wanted = expected.route ?? route.name
    if result.route != wanted {
      list.append("Route \(wanted) should take the message, but \(result.route ?? "none") does.")
    }
    if let state = expected.state, result.outcome?.state != state {
      let found = result.outcome.map { "\($0.state.rawValue): \($0.reason ?? "")" } ?? "not settled"
      list.append("The exchange should end \(state.rawValue), but it ends \(found)")
    }
    return list + violations(result) + deliveries(result) + answer(result)
  }

  private func answer(_ result: Rehearsal.Result) -> [String] {
    guard let wanted = expected.answer else { return [] }
    guard let answer = result.answer else { return ["The caller should get an answer, but gets none."] }
    return difference(answer.body, wanted.bytes, by: route.reply?.map ?? []).map {
      ["The caller's answer differs: \($0)"]
    } ?? []
  }

  private func refused(_ refusal: NotAccepted) -> [String] {
    let rules = [refusal.code.rawValue] + refusal.violations.map(\.rule)
    if expected.noRoute, refusal.code == .noRoute { return [] }
    if !expected.violations.isEmpty, expected.violations.allSatisfy(rules.contains) { return [] }
    return ["The door refuses the message (\(refusal.code.rawValue)): \(refusal.reason)"]
  }

  private func violations(_ result: Rehearsal.Result) -> [String] {
    guard result.outcome?.state == .failed || !expected.violations.isEmpty else { return [] }
    let found = result.violations.map(\.rule)
    return expected.violations.filter { !found.contains($0) }.map {
      "The violation \($0) should be found; found: \(found.isEmpty ? "none" : found.joined(separator: ", "))."
    }
  }

  private func deliveries(_ result: Rehearsal.Result) -> [String] {
    guard let wanted = expected.deliveries else { return [] }
    var left = result.sent
    var list: [String] = []
    for delivery in wanted {
      let place = delivery.receiver.map { "\(delivery.endpoint) for \($0)" } ?? delivery.endpoint
      let index = left.firstIndex {
        $0.endpoint == delivery.endpoint && (delivery.receiver == nil || $0.receiver == delivery.receiver)
      }
      guard let index else {
        list.append("A delivery to \(place) should be made.")
        continue
      }
      let sent = left.remove(at: index)
      if let mediaType = delivery.mediaType, sent.mediaType != mediaType {
        list.append("What goes to \(place) should be \(mediaType), but is \(sent.mediaType ?? "of no type").")
      }
      if let body = delivery.body, let difference = difference(sent.body, body.bytes, by: maps(sent)) {
        list.append("What goes to \(place) differs: \(difference)")
      }
    }
    return list
      + left.map { "A delivery to \($0.endpoint)\($0.receiver.map { " for \($0)" } ?? "") should not be made." }
  }

  /// The mappings that made what was sent, when they are this route's.
  private func maps(_ sent: Rehearsal.Sent) -> [RouteMapping] {
    guard sent.route == route.name else { return [] }
    guard sent.role == .call else { return route.map }
    return route.enrich.first { $0.name == sent.planned.call }.map { [.jq($0.with)] } ?? []
  }

  /// Where something differs, and the lines of mappings from which that comes.
  private func difference(_ sent: Body, _ wanted: [UInt8], by maps: [RouteMapping]) -> String? {
    guard case .inline(let bytes) = sent else { return "it is not in memory." }
    guard let found = ContentComparison.first(bytes, wanted) else { return nil }
    guard let lines = found.place.flatMap({ MappingSources.lines(of: $0, in: maps) }) else { return found.sentence }
    return "\(found.sentence) It is made in \(lines.joined(separator: ", "))."
  }
}
