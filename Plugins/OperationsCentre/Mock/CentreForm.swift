internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// Figures as the centre reads them. Written from the description of the interface alone: it shares nothing with the
/// hub's own code, so that a mistake there is found here.
struct CentreForm {
  var snapshotId: String
  var takenAt: Timestamp
  var sequence: Int64
  /// Each day's figures as JSON text with sorted keys.
  var days: [(day: String, json: String)]

  /// Why something is not figures.
  struct Complaint: Error {
    var text: String
  }

  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy { scalar in
        scalar == "-" || scalar == "_" || ("0"..."9").contains(scalar)
          || scalar.isASCII && scalar.properties.isAlphabetic
      }
  }

  static func read(_ body: [UInt8]) -> Result<CentreForm, Complaint> {
    let wire: Wire
    do {
      wire = try JSONDecoder().decode(Wire.self, from: Data(body))
    } catch DecodingError.keyNotFound(let key, _) {
      return .failure(Complaint(text: "The field \(key.stringValue) is missing."))
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return .failure(Complaint(text: "\(path) has a value of another kind."))
    } catch {
      return .failure(Complaint(text: "The body is not the JSON of figures."))
    }
    guard let takenAt = Timestamp(rfc3339: wire.takenAt) else {
      return .failure(Complaint(text: "takenAt is no RFC 3339 time."))
    }
    guard wire.days.allSatisfy({ Timestamp(rfc3339: "\($0.day)T00:00:00Z") != nil }) else {
      return .failure(Complaint(text: "A day is no date."))
    }
    guard wire.total.isSound, wire.days.allSatisfy(\.figures.isSound) else {
      return .failure(Complaint(text: "A count is negative, or a part is larger than its whole."))
    }
    return .success(
      CentreForm(
        snapshotId: wire.snapshotId, takenAt: takenAt, sequence: wire.sequence,
        days: wire.days.map { ($0.day, $0.figures.json) }))
  }

  private struct Wire: Decodable {
    var snapshotId: String
    var takenAt: String
    var sequence: Int64
    var timeZone: String
    var openDossiers: [String: Int]
    var total: CentreFigures
    var days: [Day]

    struct Day: Decodable {
      var day: String
      var figures: CentreFigures
    }
  }
}

/// One period's figures: groups of counts.
struct CentreFigures: Codable {
  var dossiers: [String: Int]
  var documents: [String: Int]
  var documentStatuses: [String: Int]
  var lookups: Lookups
  var exchanges: [String: Int]
  var refusedAtTheDoor: [String: Int]
  var endpoints: [String: Endpoint]

  struct Lookups: Codable {
    var total: Int
    var withoutPurpose: Int
    var byAgency: [String: Int]
  }

  struct Endpoint: Codable {
    var delivered, refused, parked, expired, abandoned, failedAttempts: Int
    var waiting: [String: Int64]
  }

  var isSound: Bool {
    let groups = [dossiers, documents, documentStatuses, exchanges, refusedAtTheDoor, lookups.byAgency]
    return groups.allSatisfy { $0.values.allSatisfy { $0 >= 0 } } && lookups.total >= lookups.withoutPurpose
      && endpoints.values.allSatisfy { $0.delivered >= 0 && $0.waiting.values.allSatisfy { $0 >= 0 } }
  }

  var json: String { JSONBytes.of(self).map { String(decoding: $0, as: UTF8.self) } ?? "{}" }
}
