internal import HubKit
internal import JSONWire

/// All that the system knows. Changed under one lock; every change depends on its arguments alone.
struct ProcedureState {
  /// One dossier.
  struct Dossier {
    var code: String
    var data: JSONValue
    /// A word of the canonical list, from `registered` on.
    var status = "registered"
    var dueAt: String?
    /// Whether the applicant was asked for more already.
    var wasSupplemented = false
    /// Position in the order of arrival, from 0.
    var position: Int
  }

  /// One event that was handed in.
  struct Arrival {
    /// Source and id: what makes two events the same.
    var key: [String]
    var code: String
    var data: JSONValue
    var attributes: [String: String]
    /// How often it came again.
    var repeats = 0
  }

  /// Something that goes wrong on purpose.
  struct Fault: Codable {
    enum Kind: String, Codable { case status, emptyBody = "empty-body", unreadable }
    /// `dossiers` or `events`.
    var path: String
    var kind: Kind
    /// For `status`; 503 when left out.
    var status: Int?
    /// How many calls it spoils; nil: one; negative: all.
    var times: Int?
  }

  /// Every word of the canonical list.
  static let words: Set<String> = [
    "registered", "accepted", "not-accepted", "in-progress", "supplement-requested", "fee-requested", "withdrawn",
    "stopped", "finished", "returned",
  ]

  /// Part of every cursor: one from before a reset is not known any more.
  private(set) var epoch: Int64
  private(set) var dossiers: [String: Dossier] = [:]
  private(set) var order: [String] = []
  private(set) var arrivals: [Arrival] = []
  private(set) var events: [JSONValue] = []
  var faults: [Fault] = []
  private let birth: Int64

  init(epoch: Int64) {
    self.epoch = epoch
    birth = epoch
  }

  /// The fault that spoils a call; it is used up by that.
  mutating func fault(_ path: String) -> Fault? {
    guard let index = faults.firstIndex(where: { $0.path == path }) else { return nil }
    let fault = faults[index]
    let left = (fault.times ?? 1) - 1
    if left == 0 { faults.remove(at: index) } else if left > 0 { faults[index].times = left }
    return fault
  }

  // MARK: - Dossiers

  /// How an event was received.
  enum Taken { case new, repeated, conflict }

  mutating func take(_ arrival: Arrival) -> Taken {
    if let index = arrivals.firstIndex(where: { $0.key == arrival.key }) {
      guard arrivals[index].data == arrival.data else { return .conflict }
      arrivals[index].repeats += 1
      return .repeated
    }
    arrivals.append(arrival)
    if dossiers[arrival.code] == nil {
      dossiers[arrival.code] = Dossier(
        code: arrival.code, data: arrival.data, dueAt: arrival.data["dueAt"]?.string, position: order.count)
      order.append(arrival.code)
    } else {
      dossiers[arrival.code]?.data = arrival.data
    }
    return .new
  }

  // MARK: - Steps

  /// Moves every dossier on that has not come to its end.
  mutating func advanceAll(at now: Timestamp) {
    for code in order { advance(code, at: now) }
  }

  /// Moves one dossier to a status, or to the one that comes next.
  mutating func advance(_ code: String, to status: String? = nil, at now: Timestamp) {
    guard var dossier = dossiers[code], let next = status ?? Self.next(dossier), next != dossier.status else { return }
    if next == "supplement-requested" { dossier.wasSupplemented = true }
    if next == "accepted", dossier.dueAt == nil { dossier.dueAt = Self.local(now + .seconds(5 * 86_400)) }
    dossier.status = next
    dossiers[code] = dossier
    events.append(event(dossier, at: now))
  }

  /// Every fifth dossier lacks something first, every eleventh is not accepted.
  private static func next(_ dossier: Dossier) -> String? {
    switch dossier.status {
    case "registered": dossier.position % 11 == 10 ? "not-accepted" : "accepted"
    case "accepted", "supplement-requested", "fee-requested": "in-progress"
    case "in-progress":
      dossier.position % 5 == 4 && !dossier.wasSupplemented ? "supplement-requested" : "finished"
    case "finished": "returned"
    default: nil
    }
  }

  private func event(_ dossier: Dossier, at now: Timestamp) -> JSONValue {
    let time = Self.local(now)
    var data: [String: JSONValue] = [
      "dossierCode": .text(dossier.code), "status": .text(dossier.status), "at": .text(time),
      "officer": .object(["name": .text("Cán bộ Thử Nghiệm"), "title": .text("Chuyên viên")]),
      "unit": dossier.data["unit"] ?? .object(["code": .text("H24.1"), "name": .text("Bộ phận Một cửa")]),
      "content": .text("Hồ sơ chuyển sang trạng thái \(dossier.status)"),
    ]
    data["procedureCode"] = dossier.data["procedure"]?["code"]
    data["dueAt"] = dossier.dueAt.map(JSONValue.text)
    if ["finished", "returned"].contains(dossier.status) { data["finishedAt"] = .text(time) }
    var event: [String: JSONValue] = [
      "specversion": .text("1.0"), "id": .text("tthc-\(birth)-\(events.count + 1)"),
      "source": .text("/procedure-system"), "type": .text("vn.haiphong.dossier.status"),
      "subject": .text(dossier.code), "time": .text(time), "datacontenttype": .text("application/json"),
      "dossierstatus": .text(dossier.status), "data": .object(data),
    ]
    event["duetime"] = dossier.dueAt.map(JSONValue.text)
    return .object(event)
  }

  /// RFC 3339 by Vietnam's clocks.
  static func local(_ time: Timestamp) -> String {
    "\((time + CalendarDay.offset).description.prefix(19))+07:00"
  }

  // MARK: - Cursors

  /// The cursor behind so many events.
  func cursor(_ count: Int) -> String { "\(epoch)-\(count)" }

  /// How many events lie before a cursor; nil for one that is not known.
  func position(of cursor: String) -> Int? {
    let parts = cursor.split(separator: "-")
    guard parts.count == 2, parts[0] == "\(epoch)", let count = Int(parts[1]), (0...events.count).contains(count) else {
      return nil
    }
    return count
  }

  /// All cursors given out so far are forgotten; the events stay.
  mutating func forgetCursors() { epoch += 1 }

  /// An event of the control's own making, however wrong.
  mutating func insert(_ event: JSONValue) { events.append(event) }
}
