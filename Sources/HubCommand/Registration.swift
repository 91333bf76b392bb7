internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// `lgsp send --register`: in the demo only, makes the sender and the receivers of a file known, each with an account
/// at the axis's mock, so that any document can be tried.
struct Registration {
  let site: Site
  let loop: CurlLoop

  /// Adds whoever is not known yet.
  func register(_ sender: String, _ examination: Examination?, _ extra: [String]) async throws {
    guard let demo = site.demo else {
      throw Failure("--register chỉ dùng cho demo / works in the demo only: add agencies by `lgsp agency add`.")
    }
    let codes = [sender] + (examination?.receivers ?? []) + extra + [examination?.sender].compactMap { $0 }
    var seen = Set<String>()
    for text in codes where seen.insert(text).inserted {
      guard let code = OrganisationCode(text) else { throw Failure("\(text): không phải mã / no organisation code.") }
      try await register(code, isSender: text == sender, demo)
    }
  }

  private func register(_ code: OrganisationCode, isSender: Bool, _ demo: DemoHome) async throws {
    do {
      if site.directory.agency(code) == nil {
        try site.editor.add(
          Agency(code: code, name: "Cơ quan \(code) (demo)", endpoint: "axis"), withCredential: false)
        try await registerAtAxis(code, demo)
      }
      if isSender, site.directory.refusal(of: .agency(code), sending: "vn.gov.edoc.document", to: []) != nil {
        try site.editor.add(.allowing(site.directory.agency(code)?.code ?? code, toSend: ["vn.gov.edoc.*"]))
      }
      if isSender, !site.hasCredential(of: code) {
        try site.remember(DemoCredential(try site.editor.rotate(code)), of: code)
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("\(code): \(error)")
    }
  }

  private func registerAtAxis(_ code: OrganisationCode, _ demo: DemoHome) async throws {
    let secret = try demo.axisSecret(of: code)
    let body = """
      {"systemId":"\(code)","secret":"\(secret)","agencies":[{"code":"\(code)","name":"Cơ quan \(code) (demo)"}]}
      """
    let client = GatewayClient(base: try site.mockURL(of: "edocument"), loop: loop)
    let response = try await client.send(
      OutboundRequest(
        method: "POST", url: "\(client.base)/_mock/systems", headers: [HeaderField("Content-Type", "application/json")],
        body: .bytes(Array(body.utf8))))
    guard (200..<300).contains(response.status) else {
      throw Failure("Trục mô phỏng không nhận \(code) / the axis mock did not take \(code): HTTP \(response.status)")
    }
  }
}
