import Foundation
import HubKit
import Testing

/// Bad days of far systems, through the whole hub: what has a receipt arrives once in the end or is parked as the
/// configuration says, in order, and nobody else waits for it.
extension Scenarios {
  @Suite(.serialized)
  struct FarSideScenarios {
    private static let bad: [(name: String, answer: @Sendable (Int) -> FarSide.Answer)] = [
      ("silent", { _ in .takenInSilence }),
      ("closing", { _ in .takenButSays("") }),
      ("midway", { _ in .takenButSays("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }),
      ("garbage", { _ in .takenButSays("\u{0}\u{1}garbage\r\n\r\n") }),
      ("busy", { _ in .refused(429, "Retry-After: 1\r\n") }),
      ("closed", { _ in .refused(503) }),
      ("broken", { _ in .refused(500) }),
    ]
    private static let ids = (1...4).map { "m\($0)" }

    @Test func `whatever far systems do, each message arrives once in the end, and nobody else waits`() async throws {
      let far = try Self.bad.map { (name: $0.name, side: try FarSide($0.answer)) }
      let well = try FarSide()
      let flapping = try FarSide { $0.isMultiple(of: 2) ? .taken : .refused(503) }
      var places = far.map { BadDay.Place(name: $0.name, port: $0.side.port) }
      places.append(BadDay.Place(name: "well", port: well.port))
      places.append(BadDay.Place(name: "flapping", port: flapping.port))
      try await BadDay.running(places) { city in
        let token = try await city.token(of: "H24.2")
        for id in Self.ids {
          for place in places {
            #expect(try await city.handIn(id, to: place.name, subject: "s", token: token).status == 202)
          }
        }
        try await waitUntil("the well ones have all") { well.effects == Self.ids && flapping.effects == Self.ids }
        try await waitUntil("each bad one was tried again") { far.allSatisfy { $0.side.requests.count >= 2 } }
        for (name, _) in far {
          let states = try await city.exchanges(of: name).values.map(\.state)
          #expect(states.count == Self.ids.count && !states.contains(where: \.isSettled), "\(name): \(states)")
        }
        for (_, side) in far { side.recover() }
        for place in places {
          try await waitUntil("\(place.name) is done") {
            let views = try await city.exchanges(of: place.name)
            return views.count == Self.ids.count && views.values.allSatisfy { $0.state == .delivered }
          }
        }
        for (name, side) in far { #expect(side.effects == Self.ids, "\(name)") }
        let first = try #require(far.first { $0.name == "busy" }).side.requests.prefix(2)
        #expect(first.last.map { $0.at - first[0].at >= .seconds(1) } == true, "Retry-After was not kept")
      }
    }

    @Test func `what waits for a far system that refuses connections arrives when it is there`() async throws {
      let well = try FarSide()
      let port = City.freePorts()
      let city = try await BadDay.prepare([
        BadDay.Place(name: "well", port: well.port), BadDay.Place(name: "dead", port: port),
      ])
      do {
        try await city.startHub()
        let token = try await city.token(of: "H24.2")
        for id in Self.ids {
          for place in ["dead", "well"] { try await city.handIn(id, to: place, subject: "s", token: token) }
        }
        try await waitUntil("the outage was met") {
          try await city.exchanges(of: "dead").values.contains { $0.events.contains { $0.name == "outage" } }
        }
        try await waitUntil("the well one has all") { well.effects == Self.ids }
        let back = try FarSide(port: port)
        try await waitUntil("it is back and has all") { back.effects == Self.ids }
        try await waitUntil("all are delivered, without an attempt that counts") {
          let views = try await city.exchanges(of: "dead").values
          return views.allSatisfy { $0.state == .delivered && $0.deliveries.allSatisfy { $0.attempts == 1 } }
        }
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func `what can't be delivered is parked or refused as configured, and bars its own lane only`() async throws {
      let payments = try FarSide { $0 == 1 ? .takenInSilence : .taken }
      let tired = try FarSide { $0 <= 2 ? .refused(500) : .taken }
      let strict = try FarSide { $0 == 1 ? .refused(422) : .taken }
      let places = [
        BadDay.Place(name: "payments", port: payments.port, more: "timeout: 500ms\n  onDoubt: park"),
        BadDay.Place(
          name: "tired", port: tired.port, more: "retry: {attempts: 2, first: 50ms, factor: 1, max: 50ms}"),
        BadDay.Place(name: "strict", port: strict.port),
      ]
      try await BadDay.running(places) { city in
        let token = try await city.token(of: "H24.2")
        for place in places {
          try await city.handIn("first", to: place.name, subject: "a", token: token)
          try await waitUntil("\(place.name): the first has ended") {
            try await city.exchanges(of: place.name)["first"]?.state == .failed
          }
          try await city.handIn("behind", to: place.name, subject: "a", token: token)
          try await city.handIn("other", to: place.name, subject: "b", token: token)
          try await waitUntil("\(place.name): another lane goes on") {
            try await city.exchanges(of: place.name)["other"]?.state == .delivered
          }
        }
        // A restart repeats nothing of it, and keeps the lanes barred.
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        for place in places { try await city.handIn("later", to: place.name, subject: "b", token: token) }
        for (place, side) in zip(places, [payments, tired, strict]) {
          try await waitUntil("\(place.name): the lane goes on after the restart") { side.effects.contains("later") }
          let views = try await city.exchanges(of: place.name)
          let isRefused = place.name == "strict"
          #expect(views["first"]?.deliveries.map(\.state) == [isRefused ? .refused : .parked], "\(place.name)")
          #expect(views["behind"]?.state.isSettled == false, "\(place.name)")
          #expect(side.requests.count { $0.id == "first" } == (place.name == "tired" ? 2 : 1), "\(place.name)")
          #expect(!side.requests.contains { $0.id == "behind" }, "\(place.name)")
        }
      }
    }

    @Test func `one dead destination of ten leaves the other nine alone`() async throws {
      let sides = try (0..<10).map { number in
        try FarSide { _ in number == 7 ? .takenInSilence : .taken }
      }
      // The dead one takes all that may be under way, and keeps it for as long as an attempt may last.
      let places = sides.enumerated().map { number, side in
        BadDay.Place(name: "far-\(number)", port: side.port, more: "timeout: 60s\n  concurrency: 4")
      }
      try await BadDay.running(places, drain: "0s") { city in
        let token = try await city.token(of: "H24.2")
        let ids = (1...30).map { "m\($0)" }
        for id in ids {
          for place in places { try await city.handIn(id, to: place.name, subject: nil, token: token) }
        }
        try await waitUntil("the nine have all") {
          sides.enumerated().allSatisfy { $0.offset == 7 || Set($0.element.effects) == Set(ids) }
        }
        #expect(sides[7].requests.count == 4)
        #expect(try await city.exchanges(of: "far-7").values.count { $0.state.isSettled } == 0)
        sides[7].recover()
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        try await waitUntil("the tenth has all") { Set(sides[7].effects) == Set(ids) }
        #expect(sides.allSatisfy { $0.effects.count == ids.count }, "nothing twice")
      }
    }
  }
}
