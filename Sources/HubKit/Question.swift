/// How a question was put: the line of an HTTP request, apart from its body.
///
/// The query is not here: what is asked for often names a person, so the parameters of a question without a body become
/// its body, as `application/x-www-form-urlencoded` text, and are kept no longer than any other body.
public struct Question: Sendable, Hashable {
  /// Method, as in `GET`.
  public var method: String
  /// What follows the service in the path, percent-encoded, without a leading `/`; mostly empty.
  public var path: String

  /// Creates a question.
  public init(method: String = "POST", path: String = "") {
    self.method = method
    self.path = path
  }

  /// CloudEvents `type` of every question: what is asked stands in ``ExtensionName/service``.
  public static let eventType = "vn.lgsp.service.call"

  /// Media type of a body that holds a question's parameters (URL Standard, section 5).
  public static let parametersType = "application/x-www-form-urlencoded"
}

extension Question {
  /// Whether it changes nothing at the far side, so that it may be put twice (RFC 9110 section 9.2.1).
  public var isSafe: Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }
}

extension Envelope {
  /// How the question was put; nil for a message that asks for nothing.
  public var question: Question? {
    get {
      guard extensions[ExtensionName.service] != nil else { return nil }
      return Question(
        method: extensions[ExtensionName.method] ?? "POST", path: extensions[ExtensionName.path] ?? "")
    }
    set {
      extensions[ExtensionName.method] = newValue.flatMap { $0.method == "POST" ? nil : $0.method }
      extensions[ExtensionName.path] = newValue.flatMap { $0.path.isEmpty ? nil : $0.path }
    }
  }
}
