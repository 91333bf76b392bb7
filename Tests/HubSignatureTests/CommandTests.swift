import Foundation
import HubTesting
import HubTransform
import Testing

@testable import HubSignature

/// What operators see, and what another program thinks of the same files.
@Suite struct CommandTests {
  private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let limits = ToolRun.Limits(memoryMax: 4 << 30, timeMax: .seconds(60), outputBytesMax: 1 << 20)
    let run = try ToolRun.run(program, arguments, input: [], limits)
    return (run.status, String(decoding: run.output + run.errors, as: UTF8.self))
  }

  private func write(_ bytes: [UInt8], _ folder: TemporaryDirectory, _ name: String) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  @Test func theCommandSaysAllAndItsCodeTheVerdict() throws {
    let (folder, authority) = (try TemporaryDirectory(), Authority.shared)
    let roots = "\(folder.path)/roots"
    try FileManager.default.createDirectory(atPath: roots, withIntermediateDirectories: false)
    try Data(authority.file("root.crt")).write(to: URL(filePath: "\(roots)/root.crt"))
    try Data("not one".utf8).write(to: URL(filePath: "\(roots)/README.txt"))
    var pdf = SignedPDF()
    pdf.sign(by: .person, isStamped: true)
    pdf.sign(by: .agency)
    let good = try write(pdf.bytes, folder, "good.pdf")
    let shown = try run(ProcessTests.program, ["signature", good, "--roots", roots])
    #expect(shown.status == 0 && shown.text.contains("valid as far as could be checked"), "\(shown)")
    for words in [
      "1. chữ ký / signature: Nguyễn Thử Nghiệm, UBND thành phố", "2. chữ ký", "Ban hanh", "stamped, proven",
    ] {
      #expect(shown.text.contains(words), "\(words): \(shown.text)")
    }
    let lists = ["--crl", authority.path("root.crl"), "--crl", authority.path("sub.crl")]
    let json = try run(ProcessTests.program, ["signature", good, "--roots", roots, "--json"] + lists)
    let result = try JSONDecoder().decode(PDFSignatures.self, from: Data(json.text.utf8))
    #expect(json.status == 0 && result.verdict == .valid)
    let bad = try write(pdf.bytes + [0x41], folder, "bad.pdf")
    #expect(try run(ProcessTests.program, ["signature", bad, "--roots", roots]).status == 1)
    let none = try write(SignedPDF().bytes, folder, "none.pdf")
    #expect(try run(ProcessTests.program, ["signature", none]).status == 5)
    let other = try write(Array("text".utf8), folder, "other.pdf")
    #expect(try run(ProcessTests.program, ["signature", other]).status == 3)
    let missing = try run(ProcessTests.program, ["signature", "\(folder.path)/nothing.pdf"])
    #expect(missing.status == 1 && missing.text.contains("cannot be read"))
    let empty = try run(ProcessTests.program, ["signature", good, "--roots", other])
    #expect(empty.status == 1 && empty.text.contains("no certificate there"), "\(empty)")
    #expect(try run(ProcessTests.program, [SignatureChild.command]).status != 0)
  }

  /// Poppler's reader knows the same about bytes and digests, and nothing of our roots.
  @Test func anotherReaderAgrees() throws {
    let folder = try TemporaryDirectory()
    var pdf = SignedPDF()
    pdf.sign(by: .person, isStamped: true)
    pdf.sign(by: .agency)
    let good = try run("/usr/bin/pdfsig", ["-nocert", try write(pdf.bytes, folder, "good.pdf")])
    #expect(good.text.split(separator: "Signature is Valid.").count == 3, "\(good.text)")
    #expect(good.text.contains("Total document signed"), "\(good.text)")
    var bytes = pdf.bytes
    if let place = bytes.firstRange(of: Array("118/QD".utf8)) { bytes[place.lowerBound] = 0x32 }
    let bad = try run("/usr/bin/pdfsig", ["-nocert", try write(bytes, folder, "bad.pdf")])
    #expect(bad.text.contains("Digest Mismatch") && !bad.text.contains("is Valid"), "\(bad.text)")
    #expect(verifier().verify(bytes, now: now).signatures.map(\.integrity) == [.changed, .changed])
  }
}
