/// A far system at which persons sign in (OpenID Connect Core 1.0, authorization code flow). The hub is the relying
/// party: the control bus sends the person there and takes him in when he comes back.
public protocol SignInProvider: Sendable {
  /// What the button says, as in `VNeID`.
  var title: String { get }

  /// Where to send the person. Called once for each attempt to sign in.
  ///
  /// - Parameter attempt: made by the control bus, kept by it until the person comes back.
  /// - Throws: ``AdapterError`` when the far system cannot be reached for its addresses.
  func address(for attempt: SignInAttempt) async throws(AdapterError) -> String

  /// Takes the code that the person brought back, fetches his tokens and checks them.
  ///
  /// - Parameters:
  ///   - code: of the redirect's query.
  ///   - attempt: the one that the redirect's `state` names. Used once.
  /// - Throws: ``AdapterError``: `reject` when a token is not what it should be, `outage` when the far system is away.
  func person(code: String, attempt: SignInAttempt) async throws(AdapterError) -> SignedInPerson
}

/// One attempt to sign in: random values that tie the answer to the question.
public struct SignInAttempt: Sendable, Hashable {
  /// `state` (RFC 6749 section 10.12).
  public var state: String
  /// `nonce` (OpenID Connect Core 1.0 section 3.1.2.1).
  public var nonce: String
  /// PKCE code verifier (RFC 7636 section 4.1).
  public var verifier: String
  /// Where the person comes back.
  public var redirectURL: String

  /// Creates an attempt.
  public init(state: String, nonce: String, verifier: String, redirectURL: String) {
    self.state = state
    self.nonce = nonce
    self.verifier = verifier
    self.redirectURL = redirectURL
  }
}

/// Who signed in, as the far system vouches for him.
public struct SignedInPerson: Sendable, Hashable {
  /// The far system's stable name for the person (`sub`).
  public var subject: String
  /// Name to show.
  public var name: String
  /// Level of assurance, in the far system's own words.
  public var assurance: String?

  /// Creates a person.
  public init(subject: String, name: String, assurance: String? = nil) {
    self.subject = subject
    self.name = name
    self.assurance = assurance
  }
}
