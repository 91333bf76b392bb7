internal import ArgumentParser
internal import HubConfig
internal import HubKit
internal import HubRouting

/// `lgsp agency`: who may hand messages in.
struct AgencyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agency",
    abstract: "Cơ quan và khoá truy cập / agencies and their credentials.",
    discussion: """
      Khoá chỉ in ra một lần / a secret is printed once and kept nowhere in the clear. Thu hồi có hiệu lực ngay /
      revoking acts at once, also on tokens that were given before.

      Ví dụ / examples:
        lgsp agency add H24.31 --name "Sở Du lịch" --endpoint city-systems --send 'vn.gov.edoc.*'
        lgsp agency rotate H24.31        khoá mới; khoá cũ còn dùng được / the old one stays until revoked
        lgsp agency revoke H24.31-efaacgx2
        lgsp agency list
        lgsp agency sync axis            đối chiếu với danh sách của trục / hold against the axis' list
      """,
    subcommands: [Add.self, Rotate.self, Revoke.self, List.self, AgencySyncCommand.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Thêm cơ quan / add an agency.")
    @Argument(help: "Mã định danh / organisation code (Decision 20/2020).") var code: String
    @Option(help: "Tên chính thức / official name.") var name: String
    @Option(help: "Nơi nhận / endpoint through which it is reached.") var endpoint: String?
    @Option(help: "Loại được gửi, có thể lặp lại / types it may send; may be repeated.") var send: [String] = []
    @Flag(help: "In JSON / print JSON.") var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let code = try AgencyCommand.code(code)
        let editor = AgencyEditor(folder: location.folder)
        let issued = try AgencyCommand.editing {
          let issued = try editor.add(Agency(code: code, name: name, endpoint: endpoint))
          if !send.isEmpty { try editor.add(.allowing(code, toSend: send)) }
          return issued
        }
        if let issued { try AgencyCommand.show(issued, json) }
      }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cấp khoá mới / issue a new credential; the old one stays valid until it is revoked.")
    @Argument(help: "Mã định danh / organisation code.") var code: String
    @Flag(help: "In JSON / print JSON.") var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let code = try AgencyCommand.code(code)
        let editor = AgencyEditor(folder: location.folder)
        try AgencyCommand.show(try AgencyCommand.editing { try editor.rotate(code) }, json)
      }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Thu hồi khoá, có hiệu lực ngay / revoke a credential, at once.")
    @Argument(help: "Tên khoá, như H24.31-efaacgx2 / name of the credential.") var credential: String
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        try AgencyCommand.editing { _ = try AgencyEditor(folder: location.folder).revoke(credential: credential) }
        Output.line("Đã thu hồi / revoked: \(credential)")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Danh sách cơ quan / list agencies.")
    @Flag(help: "In JSON / print JSON.") var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let book = try AgencyCommand.editing { try AgencyEditor(folder: location.folder).list() }
        let rows = book.agencies.map { AgencyRow($0, book) }
        if json { return try Output.json(rows, pretty: true) }
        Output.table(
          ["Mã / code", "Tên / name", "Nơi nhận / endpoint", "Khoá / credentials"],
          rows.map { [$0.code, $0.name, $0.endpoint ?? "-", $0.credentials.joined(separator: ", ")] })
      }
    }
  }

  private static func code(_ text: String) throws -> OrganisationCode {
    guard let code = OrganisationCode(text) else {
      throw Failure("\(text): không phải mã định danh / no organisation code: letters, digits, dots, - and _ only.")
    }
    return code
  }

  private static func editing<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let failure as Failure { throw failure } catch { throw Failure("\(error)") }
  }

  private static func show(_ issued: IssuedCredential, _ json: Bool) throws {
    if json { return try Output.json(DemoCredential(issued), pretty: true) }
    Output.line("client_id      \(issued.id)")
    Output.line("client_secret  \(issued.secret)")
    Output.note("Chỉ in ra một lần: hãy cất giữ / printed once: keep it now.")
  }
}

/// One agency as `lgsp agency list` prints it; never a secret or its hash.
private struct AgencyRow: Encodable {
  var code: String
  var name: String
  var endpoint: String?
  var credentials: [String]

  init(_ agency: Agency, _ book: AgencyBook) {
    code = agency.code.text
    name = agency.name
    endpoint = agency.endpoint
    credentials = book.credentials.filter { $0.agency == agency.code }.map(\.id)
  }
}

extension AccessRule {
  /// A rule that lets an agency send types to anyone.
  static func allowing(_ code: OrganisationCode, toSend types: [String]) -> AccessRule {
    AccessRule(subject: .agencies(Pattern(code.text)), send: types.map { Pattern($0) })
  }
}
