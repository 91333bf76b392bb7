import Foundation
import HubBus
import HubKit
import HubRouting
import HubTransform
import Testing

@testable import HubReplay

@Suite struct MaskProofTests {
  private static let schemas = PersonalSchemas(
    formats: FormatCatalogue([XMLCodec(), JSONCodec(), FormCodec()], limits: CodecLimits()), routes: [])

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "proof-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Files made by Python's own libraries: a PDF with compressed streams, one sentence a page, and an archive.
  private func made(_ kind: String, _ texts: [String], in folder: URL) throws -> [UInt8] {
    let script = folder.appending(path: "make.py")
    try Data(Self.script.utf8).write(to: script)
    let input = folder.appending(path: "texts.json")
    try JSONEncoder().encode(texts).write(to: input)
    let output = folder.appending(path: UUID().uuidString)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [script.path, kind, input.path, output.path]
    try process.run()
    process.waitUntilExit()
    return Array(try Data(contentsOf: output))
  }

  private static let script = #"""
    import json, sys, unicodedata, zipfile, zlib
    kind, texts, out = sys.argv[1], json.load(open(sys.argv[2])), sys.argv[3]
    def plain(text):
        text = text.replace("đ", "d").replace("Đ", "D")
        return "".join(c for c in unicodedata.normalize("NFD", text) if ord(c) < 128)
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for i, text in enumerate(texts):
                z.writestr("thư mục/%d.txt" % i, text * 3)
            z.writestr("0912999888.txt", "")
    else:
        objects, pages = [], []
        for i, text in enumerate(texts):
            data = zlib.compress(("BT /F1 12 Tf 40 700 Td (%s) Tj ET" % plain(text)).encode())
            objects.append(b"<</Length %d/Filter/FlateDecode>>stream\n" % len(data) + data + b"\nendstream\n")
            objects.append(b"<</Type/Page/Parent 1 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
                           b"/Resources<</Font<</F1 2 0 R>>>>>>" % (3 + 2 * i))
            pages.append(4 + 2 * i)
        head = [b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(b"%d 0 R" % p for p in pages)),
                b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
        objects = head + objects + [b"<</Type/Catalog/Pages 1 0 R>>"]
        data, places = b"%PDF-1.5\n", []
        for i, body in enumerate(objects):
            places.append(len(data))
            data += b"%d 0 obj" % (i + 1) + body + b"endobj\n"
        table = len(data)
        data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        data += b"".join(b"%010d 00000 n \n" % p for p in places)
        data += b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(objects), table)
        open(out, "wb").write(data)
    """#

  @Test func fiveHundredPlantedIdentifiersAreAllFound() async throws {
    let home = try folder()
    defer { try? FileManager.default.removeItem(at: home) }
    var bundle = PlantedBundle(folder: home.appending(path: "bundle").path)
    for _ in 0..<20 {
      try bundle.body(type: "application/json") { texts in
        (Array(try JSONEncoder().encode(["a": texts])), texts.indices.map { "#/a/\($0)" })
      }
    }
    try plantFiles(&bundle, home)
    for _ in 0..<4 { bundle.outside() }
    try bundle.write()
    #expect(bundle.plants.count >= 500, "\(bundle.plants.count)")
    let (names, place) = (bundle.names, bundle.folder)
    // Not in the few threads that tests share: others wait there for sockets.
    let looked: Result<MaskReport, any Error> = await withCheckedContinuation { done in
      DispatchQueue.global(qos: .utility).async {
        done.resume(
          returning: Result { try MaskProof(place, schemas: Self.schemas).run(originals: { _ in names }) })
      }
    }
    let report = try looked.get()
    #expect(report.isMasked && !report.isClean && report.closedCount == 0, "\(report.closed.prefix(3))")
    var left = report.findings
    for plant in bundle.plants {
      let found = left.firstIndex {
        $0.kind == plant.kind && $0.file == plant.file && $0.place.contains(plant.place)
          && (plant.kind == "original" || $0.shape == Shape.hiding(plant.identifier))
      }
      #expect(found != nil, "\(plant)")
      if let found { left.remove(at: found) }
    }
    // What is said of them says none of them.
    let told = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    for plant in bundle.plants where plant.kind != "original" { #expect(!told.contains(plant.identifier)) }
  }

  /// Bodies of every kind that can be looked into.
  private func plantFiles(_ bundle: inout PlantedBundle, _ home: URL) throws {
    try bundle.body(type: "application/json") { texts in
      let inner = String(decoding: try JSONEncoder().encode(["n": texts]), as: UTF8.self)
      return (Array(try JSONEncoder().encode(["data": inner])), texts.indices.map { "#/data (JSON)#/n/\($0)" })
    }
    try bundle.body(type: "application/json") { texts in
      let wrapped = texts.map { Data($0.utf8).base64EncodedString() }
      return (Array(try JSONEncoder().encode(wrapped)), texts.indices.map { "#/\($0) (base64)" })
    }
    try bundle.body(type: "application/json") { texts in
      let names = Dictionary(uniqueKeysWithValues: texts.map { ($0, 1) })
      return (Array(try JSONEncoder().encode(names)), texts.map { _ in "(name)" })
    }
    bundle.body(type: "application/xml") { texts in
      let elements = texts.map { "<b>\($0)</b>" }.joined()
      return (Array("<a>\(elements)</a>".utf8), texts.indices.map { "#/a/b/\($0)/#text" })
    }
    bundle.body(type: "application/xml") { texts in
      let elements = texts.map { "<b c=\"\($0)\"/>" }.joined()
      return (Array("<a>\(elements)</a>".utf8), texts.indices.map { "#/a/b/\($0)/@c" })
    }
    bundle.body(type: "application/xml") { texts in
      (Array("<a>\(texts.map { "<!-- \($0) -->" }.joined())</a>".utf8), texts.map { _ in "byte" })
    }
    bundle.body(type: "text/plain") { texts in
      (Array(texts.joined(separator: "\n").utf8), texts.map { _ in " byte" })
    }
    bundle.body(type: nil) { texts in ([0, 1, 0xFF] + texts.joined(separator: "\n").utf8, texts.map { _ in " byte" }) }
    try bundle.body(type: "application/pdf", plain: true) { texts in
      (try made("pdf", texts, in: home), texts.indices.map { "page \($0 + 1)" })
    }
    try bundle.body(type: "application/zip") { texts in
      (try made("zip", texts, in: home), texts.indices.map { "!thư mục/\($0).txt" })
    }
    try bundle.body(type: "application/json", plain: true) { texts in
      let pdf = Data(try made("pdf", texts, in: home)).base64EncodedString()
      return (Array(try JSONEncoder().encode(["file": pdf])), texts.indices.map { "#/file (base64) page \($0 + 1)" })
    }
  }

  @Test func anUnmaskedBundleIsNotClean() throws {
    let home = try folder()
    defer { try? FileManager.default.removeItem(at: home) }
    let path = home.appending(path: "b").path
    let writer = try BundleWriter(
      path, manifest: BundleManifest(created: SystemClock().now, masked: false, selection: ""))
    _ = try writer.finish()
    let report = try MaskProof(path, schemas: Self.schemas).run()
    #expect(!report.isMasked && !report.isClean && report.counts.isEmpty)
  }

  @Test func whatCannotBeLookedIntoIsSaid() throws {
    let home = try folder()
    defer { try? FileManager.default.removeItem(at: home) }
    let path = home.appending(path: "b").path
    let writer = try BundleWriter(
      path, manifest: BundleManifest(created: SystemClock().now, masked: true, selection: ""))
    _ = try writer.finish(PseudonymNotes())
    for (name, bytes) in [
      ("a", [0x89] + Array("PNG\r\n....".utf8)), ("b", Array("%PDF-1.4 and nothing".utf8)),
      ("c", [0x1F, 0x8B, 8, 0, 0]), ("d", Array("PK".utf8) + [3, 4, 9, 9]),
      ("e", [UInt8](repeating: 0xFE, count: 10_000)),
    ] { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
    let report = try MaskProof(path, schemas: Self.schemas).run()
    #expect(report.isClean && Set(report.closed.map(\.file)) == ["a", "b", "c", "d", "e"], "\(report.closed)")
  }

  @Test func placeholdersHideNothing() {
    for start in ["%PDF-1.7 x", "PK\u{3}\u{4}x", "GIF89a", "text", "{}", "<a/>"] {
      let placeholder = Masker.placeholder(for: Array(start.utf8))
      ContentReader().read(placeholder) { Issue.record("\($0)") }
    }
    #expect((try? PDFText().contents(of: Masker.placeholder(for: Array("%PDF-".utf8))))?.pages.count == 1)
  }
}
