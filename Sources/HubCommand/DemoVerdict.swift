internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// Holds what became of the demo's messages against the plan. What was delivered is read from what the mocks received:
/// the hub's own journal would prove nothing.
struct DemoVerdict {
  let plan: DemoPlan
  let results: [DemoResult]
  let received: [Received]

  /// What a mock says that it received.
  struct Received: Decodable, Sendable {
    /// CloudEvents id, where the protocol has one.
    var id: String?
    /// The document's own id, or the CloudEvents subject.
    var subject: String?
    var documentId: String?
    var type: String?
    var messageType: String?
    /// Whose system has it.
    var agency: String?
    var to: String?

    var holder: String { agency ?? to ?? "" }
  }

  /// Reads what the mocks received, and what was fetched from inboxes.
  static func received(by sender: DemoSender) async throws -> [Received] {
    var all = try await sender.fetchInboxes()
    for mock in sender.site.configuration.mocks {
      let response = try await sender.client.send(
        OutboundRequest(method: "GET", url: "http://\(mock.address)/_mock/received"))
      // A mock to which nothing is sent keeps no list.
      guard response.status == 200 else { continue }
      all += try JSONDecoder().decode([Received].self, from: Data(response.body))
    }
    return all
  }

  /// Each message that did not end as planned, in a sentence.
  func failures() -> [String] {
    let (copies, statuses) = places()
    return results.flatMap { result -> [String] in
      let wanted = plan.kind(of: result.number).expect
      let name = "\(result.kind) #\(result.number) \(result.exchange?.text ?? "")"
      guard result.answer == wanted.answer else {
        return ["\(name): answer \(result.answer), expected \(wanted.answer)"]
      }
      var list: [String] = []
      if let state = wanted.state, result.view?.state != state {
        let reason = result.view?.reason ?? "not settled"
        list.append("\(name): ended \(result.view?.state.rawValue ?? "?") (\(reason)), expected \(state.rawValue)")
      }
      let found = copies[result.documentID, default: []].union(copies[result.messageID, default: []]).count
      if let wanted = wanted.copies, found != wanted {
        list.append("\(name): the far systems have \(found) copies, expected \(wanted)")
      }
      if let wanted = wanted.statuses {
        let sender = plan.kind(of: result.number).from
        let holders = statuses[result.documentID, default: [:]]
        let back = holders[sender, default: 0]
        if back != wanted { list.append("\(name): \(back) statuses came back, expected \(wanted)") }
        for astray in holders.keys.sorted() where astray != sender {
          list.append("\(name): a status about it went to \(astray), its sender is \(sender)")
        }
      }
      return list
    }
  }

  /// Where in `received` documents lie, by each name that they have; and the number of statuses, by the id of the
  /// document that they are about and by the agency whose system has them.
  private func places() -> (copies: [String: Set<Int>], statuses: [String: [String: Int]]) {
    var copies: [String: Set<Int>] = [:]
    var statuses: [String: [String: Int]] = [:]
    for (place, item) in received.enumerated() {
      if item.type == "vn.gov.edoc.status" || item.messageType == "status" {
        // At the axis a status is on its way; at the sender's system it has arrived.
        if item.messageType == nil, let subject = item.subject {
          statuses[subject, default: [:]][item.holder, default: 0] += 1
        }
      } else {
        for name in [item.documentId, item.subject, item.id].compactMap({ $0 }) {
          copies[name, default: []].insert(place)
        }
      }
    }
    return (copies, statuses)
  }

  /// The table of the run.
  func printTable() {
    var rows: [[String]] = []
    let copies = places().copies
    for flow in Array(Set(results.map(\.flow))).sorted() {
      let own = results.filter { $0.flow == flow }
      let times = own.compactMap { result in
        result.view.flatMap { view in view.settledAt.map { ($0 - view.receivedAt).milliseconds } }
      }.sorted()
      let ends = own.flatMap { $0.view?.deliveries ?? [] }
      // What a far system pushed has no exchange that it could ask for: it is counted where it arrived.
      let pushed = own.filter { $0.exchange == nil && $0.answer == "accepted" && copies[$0.documentID] != nil }.count
      rows.append([
        flow, "\(own.count { $0.answer == "accepted" })", "\(ends.count { $0.state == .delivered } + pushed)",
        "\(own.count { $0.answer != "accepted" } + ends.count { $0.state == .refused })",
        "\(ends.count { $0.state == .parked || $0.state == .expired } + own.count(where: Self.isInvalid))",
        Self.percentile(times, 0.5), Self.percentile(times, 0.95),
      ])
    }
    Output.table(
      [
        "Luồng / flow", "nhận / accepted", "đã chuyển / delivered", "từ chối / refused", "treo / parked", "p50 ms",
        "p95 ms",
      ], rows)
  }

  /// Whether it lies in the invalid-message store: accepted, and nothing could be sent.
  private static func isInvalid(_ result: DemoResult) -> Bool {
    result.view?.state == .failed && result.view?.deliveries.isEmpty == true
  }

  /// A dash where nothing was measured.
  private static func percentile(_ sorted: [Double], _ share: Double) -> String {
    sorted.isEmpty ? "–" : "\(Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))].rounded()))"
  }
}
