internal import HubKit

// The page on which a person says who he is. VNeID shows a form for number, password and the code of its app; here one
// chooses among invented persons. `login_hint` (OpenID Connect Core 1.0 section 3.1.2.1) with a `sub` skips the page.

extension Realm {
  func authorize(_ request: ServedRequest) -> ServedResponse {
    let query = request.query
    guard let client = query["client_id"], state.clients[client] != nil else {
      return refuse("invalid_client", "Không có ứng dụng này", "Client not found.")
    }
    guard let redirect = query["redirect_uri"], allows(redirect: redirect) else {
      return refuse("invalid_redirect_uri", "Địa chỉ quay về chưa đăng ký", "Invalid parameter: redirect_uri")
    }
    if let error = error(in: query) {
      note("authorize", client: client, result: error)
      return back(to: redirect, query, [("error", error)])
    }
    if query["cancel"] != nil {
      note("authorize", client: client, result: "access_denied")
      return back(to: redirect, query, [("error", "access_denied")])
    }
    guard let citizen = query["login_hint"].flatMap(Citizen.named) else { return choice(request) }
    note("authorize", client: client, subject: citizen.subject)
    let code = state.grant(
      .init(
        client: client, redirect: redirect, nonce: query["nonce"], challenge: query["code_challenge"],
        subject: citizen.subject, issuedAt: now))
    return back(to: redirect, query, [("code", code)])
  }

  /// Errors that go back to the client (RFC 6749 section 4.1.2.1).
  private func error(in query: [HeaderField]) -> String? {
    if query["response_type"] != "code" { return "unsupported_response_type" }
    if query["scope"]?.split(separator: " ").contains("openid") != true { return "invalid_scope" }
    if query["code_challenge"] != nil, query["code_challenge_method"] != "S256" { return "invalid_request" }
    return nil
  }

  /// Errors that do not: a person must not be sent to an address that nobody registered.
  private func refuse(_ result: String, _ vi: String, _ en: String) -> ServedResponse {
    note("authorize", result: result)
    return .page(status: 400, title: vi, "<p lang=\"en\">\(en)</p>")
  }

  private func back(to redirect: String, _ query: [HeaderField], _ fields: [(String, String)]) -> ServedResponse {
    let all = fields + (query["state"].map { [("state", $0)] } ?? []) + [("iss", issuer)]
    return .redirect(to: redirect + (redirect.contains("?") ? "&" : "?") + RealmText.query(all))
  }

  private func choice(_ request: ServedRequest) -> ServedResponse {
    let kept = request.query.filter { $0.name != "login_hint" }.map { ($0.name, $0.value) }
    func link(_ more: (String, String)) -> String {
      RealmText.escaped("\(request.path)?\(RealmText.query(kept + [more]))")
    }
    let persons = Citizen.all.map { citizen in
      "<li><a href=\"\(link(("login_hint", citizen.subject)))\">\(RealmText.escaped(citizen.name))</a> "
        + "(loAs \(citizen.level))</li>"
    }
    return .page(
      title: "VNeID (giả lập)",
      """
      <p>Chọn một người hư cấu để đăng nhập. <span lang="en">Choose an invented person to sign in as.</span></p>
      <ul>
      \(persons.joined(separator: "\n"))
      </ul>
      <p><a href="\(link(("cancel", "1")))">Hủy – <span lang="en">Cancel</span></a></p>
      """)
  }
}
