internal import Crypto
internal import HubKit
internal import JSONWire

/// What the centre remembers.
struct CentreState {
  /// Figures that came, oldest first; a repeat is no second entry.
  struct Arrival: Encodable {
    var n: Int
    var snapshotId: String
    var sequence: Int64
    var takenAt: String
    var result: String
    var at: String
    var sha256: String
    var bytes: Int
    var repeats: Int
  }

  /// Answer to the question for the newest name.
  struct Newest: Encodable {
    var newest: String?
  }

  private struct Taken: Encodable {
    var snapshotId: String
    var result: String
  }

  private let keptMax: Int
  private(set) var arrivals: [Arrival] = []
  private var bodies: [Int: [UInt8]] = [:]
  /// Place in ``arrivals``, by name.
  private var places: [String: Int] = [:]
  private var newest: (name: String, sequence: Int64, takenAt: Timestamp)?
  /// The newest figures of each day, as JSON text.
  private(set) var days: [String: String] = [:]
  var faults: [CentreFault] = []

  init(keptMax: Int) {
    self.keptMax = keptMax
  }

  /// Name of the newest figures; nil before the first.
  var newestName: String? { newest?.name }

  func body(_ number: Int) -> [UInt8]? { bodies[number] }

  /// Forgets all figures.
  mutating func forget() {
    let faults = faults
    self = CentreState(keptMax: keptMax)
    self.faults = faults
  }

  /// Takes figures in. The same name with the same bytes is known; with others it is refused.
  mutating func take(_ form: CentreForm, _ body: [UInt8], at now: Timestamp) -> ServedResponse {
    let digest = SHA256.hash(data: body).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    if let place = places[form.snapshotId] {
      guard arrivals[place].sha256 == digest else {
        return .refusal(409, "IOC-109", "The name was used before for other figures.")
      }
      arrivals[place].repeats += 1
      return .encoding(Taken(snapshotId: form.snapshotId, result: "known"))
    }
    let isNewest = newest.map { (form.sequence, form.takenAt) > ($0.sequence, $0.takenAt) } ?? true
    if isNewest {
      newest = (form.snapshotId, form.sequence, form.takenAt)
      for (day, json) in form.days { days[day] = json }
    }
    let result = isNewest ? "stored" : "superseded"
    let number = arrivals.count + 1
    places[form.snapshotId] = arrivals.count
    arrivals.append(
      Arrival(
        n: number, snapshotId: form.snapshotId, sequence: form.sequence, takenAt: form.takenAt.description,
        result: result, at: now.description, sha256: digest, bytes: body.count, repeats: 0))
    bodies[number] = body
    bodies[number - keptMax] = nil
    return .encoding(status: isNewest ? 201 : 200, Taken(snapshotId: form.snapshotId, result: result))
  }
}
