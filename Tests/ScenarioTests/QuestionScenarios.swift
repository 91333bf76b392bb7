import Foundation
import HubKit
import HubTransport
import Testing

/// Questions to the population database through the whole city, and what becomes of those that are not answered.
extension Scenarios {
  @Suite(.serialized)
  struct QuestionScenarios {
    private static let an = #"{"personalId":"031090900001","name":"Nguyễn Văn An","birthDate":"1990-03-12"}"#

    @Test func `a person is verified, and who looked at whom, why and for whom is on record`() async throws {
      try await City.running { city in
        let call = try await city.lgsp(
          "call", "population/verify", "--as", "H24.1", "--purpose", "Đăng ký khai sinh", "--official", "cb-0012",
          "--dossier", "H24.1-261127-0001", "--data", Self.an, "--json")
        #expect(call.status == 0, "\(call.error)")
        let report = try JSONDecoder().decode(Called.self, from: Data(call.output.utf8))
        #expect(report.status == 200)
        #expect(report.answer.filter { $0 != " " } == #"{"match":true}"#)
        #expect(report.origin == "far-system")
        let asked = try await city.askedOfPopulation()
        #expect(asked.map(\.official) == ["cb-0012"])
        #expect(asked.map(\.unit) == ["H24.1"])

        let search = try await city.lgsp("search", "--person", "031090900001", "--json")
        let found = try JSONDecoder().decode(ExchangeView.self, from: Data(search.output.utf8))
        #expect(found.id.text == report.exchange)
        #expect(found.sender?.text == "H24.1")
        let trace = try await city.lgsp("trace", found.id.text)
        for word in ["population/verify", "Đăng ký khai sinh", "cb-0012", "H24.1-261127-0001"] {
          #expect(trace.output.contains(word), "\(trace.output)")
        }
        #expect(!trace.output.contains("031090900001"), "no personal number in a trace")

        let lookup = try await city.ask(
          "lookup", as: "H24.1", #"{"personalId":"031090999999","name":"Không Có","birthDate":"1990"}"#)
        #expect(lookup.status == 200)
        #expect(String(decoding: lookup.body, as: UTF8.self).contains("false"))
      }
    }

    @Test func `what may not be asked, or is asked without a reason, reaches nobody`() async throws {
      try await City.running { city in
        let bare = try await city.ask(
          "verify", as: "H24.1", Self.an, attributes: ["official": "cb-1", "unit": "H24.1"])
        #expect(bare.status == 400)
        #expect(String(decoding: bare.body, as: UTF8.self).contains("purpose, dossier"))
        #expect(try await city.ask("verify", as: "H24.3", Self.an).status == 403)
        #expect(try await city.ask("lookup", as: "H24.101", Self.an).status == 403)
        let short = try await city.ask("verify", as: "H24.1", #"{"personalId":"03109","name":"A","birthDate":"1990"}"#)
        #expect(short.status == 400)
        #expect(short.headers["LGSP-Origin"] == "hub")
        // Handing a question in as a message needs the right to ask it all the same.
        let token = try await city.token(of: "H24.3")
        let smuggled = try await city.send(
          "POST", "\(city.gateway)/v1/exchanges",
          headers: [
            HeaderField("Authorization", "Bearer \(token)"), HeaderField("Content-Type", "application/json"),
            HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "x"), HeaderField("ce-source", "/x"),
            HeaderField("ce-type", "vn.haiphong.report.periodic"), HeaderField("ce-service", "population/verify"),
          ], body: Array(Self.an.utf8))
        #expect(smuggled.status == 400, "a call of a service is no report")
        #expect(try await city.askedOfPopulation().isEmpty)
      }
    }

    @Test func `a slow, a wrong and an absent database each get a clear end, and nothing is asked twice`() async throws
    {
      try await City.running { city in
        try await city.populationFault(#"{"fault":"slow","milliseconds":4000}"#)
        let late = try await city.ask("verify", as: "H24.1", Self.an, wait: 1)
        #expect(late.status == 504)
        #expect(late.problem == "answer-abandoned")
        let id = try #require(late.headers["LGSP-Exchange"])
        let view = try await city.view(id)
        #expect(view.state == .failed)
        #expect(view.deliveries.map(\.state) == [.abandoned])
        try await city.clearPopulationFaults()

        try await city.populationFault(#"{"fault":"wrong-schema"}"#)
        let wrong = try await city.ask("verify", as: "H24.1", Self.an)
        #expect(wrong.status == 502)
        #expect(wrong.problem == "far-system-failed")
        try await city.clearPopulationFaults()

        try await city.populationFault(#"{"fault":"unavailable","times":-1}"#)
        let away = try await city.ask("verify", as: "H24.1", Self.an)
        #expect(away.status == 503)
        #expect(away.problem == "far-system-unavailable")
        #expect(away.headers["Retry-After"] != nil)
        let asked = try await city.askedOfPopulation().count
        let again = try await city.ask("verify", as: "H24.1", Self.an)
        #expect(again.status == 503, "the endpoint is paused, and the caller learns it at once")
        #expect(try await city.askedOfPopulation().count == asked)
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `a question under way when the hub is killed is over, and is not put again`() async throws {
      try await City.running { city in
        try await city.populationFault(#"{"fault":"slow","milliseconds":3000}"#)
        let asking = Task { try? await city.ask("verify", as: "H24.1", Self.an, wait: 20) }
        try await waitUntil("the question is on record") {
          try await !city.lgsp("search", "--person", "031090900001", "--json").output.isEmpty
        }
        try await city.stopHub(SIGKILL)
        _ = await asking.value
        try await city.startHub()
        let search = try await city.lgsp("search", "--person", "031090900001", "--json")
        let view = try JSONDecoder().decode(ExchangeView.self, from: Data(search.output.utf8))
        #expect(view.state == .failed)
        #expect(view.reason?.contains("hub stopped") == true, "\(view.reason ?? "")")
        try await city.clearPopulationFaults()
        let after = try await city.ask("verify", as: "H24.1", Self.an)
        #expect(after.status == 200)
        // At most the one before the kill, and the one after it.
        #expect(try await city.askedOfPopulation().count <= 2)
      }
    }

    @Test func `an answer for which nobody waited can be fetched later, by the agency that asked`() async throws {
      try await City.running { city in
        let receipt = try await city.ask("verify", as: "H24.1", Self.an, prefer: "respond-async")
        #expect(receipt.status == 202)
        let place = try #require(receipt.headers["Location"])
        let token = try await city.token(of: "H24.1")
        try await waitUntil("the question is settled") {
          let response = try await city.get("\(city.gateway)\(place)", token: token)
          return try JSONDecoder().decode(ExchangeView.self, from: Data(response.body)).state == .delivered
        }
        let reply = try await city.get("\(city.gateway)\(place)/reply", token: token)
        // The route keeps digests only: once swept, there is nothing to fetch, and the hub says so.
        if reply.status == 200 {
          #expect(String(decoding: reply.body, as: UTF8.self).contains("true"))
        } else {
          #expect(reply.status == 404)
        }
        let other = try await city.get("\(city.gateway)\(place)/reply", token: try await city.token(of: "H24.3"))
        #expect(other.status == 404)
      }
    }
  }
}

private struct Called: Decodable {
  var status: Int
  var exchange, origin: String?
  var answer: String
}

extension City {
  var populationMock: String { "http://127.0.0.1:\(ports + 6)" }

  struct Looked: Decodable {
    var official, unit, operation: String?
  }

  func askedOfPopulation() async throws -> [Looked] {
    let response = try await get("\(populationMock)/_mock/received")
    return try JSONDecoder().decode([Looked].self, from: Data(response.body))
  }

  func populationFault(_ json: String) async throws {
    let response = try await send(
      "POST", "\(populationMock)/_mock/faults", headers: [HeaderField("Content-Type", "application/json")],
      body: Array(json.utf8))
    #expect((200...299).contains(response.status), "\(String(decoding: response.body, as: UTF8.self))")
  }

  func clearPopulationFaults() async throws {
    _ = try await send("DELETE", "\(populationMock)/_mock/faults", body: nil)
  }

  func ask(
    _ operation: String, as code: String, _ json: String, wait: Int = 10, prefer: String? = nil,
    attributes: [String: String] = [
      "purpose": "Khai%20sinh", "official": "cb-1", "unit": "H24.1", "dossier": "H24.1-261127-0009",
    ]
  ) async throws -> OutboundResponse {
    let headers =
      [
        HeaderField("Authorization", "Bearer \(try await token(of: code))"),
        HeaderField("Content-Type", "application/json"), HeaderField("Prefer", prefer ?? "wait=\(wait)"),
      ] + attributes.map { HeaderField("ce-\($0.key)", $0.value) }
    return try await send(
      "POST", "\(gateway)/v1/services/population/\(operation)", headers: headers, body: Array(json.utf8))
  }

  func view(_ id: String) async throws -> ExchangeView {
    let trace = try await lgsp("trace", id, "--json")
    return try JSONDecoder().decode(ExchangeView.self, from: Data(trace.output.utf8))
  }
}

extension OutboundResponse {
  /// The last part of a problem's type.
  var problem: String? {
    struct Problem: Decodable { var type: String }
    return (try? JSONDecoder().decode(Problem.self, from: Data(body)))?.type.split(separator: "/").last.map(String.init)
  }
}
