import HubConfig
import HubRouting
import Testing

/// Each mistake is named with its exact place and, where there is one, the nearest right word.
@Suite struct ComplaintPlaceTests {
  @Test func `A right configuration brings no complaint`() {
    #expect(Sample.found([:]) == [])
    #expect(Sample.load().configuration?.routes.map(\.name) == ["documents"])
  }

  @Test(arguments: [
    ("\ngateway:\n  htp: 127.0.0.1:8080", ["hub.yaml:7:3 unknown-key -> http"]),
    ("\nretry:\n  atempts: 3", ["hub.yaml:7:3 unknown-key -> attempts"]),
    ("\ngateway:\n  bodyBytesMax: 256MB", ["hub.yaml:7:17 bad-size -> 256MiB"]),
    ("\ngateway:\n  bodyBytesMax: lots", ["hub.yaml:7:17 bad-size"]),
    ("\ngateway:\n  bodyBytesMax: 1B", ["hub.yaml:7:17 out-of-range"]),
    ("\ndrain: 20", ["hub.yaml:6:8 bad-duration -> 20s"]),
    ("\ndrain: 5 phút", ["hub.yaml:6:8 bad-duration"]),
    ("\ndrain: 5min", ["hub.yaml:6:8 bad-duration -> 5m"]),
    ("\ndrain: 2d", ["hub.yaml:6:8 out-of-range"]),
    ("\ndrain: [20s]", ["hub.yaml:6:8 wrong-kind"]),
    ("\ndrain:", ["hub.yaml:6:1 missing-value"]),
    ("\nadmin: 127.0.0.1:99999", ["hub.yaml:6:8 bad-port"]),
    ("\nadmin: 8080", ["hub.yaml:6:8 bad-address"]),
    ("\nadmin: \"[::1]:8080\"", []),
    ("\ninsight: {every: 60s}", []),
    ("\ninsight: {minInterval: 10s}", ["hub.yaml:6:10 missing-key"]),
    ("\ninsight: {every: 0s}", ["hub.yaml:6:18 out-of-range"]),
    ("\ninsight: {every: 60s, minIntervall: 1s}", ["hub.yaml:6:23 unknown-key -> minInterval"]),
    ("\nretry: {factor: 0.5}", ["hub.yaml:6:17 out-of-range"]),
    ("\nretry: {attempts: many}", ["hub.yaml:6:19 bad-number"]),
    ("\nretry: {attempts: 0}", ["hub.yaml:6:19 out-of-range"]),
    ("\ngateway: 8080", ["hub.yaml:6:10 wrong-kind"]),
    ("\ngateway:\n  https: {address: 0.0.0.0:1, certificate: a}", ["hub.yaml:7:10 missing-key"]),
  ])
  func `A mistake in hub yaml is named with its place`(addition: String, expected: [String]) {
    #expect(Sample.found(["hub.yaml": Sample.hub + addition]) == expected)
  }

  @Test func `What must stand in hub yaml is asked for`() {
    #expect(
      Sample.found(["hub.yaml": "hub:\n  name: Test\n"]) == [
        "hub.yaml:1:1 missing-key", "hub.yaml:2:3 missing-key",
      ])
    #expect(Sample.found(["hub.yaml": nil]) == ["hub.yaml:1:1 missing-file"])
    #expect(Sample.found(["hub.yaml": "# nothing\n"]) == ["hub.yaml:1:1 empty-file"])
    #expect(Sample.found(["agencies.yaml": nil]) == ["agencies.yaml:1:1 missing-file"])
  }

  @Test(arguments: [
    (
      "conector: http", "connector: http",
      ["endpoints/city.yaml:1:1 missing-key", "endpoints/city.yaml:2:1 unknown-key -> connector"]
    ),
    ("connector: htp", "connector: http", ["endpoints/city.yaml:2:12 unknown-connector -> http"]),
    (
      "  uri: http://a", "  url: http://127.0.0.1:8091/{receiver}",
      [
        "endpoints/city.yaml:4:3 missing-key", "endpoints/city.yaml:4:3 unknown-key -> url",
      ]
    ),
    ("  url: ftp://a", "  url: http://127.0.0.1:8091/{receiver}", ["endpoints/city.yaml:4:8 bad-url"]),
    ("  url: http://a:70000/", "  url: http://127.0.0.1:8091/{receiver}", ["endpoints/city.yaml:4:8 bad-port"]),
    (
      "name: Hệ thống", "name: city",
      [
        "agencies.yaml:4:15 unknown-endpoint", "agencies.yaml:8:15 unknown-endpoint",
        "endpoints/city.yaml:1:7 bad-name -> he-thong",
      ]
    ),
  ])
  func `A mistake in an endpoint is named with its place`(wrong: String, right: String, expected: [String]) {
    #expect(Sample.found(["endpoints/city.yaml": Sample.city.replacing(right, with: wrong)]) == expected)
  }

  @Test(arguments: [
    ("  mode: structurd", ["endpoints/city.yaml:5:9 bad-choice -> structured"]),
    ("  compress: yes", ["endpoints/city.yaml:5:13 bad-flag -> true"]),
    ("  compress: \"true\"", ["endpoints/city.yaml:5:13 bad-flag"]),
    ("  retries: 9", ["endpoints/city.yaml:5:12 out-of-range"]),
    ("  pause: 1", ["endpoints/city.yaml:5:10 bad-duration -> 1s"]),
    ("  password: hunter2", ["endpoints/city.yaml:5:13 secret-in-clear"]),
    ("  password: env:HTTP_PASSWORD", []),
    ("  password: credential:http", []),
    ("  headers: {Authorization: Bearer abc}", ["endpoints/city.yaml:5:28 secret-in-clear"]),
    ("  headers: {X-Api-Key: abc}", ["endpoints/city.yaml:5:24 secret-in-clear"]),
    ("  headers: {X-Tenant: hai-phong}", []),
    ("  headers: {X-Trace: kJ8s0dQz7LmN2pVx4RtB6wYc}", ["endpoints/city.yaml:5:22 warning looks-secret"]),
    ("  headers: {X-Trace: 0b9e7c1a-2f43-4d5e-8a6b-1c2d3e4f5a6b}", []),
    ("  label: VN:GOV:000.00.00.G22:vpcpdvcprovider", []),
    ("  headers: [a]", ["endpoints/city.yaml:5:12 wrong-kind"]),
    ("concurrency: 0", ["endpoints/city.yaml:5:14 out-of-range"]),
    ("allow: [\"bad host\"]", ["endpoints/city.yaml:5:9 bad-address"]),
    ("allow: [system.example, 10.0.0.0/8, \"[::1]:80\", 127.0.0.1:1, \"*\"]", []),
    ("onDoubt: maybe", ["endpoints/city.yaml:5:10 bad-choice"]),
    ("poll: {limit: 5}", ["endpoints/city.yaml:5:7 missing-key"]),
  ])
  func `A setting is held against the connector's declaration`(line: String, expected: [String]) {
    #expect(Sample.found(["endpoints/city.yaml": Sample.city + "\n" + line]) == expected)
  }

  @Test(arguments: [
    ("keep: digest", "keep: forever", ["routes/10.yaml:4:7 bad-choice"]),
    ("keep: digest", "keep: 30", ["routes/10.yaml:4:7 bad-duration -> 30s"]),
    ("keep: digest", "keep: digets", ["routes/10.yaml:4:7 bad-choice -> digest"]),
    ("keep: digest", "expiry: 7d", ["routes/10.yaml:1:1 missing-keep"]),
    ("to: recipients", "to: [city, cty]", ["routes/10.yaml:3:12 unknown-endpoint -> city"]),
    ("to: recipients", "to: []", ["routes/10.yaml:3:5 too-few"]),
    (
      "to: recipients", "to: {orign: document}",
      [
        "routes/10.yaml:3:5 missing-key", "routes/10.yaml:3:6 unknown-key -> origin",
      ]
    ),
    ("{type: vn.gov.edoc.document}", "{recevier: H24}", ["routes/10.yaml:2:9 warning unusual-attribute -> receiver"]),
    ("{type: vn.gov.edoc.document}", "{Type: a}", ["routes/10.yaml:2:9 bad-attribute -> type"]),
    ("{type: vn.gov.edoc.document}", "{type: []}", ["routes/10.yaml:2:15 too-few"]),
    ("to: recipients", "to: recipients\norder: \"{sendr\"", ["routes/10.yaml:4:8 bad-key-template"]),
    ("to: recipients", "to: recipients\norder: \"{sEnder}\"", ["routes/10.yaml:4:8 bad-key-template -> sender"]),
    (
      "to: recipients", "to: recipients\nvalidate: [{jsonSchema: a.json, xsd: a.xsd}]",
      [
        "routes/10.yaml:4:12 exactly-one"
      ]
    ),
    ("to: recipients", "to: recipients\nvalidate: [{jsonSchema: a.json}]", ["routes/10.yaml:4:25 missing-file"]),
    ("to: recipients", "to: recipients\nvalidate: [{jsonSchema: a.xsd}]", ["routes/10.yaml:4:25 wrong-ending"]),
    ("to: recipients", "to: recipients\nmap: {jq: ../../etc/passwd}", ["routes/10.yaml:4:11 bad-file-name"]),
  ])
  func `A mistake in a route is named with its place`(right: String, wrong: String, expected: [String]) {
    #expect(Sample.found(["routes/10.yaml": Sample.route.replacing(right, with: wrong)]) == expected)
  }

  @Test(arguments: [
    ("a: 1\n\tb: 2\n", "hub.yaml:2:1 yaml-tab"),
    ("hub:\n  name: a\n  name: b\n", "hub.yaml:3:3 duplicate-key"),
    ("hub: {name: a, name: b}\n", "hub.yaml:1:7 duplicate-key"),
    ("hub: &here {name: a}\nother: *here\n", "hub.yaml:1:6 yaml-anchor"),
    ("hub: !secret x\n", "hub.yaml:1:6 yaml-tag"),
    ("hub: [a\n", "hub.yaml:2:1 yaml-syntax"),
    ("hub: a: b\n", "hub.yaml:1:7 yaml-syntax"),
    ("? [a]\n: b\n", "hub.yaml:1:3 yaml-key"),
    ("a: 1\n---\nb: 2\n", "hub.yaml:2:1 yaml-syntax"),
    ("- a\n", "hub.yaml:1:1 wrong-kind"),
  ])
  func `What is not plain YAML is named with its place`(text: String, expected: String) {
    #expect(Sample.found(["hub.yaml": text]) == [expected])
  }

  @Test func `Bytes that are no UTF-8 are named with their place`() {
    let bytes = Array("hub:\n  name: Hải ".utf8) + [0xD0, 0x20] + Array("Phòng\n".utf8)
    var contents = Sample.files.mapValues { Array($0.utf8) }
    contents["hub.yaml"] = bytes
    let complaints = loadConfiguration(
      ConfigFiles(contents), connectors: sampleConnectors, mocks: [], secrets: .unresolved
    ).1
    #expect(complaints.map(\.short) == ["hub.yaml:2:13 invalid-utf8"])
  }

  @Test func `A byte-order mark and Windows line ends are taken`() {
    let text = "\u{FEFF}" + Sample.hub.replacing("\n", with: "\r\n") + "\r\ndrain: 20\r\n"
    #expect(Sample.found(["hub.yaml": text]) == ["hub.yaml:6:8 bad-duration -> 20s"])
  }

  @Test func `All mistakes are told at once, in order of place`() {
    let found = Sample.found([
      "hub.yaml": Sample.hub + "\ndrain: 1\nadmin: 2", "access.yaml": "access:\n  - {agncy: H24, send: [a]}\n",
    ])
    #expect(
      found == [
        "access.yaml:2:5 exactly-one", "access.yaml:2:6 unknown-key -> agency", "hub.yaml:6:8 bad-duration -> 1s",
        "hub.yaml:7:8 bad-address",
      ])
  }

  @Test func `Each complaint speaks both languages and no secret is repeated`() {
    let text = Sample.city + "\n  password: hunter2hunter2"
    let complaint = Sample.load(["endpoints/city.yaml": text]).complaints.first
    #expect(complaint?.message.contains("secret in clear") == true)
    #expect(complaint?.vi.contains("mật khẩu ở dạng rõ") == true)
    #expect(complaint?.message.contains("hunter2") == false)
    #expect(complaint?.vi.contains("hunter2") == false)
  }
}
