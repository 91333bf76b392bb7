public import HubRouting

/// A far system that speaks HTTP, as a manifest describes it.
public struct HTTPManifest: Sendable {
  /// Base URL that all paths are added to.
  public var base: HTTPTemplate
  /// How the hub shows who it is.
  public var authentication: HTTPAuthentication
  /// Header fields of every request.
  public var headers: [String: HTTPTemplate]
  /// What the far system can be asked to do.
  public var operations: [HTTPOperation]
  /// The request that tells whether the far system is well; nil: a `GET` of ``base``, whatever its status.
  public var probe: HTTPRequestTemplate?
  /// A jq program over the answer that gives the far side's own code.
  public var code: TextSource?
  /// What answers mean, first match first; what none matches is classified by status alone.
  public var errors: [HTTPErrorRule]
  /// What is asked regularly.
  public var sources: [HTTPSource]
  /// What the far system calls.
  public var webhooks: [HTTPWebhook]
}

/// One request, with places to be filled.
public struct HTTPRequestTemplate: Sendable {
  /// Method, as in `POST`.
  public var method: String
  /// Path, added to the base URL; each value is percent-encoded as one segment.
  public var path: HTTPTemplate
  /// Query parameters in order; one whose template needs a value that is not there is left out.
  public var query: [(name: String, value: HTTPTemplate)]
  /// Header fields.
  public var headers: [String: HTTPTemplate]
}

/// One operation.
public struct HTTPOperation: Sendable {
  /// Name in routes.
  public var name: String
  /// What it does, in a sentence.
  public var summary: String
  /// How it is called.
  public var request: HTTPRequestTemplate
  /// jq programs over the canonical document, by the name under which templates use what they give.
  public var values: [(name: String, jq: TextSource)]
  /// Changes of the body on its way out, in order.
  public var map: [RouteMapping]
  /// Media type of the body; nil: as the message has it.
  public var contentType: String?
  /// The body goes inside a SOAP envelope.
  public var soap: SOAPBinding?
  /// Changes of the answer, in order; nothing: the answer as it came.
  public var answerMap: [RouteMapping]
  /// A jq predicate over the answer without which a 2xx is no success.
  public var success: TextSource?
  /// A jq program over the answer that gives the far side's name for what it took.
  public var reference: TextSource?
  /// Rules that come before the manifest's own.
  public var errors: [HTTPErrorRule]
  /// Whether it changes nothing at the far system.
  public var isRead: Bool
}

/// How a body goes into SOAP.
public struct SOAPBinding: Sendable, Hashable {
  /// `1.1` or `1.2`.
  public var version: String
  /// The action: the header `SOAPAction` of 1.1, the parameter `action` of 1.2.
  public var action: String
}

/// What an answer means.
public struct HTTPErrorRule: Sendable {
  /// What the hub does.
  public enum Verdict: String, Sendable, CaseIterable {
    /// The far side has the message.
    case success
    /// This message again, later.
    case retry
    /// The endpoint is paused.
    case outage
    /// Never again: a dead letter.
    case reject
    /// Perhaps it has it.
    case inDoubt = "in-doubt"
  }

  /// Status codes, as in `404` or `5xx`; none: all.
  public var statuses: [String]
  /// A jq predicate over `{status, headers, body}`.
  public var when: TextSource?
  /// Code of a SOAP fault, without its prefix.
  public var fault: String?
  /// What the hub does.
  public var verdict: Verdict
  /// The word for machines.
  public var code: String?
  /// What a person should know.
  public var reason: String?
}

/// How the hub shows who it is. Names are those of settings.
public enum HTTPAuthentication: Sendable, Hashable {
  /// It does not, or by the endpoint's own certificate (`tls:`).
  case none
  /// RFC 7617.
  case basic(username: String, password: String)
  /// RFC 6750, with a token that somebody gave out.
  case bearer(token: String)
  /// A key in a header field.
  case apiKey(header: String, key: String)
  /// RFC 6749 section 4.4: client credentials.
  case oauth(tokenURL: HTTPTemplate, clientId: String, clientSecret: String, scope: String?)
  /// A keyed digest of the request in a header field.
  case hmac(HMACSignature)
}

/// A keyed digest of a request.
public struct HMACSignature: Sendable, Hashable {
  /// The setting that holds the key.
  public var key: String
  /// The header field that carries it.
  public var header: String
  /// What is signed: `{method}`, `{path}`, `{query}`, `{time}`, `{body}` and `{bodySHA256}` stand for themselves.
  public var text: HTTPTemplate
  /// `sha256` or `sha512`.
  public var algorithm: String
  /// `hex` or `base64`.
  public var encoding: String
  /// Stands before the digest in the header field.
  public var prefix: String
  /// The header field that carries the time, in seconds since 1970; nil: none.
  public var timeHeader: String?
}

/// Something that is asked regularly.
public struct HTTPSource: Sendable {
  /// Its name within the endpoint.
  public var name: String
  /// How it is asked; `{cursor}` and `{limit}` stand for where it stands and how much is wanted.
  public var request: HTTPRequestTemplate
  /// A jq program over `{status, headers, body}` that gives an array of CloudEvents in JSON (structured form); `data`
  /// is the body.
  public var events: TextSource
  /// A jq program over the same that gives the next cursor, or null to keep the last one.
  public var cursor: TextSource?
  /// A jq predicate over the same: more waits already.
  public var more: TextSource?
  /// The request that marks one item as taken; `{id}` and the event's attributes stand for themselves.
  public var acknowledge: HTTPRequestTemplate?
}

/// Something that the far system calls.
public struct HTTPWebhook: Sendable {
  /// Path under `/v1/served/<endpoint>`.
  public var path: String
  /// How the far system shows who it is; never none.
  public var authentication: HTTPAuthentication
  /// A jq program over `{headers, query, body}` that gives an array of CloudEvents in JSON.
  public var events: TextSource
}
