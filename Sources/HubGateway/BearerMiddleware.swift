internal import HTTPTypes
internal import HubKit
internal import Hummingbird

/// Lets through only requests with a token that counts, and notes whose it is (RFC 6750).
struct BearerMiddleware: RouterMiddleware {
  typealias Context = GatewayContext

  let signer: TokenSigner
  let credentials: any CredentialCheck

  /// Longest token that is looked at, in bytes.
  private static let tokenBytesMax = 4096

  func handle(
    _ request: Request, context: GatewayContext,
    next: (Request, GatewayContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.agency = try await agency(request)
    return try await next(request, context)
  }

  private func agency(_ request: Request) async throws -> OrganisationCode {
    guard let header = request.headers.text(of: .authorization),
      Substring(header.utf8.prefix(7)).lowercased() == "bearer "
    else {
      throw refusal(
        .tokenMissing, "Send `Authorization: Bearer <token>` with a token from /oauth2/token.")
    }
    let token = trimmed(Substring(header.utf8.dropFirst(7)))
    guard token.utf8.count <= Self.tokenBytesMax, let claims = await signer.claims(of: token),
      let agency = OrganisationCode(claims.sub)
    else {
      throw refusal(
        .tokenInvalid, "The token was not issued by this hub, or was changed on the way.")
    }
    guard !signer.isExpired(claims) else {
      throw refusal(.tokenExpired, "The token expired. Get a new one.")
    }
    guard credentials.isValid(credential: claims.cid, of: agency) else {
      throw refusal(.tokenRevoked, "The credential for which the token was given was revoked.")
    }
    return agency
  }

  /// Section 3: a request without a token is told no error code.
  private func refusal(_ type: ProblemType, _ detail: String) -> Problem {
    var problem = Problem(type, detail)
    let realm = #"Bearer realm="lgsp-hub""#
    problem.headers[.wwwAuthenticate] =
      type == .tokenMissing
      ? realm : #"\#(realm), error="invalid_token", error_description="\#(type.title)""#
    return problem
  }
}
