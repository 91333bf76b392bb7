internal import ArgumentParser
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay

/// `lgsp record --check-mask`: proves that a bundle holds nothing that is known to be personal.
struct MaskCheck {
  let bundle: String
  let folder: String
  let isJSON: Bool
  let allowsOpaque: Bool

  /// Looks and tells; ends by exit code where anything is left to look at.
  func run() async throws {
    let report: MaskReport
    do { report = try await looked() } catch let error as BundleError { throw Failure("\(error)") }
    if isJSON { try Output.json(report, pretty: true) } else { tell(report) }
    guard report.isClean else { throw ExitStatus.wrong }
    guard report.closedCount == 0 || allowsOpaque else { throw ExitStatus.refused }
  }

  private func looked() async throws -> MaskReport {
    let site = try Site(configFolder: folder)
    let schemas = HubAssembly.personalSchemas(site.configuration)
    let proof = MaskProof(bundle, schemas: schemas)
    let journal: Journal
    do { journal = try JournalAccess.reading(folder) } catch {
      Output.note("Không có sổ để so bản gốc / no journal at hand: originals are not compared.")
      return try proof.run()
    }
    do {
      // Nothing is played.
      let recorder = Recorder(
        journal: journal, stands: { _ in throw Failure("no stand") }, origin: { _, _, _ in nil }, mask: nil)
      let report = try proof.run(originals: { try recorder.originals(of: $0, by: schemas) })
      await journal.close()
      return report
    } catch {
      await journal.close()
      throw error
    }
  }

  private func tell(_ report: MaskReport) {
    if !report.isMasked {
      Output.line("\(bundle): chưa che / is not masked, or does not name its pseudonyms: lgsp record --mask")
    }
    Output.line(
      "\(report.files) tệp / files, \(report.exchanges) giao dịch / exchanges, "
        + "\(report.pseudonyms) bí danh / pseudonyms; "
        + (report.compared.map { "so với bản gốc / originals compared: \($0)" } ?? "không so bản gốc / no originals"))
    if !report.findings.isEmpty {
      Output.table(
        ["loại / kind", "tệp / file", "chỗ / place", "dạng / shape"],
        report.findings.map { [$0.kind, $0.file, $0.place, $0.shape] })
    }
    for (kind, count) in report.counts.sorted(by: { $0.key < $1.key }) {
      Output.line("  còn / left: \(count) \(kind)")
    }
    for closed in report.closed {
      Output.line("  không xem được / not proven: \(closed.file) \(closed.place): \(closed.reason)")
    }
    if report.closedCount > report.closed.count {
      Output.line("  … \(report.closedCount) không xem được / not proven in all")
    }
    if report.isClean, report.closedCount == 0 {
      Output.line("Không còn gì được biết là cá nhân / nothing known to be personal is left.")
    }
  }
}
