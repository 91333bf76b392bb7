internal import HubKit

/// The kinds of problem that the API knows. Their names are part of the API: they are never changed, only added to.
enum ProblemType: String, CaseIterable {
  // What the bus refuses: the words of NotAccepted.Code.
  case invalid, forbidden, secret, conflict, unavailable, full
  case tooLarge = "too-large"
  case unknownReceiver = "unknown-receiver"
  case noRoute = "no-route"
  case tooMany = "too-many"
  // What became of a question.
  case farSystemRefused = "far-system-refused"
  case farSystemFailed = "far-system-failed"
  case farSystemUnavailable = "far-system-unavailable"
  case deadlinePassed = "deadline-passed"
  case answerAbandoned = "answer-abandoned"
  // What the door itself refuses.
  case leaseEnded = "lease-ended"
  case tokenMissing = "token-missing"
  case tokenInvalid = "token-invalid"
  case tokenExpired = "token-expired"
  case tokenRevoked = "token-revoked"
  case tooManyGuesses = "too-many-guesses"
  case notFound = "not-found"
  case methodNotAllowed = "method-not-allowed"
  case mediaType = "media-type"
  case badRequest = "bad-request"
  case headerTooLarge = "header-too-large"
  case timeout
  case notReady = "not-ready"
  case `internal`

  /// The type of a refusal by the bus.
  init(_ code: NotAccepted.Code) {
    switch code {
    case .invalid: self = .invalid
    case .forbidden: self = .forbidden
    case .secret: self = .secret
    case .conflict: self = .conflict
    case .tooLarge: self = .tooLarge
    case .unknownReceiver: self = .unknownReceiver
    case .noRoute: self = .noRoute
    case .tooMany: self = .tooMany
    case .unavailable: self = .unavailable
    case .full: self = .full
    }
  }

  /// Stable, relative to the hub's own address; a GET explains it.
  var uri: String { "/problems/\(rawValue)" }

  /// HTTP status code.
  var status: Int {
    switch self {
    case .invalid, .badRequest: 400
    case .tokenMissing, .tokenInvalid, .tokenExpired, .tokenRevoked: 401
    case .forbidden, .secret: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .timeout: 408
    case .conflict, .leaseEnded: 409
    case .tooLarge: 413
    case .mediaType: 415
    case .unknownReceiver, .noRoute: 422
    case .tooMany, .tooManyGuesses: 429
    case .headerTooLarge: 431
    case .internal: 500
    case .farSystemRefused, .farSystemFailed: 502
    case .deadlinePassed, .answerAbandoned: 504
    case .unavailable, .notReady, .farSystemUnavailable: 503
    case .full: 507
    }
  }

  /// Who would have to act.
  var origin: Problem.Origin {
    switch self {
    case .unavailable, .full, .notReady, .internal: .hub
    case .farSystemRefused, .farSystemFailed, .farSystemUnavailable, .deadlinePassed, .answerAbandoned: .farSystem
    default: .caller
    }
  }

  /// The kind of problem in a few words, the same each time.
  var title: String { words.title }

  /// The explanation in Vietnamese and English, as `GET /problems/{code}` gives it.
  var page: String {
    """
    \(rawValue) (HTTP \(status))

    \(words.vietnamese)

    \(words.title). \(words.english)
    """ + "\n"
  }
}
