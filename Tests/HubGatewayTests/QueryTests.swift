import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct QueryTests {
  private func view(sender: String, receivers: [String]) throws -> ExchangeView {
    let time = MemoryHub.receivedAt
    let event = EventView(
      name: "received", at: time, endpoint: "axis", durationMilliseconds: 1.5, detail: "first")
    let delivery = DeliveryView(
      id: "\(MemoryHub.id).1", endpoint: "axis", receiver: OrganisationCode("H24.2"),
      state: .waiting, attempts: 2,
      reason: "The axis does not answer.")
    return ExchangeView(
      id: MemoryHub.id, state: .underway, type: "t", source: "/a", messageID: "1",
      sender: OrganisationCode(sender), receivers: receivers.compactMap { OrganisationCode($0) },
      subject: "s",
      receivedAt: time, deliveries: [delivery], events: [event])
  }

  @Test(arguments: [
    ("H24.1", ["H24.9"], 200), ("H24.9", ["H24.8", "H24.1"], 200), ("H24.9", ["H24.2"], 404),
  ])
  func `an exchange is shown to sender and receivers, and does not exist for others`(
    sender: String, receivers: [String], status: Int
  ) async throws {
    try await Door.open { door in
      door.hub.views.value[MemoryHub.id] = try view(sender: sender, receivers: receivers)
      let token = ["Authorization": "Bearer \(try await door.token())"]
      let answer = try await door.send("GET", "/v1/exchanges/\(MemoryHub.id)", token)
      #expect(answer.status == status)
      if status == 404 {
        let unknown = try await door.send("GET", "/v1/exchanges/\(UUID().uuidString)", token)
        let nonsense = try await door.send("GET", "/v1/exchanges/%00", token)
        for other in [unknown, nonsense] {
          #expect(other.problem == answer.problem)
          #expect(try other.object()["detail"] as? String == answer.object()["detail"] as? String)
        }
      }
    }
  }

  @Test func `operators see every exchange`() async throws {
    try await Door.open { door in
      door.hub.views.value[MemoryHub.id] = try view(sender: "H24.8", receivers: ["H24.2"])
      let token = ["Authorization": "Bearer \(try await door.token())"]
      #expect(try await door.send("GET", "/v1/exchanges/\(MemoryHub.id)", token).status == 404)
      door.hub.observer.value = OrganisationCode("H24.1")
      #expect(try await door.send("GET", "/v1/exchanges/\(MemoryHub.id)", token).status == 200)
    }
  }

  @Test func `the timeline has names, times, endpoints and durations`() async throws {
    try await Door.open { door in
      door.hub.views.value[MemoryHub.id] = try view(sender: "H24.1", receivers: [])
      let token = ["Authorization": "Bearer \(try await door.token())"]
      let object = try await door.send("GET", "/v1/exchanges/\(MemoryHub.id)", token).object()
      #expect(object["id"] as? String == MemoryHub.id.text)
      #expect(object["state"] as? String == "underway")
      #expect(object["receivedAt"] as? String == "2027-01-15T08:00:00.000Z")
      let event = try #require((object["events"] as? [[String: Any]])?.first)
      #expect(event["name"] as? String == "received")
      #expect(event["time"] as? String == "2027-01-15T08:00:00.000Z")
      #expect(event["duration"] as? Double == 1.5)
      let delivery = try #require((object["deliveries"] as? [[String: Any]])?.first)
      #expect(delivery["state"] as? String == "waiting")
      #expect(delivery["attempts"] as? Int == 2)
    }
  }
}
