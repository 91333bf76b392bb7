import Foundation
import HubKit
import HubTesting
import HubTransport
import PopulationMock
import Testing

/// The suite that every connector passes, in both wrappings, over real sockets.
@Suite(.serialized) struct `The contract of connectors` {
  /// What must arrive: who asked what about whom, in the database's own words, worked out here by hand.
  private static let persons = [
    (an, "031090900001|NGUYEN VAN AN|19900312"),
    (
      #"{"personalId":"031185900002","name":"Đặng Thị Ánh Nguyệt","birthDate":"1985-07-04"}"#,
      "031185900002|DANG THI ANH NGUYET|19850704"
    ),
    (#"{"oldId":"039000009","name":"bùi thị nhỡ","birthDate":"1948"}"#, "039000009|BUI THI NHO|1948"),
  ]

  private func harness(_ wrapping: String) -> ConnectorHarness {
    ConnectorHarness(
      makeAdapter: { port in
        try adapter("http://127.0.0.1:\(port)/dancu", ["wrapping": .text(wrapping)])
      },
      makeDelivery: { number in delivery(Self.persons[number - 1].0, number: number) },
      makeRefusedDelivery: {
        delivery(number: 9) { $0.envelope.extensions["official"] = "CB-KHOA" }
      },
      makeFarSide: {
        let interface = try Database.interface(clock: SystemClock())
        return FarSide(interface: interface) { try await Self.received(from: interface) }
      },
      whatArrives: { delivery in
        let json = String(decoding: try delivery.bodies.bytes(of: delivery.body, limit: .max), as: UTF8.self)
        let person = Self.persons.first { $0.0 == json }?.1 ?? ""
        return Array("verify|CB-0042|H24.101|G15-TP31|\(person)".utf8)
      })
  }

  private static func received(from interface: any ServedInterface) async throws -> [[UInt8]] {
    let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
    return try JSONDecoder().decode([Database.Arrival].self, from: Data(list.body)).map { arrival in
      let parts = [
        arrival.operation, arrival.official, arrival.unit, arrival.serviceCode, arrival.personalId ?? arrival.oldId,
        arrival.name, arrival.birthDate,
      ]
      return Array(parts.map { $0 ?? "" }.joined(separator: "|").utf8)
    }
  }

  private static let whyNoTrace = "The security server signs the call and takes no header fields but its own."

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `holds over SOAP`(_ behaviour: ConnectorContract.Behaviour) async {
    let failure = await ConnectorContract.failure(
      of: harness("none").skipping(.traceGoesOn, because: Self.whyNoTrace), in: behaviour)
    #expect(failure == nil, "\(failure?.message ?? "")")
  }

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `holds in JSON`(_ behaviour: ConnectorContract.Behaviour) async {
    let failure = await ConnectorContract.failure(
      of: harness("json").skipping(.traceGoesOn, because: Self.whyNoTrace), in: behaviour)
    #expect(failure == nil, "\(failure?.message ?? "")")
  }
}
