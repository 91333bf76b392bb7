/// The two versions of SOAP that are in use. Which one a message is in, its envelope's namespace says.
public enum SOAPVersion: String, Sendable, Hashable, CaseIterable {
  /// SOAP 1.1 (W3C Note, 8 May 2000).
  case v11 = "1.1"
  /// SOAP 1.2 (W3C Recommendation, 27 April 2007).
  case v12 = "1.2"

  /// Namespace of Envelope, Header, Body and Fault.
  public var namespace: String {
    switch self {
    case .v11: "http://schemas.xmlsoap.org/soap/envelope/"
    case .v12: "http://www.w3.org/2003/05/soap-envelope"
    }
  }

  /// Media type of a message over HTTP.
  public var mediaType: String {
    switch self {
    case .v11: "text/xml"
    case .v12: "application/soap+xml"
    }
  }

  init?(namespace: String) {
    guard let version = Self.allCases.first(where: { $0.namespace == namespace }) else { return nil }
    self = version
  }
}
