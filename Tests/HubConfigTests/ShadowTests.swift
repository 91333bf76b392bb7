import HubConfig
import HubKit
import HubRouting
import Testing

/// Shadows: who may be asked beside whom.
@Suite struct ShadowTests {
  private static let land = ConnectorDescriptor(
    name: "land", summary: "Land.", certificate: "A", settings: [],
    operations: [.init("parcel", "Reads.", isRead: true), .init("register", "Writes.")])

  private static let plain = ConnectorDescriptor(
    name: "plain", summary: "Plain.", certificate: "A", settings: [], reading: .bySafeMethod)

  private func load(_ route: String, next: String = "", more: [String: String] = [:]) -> (
    configuration: HubConfiguration?, complaints: [String]
  ) {
    var files = Sample.files
    files["endpoints/land.yaml"] = "- name: old\n  connector: land\(next)\n- {name: new, connector: land}"
    files["endpoints/plain.yaml"] = "name: plain\nconnector: plain"
    files["routes/20.yaml"] = "name: parcels\nmatch: {service: land/parcel}\nkeep: digest\n" + route
    files.merge(more) { $1 }
    let (configuration, complaints) = loadConfiguration(
      ConfigFiles(texts: files), connectors: sampleConnectors + [Self.land, Self.plain], mocks: sampleConnectors,
      secrets: .unresolved)
    return (configuration, complaints.map(\.short).filter { !$0.contains("warning") })
  }

  private func found(_ route: String, next: String = "", more: [String: String] = [:]) -> [String] {
    load(route, next: next, more: more).complaints
  }

  @Test func `A shadow is an address, or an address with mappings`() throws {
    let short = load("to: old/parcel\nshadow: new/parcel")
    #expect(short.complaints == [])
    #expect(short.configuration?.routes.last?.shadow == RouteShadow(to: EndpointAddress("new", operation: "parcel")))
    let long = load(
      "to: old/parcel\nshadow: {to: new/parcel, map: {jq: new.jq}}", more: ["mappings/new.jq": "{a: .b}"])
    #expect(long.complaints == [])
    let route = try #require(long.configuration?.routes.last)
    #expect(route.shadow?.map.map(\.source.text) == ["{a: .b}"])
    #expect(route.sources.contains { $0.name.hasSuffix("new.jq") } && route.addresses.contains { $0.endpoint == "new" })
    #expect(found("to: old/parcel\nshadow: plain") == [], "by the method of each question")
  }

  @Test func `What is no read, no other, unknown or nobody's answer is refused at its place`() {
    #expect(found("to: old/parcel\nshadow: new/register") == ["routes/20.yaml:5:9 shadow-of-changes"])
    #expect(found("to: old/register\nshadow: {to: new/parcel}") == ["routes/20.yaml:5:14 shadow-of-changes"])
    #expect(found("to: old\nshadow: new/parcel") == ["routes/20.yaml:5:9 shadow-of-changes"])
    #expect(found("to: old/parcel\nshadow: city") == ["routes/20.yaml:5:9 shadow-of-changes"])
    #expect(found("to: old/parcel\nshadow: old/parcel") == ["routes/20.yaml:5:9 shadow-of-itself"])
    #expect(found("to: old/parcel\nshadow: neu/parcel") == ["routes/20.yaml:5:9 unknown-endpoint -> new"])
    #expect(found("to: old/parcel\nshadow: new/parcl") == ["routes/20.yaml:5:9 unknown-operation -> parcel"])
    #expect(found("to: [old/parcel, plain]\nshadow: new/parcel") == ["routes/20.yaml:5:9 shadow-of-many"])
    #expect(found("to: recipients\nshadow: new/parcel") == ["routes/20.yaml:5:9 shadow-of-many"])
    let message = "name: m\nmatch: {type: vn.m}\nkeep: digest\nto: old/parcel\nshadow: new/parcel"
    #expect(
      found("to: old/parcel", more: ["routes/30.yaml": message]) == ["routes/30.yaml:5:9 shadow-without-question"])
    #expect(
      found("to: old/parcel\nshadow: {to: new/parcel, map: {jq: no.jq}}") == ["routes/20.yaml:5:36 missing-file"])
  }

  @Test func `A second version in shadow needs a question that it may be asked`() {
    let next = "\n  next: {tls: {ca: v2.pem}, shadow: true}"
    let pem = ["v2.pem": Sample.files["v2.pem"] ?? ""]
    #expect(found("to: old/parcel", next: next, more: pem).filter { $0.contains("shadow") } == [])
    #expect(
      found("to: old/register", next: next, more: pem).filter { $0.contains("shadow") } == [
        "endpoints/land.yaml:3:9 shadow-of-nothing"
      ])
    let call = "to: old/register\nenrich: [{name: p, call: old/parcel}]"
    #expect(found(call, next: next, more: pem).filter { $0.contains("shadow") } == [])
    let endpoints = load("to: old/parcel", next: next).configuration?.endpoints.filter { $0.name.hasPrefix("old") }
    #expect(endpoints?.map(\.nextIsShadow) ?? [true, false] == [true, false])
  }
}
