import HubKit
import HubRouting
import Testing

/// An envelope with the attributes that matter here.
func envelope(type: String = "vn.gov.edoc.document", subject: String? = nil, _ extensions: [String: String] = [:])
  -> Envelope
{
  Envelope(id: "1", source: "/qlvb", type: type, subject: subject, extensions: extensions)
}

func match(_ patterns: [String: [String]]) -> RouteMatch {
  RouteMatch(patterns.mapValues { $0.map(Pattern.init) })
}

@Suite struct RouteMatchTests {
  @Test func `A match that names nothing takes everything`() {
    #expect(RouteMatch().takes(envelope()))
  }

  @Test func `All attributes must fit, and one pattern of each is enough`() {
    let match = match(["type": ["vn.gov.edoc.document", "vn.gov.edoc.status"], "sender": ["H24.*"]])
    #expect(match.takes(envelope(["sender": "H24.1"])))
    #expect(match.takes(envelope(type: "vn.gov.edoc.status", ["sender": "H24.1"])))
    #expect(!match.takes(envelope(type: "vn.gov.edoc.other", ["sender": "H24.1"])))
    #expect(!match.takes(envelope(["sender": "G22"])))
  }

  @Test func `An attribute that the envelope lacks fits no pattern, not even a star`() {
    #expect(!match(["service": ["*"]]).takes(envelope()))
    #expect(!match(["receiver": ["*"]]).takes(envelope()))
    #expect(match(["subject": ["*"]]).takes(envelope(subject: "HS-1")))
  }

  @Test func `The receiver fits when any one of them does`() {
    let match = match(["receiver": ["H24.2"]])
    #expect(match.takes(envelope(["receiver": "H24.1, H24.2"])))
    #expect(!match.takes(envelope(["receiver": "H24.1,H24.3"])))
  }

  @Test func `Any extension can be matched`() {
    #expect(match(["purpose": ["one-stop"]]).takes(envelope(["purpose": "one-stop"])))
  }

  @Test func `A match covers another only when it asks for nothing more`() {
    #expect(match(["type": ["vn.*"]]).covers(match(["type": ["vn.gov.*"], "sender": ["H24"]])))
    #expect(!match(["type": ["vn.*"], "sender": ["H24"]]).covers(match(["type": ["vn.gov.*"]])))
    #expect(!match(["type": ["vn.gov.*"]]).covers(match(["type": ["vn.gov.a", "org.b"]])))
    #expect(match(["receiver": ["H24.*", "G22"]]).covers(match(["receiver": ["G22", "H24.1"]])))
  }

  @Test func `A star covers silence only for attributes that every envelope has`() {
    #expect(match(["type": ["*"], "source": ["*"]]).covers(RouteMatch()))
    #expect(!match(["subject": ["*"]]).covers(RouteMatch()))
  }
}
