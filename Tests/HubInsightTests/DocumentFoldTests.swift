import HubKit
import HubTesting
import Testing

@testable import HubInsight

/// The life of a document, message by message.
@Suite struct DocumentFoldTests {
  /// Messages about one document, one second apart.
  private struct Story {
    var fold = DocumentFold("D")
    private var second: Int64 = 0

    private mutating func next(
      _ type: String, from sender: String, to receivers: [String], subject: String, _ attributes: [String: String],
      _ state: DeliveryState = .delivered
    ) {
      second += 1
      let time = Timestamp(microseconds: second * 1_000_000)
      let id = ExchangeID.make(at: time)
      let codes = receivers.compactMap { OrganisationCode($0) }
      let view = ExchangeView(
        id: id, state: .delivered, type: type, source: "/t", messageID: "\(second)", sender: OrganisationCode(sender),
        receivers: codes, subject: subject, receivedAt: time,
        deliveries: codes.enumerated().map { index, code in
          DeliveryView(
            id: "\(id).\(index + 1)", endpoint: "e", receiver: code, state: state, attempts: 1, reason: "vì sao")
        },
        events: codes.map { EventView(name: state.rawValue, at: time, endpoint: "e", receiver: $0) })
      var envelope = Envelope(id: "\(second)", source: "/t", type: type, subject: subject)
      envelope.extensions = attributes
      fold.take(
        SentMessage(
          sequence: second, exchange: view, envelope: envelope, keys: [BusinessKey(name: "notation", value: "1/A")]))
    }

    mutating func document(
      _ action: String = "new", id: String = "D", to: [String], _ state: DeliveryState = .delivered
    ) {
      next("vn.gov.edoc.document", from: "S", to: to, subject: id, ["documentaction": action], state)
    }

    mutating func status(_ code: String, from sender: String, to: [String] = ["S"]) {
      next("vn.gov.edoc.status", from: sender, to: to, subject: "D", ["documentstatus": code])
    }

    func state(of code: String) -> DocumentLife.State? { receiver(code)?.state }
    func receiver(_ code: String) -> DocumentLife.Receiver? { fold.life.receivers.first { $0.receiver.text == code } }
  }

  @Test func `each receiver has a state of its own, and statuses only move it forward`() {
    var story = Story()
    story.document(to: ["A", "B"])
    #expect(story.state(of: "A") == .delivered)
    for code in ["01", "03", "01", "06", "04"] { story.status(code, from: "A") }
    #expect(story.state(of: "A") == .completed)
    #expect(story.receiver("A")?.statuses.map(\.counted) == [true, true, false, true, false])
    #expect(story.state(of: "B") == .delivered)
    story.status("02", from: "B")
    story.status("03", from: "B")
    #expect(story.state(of: "B") == .refused)
    #expect(story.fold.life.notation == "1/A")
    #expect(story.fold.life.sender?.text == "S")
  }

  @Test func `what was accepted is neither refused nor taken back`() {
    var story = Story()
    story.document(to: ["A", "B"])
    story.status("03", from: "A")
    story.status("02", from: "A")
    story.status("13", from: "S", to: ["A", "B"])
    #expect(story.state(of: "A") == .accepted)
    #expect(story.state(of: "B") == .takenBack)
    #expect(story.receiver("B")?.statuses.map(\.code) == ["13"])
  }

  @Test func `a recall waits for an answer, and only its own answer counts`() {
    var story = Story()
    story.document(to: ["A", "B", "C"])
    story.status("15", from: "A")
    #expect(story.receiver("A")?.statuses.map(\.counted) == [false], "nothing was asked yet")
    story.status("03", from: "A")
    story.document("revoke", id: "R", to: ["A", "B"])
    #expect(story.receiver("A")?.change == "asked")
    #expect(story.receiver("C")?.change == nil)
    story.status("15", from: "A")
    story.status("16", from: "B")
    #expect(story.state(of: "A") == .revoked)
    #expect(story.receiver("B")?.change == "refused")
    #expect(story.state(of: "B") == .delivered)
    #expect(story.fold.life.changes.map(\.kind) == ["revoke"])
  }

  @Test func `an update that is agreed to revokes nothing`() {
    var story = Story()
    story.document(to: ["A"])
    story.document("update", to: ["A"])
    story.status("15", from: "A")
    #expect(story.receiver("A")?.change == "agreed")
    #expect(story.state(of: "A") == .delivered)
  }

  @Test func `what never reached its receiver says why, and a status of his still counts`() {
    var story = Story()
    story.document(to: ["A"], .refused)
    #expect(story.state(of: "A") == .undelivered)
    #expect(story.receiver("A")?.reason == "vì sao")
    story.status("03", from: "A")
    #expect(story.state(of: "A") == .accepted)
  }

  @Test(arguments: UInt64(1)...200)
  func `however messages come, nothing is lost and nothing goes back`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var story = Story()
    story.document(to: ["A", "B", "C"])
    var count = 0
    var ended: [String: DocumentLife.State] = [:]
    for _ in 0..<Int.random(in: 1...40, using: &random) {
      let who = ["A", "B", "C"].randomElement(using: &random) ?? "A"
      let code = DocumentStatus.allCases.randomElement(using: &random)?.rawValue ?? "01"
      if Int.random(in: 0..<8, using: &random) == 0 {
        story.document("revoke", id: "R", to: [who])
      } else if code == "13" {
        story.status(code, from: "S", to: [who])
        count += 1
      } else {
        story.status(code, from: who)
        count += 1
      }
      for receiver in story.fold.life.receivers {
        if let end = ended[receiver.receiver.text], end != receiver.state {
          #expect(receiver.state == .revoked, "\(seed): from \(end) to \(receiver.state)")
        }
        if [.refused, .takenBack, .revoked].contains(receiver.state) { ended[receiver.receiver.text] = receiver.state }
      }
    }
    #expect(story.fold.life.receivers.flatMap(\.statuses).count == count)
    #expect(story.fold.life.receivers.count == 3)
  }
}
