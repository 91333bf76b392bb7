import HubConfig
import HubKit
import HubRouting
import Testing

/// Parts of a configuration that do not fit together.
@Suite struct CrossCheckTests {
  @Test func `Names that are taken or reserved are named with the first place`() {
    let found = Sample.load([
      "endpoints/z.yaml": Sample.city, "routes/20.yaml": Sample.route.replacing("documents", with: "none"),
    ]).complaints
    #expect(
      found.map(\.short) == [
        "endpoints/z.yaml:1:7 duplicate-name", "routes/20.yaml:1:1 warning shadowed-route",
        "routes/20.yaml:1:7 reserved-name",
      ])
    #expect(found.first?.message.contains("endpoints/city.yaml:1:7") == true)
    #expect(
      Sample.found(["endpoints/z.yaml": Sample.city.replacing("name: city", with: "name: recipients")]) == [
        "endpoints/z.yaml:1:1 warning unused-endpoint", "endpoints/z.yaml:1:7 reserved-name",
      ])
  }

  @Test func `Where a route leads must make sense`() {
    let box = "name: box\nconnector: inbox"
    func found(_ lines: String) -> [String] {
      Sample.found([
        "endpoints/box.yaml": box,
        "routes/20.yaml": "name: second\nmatch: {type: vn.b}\nkeep: digest\n" + lines,
      ]).filter { !$0.contains("warning") }
    }
    #expect(found("to: recipients\nfallback: box") == [])
    #expect(found("to: city/verfy") == ["routes/20.yaml:4:5 unknown-operation"])
    #expect(found("to: recipients\ntap: box/kep").contains("routes/20.yaml:5:6 unknown-operation -> keep"))
    #expect(found("to: ctiy/verify") == ["routes/20.yaml:4:5 unknown-endpoint -> city"])
    #expect(found("to: box") == ["routes/20.yaml:4:5 inbox-without-receiver"])
    #expect(found("to: recipients\ntap: box") == ["routes/20.yaml:5:6 inbox-without-receiver"])
    #expect(found("to: city\nfallback: box") == ["routes/20.yaml:5:11 inbox-without-receiver"])
    #expect(found("order: \"{sender}\"") == ["routes/20.yaml:1:1 route-without-target"])
    #expect(found("split: {jq: .a, type: vn.c}") == [])
    #expect(found("split: {jq: .a, type: vn.b}") == ["routes/20.yaml:1:1 split-into-itself"])
    #expect(
      found("split: {jq: .a, type: vn.c}\nrequire: [Purpose]") == ["routes/20.yaml:5:11 bad-attribute -> purpose"])
    let service = "name: s\nmatch: {service: a/b}\nkeep: digest\nsplit: {jq: .a, type: vn.c}"
    #expect(Sample.found(["routes/20.yaml": service]) == ["routes/20.yaml:1:1 split-of-questions"])
  }

  @Test func `An endpoint that nothing uses is named, one that is polled is not`() {
    let other = Sample.city.replacing("name: city", with: "name: other")
    #expect(Sample.found(["endpoints/other.yaml": other]) == ["endpoints/other.yaml:1:1 warning unused-endpoint"])
    #expect(Sample.found(["endpoints/other.yaml": other + "\npoll: {every: 2s}"]) == [])
  }

  @Test func `Memory for mappings must hold the documents`() {
    func found(_ transform: String) -> [String] { Sample.found(["hub.yaml": Sample.hub + "\ntransform: \(transform)"]) }
    #expect(found("{documentBytesMax: 16MiB, memoryMax: 256MiB}") == [])
    #expect(found("{documentBytesMax: 17MiB}") == ["hub.yaml:6:12 warning little-memory"])
    #expect(found("{documentBytesMax: 16MiB, memoryMax: 255MiB}") == ["hub.yaml:6:49 warning little-memory"])
  }

  @Test func `Signing in needs an endpoint that exists and persons who may`() {
    func found(_ admin: String) -> [String] { Sample.found(["hub.yaml": Sample.hub + "\nadmin: \(admin)"]) }
    #expect(found("{signIn: city, operators: [a]}") == [])
    #expect(found("{signIn: ctiy, operators: [a]}") == ["hub.yaml:6:17 unknown-endpoint -> city"])
    #expect(found("{signIn: city}") == ["hub.yaml:6:17 warning no-operators"])
    #expect(found("{operators: [a]}") == ["hub.yaml:6:20 needs-sign-in"])
    #expect(found("{address: 127.0.0.1:1, publicURL: https://a}") == ["hub.yaml:6:42 needs-sign-in"])
    #expect(found("{signIn: city, operators: [a, b, a]}") == ["hub.yaml:6:41 operator-twice"])
    #expect(
      found("{signIn: city, operators: [a], publicURL: \"https://a.vn:8443/hub\"}") == [
        "hub.yaml:6:50 public-url-with-path -> https://a.vn:8443"
      ])
    #expect(found("{signIn: city, operators: [a], publicURL: \"https://a.vn/\"}") == [])
    #expect(found("{sigIn: city}") == ["hub.yaml:6:9 unknown-key -> signIn"])
    #expect(found("nowhere") == ["hub.yaml:6:8 bad-address"])
    let other = Sample.city.replacing("name: city", with: "name: other")
    let hub = Sample.hub + "\nadmin: {signIn: other, operators: [a]}"
    #expect(Sample.found(["endpoints/other.yaml": other, "hub.yaml": hub]) == [], "signing in is a use")
  }

  @Test func `Two endpoints in one file are both read`() {
    let both =
      "- " + Sample.city.replacing("\n", with: "\n  ") + "\n- "
      + Sample.city.replacing("name: city", with: "name: other").replacing("\n", with: "\n  ")
    #expect(Sample.found(["endpoints/city.yaml": both]) == ["endpoints/city.yaml:5:3 warning unused-endpoint"])
  }

  @Test func `An agency's endpoint and a rule's agency must exist`() {
    let agencies = Sample.agencies.replacing("endpoint: city\n    aliases", with: "endpoint: ctiy\n    aliases")
    #expect(Sample.found(["agencies.yaml": agencies]) == ["agencies.yaml:4:15 unknown-endpoint -> city"])
    let access = """
      access:
        - {agency: H24.2, send: [a]}
        - {agency: "X*", send: [a]}
        - {agency: H23, send: [a], to: [H99]}
        - {endpoint: axs, send: [a]}
        - {agency: H24}
      """
    #expect(
      Sample.found(["access.yaml": access]).filter { $0.hasPrefix("access") } == ["access.yaml:6:5 rule-allows-nothing"]
    )
    #expect(
      Sample.found(["access.yaml": access.replacing("{agency: H24}", with: "{agency: H24, call: [b]}")]) == [
        "access.yaml:2:14 unknown-agency -> H24.1", "access.yaml:3:14 warning pattern-fits-nobody",
        "access.yaml:4:35 unknown-agency -> H23", "access.yaml:5:16 unknown-endpoint",
      ])
  }

  @Test func `A rule for the hub names a part that it has, and nobody besides`() {
    let access = """
      access:
        - {hub: insight, send: [a]}
        - {hub: insigt, send: [a]}
        - {hub: insight, agency: H24, send: [a]}
      """
    #expect(
      Sample.found(["access.yaml": access]) == [
        "access.yaml:3:11 bad-choice -> insight", "access.yaml:4:5 exactly-one",
      ])
    #expect(
      Sample.found(["access.yaml": "access:\n  - {hub: insight}"]) == ["access.yaml:2:5 rule-allows-nothing"])
  }

  @Test func `Codes and aliases are unique among agencies`() {
    let more = Sample.agencies + ["  - {code: H23, name: Cũ}", "  - {code: H24.9, name: A, aliases: [H24.1]}"]
    #expect(
      Sample.found(["agencies.yaml": more]) == [
        "agencies.yaml:9:12 duplicate-name", "agencies.yaml:10:38 duplicate-name",
      ])
  }

  @Test func `A route that never matches is named with the one before it`() {
    let narrow = Sample.route.replacing("name: documents", with: "name: late")
      .replacing("{type:", with: "{sender: H24, type:")
    let complaints = Sample.load(["routes/20.yaml": narrow]).complaints
    #expect(complaints.map(\.short) == ["routes/20.yaml:1:1 warning shadowed-route"])
    #expect(complaints.first?.message.contains("`documents` (routes/10.yaml:1:1)") == true)
  }

  @Test func `Files that routes name must exist, and files that none names are told`() {
    let route = Sample.route.replacing("keep:", with: "map: [{jq: progres.jq}]\nkeep:")
    #expect(
      Sample.found(["routes/10.yaml": route, "mappings/progress.jq": "."]) == [
        "routes/10.yaml:4:12 missing-file -> progress.jq"
      ])
    #expect(Sample.found(["mappings/progress.jq": "."]) == ["mappings/progress.jq:1:1 warning unused-file"])
    #expect(Sample.found(["routes/10.yaml": route, "mappings/progres.jq": "."]) == [])
  }

  @Test func `Keeping bodies with personal data wants a reason`() {
    let schema = #"{"properties": {"id": {"type": "string", "x-personal-data": true}}}"#
    let route = Sample.route.replacing("keep: digest", with: "validate: {jsonSchema: p.json}\nkeep: 30d")
    #expect(
      Sample.found(["routes/10.yaml": route, "schemas/p.json": schema]) == [
        "routes/10.yaml:5:7 personal-data-without-why"
      ])
    #expect(Sample.found(["routes/10.yaml": route + "\nwhy: the law", "schemas/p.json": schema]) == [])
    let digest = route.replacing("30d", with: "digest")
    #expect(Sample.found(["routes/10.yaml": digest, "schemas/p.json": schema]) == [])
    #expect(Sample.found(["routes/10.yaml": route, "schemas/p.json": schema.replacing("true", with: "false")]) == [])
  }

  @Test func `Tests of routes name endpoints, routes and files that exist`() {
    let tests = """

      tests:
        - name: a
          input: {body: {file: fixtures/b.json}}
          replies: [{endpoint: cty, status: 200}]
          expect: {route: document, deliveries: [{endpoint: city, body: {file: fixtures/a.jsn}}]}
      """
    #expect(
      Sample.found(["routes/10.yaml": Sample.route + tests, "routes/fixtures/a.json": "{}"]) == [
        "routes/10.yaml:7:26 missing-file -> routes/fixtures/a.json"
      ])
    #expect(
      Sample.found([
        "routes/10.yaml": Sample.route + tests.replacing("jsn", with: "json"), "routes/fixtures/a.json": "{}",
        "routes/fixtures/b.json": "1",
      ]) == [
        "routes/10.yaml:8:26 unknown-endpoint -> city", "routes/10.yaml:9:21 unknown-route -> documents",
      ])
  }

  @Test func `Files that mean nothing are named with the right place for them`() {
    var files = ConfigFiles(texts: Sample.files)
    files.ignored = ["agency.yaml", "route/10.yaml", "endpoints/axis.yml", "notes.txt"]
    let complaints = loadConfiguration(files, connectors: sampleConnectors, mocks: [], secrets: .unresolved).1
    #expect(
      complaints.map(\.short) == [
        "agency.yaml:1:1 warning unknown-file -> agencies.yaml",
        "endpoints/axis.yml:1:1 warning unknown-file -> endpoints/axis.yaml",
        "notes.txt:1:1 warning unknown-file", "route/10.yaml:1:1 warning unknown-file -> routes/10.yaml",
      ])
  }

  @Test func `Two mocks cannot listen in one place`() {
    let mocks = """
      mocks:
        - {connector: edocument, address: 127.0.0.1:1, settings: {url: http://a}}
        - {name: other, connector: edocument, address: 127.0.0.1:1, settings: {url: http://a}}
        - {connector: edocument, address: 127.0.0.1:2, settings: {url: http://a}}
      """
    #expect(
      Sample.found(["mocks.yaml": mocks]) == ["mocks.yaml:3:50 address-taken", "mocks.yaml:4:5 duplicate-name"])
  }
}
