import AxisWire
import HubKit
import HubTesting
import Testing

/// What whoever serves the axis' interface makes of a call.
@Suite struct RequestTests {
  private func request(_ fields: [String: String]) -> AxisRequest {
    let headers = fields.map { HeaderField("XroadVnpt-\($0.key)", $0.value) }
    return AxisRequest(ServedRequest(method: "POST", path: "/x/sendEdoc", headers: headers))
  }

  @Test(arguments: [
    ("28-11-2026T16:30:00+0123", "2026-11-28T09:30:00Z"), ("01-01-2027T00:00:00+9999", "2026-12-31T17:00:00Z"),
    ("28-11-2026T16:30:00", "2026-11-28T09:30:00Z"),
  ])
  func `the time is Vietnam's, whatever stands behind it`(_ text: String, _ wanted: String) {
    #expect(request(["timestamp": text]).time == Timestamp(rfc3339: wanted))
  }

  @Test(arguments: ["", "hôm nay", "2026", "28-13-2026T16:30:00+0000", "28-11-2026T16:30"])
  func `what is no time is none`(_ text: String) { #expect(request(["timestamp": text]).time == nil) }

  @Test func `receivers stand in a JSON array or alone`() {
    #expect(request(["to": #"["H24.1","H24.2"]"#]).receivers == ["H24.1", "H24.2"])
    #expect(request(["to": "H24.1"]).receivers == ["H24.1"])
    #expect(request([:]).receivers.isEmpty)
  }

  @Test func `pages beyond all bounds are empty`() {
    #expect(request(["pageSize": "2", "pageIndex": "2"]).page(of: [1, 2, 3]) == [3])
    #expect(request(["pageSize": "\(Int.max)", "pageIndex": "\(Int.max)"]).page(of: [1, 2, 3]).isEmpty)
    #expect(request(["pageSize": "-5"]).page(of: [1, 2, 3]) == [1])
  }

  @Test func `a digest is known with and without leading zeros`() throws {
    let digest = [UInt8](0...31)
    for style in AxisDigest.Style.allCases {
      #expect(AxisDigest.matches(AxisDigest.hex(digest, style: style).uppercased(), digest))
    }
    #expect(AxisDigest.hex(digest, style: .sdk) != AxisDigest.hex(digest, style: .padded))
    #expect(!AxisDigest.matches("", digest))
  }

  @Test func `what was signed is verified as it came, and nothing else is`() {
    let signing = AxisSigning(systemId: "vxp.x", secret: Secret(reference: "t", value: "khoá"))
    let time = Timestamp(microseconds: 1_795_000_000_000_000)
    var headers = signing.headers([("from", "H24.1")], at: time)
    #expect(AxisSignature.isGood(headers, secret: "khoá"))
    #expect(!AxisSignature.isGood(headers, secret: "khóa"))
    #expect(!AxisSignature.isGood(headers, secret: nil))
    headers = headers.map { $0.name == "XroadVnpt-from" ? HeaderField($0.name, "H24.2") : $0 }
    #expect(!AxisSignature.isGood(headers, secret: "khoá"))
  }
}
