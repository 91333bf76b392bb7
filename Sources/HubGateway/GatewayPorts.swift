public import HubKit

/// What the door asks of whoever remembers exchanges.
public protocol ExchangeQuery: Sendable {
  /// The exchange with that id, with what happened to it so far.
  ///
  /// Called for each `GET /v1/exchanges/{id}`, before the door knows whether the caller took part in it.
  ///
  /// - Returns: nil when there is no such exchange.
  /// - Throws: anything, when the store cannot be read now; the caller gets 500 and may ask again.
  func exchange(_ id: ExchangeID) async throws -> ExchangeView?

  /// The answer to a question, as its route mapped it; nil when there is none, or none any more.
  func answer(of id: ExchangeID) async throws -> Reply?

  /// The documents that somebody may mean by a text, each with its whole life.
  func documents(_ text: String) async throws -> [DocumentLife]

  /// Whether an agency may see exchanges in which it took no part: the operators' own.
  func mayObserve(_ agency: OrganisationCode) -> Bool
}

/// What the door asks of whoever knows the agencies' credentials.
public protocol CredentialCheck: Sendable {
  /// Compares a secret with what is kept of it, in a time that does not depend on where they differ, nor on whether
  /// the client exists.
  ///
  /// - Parameters:
  ///   - clientID: the credential's id; it becomes the `cid` claim of the token.
  ///   - secret: what the caller showed.
  /// - Returns: the agency that the credential stands for; nil when id or secret is wrong or the credential is revoked.
  func verify(clientID: String, secret: String) -> OrganisationCode?

  /// Whether a token that was given for a credential still counts. Called for each request, so that revoking acts at
  /// once: it must answer from memory.
  func isValid(credential id: String, of agency: OrganisationCode) -> Bool
}
