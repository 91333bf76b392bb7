import Foundation
import HubKit
import HubTesting
import Testing

@testable import Population

/// The connector against the mock, over a socket.
@Suite(.serialized) struct DatabaseTests {
  @Test func `verifying says yes or no and reveals nothing more`() async throws {
    let database = try Database()
    #expect(try await database.ask(database.delivery()) == #"{"match":true}"#)
    let wrong = an.replacing("1990-03-12", with: "1990-03-13")
    #expect(try await database.ask(database.delivery(wrong, number: 2)) == #"{"match":false}"#)
    #expect(try await database.received().map(\.result) == ["match", "no-match"])
  }

  @Test func `verifying is the usual operation`() async throws {
    let database = try Database()
    #expect(try await database.ask(database.delivery(operation: nil)) == #"{"match":true}"#)
    #expect(try await database.received().map(\.operation) == ["verify"])
  }

  @Test func `a look-up returns the usual members and no others`() async throws {
    let database = try Database()
    let answer = try await database.ask(database.delivery(operation: "lookup"))
    let expected = """
      {"found":true,"person":{"birthDate":"1990-03-12","gender":"male","name":"Nguyễn Văn An",\
      "permanentAddress":{"country":"VN","detail":"Tổ dân phố mẫu, Phường Hùng Vương","districtCode":"303",\
      "provinceCode":"31","wardCode":"11299"},"validAt":"2026-11-01T08:00:00+07:00"}}
      """
    #expect(answer == expected)
  }

  @Test func `the setting chooses the members`() async throws {
    let database = try Database()
    let answer = try await database.ask(
      database.delivery(operation: "lookup"), ["fields": .list(["oldId", "father", "householdHead"])])
    let expected = """
      {"found":true,"person":{"father":{"name":"Nguyễn Văn Mẫu","nationality":"VN"},\
      "householdHead":{"name":"Phạm Thị Thử","nationality":"VN","relation":"Mẹ"},"oldId":"039000001",\
      "validAt":"2026-11-01T08:00:00+07:00"}}
      """
    #expect(answer == expected)
  }

  @Test func `nobody is found under a name that is not his`() async throws {
    let database = try Database()
    let stranger = an.replacing("Nguyễn Văn An", with: "Nguyễn Văn Anh")
    #expect(try await database.ask(database.delivery(stranger, operation: "lookup")) == #"{"found":false}"#)
    #expect(try await database.received().map(\.result) == ["not-found"])
  }

  @Test func `half a name is sent as it was given`() async throws {
    let database = try Database()
    let half = an.replacing("Nguyễn Văn An", with: "An")
    #expect(try await database.ask(database.delivery(half, operation: "lookup")) == #"{"found":false}"#)
    #expect(try await database.received().map(\.name) == ["AN"])
    let known = #"{"personalId":"031156900007","name":"hoa","birthDate":"1956-04-30"}"#
    let answer = try await database.ask(
      database.delivery(known, operation: "lookup", number: 2), ["fields": .list(["name"])])
    #expect(answer.contains(#""name":"Hoa""#))
  }

  @Test func `a name in one part and a year of birth alone are read`() async throws {
    let database = try Database()
    let whole = #"{"personalId":"031172900004","name":"LE THI HONG GAM","birthDate":"1972"}"#
    #expect(
      try await database.ask(database.delivery(whole, operation: "lookup")).contains(#""name":"Lê Thị Hồng Gấm""#))
    let old = #"{"oldId":"149000022","name":"Chu Thị Xoè","birthDate":"1939"}"#
    #expect(
      try await database.ask(database.delivery(old, operation: "lookup", number: 2)).contains(#""birthDate":"1939""#))
    #expect(try await database.received().map(\.birthDate) == ["1972", "1939"])
  }

  @Test func `an address without a district stays without one`() async throws {
    let database = try Database()
    let question = #"{"personalId":"031088900013","name":"Đinh Công Tấu","birthDate":"1988-02-19"}"#
    let answer = try await database.ask(database.delivery(question, operation: "lookup"))
    #expect(answer.contains(#""wardCode":"11311""#))
    #expect(!answer.contains("districtCode"))
  }

  @Test func `a number that contradicts the date is noted, not refused`() async throws {
    let database = try Database()
    let question = #"{"personalId":"031085900011","name":"Ngô Trọng Nghĩa","birthDate":"1986-05-17"}"#
    #expect(
      try await database.ask(database.delivery(question)) == #"{"match":true,"notes":["personal-id-birth-year"]}"#)
  }

  @Test func `who asked goes along, and a repeat is the same request`() async throws {
    let database = try Database()
    var question = database.delivery(operation: "lookup")
    let first = try await database.adapter().deliver(question)
    question.attempt = 2
    #expect(try await database.adapter().deliver(question) == first)
    #expect(first.reference == requestID)
    #expect(first.mediaType == "application/json")
    let arrivals = try await database.received()
    #expect(arrivals.map(\.requestId) == [requestID])
    #expect(arrivals.map(\.repeats) == [1])
    #expect(arrivals.map(\.official) == ["CB-0042"])
    #expect(arrivals.map(\.unit) == ["H24.101"])
    #expect(arrivals.map(\.serviceCode) == ["G15-TP31"])
  }

  @Test func `names are sent without spaces where the setting says so`() async throws {
    let database = try Database()
    #expect(try await database.ask(database.delivery(), ["removeSpaces": .flag(true)]) == #"{"match":true}"#)
    #expect(try await database.received().map(\.name) == ["NGUYENVANAN"])
  }

  @Test func `JSON around it means the same`() async throws {
    let database = try Database()
    let json: [String: SettingValue] = ["wrapping": .text("json")]
    #expect(try await database.ask(database.delivery(), json) == #"{"match":true}"#)
    let plain = try await database.ask(database.delivery(operation: "lookup", number: 2))
    #expect(try await database.ask(database.delivery(operation: "lookup", number: 3), json) == plain)
    #expect(try await database.received().map(\.wrapped) == [true, false, true])
  }

  @Test(arguments: ["seconds", "milliseconds"])
  func `the password is good in both units of time`(_ unit: String) async throws {
    let database = try Database()
    #expect(try await database.ask(database.delivery(), ["timestamp": .text(unit)]) == #"{"match":true}"#)
  }

  @Test func `another address may be signed, and an API key sent along`() async throws {
    let outside = "https://dancuquocgia.example.vn/ws"
    let database = try Database(["url": .text(outside), "apiKey": .text("key")])
    let key = SettingValue.secret(Secret(reference: "test", value: "key"))
    let good: [String: SettingValue] = ["signedUrl": .text(outside), "apiKey": key, "xRoadClient": .text("VN/GOV/H24")]
    #expect(try await database.ask(database.delivery(), good) == #"{"match":true}"#)
    for missing in ["signedUrl", "apiKey"] {
      var less = good
      less[missing] = nil
      let outbound = try database.adapter(less)
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(database.delivery()) }
      #expect(failure?.code == "population-DC-02")
    }
  }

  @Test func `every invented person is found by what the mock says of him`() async throws {
    struct Person: Decodable { var personalId, name, birthDate, wardCode: String }
    let database = try Database()
    let persons = try JSONDecoder().decode([Person].self, from: Data(try await database.control("GET", "persons")))
    #expect(persons.count == 34)
    #expect(persons.contains { $0.personalId.hasPrefix("031") } && persons.contains { $0.personalId.hasPrefix("030") })
    for (index, person) in persons.enumerated() {
      let date = person.birthDate.count == 4 ? person.birthDate : "\(person.birthDate.prefix(4))"
      let question = #"{"personalId":"\#(person.personalId)","name":"\#(person.name)","birthDate":"\#(date)"}"#
      let answer = try await database.ask(
        database.delivery(question, operation: "lookup") { $0.id = "person-\(index)" })
      #expect(answer.contains(#""wardCode":"\#(person.wardCode)""#), "\(index)")
    }
  }
}
