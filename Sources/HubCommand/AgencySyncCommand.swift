internal import ArgumentParser
internal import HubConfig
internal import HubKit

/// `lgsp agency sync`: holds the directory against the list of a far system.
struct AgencySyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Đối chiếu danh bạ với trục / hold agencies.yaml against a far system's list.",
    discussion: """
      Chỉ xét cơ quan ngoài thành phố (nối qua chính điểm kết nối này) và cơ quan chưa có trong danh bạ. --apply ghi
      vào agencies.yaml, giữ nguyên chú thích; hub đang chạy dùng ngay. Mã đang thuộc cơ quan khác thì để người xem.
      Only agencies beyond the city (reached by this very endpoint) and unknown ones are looked at. --apply writes
      them into agencies.yaml and keeps its comments; a running hub follows at once. A code that is somebody else's is
      left to a person.

      Mã kết thúc / exit code: 0 khớp hoặc đã ghi / same, or written; 4 không hỏi được / not reached; 6 khác / differs.

      Ví dụ / examples:
        lgsp agency sync axis
        lgsp agency sync axis --apply
      """)

  @Argument(help: "Điểm kết nối có danh sách cơ quan / endpoint whose far system keeps the list.")
  var endpoint: String
  @Flag(help: "Ghi vào agencies.yaml / write the differences into agencies.yaml.")
  var apply = false
  @Flag(help: "In JSON, mỗi khác biệt một dòng / one JSON line for each difference.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let comparison = try await compare()
      for difference in comparison.differences { try show(difference) }
      if !json {
        for agency in comparison.unlisted {
          Output.line("?  \(agency.code) \(agency.name): danh sách không có / the list does not have it")
        }
      }
      if apply { try write(comparison) }
      let left = comparison.differences.filter { !apply || $0.isForAPerson }.count
      if !json { Output.line("\(comparison.differences.count) khác biệt / differences") }
      if left > 0 { throw ExitStatus.different }
    }
  }

  private func compare() async throws -> AgencyComparison {
    let answer = try await SingleEndpoint(endpoint, in: location.folder).asking("lgsp.agency", Self.list)
    switch answer {
    case .failure(let error):
      throw Failure(
        "\(endpoint): không lấy được danh sách / the list cannot be had: \(error.code): \(error.reason)",
        exitCode: ExitStatus.unreachable)
    case .success(let listed):
      let book: AgencyBook
      do { book = try AgencyEditor(folder: location.folder).list() } catch { throw Failure("\(error)") }
      return AgencyComparison(book, listed: listed, endpoint: endpoint, today: CalendarDay(of: SystemClock().now))
    }
  }

  private static func list(of parts: ConnectorParts) async -> Result<[ListedAgency], AdapterError> {
    guard let source = parts.agencies else {
      return .failure(AdapterError(.reject, code: "no-list", reason: "its connector knows no list of agencies"))
    }
    do throws(AdapterError) { return .success(try await source.agencies()) } catch { return .failure(error) }
  }

  private func write(_ comparison: AgencyComparison) throws {
    let editor = AgencyEditor(folder: location.folder)
    do {
      for difference in comparison.differences {
        switch difference {
        case .new(let agency): try editor.add(agency, withCredential: false)
        case .changed(let agency, _): try editor.update(agency)
        case .taken: break
        }
      }
    } catch {
      throw Failure("\(error)")
    }
  }

  private struct Row: Encodable {
    var difference, code, name: String
    var before: String?
    var aliases: [String]?
    var until: String?
    var owner: String?
  }

  private func show(_ difference: AgencyComparison.Difference) throws {
    switch difference {
    case .new(let agency):
      if json {
        let aliases = agency.aliases.map(\.text)
        return try Output.json(Row(difference: "new", code: agency.code.text, name: agency.name, aliases: aliases))
      }
      Output.line("+  \(agency.code) \(agency.name)")
    case .changed(let agency, let before):
      if json {
        return try Output.json(
          Row(
            difference: "changed", code: agency.code.text, name: agency.name, before: before.name,
            aliases: agency.aliases.map(\.text), until: agency.until?.description))
      }
      let name = agency.name == before.name ? agency.name : "\(before.name) → \(agency.name)"
      let more = agency.aliases.filter { !before.aliases.contains($0) }.map { ", + \($0)" }.joined()
      let end = agency.until == before.until ? "" : ", không còn từ / no more since \(agency.until?.description ?? "")"
      Output.line("~  \(agency.code) \(name)\(more)\(end)")
    case .taken(let code, let agency, let owner):
      if json {
        return try Output.json(
          Row(difference: "taken", code: agency.text, name: "", aliases: [code.text], owner: owner.text))
      }
      Output.line("!  \(code) của / of \(agency): đang là mã của / is here a code of \(owner)")
    }
  }
}

extension AgencyComparison.Difference {
  /// Whether it is not for a machine to settle.
  fileprivate var isForAPerson: Bool { if case .taken = self { true } else { false } }
}
