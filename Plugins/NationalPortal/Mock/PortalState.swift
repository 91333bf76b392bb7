internal import HubKit
internal import JSONWire

/// All that the portal knows. Changed under one lock; every change depends on its arguments alone.
struct PortalState {
  /// One record that was sent to the portal.
  struct Arrival {
    var service: String
    var code: String
    var isUpdating: Bool
    var record: JSONValue
    /// How often the same came again.
    var repeats = 0
  }

  /// A dossier that a citizen filed here, whole, with the bytes of its files.
  struct Filed {
    var record: JSONValue
    /// `yyyyMMddHHmmss`.
    var time: String
  }

  /// Something that goes wrong on purpose.
  struct Fault: Codable {
    enum Kind: String, Codable { case errorCode = "error-code", emptyBody = "empty-body", unreadable }
    /// The service that it spoils; `*` for all, `login` for logging in.
    var service: String
    var kind: Kind
    /// error_code of `error-code`.
    var code: String?
    /// How many calls it spoils; nil: one; negative: all.
    var times: Int?
    /// How many calls pass first.
    var skip: Int?
  }

  let isStrict: Bool
  private(set) var arrivals: [Arrival] = []
  private(set) var dossiers: [String: JSONValue] = [:]
  private(set) var filed: [Filed] = []
  var faults: [Fault] = []
  private(set) var logins = 0
  private var sessions: [String: Timestamp] = [:]
  /// Sessions are dropped after so many calls of services; nil: never.
  var dropsAfter: Int?

  init(isStrict: Bool) {
    self.isStrict = isStrict
  }

  // MARK: - Sessions

  mutating func logIn(until end: Timestamp) -> String {
    logins += 1
    let session = "phien-\(logins)-\(UInt64.random(in: 0 ... .max))"
    sessions[session] = end
    return session
  }

  func liveSessions(at now: Timestamp) -> Int { sessions.values.count { $0 > now } }

  func isLive(_ session: String, at now: Timestamp) -> Bool { sessions[session].map { $0 > now } ?? false }

  mutating func dropSessions() { sessions = [:] }

  /// One call of a service has been answered.
  mutating func countCall() {
    guard let left = dropsAfter else { return }
    dropsAfter = left > 1 ? left - 1 : nil
    if left <= 1 { dropSessions() }
  }

  /// The fault that spoils a call; it is used up by that.
  mutating func fault(_ service: String) -> Fault? {
    for index in faults.indices where faults[index].service == service || faults[index].service == "*" {
      if let skip = faults[index].skip, skip > 0 {
        faults[index].skip = skip - 1
        continue
      }
      let fault = faults[index]
      let left = (fault.times ?? 1) - 1
      if left == 0 { faults.remove(at: index) } else if left > 0 { faults[index].times = left }
      return fault
    }
    return nil
  }

  // MARK: - Dossiers

  /// Whether the portal has a dossier, sent by the city or filed by a citizen.
  func has(_ code: String) -> Bool { dossiers[code] != nil || isFiled(code) }

  func isFiled(_ code: String) -> Bool { filedDossier(code) != nil }

  func filedDossier(_ code: String) -> Filed? { filed.first { $0.record["MaHoSo"]?.string == code } }

  /// A citizen files a dossier, or changes the one with the same code.
  mutating func file(_ record: JSONValue, time: String) {
    filed.removeAll { $0.record["MaHoSo"] == record["MaHoSo"] }
    filed.append(Filed(record: record, time: time))
  }

  mutating func setStatus(_ status: JSONValue, of code: String) {
    guard let index = filed.firstIndex(where: { $0.record["MaHoSo"]?.string == code }) else { return }
    filed[index].record["TrangThaiHoSo"] = status
  }

  /// Keeps what was sent. The same record for the same service is one arrival, however often it comes.
  ///
  /// - Returns: false when it had come before.
  mutating func keep(_ service: String, _ record: JSONValue, isUpdating: Bool = false) -> Bool {
    let code = record["MaHoSo"]?.string ?? ""
    if service == "DongBoHoSoMC" { dossiers[code] = record }
    if let index = arrivals.lastIndex(where: { $0.service == service && $0.record == record }) {
      arrivals[index].repeats += 1
      return false
    }
    arrivals.append(Arrival(service: service, code: code, isUpdating: isUpdating, record: record))
    return true
  }
}
