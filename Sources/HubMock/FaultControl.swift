import FoundationEssentials
import HubConfig
import HubKit

extension FaultInterface {
  /// What `GET` shows.
  private struct Shown: Encodable {
    var rule: FaultRule
    var matched: Int
    var struck: Int
  }

  /// Answers the control: see the type's own comment.
  func control(_ request: ServedRequest) -> ServedResponse {
    do {
      switch request.method {
      case "GET", "HEAD": break
      case "PUT": set(try FaultRule.list(json: request.body))
      case "POST": for rule in try FaultRule.list(json: request.body) { add(rule) }
      case "DELETE": set([])
      default:
        return ServedResponse(status: 405, headers: [HeaderField("Allow", "GET, HEAD, PUT, POST, DELETE")])
      }
    } catch {
      return ServedResponse(
        status: 400, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
        body: Array("\(error)\n".utf8))
    }
    return listing
  }

  private var listing: ServedResponse {
    let shown = rules.map { Shown(rule: $0.rule, matched: $0.count.matched, struck: $0.count.struck) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(shown) else { return ServedResponse(status: 500) }
    return .json(String(decoding: json, as: UTF8.self))
  }
}
