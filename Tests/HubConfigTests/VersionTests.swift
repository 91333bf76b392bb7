import HubConfig
import HubKit
import HubRouting
import Testing

/// Second versions of endpoints.
@Suite struct VersionTests {
  private func load(_ next: String) -> [EndpointConfiguration] {
    let loaded = Sample.load(["endpoints/city.yaml": Sample.city + "\n  label: west\nallow: [a.example]\n" + next])
    #expect(loaded.complaints.isEmpty, "\(loaded.complaints)")
    return loaded.configuration?.endpoints ?? []
  }

  private func found(_ next: String) -> [String] {
    Sample.found(["endpoints/city.yaml": Sample.city + "\n" + next])
  }

  @Test func `A second version is an endpoint of its own that says only what is different`() throws {
    let endpoints = load("poll: {every: 2s}\nnext: {settings: {url: \"http://b.example/v2\"}, when: {share: 0.1}}")
    #expect(endpoints.map(\.name) == ["city", "city@next"])
    let (first, second) = (try #require(endpoints.first), try #require(endpoints.last))
    #expect(first.next == .share(0.1) && !first.isNext)
    #expect(second.next == nil && second.isNext && second.poll == nil)
    #expect(second.settings.text("url") == "http://b.example/v2" && second.settings.text("label") == "west")
    #expect(second.allow == ["a.example", "b.example:80"])
    #expect(second.timeout == first.timeout && second.connector == "http")
  }

  @Test func `Another connector takes those settings that it knows`() throws {
    let endpoints = load("next: {connector: edocument, allow: [c.example], tls: {ca: v2.pem}}")
    let second = try #require(endpoints.last)
    #expect(second.connector == "edocument" && second.allow == ["c.example"] && second.tls?.ca?.path == "v2.pem")
    #expect(second.settings.text("url") == "http://127.0.0.1:8091/{receiver}")
    #expect(endpoints.first?.next == .never)
  }

  @Test func `Dates, patterns and shares are read`() throws {
    let difference = "next: {settings: {label: east}, when: "
    #expect(load(difference + "{keys: [\"H24.*\"]}}").first?.next == .keys([Pattern("H24.*")]))
    let time = try #require(Timestamp(rfc3339: "2026-12-01T00:00:00+07:00"))
    #expect(load(difference + "{from: \"2026-12-01T00:00:00+07:00\"}}").first?.next == .from(time))
  }

  @Test func `What makes no sense is named with its place`() {
    #expect(found("next: {when: {share: 0.5}}") == ["endpoints/city.yaml:5:7 warning next-without-difference"])
    let difference = "next: {settings: {label: east}, when: "
    #expect(found(difference + "{share: 0.5, keys: [a]}}") == ["endpoints/city.yaml:5:39 exactly-one"])
    #expect(found(difference + "{share: 2}}").map { String($0.suffix(12)) } == ["out-of-range"])
    #expect(found(difference + "{from: tomorrow}}").count == 1)
    #expect(found("next: {connector: htp}").first?.hasPrefix("endpoints/city.yaml:5:19 unknown-connector") == true)
    #expect(found("next: {settings: {lable: x}}").first?.hasPrefix("endpoints/city.yaml:5:19 unknown-key") == true)
    #expect(
      Sample.found(["endpoints/box.yaml": "name: box\nconnector: inbox\nnext: {connector: http}"])
        .contains("endpoints/box.yaml:3:7 next-of-inbox"))
  }

  @Test func `Both versions must know the operations that routes name`() {
    let box = "name: both\nconnector: http\nsettings: {url: \"http://a.example\"}\nnext: {connector: edocument}"
    let found = Sample.found([
      "endpoints/both.yaml": box,
      "routes/20.yaml": "name: second\nmatch: {type: vn.b}\nkeep: digest\nto: both/verify",
    ])
    #expect(found == Array(repeating: "routes/20.yaml:4:5 unknown-operation", count: 2))
  }
}
