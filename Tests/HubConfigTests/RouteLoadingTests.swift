import HubConfig
import HubKit
import HubRouting
import Testing

@Suite struct RouteLoadingTests {
  private let full = """
    - name: full
      match:
        type: [vn.a, vn.b.*]
        receiver: H24.*
      when: |
        .status != null
        and .a
      validate:
        - jsonSchema: a.json
        - xsd: b.xsd
      map: [{jq: c.jq}, {xslt: d.xslt}]
      to: [recipients, city, {origin: document}]
      order: "{sender}/{subject}"
      keys:
        - {name: dossier, jq: .code}
        - {name: citizen, jq: .id, personal: true}
      expiry: 7d
      keep: masked
      why: because
      tests:
        - name: first
          input: {attributes: {sender: H24.1}, body: {file: fixtures/in.json}}
          earlier: [{key: document, value: x, sender: H24}]
          replies:
            - {endpoint: city, receiver: H24.1, status: 202, body: ok}
            - {endpoint: city, error: inDoubt, code: lost}
          expect:
            route: full
            state: partly
            deliveries: [{endpoint: city, receiver: H24.1, body: text, mediaType: text/plain}]
            violations: [schema]
        - name: second
          input: {body: "{}"}
          expect: {route: none}
    - name: last
      match: {}
      to: city
      keep: 30d
    """

  private var files: [String: String?] {
    [
      "routes/05.yaml": full, "schemas/a.json": "{}", "schemas/b.xsd": "<x/>", "mappings/c.jq": ".",
      "mappings/d.xslt": "<y/>", "routes/fixtures/in.json": "{\"a\": 1}",
    ]
  }

  @Test func `Every part of a route is read`() throws {
    let (configuration, complaints) = Sample.load(files)
    #expect(complaints.map(\.code) == ["shadowed-route"])
    let route = try #require(configuration?.routes.first)
    #expect(route.match.patterns["type"]?.map(\.text) == ["vn.a", "vn.b.*"])
    #expect(route.match.patterns["receiver"]?.map(\.text) == ["H24.*"])
    #expect(route.validate.map(\.source.name) == ["schemas/a.json", "schemas/b.xsd"])
    #expect(route.map.map(\.source.text) == [".", "<y/>"])
    #expect(route.to == [.recipients, .endpoint(EndpointAddress("city")), .origin(key: "document")])
    #expect(route.order?.text == "{sender}/{subject}" && route.expiry == .seconds(604_800))
    #expect(route.keys.map(\.name) == ["dossier", "citizen"] && route.keys.map(\.personal) == [false, true])
    #expect(route.keep == .masked && route.why == "because")
    #expect(configuration?.routes.map(\.keep).last == .digest)
    #expect(configuration?.routes.map(\.name) == ["full", "last", "documents"])
  }

  @Test func `Programs know where they stand`() throws {
    let route = try #require(Sample.load(files).configuration?.routes.first)
    let when = try #require(route.when)
    #expect(when.name == "routes/05.yaml#full.when" && when.isInline)
    #expect(when.place == SourcePlace(file: "routes/05.yaml", line: 6, column: 5))
    #expect(when.text == ".status != null\nand .a\n")
    #expect(route.validate.first?.source.place == SourcePlace(file: "routes/05.yaml", line: 9, column: 19))
    #expect(route.keys.last?.jq.place == SourcePlace(file: "routes/05.yaml", line: 16, column: 27))
    #expect(route.sources.count == 7)
  }

  @Test func `A route's tests are read, with their files`() throws {
    let tests = try #require(Sample.load(files).configuration?.routes.first?.tests)
    let code = try #require(OrganisationCode("H24.1"))
    let first = tests[0]
    #expect(first.attributes == ["sender": "H24.1"] && first.body.file == "routes/fixtures/in.json")
    #expect(String(decoding: first.body.bytes, as: UTF8.self) == "{\"a\": 1}")
    #expect(first.earlier.map(\.key) == [BusinessKey(name: "document", value: "x")])
    #expect(first.replies[0].receiver == code && first.replies[1].answer == .failure(.inDoubt, code: "lost"))
    if case .success(let answer, let body) = first.replies[0].answer {
      #expect(answer == "202" && body?.bytes == Array("ok".utf8))
    } else {
      Issue.record("the first reply is no success")
    }
    #expect(first.expect.route == "full" && first.expect.state == .partly && first.expect.violations == ["schema"])
    let delivery = try #require(first.expect.deliveries?.first)
    #expect(
      delivery.receiver == code && delivery.mediaType == "text/plain" && delivery.body?.bytes == Array("text".utf8))
    #expect(tests[1].expect.noRoute && tests[1].expect.deliveries == nil)
    #expect(first.place == SourcePlace(file: "routes/05.yaml", line: 21, column: 7))
  }

  @Test func `A thousand routes with programs of their own are read in one go`() {
    var changes: [String: String?] = [:]
    for file in 0..<10 {
      let routes = (0..<100).map { number in
        """
        - name: r\(file)-\(number)
          match: {type: "vn.system\(file).event\(number).*", sender: "H24.*"}
          when: |
            .status != null
          to: [recipients, city]
          order: "{sender}/{subject}"
          keep: digest
        """
      }
      changes["routes/2\(file).yaml"] = routes.joined(separator: "\n")
    }
    let start = ContinuousClock.now
    let (configuration, complaints) = Sample.load(changes)
    #expect(complaints == [] && configuration?.routes.count == 1001)
    // Far above what it takes on a busy machine; minutes when anything grows with the square of the file.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `Only plain reads of services may be answered for before they are written down`() throws {
    let complaint = { (route: String) in
      Sample.load(["routes/05.yaml": route + "\n  record: before-reply\n  keep: digest"]).complaints.first?.code
    }
    #expect(complaint("- name: a\n  match: {type: vn.a}\n  to: city") == "record-of-more-than-reads")
    let call = "enrich: [{name: b, call: city}]"
    #expect(complaint("- name: a\n  match: {service: a/b}\n  to: city\n  \(call)") == "record-of-more-than-reads")
    let keys = "keys: [{name: citizen, jq: .id, personal: true}]"
    #expect(complaint("- name: a\n  match: {service: a/b}\n  to: city\n  \(keys)") == "record-of-look-ups")
    let (configuration, complaints) = Sample.load([
      "routes/05.yaml": "- {name: a, match: {service: a/b}, to: city, record: before-reply, keep: digest}"
    ])
    #expect(complaints.isEmpty && configuration?.routes.first?.record == .beforeReply)
  }
}
