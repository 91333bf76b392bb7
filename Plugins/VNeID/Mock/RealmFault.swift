/// Something that goes wrong on purpose, a number of times. Ours, not VNeID's.
struct RealmFault: Codable, Sendable {
  enum Kind: String, Codable, CaseIterable {
    /// The ID token carries the nonce of another attempt.
    case wrongNonce = "wrong-nonce"
    /// The ID token ended an hour ago.
    case expired
    /// The ID token begins in an hour.
    case early
    /// The ID token names a key that is not published.
    case unknownKid = "unknown-kid"
    /// The ID token is signed by another key under the right name.
    case wrongKey = "wrong-key"
    /// `alg: none`, without a signature.
    case algorithmNone = "alg-none"
    /// HS256 with the client's secret.
    case algorithmHS256 = "alg-hs256"
    /// The header asks for an extension (`crit`).
    case critical
    /// `aud` is another client.
    case wrongAudience = "wrong-audience"
    /// `aud` names two clients and `azp` is another.
    case otherParty = "other-party"
    /// `iss` is another realm; in the discovery document: `issuer` is.
    case wrongIssuer = "wrong-issuer"
    /// The claims of VNeID stand in userinfo only.
    case bareToken = "bare-token"
    /// Userinfo is about another person.
    case otherSubject = "other-subject"
    /// The ID token is no JWT.
    case malformed
    /// Status 200 and no body.
    case emptyBody = "empty-body"
    /// Status 200 and a page of HTML.
    case unreadable
    /// Status 503, and nothing is carried out.
    case unavailable
  }

  /// Where a fault can strike.
  enum Operation: String, Codable, CaseIterable { case discovery, token, certs, userinfo }

  var fault: Kind
  /// The only operation that it spoils; nil: the token endpoint.
  var operation: Operation?
  /// How many calls it spoils; nil: one; negative: all.
  var times: Int?
}
