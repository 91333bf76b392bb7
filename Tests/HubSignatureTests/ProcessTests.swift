import Foundation
import HubKit
import Testing

@testable import HubSignature

@Suite struct ProcessTests {
  /// The `lgsp` that was built with the tests.
  static let program: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "lgsp").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/debug/lgsp"
  }()

  private func check(_ limits: SignatureLimits = SignatureLimits(), arguments: [String]? = nil) -> SignatureCheck {
    let trust = SignatureTrust(
      roots: [Authority.shared.file("root.crt")],
      crls: [Authority.shared.file("root.crl"), Authority.shared.file("sub.crl")])
    return SignatureCheck(
      trust: trust, limits: limits, program: Self.program, arguments: arguments ?? [SignatureChild.command])
  }

  @Test func aProcessOfItsOwnSaysTheSame() async {
    var pdf = SignedPDF()
    pdf.sign(by: .person, isStamped: true)
    pdf.sign(by: .agency)
    let own = verifier(crls: ["root.crl", "sub.crl"]).verify(pdf.bytes, now: now)
    #expect(own.verdict == .valid)
    let other = await check().check(pdf.bytes, now: now)
    // Times cross as text of milliseconds.
    #expect(other.verdict == .valid && other.signatures.map(\.signer) == own.signatures.map(\.signer), "\(other)")
    #expect(other.signatures.map(\.stampedAt) == own.signatures.map(\.stampedAt))
    #expect(await check().check(Array("no PDF".utf8), now: now).verdict == .notPDF)
    #expect(check().verify(SignedPDF().bytes, now: now).verdict == .noSignature)
  }

  @Test func whatGoesBeyondItsLimitsIsNotChecked() {
    var (small, short) = (SignatureLimits(), SignatureLimits())
    small.memoryMax = 8 << 20
    short.timeMax = .milliseconds(1)
    let large = Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 0x20, count: 40 << 20)
    #expect(check(small).verify(large, now: now).verdict == .notChecked)
    #expect(check(short).verify(large, now: now).verdict == .notChecked)
    #expect(check(arguments: ["schema", "--nothing"]).verify(large, now: now).verdict == .notChecked)
  }

  @Test func theResultSurvivesItsWayThroughJSON() throws {
    var pdf = SignedPDF()
    pdf.sign(by: .stranger, isStamped: true)
    let result = verify(pdf, at: Timestamp(seconds: now.microseconds / 1_000_000))
    let back = try JSONDecoder().decode(PDFSignatures.self, from: JSONEncoder().encode(result))
    #expect(back == result && result.verdict == .invalid)
  }

  @Test func everyFindingAndVerdictHasWordsInBothLanguages() {
    for words in SignatureFinding.allCases.map(\.words) + PDFSignatures.Verdict.allCases.map(\.words) {
      #expect(words.contains(" / "), "\(words)")
    }
  }
}
