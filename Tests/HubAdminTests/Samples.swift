import HubAdmin
import HubKit

/// Snapshots for tests: synthetic agencies and no persons.
enum Samples {
  static let now = time("2026-11-23T08:14:32.500Z")

  static func time(_ text: String) -> Timestamp {
    guard let time = Timestamp(rfc3339: text) else { fatalError("not a time: \(text)") }
    return time
  }

  static func id(_ number: UInt64) -> ExchangeID {
    ExchangeID(
      time: now - .seconds(Int64(number) * 7),
      random: ((number + 1) &* 0x9E37_79B9_7F4A_7C15, (number + 1) &* 0xBF58_476D_1CE4_E5B9))
  }

  /// A hub with something of everything.
  static var busy: OverviewSnapshot {
    OverviewSnapshot(
      takenAt: now, startedAt: now - .seconds(2 * 86_400 + 3 * 3600 + 245), version: "0.1.0",
      configurationDigest: "5d41402abc4b2a76b9719d911017c592ae1c0e24f0b4dd5e27a92c1b54f0c7a1",
      operatorName: "Thành phố Mẫu",
      counts: ExchangeCounts(
        since: time("2026-11-22T17:00:00Z"), received: 2, underway: 37, delivered: 18_442, partly: 6, failed: 21,
        refused: 143, parked: 9),
      endpoints: endpoints, flows: flows, recentExchanges: exchanges, recentRefusals: refusals,
      journal: JournalStatus(
        exchanges: 1_284_903, events: 2_611_870, bytes: 42_184_556_544, freeBytes: 212_600_193_024,
        freeBytesMin: 5 << 30, oldestOpen: now - .seconds(4210)))
  }

  /// A hub that has just started and knows nothing yet.
  static var empty: OverviewSnapshot {
    OverviewSnapshot(
      takenAt: now, startedAt: now - .seconds(5), version: "0.1.0", configurationDigest: "",
      counts: ExchangeCounts(since: now - .seconds(5)),
      journal: JournalStatus(exchanges: 0, events: 0, bytes: 4096, freeBytes: 1 << 40))
  }

  static var endpoints: [EndpointRow] {
    [
      EndpointRow(
        name: "truc-van-ban", connector: "edocument", waiting: 3, inFlight: 2, delivered: 9120, failed: 4,
        lastSuccess: now - .seconds(1), p50: .milliseconds(38), p95: .milliseconds(212)),
      EndpointRow(
        name: "so-tai-chinh", connector: "http", delivered: 5870, lastSuccess: now - .seconds(4),
        p50: .microseconds(8_400), p95: .microseconds(21_300)),
      EndpointRow(
        name: "so-xay-dung", connector: "http", state: .down, since: now - .seconds(754),
        reason: "Không mở được kết nối tới máy chủ của sở", nextTry: now + .seconds(26), waiting: 31, delivered: 2011,
        failed: 12, lastSuccess: now - .seconds(760), p50: .milliseconds(95), p95: .milliseconds(5_030)),
      EndpointRow(
        name: "quan-1", connector: "http", state: .paused, since: now - .seconds(86_400 + 300),
        reason: "Bảo trì theo lịch", waiting: 5, delivered: 1441, failed: 5, lastSuccess: now - .seconds(86_700),
        p50: .milliseconds(12), p95: .milliseconds(60)),
      EndpointRow(name: "so-y-te", connector: "http"),
    ]
  }

  static var flows: [FlowRow] {
    func wave(_ base: Int, _ step: Int) -> [Int] { (0..<60).map { base + ($0 * step + $0 * $0 / 7) % (base + 3) } }
    return [
      FlowRow(name: "vn.gov.edoc.document", perMinute: wave(18, 5)),
      FlowRow(name: "vn.gov.edoc.status", perMinute: wave(9, 3)),
      FlowRow(name: "vn.gov.onestop.dossier.submitted", perMinute: wave(4, 2)),
      FlowRow(name: "vn.gov.report.monthly", perMinute: Array(repeating: 0, count: 59) + [1]),
    ]
  }

  static var exchanges: [ExchangeRow] {
    let states: [(ExchangeState, String?)] = [
      (.received, nil), (.underway, nil), (.delivered, nil), (.delivered, nil),
      (.partly, "quan-1: tạm dừng quá hạn của bản tin"), (.delivered, nil),
      (.failed, "so-xay-dung từ chối: mã lỗi 18, chữ ký không đúng"), (.delivered, nil), (.delivered, nil),
      (.delivered, nil), (.delivered, nil), (.delivered, nil), (.delivered, nil),
    ]
    return states.enumerated().map { index, state in
      ExchangeRow(
        id: id(UInt64(index)), receivedAt: now - .seconds(Int64(index) * 7),
        type: index % 3 == 0 ? "vn.gov.edoc.status" : "vn.gov.edoc.document", sender: "H99.\(index % 4 + 1)",
        receivers: index == 4 ? ["H99.10", "H99.11", "H99.12", "H99.13"] : ["H99.1\(index % 3)"], state: state.0,
        reason: state.1)
    }
  }

  static var refusals: [RefusalRow] {
    [
      RefusalRow(
        time: now - .seconds(3), principal: nil, type: nil, code: "unauthorized", reason: "The token has expired."),
      RefusalRow(
        time: now - .seconds(64), principal: "agency:H99.3", type: "vn.gov.edoc.document", code: "secret",
        reason: "The document is marked as a state secret and must not pass here."),
      RefusalRow(
        time: now - .seconds(180), principal: "agency:H99.2", type: "vn.gov.edoc.document", code: "unknown-receiver",
        reason: "Receiver H99.77 is not known here."),
    ]
  }
}
