internal import CCurl
internal import HubKit

/// How far a transfer came: what a failure means depends on it.
enum Progress: Sendable {
  /// No connection carried it yet.
  case unsent
  /// Some of the request went out, not all of it: the far side cannot have the whole message.
  case partlySent
  /// All of the request was handed to the connection: the far side may have acted on it.
  case sent
}

/// Turns failures into verdicts. Reasons name host and port, never the path or query.
enum Verdicts {
  /// The allow-list says no.
  static func notAllowed(place: String) -> AdapterError {
    AdapterError(
      .reject, code: "not-allowed",
      reason: "\(place) is not on this endpoint's allow-list; add it under `allow:` if it is meant.")
  }

  /// The task was cancelled or the hub is stopping.
  static func cancelled(place: String, progress: Progress) -> AdapterError {
    AdapterError(
      .cancelled, code: "cancelled", reason: "The request to \(place) was cancelled.",
      cause: progress == .unsent ? nil : "It had been sent, at least in part.")
  }

  /// Too many wait already, or the turn did not come in time.
  static func busy(place: String) -> AdapterError {
    AdapterError(
      .retry(after: nil), code: "busy", reason: "Too many requests wait for a free connection to \(place).")
  }

  /// A time limit has passed.
  static func timeout(_ what: String, place: String, progress: Progress) -> AdapterError {
    switch progress {
    case .unsent:
      AdapterError(
        .outage(after: nil), code: "connect-timeout", reason: "\(place) could not be reached in time (\(what)).")
    case .partlySent:
      AdapterError(
        .retry(after: nil), code: "timeout", reason: "\(place) stopped taking the request before its end (\(what)).")
    case .sent:
      AdapterError(
        .inDoubt, code: "timeout", reason: "\(place) got the request and gave no whole answer in time (\(what)).")
    }
  }

  /// The answer is longer than the limit.
  static func tooLarge(_ what: String, limit: Int, place: String) -> AdapterError {
    AdapterError(
      .inDoubt, code: "response-too-large",
      reason: "The answer of \(place) has more than \(limit) bytes of \(what), which is the limit.")
  }

  /// The message's own bytes cannot be had.
  static func body(_ error: BodyError, place: String) -> AdapterError {
    switch error {
    case .io, .full:
      AdapterError(
        .retry(after: nil), code: "body-unreadable", reason: "The message's bytes could not be read for \(place).",
        cause: "\(error)")
    case .gone, .damaged, .tooLarge:
      AdapterError(
        .reject, code: "body-unreadable", reason: "The message's bytes are gone or damaged; \(place) did not get them.",
        cause: "\(error)")
    }
  }

  /// The body ended before its announced length.
  static func shortBody(expected: Int, place: String) -> AdapterError {
    AdapterError(
      .reject, code: "body-unreadable",
      reason: "The message has fewer bytes than the \(expected) announced to \(place); nothing whole was sent.")
  }

  /// What libcurl's result means.
  static func failure(_ code: CURLcode, place: String, progress: Progress, detail: String) -> AdapterError {
    let cause = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    if refusesIdentity(cause) {
      return AdapterError(
        .outage(after: nil), code: "tls-refused",
        reason: "\(place) does not take the hub's certificate; see `tls.certificate`.", cause: cause)
    }
    switch progress {
    case .unsent: return unsent(code, place: place, cause: cause)
    case .partlySent:
      return AdapterError(
        .retry(after: nil), code: "closed", reason: "\(place) closed the connection before it had the whole request.",
        cause: cause)
    case .sent:
      let closed: Set<UInt32> = [
        CURLE_GOT_NOTHING.rawValue, CURLE_RECV_ERROR.rawValue, CURLE_SEND_ERROR.rawValue,
        CURLE_PARTIAL_FILE.rawValue, CURLE_ABORTED_BY_CALLBACK.rawValue, CURLE_SEND_FAIL_REWIND.rawValue,
      ]
      if closed.contains(code.rawValue) {
        return AdapterError(
          .inDoubt, code: "closed",
          reason: "\(place) got the request and closed the connection without a whole answer.",
          cause: cause)
      }
      return AdapterError(
        .inDoubt, code: "bad-answer", reason: "\(place) got the request and answered something that is not HTTP.",
        cause: cause)
    }
  }

  /// Whether the far side ended the handshake over the hub's certificate (RFC 8446 section 6.2). With TLS 1.3 that
  /// comes to light only after the request was sent, which such a far side has not read.
  private static func refusesIdentity(_ cause: String) -> Bool {
    ["certificate", "unknown ca", "access denied"].contains { word in
      ["alert \(word)", "alert bad \(word)", "alert unsupported \(word)"].contains { cause.contains($0) }
    }
  }

  /// The failure of a request of which nothing was sent, to a far side that was shown the hub's certificate. With TLS
  /// 1.3 a refusal comes only when the handshake is over for the hub, and the far side may be gone before its reason is
  /// read: a connection that took nothing, which must cost the message no attempt.
  static func ofIdentity(_ error: AdapterError) -> AdapterError {
    guard error.code == "closed", error.verdict == .retry(after: nil) else { return error }
    return AdapterError(
      .outage(after: nil), code: "closed",
      reason: "\(error.reason) It may not take the hub's certificate; see `tls.certificate`.", cause: error.cause)
  }

  private static func unsent(_ code: CURLcode, place: String, cause: String) -> AdapterError {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      AdapterError(
        .outage(after: nil), code: "dns", reason: "The name of \(place) could not be resolved.", cause: cause)
    case CURLE_COULDNT_CONNECT:
      AdapterError(
        .outage(after: nil), code: "connect-refused", reason: "\(place) takes no connection.", cause: cause)
    case CURLE_OPERATION_TIMEDOUT: timeout("connect", place: place, progress: .unsent)
    case CURLE_PEER_FAILED_VERIFICATION where cause.contains("expired"):
      AdapterError(
        .outage(after: nil), code: "tls-verify",
        reason: "The certificate of \(place) has expired; its owner has to renew it.", cause: cause)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      AdapterError(
        .outage(after: nil), code: "tls-verify",
        reason: "The certificate of \(place) is not one that this endpoint trusts; see `tls.ca`.", cause: cause)
    case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
      AdapterError(
        .outage(after: nil), code: "tls-files",
        reason: "The certificates or the key of the endpoint for \(place) cannot be used.", cause: cause)
    case CURLE_SSL_CONNECT_ERROR:
      AdapterError(
        .outage(after: nil), code: "tls-handshake", reason: "\(place) and the hub could not agree on TLS.",
        cause: cause)
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING:
      AdapterError(
        .retry(after: nil), code: "closed", reason: "\(place) closed the connection before anything was sent.",
        cause: cause)
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT:
      AdapterError(
        .retry(after: nil), code: "resources", reason: "The hub had no resources for a request to \(place).",
        cause: cause)
    default:
      AdapterError(
        .outage(after: nil), code: "connect-failed", reason: "No connection to \(place) could be used.", cause: cause)
    }
  }
}
