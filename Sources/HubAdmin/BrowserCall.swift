import HTTPTypes
import Hummingbird

/// One call as the sign-in sees it: where the browser believes itself to be, and what it holds.
struct BrowserCall {
  /// Cookie that ties a browser to its attempt.
  static let attemptCookie = "lgsp-sign-in"
  /// Cookie that holds a session.
  static let sessionCookie = "lgsp-session"

  /// Address of the peer; empty when unknown.
  let address: String
  /// Scheme, host and port of this server as the browser knows them; nil when the call names no proper host.
  let origin: String?
  let attempt: String?
  let session: String?
  private let fetchSite: String?
  private let fromOrigin: String?

  init(_ request: Request, peer: String?, isSecure: Bool, publicURL: String?) {
    address = peer ?? ""
    origin = publicURL ?? Self.origin(of: request.head.authority, isSecure: isSecure)
    attempt = Self.cookie(Self.attemptCookie, request)
    session = Self.cookie(Self.sessionCookie, request)
    fetchSite = Self.field("Sec-Fetch-Site", request)
    fromOrigin = Self.field("Origin", request)
  }

  /// Whether a page of this server sent the call. Browsers say so themselves (Fetch Metadata); older ones name the
  /// page's origin with every POST.
  var isFromOwnPage: Bool {
    if let fetchSite { return fetchSite == "same-origin" }
    guard let fromOrigin, let origin else { return false }
    return fromOrigin.lowercased() == origin.lowercased()
  }

  /// A cookie for this host alone, out of the reach of scripts, not sent along by other sites' forms.
  func cookie(_ name: String, _ value: String, for lifetime: Duration) -> String {
    let secure = origin?.hasPrefix("https:") == true ? "; Secure" : ""
    return "\(name)=\(value); Path=/; Max-Age=\(lifetime.components.seconds); HttpOnly; SameSite=Lax\(secure)"
  }

  private static func field(_ name: String, _ request: Request) -> String? {
    HTTPField.Name(name).flatMap { request.headers[$0] }
  }

  /// The first cookie of that name, when it looks like one of ours: 256 bits in hex.
  private static func cookie(_ name: String, _ request: Request) -> String? {
    for line in request.headers[values: .cookie] {
      for pair in line.split(separator: ";") {
        let halves = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, halves[0] == name else { continue }
        return halves[1].utf8.count == 64 && halves[1].allSatisfy { $0.isASCII && $0.isHexDigit }
          ? String(halves[1]) : nil
      }
    }
    return nil
  }

  private static func origin(of authority: String?, isSecure: Bool) -> String? {
    guard let authority, (1...255).contains(authority.utf8.count),
      authority.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_:[]".contains($0)) })
    else { return nil }
    return "\(isSecure ? "https" : "http")://\(authority)"
  }
}
