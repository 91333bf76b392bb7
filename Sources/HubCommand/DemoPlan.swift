internal import Foundation
internal import HubKit

/// The committed plan of the demo's traffic: what is sent, how often, and how each kind must end.
struct DemoPlan: Decodable {
  /// One kind of message.
  struct Kind: Decodable {
    /// Its name, in messages about it.
    var name: String
    /// The flow under which the table counts it.
    var flow: String
    /// How many of a hundred messages are of this kind.
    var share: Int
    /// Sender and receivers, by organisation code.
    var from: String
    var to: [String]
    /// A maker of samples (`SampleTraffic`), or a file beside this plan with `{{number}}`, `{{number4}}` (four digits),
    /// `{{run}}` and `{{time}}`.
    var sample: String?
    var file: String?
    /// The service that is asked with the file, instead of handing it in.
    var service: String?
    /// Further CloudEvents attributes, for questions.
    var attributes: [String: String]?
    /// A far system that calls us: the record is pushed to its connector.
    var push: Push?
    /// CloudEvents type, subject and media type, for files.
    var type: String?
    var subject: String?
    var mediaType: String?
    /// How it must end.
    var expect: Expectation
  }

  /// How a far system calls the hub.
  struct Push: Decodable {
    /// Below `/v1/served/`.
    var path: String
    /// The user name that it shows, and the file of the demo's data that holds its secret.
    var user, secret: String
  }

  /// How a message must end.
  struct Expectation: Decodable {
    /// `accepted`, or the problem that the door answers.
    var answer: String
    /// The exchange's end, when accepted.
    var state: ExchangeState?
    /// How many far systems must have it, counted at the mocks.
    var copies: Int?
    /// How many status messages must have come back to the sender's system, counted at its mock.
    var statuses: Int?
  }

  var kinds: [Kind]

  static func read(_ path: String) throws -> DemoPlan {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        "Không đọc được \(path) / the traffic plan cannot be read. Run it from the checkout, or give --plan.")
    }
    do {
      let plan = try JSONDecoder().decode(DemoPlan.self, from: data)
      guard plan.kinds.reduce(0, { $0 + $1.share }) == 100 else {
        throw Failure("\(path): shares do not add up to 100.")
      }
      return plan
    } catch let error as DecodingError {
      throw Failure("\(path): \(error)")
    }
  }

  /// The kind of the n-th message: spread evenly, the same in each run.
  func kind(of number: Int) -> Kind {
    // 37 has no common factor with 100, so that a hundred messages in a row meet each place once.
    var place = number * 37 % 100
    for kind in kinds {
      if place < kind.share { return kind }
      place -= kind.share
    }
    return kinds[0]
  }
}

/// One message of the demo, and what became of it.
struct DemoResult: Sendable {
  var number: Int
  var kind: String
  var flow: String
  var documentID: String
  var messageID: String
  /// `accepted`, or the problem's name.
  var answer: String
  var exchange: ExchangeID?
  var view: ExchangeView?
}
