import Foundation
import HubKit
import HubTransport
import Testing

/// What the door does with bad input: a clear answer, and nothing kept.
extension Scenarios {
  @Suite(.serialized)
  struct DoorScenarios {
    @Test func everyBadInputGetsItsOwnAnswer() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.2")
        for bad in Bad.all {
          let response = try await city.handIn(
            bad.body, type: bad.type, to: bad.to, mediaType: bad.mediaType, token: token)
          let problem = try JSONDecoder().decode(Problem.self, from: Data(response.body))
          #expect(response.status == bad.status, "\(bad.name): \(response.status) \(problem.detail ?? "")")
          #expect(response.headers["Content-Type"]?.hasPrefix("application/problem+json") == true, "\(bad.name)")
          if let place = bad.place {
            #expect(problem.violations?.first?.line == place.line, "\(bad.name)")
            #expect(problem.violations?.first?.column != nil, "\(bad.name)")
          }
          if let word = bad.word {
            #expect(problem.detail?.contains(word) == true, "\(bad.name): \(problem.detail ?? "")")
          }
        }
        let search = try await city.lgsp("search", "--json")
        let kept = search.output.split(separator: "\n").filter { !$0.contains(#""type":"vn.haiphong.ioc.indicators""#) }
        #expect(kept.isEmpty, "nothing was kept but the hub's own indicators")
      }
    }

    @Test func aTokenIsAskedForAndLookedAt() async throws {
      try await City.running { city in
        let body = Samples.document(id: "d", from: "H24.2", to: ["H24.101"])
        let none = try await city.handIn(body, type: nil, to: [], mediaType: "application/xml", token: nil)
        let wrong = try await city.handIn(body, type: nil, to: [], mediaType: "application/xml", token: "abc.def.ghi")
        #expect(none.status == 401)
        #expect(wrong.status == 401)
        #expect(none.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
      }
    }

    @Test func revokingActsAtOnceAlsoOnTokensGivenBefore() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.2")
        let body = Samples.document(id: "d1", from: "H24.2", to: ["H24.101"])
        #expect(
          try await city.handIn(body, type: nil, to: [], mediaType: "application/xml", token: token).status == 202)
        let rotated = try await city.lgsp("agency", "rotate", "H24.2", "--json")
        #expect(rotated.status == 0, "\(rotated.error)")
        let all = try JSONDecoder().decode(
          [String: [String: String]].self, from: Data(contentsOf: URL(filePath: "\(city.home)/credentials.json")))
        let old = try #require(all["H24.2"]?["clientID"])
        #expect(try await city.lgsp("agency", "revoke", old).status == 0)
        let after = Samples.document(id: "d2", from: "H24.2", to: ["H24.101"])
        #expect(
          try await city.handIn(after, type: nil, to: [], mediaType: "application/xml", token: token).status == 401)
      }
    }

    @Test func aMessageThatBreaksItsSchemaIsAcceptedAndKeptWithAllViolations() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.1")
        let response = try await city.handIn(
          #"{"dossierCode":"x","status":"y","applicant":{"personalId":"12"}}"#, type: "vn.haiphong.dossier.progress",
          to: ["H24.101"], mediaType: "application/json", token: token)
        #expect(response.status == 202)
        struct Receipt: Decodable { var id: String }
        let id = try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
        try await waitUntil("it has ended") {
          let trace = try await city.lgsp("trace", id, "--json")
          return (try? JSONDecoder().decode(ExchangeView.self, from: Data(trace.output.utf8)))?.state == .failed
        }
        let view = try JSONDecoder().decode(
          ExchangeView.self, from: Data(try await city.lgsp("trace", id, "--json").output.utf8))
        let invalid = try #require(view.events.first { $0.name == "invalid" })
        for place in ["dossierCode", "procedureCode", "status", "changedAt", "fullName", "personalId"] {
          #expect(invalid.detail?.contains(place) == true, "\(place) in \(invalid.detail ?? "")")
        }
      }
    }

    @Test func theSameIdAgainGivesTheFirstReceiptAndOtherContentIsRefused() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.1")
        func send(_ number: Int) async throws -> OutboundResponse {
          try await city.handIn(
            Samples.progress(number: number), type: "vn.haiphong.dossier.progress", to: ["H24.101"],
            mediaType: "application/json", token: token, id: "same")
        }
        let first = try await send(1)
        let again = try await send(1)
        let other = try await send(2)
        #expect(first.status == 202)
        #expect(again.status == 202)
        #expect(other.status == 409)
        struct Receipt: Decodable {
          var id: String
          var duplicate: Bool
        }
        let one = try JSONDecoder().decode(Receipt.self, from: Data(first.body))
        let two = try JSONDecoder().decode(Receipt.self, from: Data(again.body))
        #expect(one.id == two.id)
        #expect(!one.duplicate && two.duplicate)
      }
    }
  }
}

struct Problem: Decodable {
  var type: String?
  var detail: String?
  var violations: [Violation]?
}

/// A bad input and the answer that it must get.
struct Bad {
  var name: String
  var body: String
  var type: String?
  var to: [String] = []
  var mediaType = "application/xml"
  var status: Int
  var place: (line: Int, Void)?
  var word: String?

  static let all = [
    Bad(
      name: "malformed JSON", body: "{\n  \"a\": }", type: "vn.haiphong.dossier.progress", to: ["H24.101"],
      mediaType: "application/json", status: 400, place: (2, ())),
    Bad(name: "malformed XML", body: "<?xml version=\"1.0\"?>\n<edXML><a></b></edXML>", status: 400, place: (2, ())),
    Bad(
      name: "DTD",
      body: "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<edXML>&x;</edXML>",
      status: 400, place: (2, ())),
    Bad(
      name: "depth", body: String(repeating: "[", count: 100_000), type: "vn.haiphong.dossier.progress",
      to: ["H24.101"],
      mediaType: "application/json", status: 400),
    Bad(
      name: "no right", body: "<a/>", type: "vn.haiphong.other", to: ["H24.1"], status: 403, word: "vn.haiphong.other"),
    Bad(
      name: "unknown receiver", body: Samples.document(id: "u", from: "H24.2", to: ["H99.9", "H24.101"]), status: 422,
      word: "H99.9"),
    Bad(
      name: "in another's name", body: Samples.document(id: "n", from: "H24.3", to: ["H24.101"]), status: 403,
      word: "H24.3"),
    Bad(
      name: "secret", body: Samples.document(id: "s", from: "H24.2", to: ["H24.101"], mark: "[MẬT] "), status: 403,
      word: "mật"),
  ]
}

extension City {
  func handIn(
    _ body: String, type: String?, to: [String], mediaType: String, token: String?, id: String? = nil
  ) async throws -> OutboundResponse {
    try await handIn(Array(body.utf8), type: type, to: to, mediaType: mediaType, token: token, id: id)
  }

  func handIn(
    _ body: [UInt8], type: String?, to: [String], mediaType: String, token: String?, id: String? = nil
  ) async throws -> OutboundResponse {
    var headers = [HeaderField("Content-Type", mediaType)]
    if let token { headers.append(HeaderField("Authorization", "Bearer \(token)")) }
    if let type {
      headers += [
        HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", id ?? UUID().uuidString),
        HeaderField("ce-source", "/test"), HeaderField("ce-type", type),
      ]
      if !to.isEmpty { headers.append(HeaderField("ce-receiver", to.joined(separator: ","))) }
    }
    return try await send("POST", "\(gateway)/v1/exchanges", headers: headers, body: body)
  }
}
