import HubKit
import HubRouting
import HubTesting
import Testing

@Suite struct RouteTableTests {
  private func route(_ name: String, _ patterns: [String: [String]], when: String? = nil) -> Route {
    let source = when.map { TextSource(name: "r#\(name).when", text: $0, place: SourcePlace(file: "r")) }
    return Route(name: name, match: match(patterns), when: source, to: [.recipients])
  }

  @Test func `Candidates come in the order of the routes, whatever they are found by`() {
    let table = RouteTable([
      route("any", [:], when: "false"), route("edoc", ["type": ["vn.gov.edoc.*"]], when: "false"),
      route("other", ["type": ["org.*"]]), route("document", ["type": ["vn.gov.edoc.document"]]),
      route("tail", ["type": ["*.document"]]), route("last", ["source": ["/qlvb"]]),
    ])
    let names = table.candidates(for: envelope()).map(\.name)
    #expect(names == ["any", "edoc", "document", "tail", "last"])
  }

  @Test func `A route that fits by two of its patterns is a candidate once`() {
    let table = RouteTable([route("twice", ["type": ["vn.*", "vn.gov.*", "vn.gov.edoc.document", "*"]])])
    #expect(table.candidates(for: envelope()).count == 1)
  }

  @Test func `Nobody takes what fits no route`() {
    let table = RouteTable([route("a", ["type": ["org.*"]]), route("b", ["sender": ["G22"]])])
    #expect(table.candidates(for: envelope()).isEmpty)
    #expect(RouteTable([]).candidates(for: envelope()).isEmpty)
  }

  @Test func `A route is found by name`() {
    let table = RouteTable([route("a", [:]), route("b", [:])])
    #expect(table["b"]?.name == "b")
    #expect(table["c"] == nil)
  }

  @Test func `A route behind a wider one without predicate never matches`() {
    let table = RouteTable([
      route("some", ["type": ["vn.gov.*"]], when: ".a"), route("wide", ["type": ["vn.gov.*"]]),
      route("narrow", ["type": ["vn.gov.edoc.document"], "sender": ["H24"]]), route("free", ["type": ["vn.*"]]),
    ])
    let never = table.neverMatching()
    #expect(never.map(\.route.name) == ["narrow"])
    #expect(never.map(\.shadowedBy.name) == ["wide"])
  }

  @Test func `The table agrees with trying every route, on a thousand random ones`() {
    var random = SeededRandom(seed: 7)
    let types = ["vn.gov.edoc.document", "vn.gov.edoc.status", "vn.haiphong.dossier.progress", "org.x", "vn", ""]
    let patterns = types + ["*", "vn.*", "vn.gov.*", "vn.gov.edoc.*", "*.status", "vn*", "org.*", "v*.d*"]
    let routes = (0..<1000).map { number in
      let count = Int.random(in: 0...2, using: &random)
      let list = (0..<count).map { _ in patterns.randomElement(using: &random) ?? "*" }
      return route("r\(number)", count == 0 ? [:] : ["type": list])
    }
    let table = RouteTable(routes)
    for type in types {
      let slow = routes.filter { $0.match.takes(envelope(type: type)) }.map(\.name)
      #expect(table.candidates(for: envelope(type: type)).map(\.name) == slow)
    }
  }

  @Test func `With a thousand routes only those of the type are looked at`() {
    let routes = (0..<1000).map { route("r\($0)", ["type": ["vn.haiphong.system\($0).*"], "sender": ["H24.*"]]) }
    let table = RouteTable(routes)
    let envelopes = (0..<1000).map { envelope(type: "vn.haiphong.system\($0).changed", ["sender": "H24.1"]) }
    let clock = ContinuousClock()
    let quick = clock.measure {
      for (number, envelope) in envelopes.enumerated() {
        #expect(table.candidates(for: envelope).map(\.name) == ["r\(number)"])
      }
    }
    // Fifty of the thousand are enough to see how long trying every route takes.
    let slow = clock.measure {
      for envelope in envelopes.prefix(50) { #expect(routes.filter { $0.match.takes(envelope) }.count == 1) }
    }
    #expect(quick < slow * 20 / 5)
  }
}
