internal import Foundation
internal import HubAdmin
internal import HubJournal
internal import Logging

/// Who had recorded exchanges sent to live systems, and why: kept by the hub, before anything is sent.
struct ReplayRecord: Codable {
  /// Where it is ordered on the control socket.
  static let path = "/replays"

  /// Who, as the kernel tells it.
  var by: String
  /// Which endpoints, and why.
  var reason: String

  /// What the hub does with it.
  static func command(_ journal: Journal, _ logger: Logger) -> ControlServer.Command {
    ControlServer.Command(path) { by, body in
      struct Order: Decodable { var reason: String }
      guard let order = try? JSONDecoder().decode(Order.self, from: Data(body)) else {
        return (400, Array(#"{"detail":"reason?"}"#.utf8))
      }
      let record = ReplayRecord(by: by, reason: String(order.reason.prefix(500)))
      let json = Array(try JSONEncoder().encode(record))
      journal.audit(kind: "replay.live", principal: "person:\(by)", payload: json)
      // An empty record ends with the commit that holds it: nothing is sent before it is on the disk.
      try await journal.record([])
      logger.notice(
        "recorded exchanges are sent to live systems / phát lại giao dịch ra hệ thống thật",
        metadata: [
          "by": "\(by)"
        ])
      return (200, json)
    }
  }
}
