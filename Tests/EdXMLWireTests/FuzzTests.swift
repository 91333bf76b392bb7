import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

/// Hostile bytes against the reader: whatever comes, it answers in time, with a message or with a diagnosis, and what it
/// takes it can write and read again. `LGSP_FUZZ_SECONDS` lets it go on; `LGSP_FUZZ_SEED` says where it begins.
@Suite struct FuzzTests {
  private static func number(_ name: String, or usual: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
  }

  /// Whole documents, and pieces that do harm in the wrong place.
  private static let corpus: [[UInt8]] = {
    let texts = [
      document(header: "<Subject>V/v thử nghiệm &amp; kiểm tra</Subject>", attachments: attachment("JVBERi0xLjQK")),
      document(
        header: "<ResponseFor/><InternalNote><![CDATA[ Tủ <3> ]]></InternalNote>",
        list: "<TraceHeaderList><TraceHeader><OrganId>null</OrganId></TraceHeader><Bussiness>"
          + "<BussinessDocType>3</BussinessDocType></Bussiness></TraceHeaderList>"),
      document(
        attachments: attachment("UEsDBAoAAAAAAA==") + attachment("AAAA\n  AAAA", contentType: "application/zip"),
        prolog: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- trước -->"),
      document().replacing("<edXML xmlns=", with: "<e:edXML xmlns:e=").replacing("</edXML>", with: "</e:edXML>"),
    ]
    return texts.map { Array($0.utf8) }
  }()

  private static let pieces: [[UInt8]] = [
    "<!DOCTYPE a [<!ENTITY b \"&c;&c;\">]>", "&b;", "&#0;", "&#xD800;", "<![CDATA[", "]]>", "<!--", "-->", "<?x ?>",
    "<edXMLHeader>", "</edXMLHeader>", "<Attachment>", "</Attachment>", "<ContentTransferEncoded>", "====", "AAA=AAAA",
    " xmlns=\"\"", " xmlns:e=\"http://x\"", "e:", "\u{FEFF}", "Tuyệt mật", "\0", "<a>", "</a>", "\"", "'",
    "encoding=\"UTF-16\"", "encoding=\"windows-1258\"", "<StatusCode>03</StatusCode>", "<To><OrganId/></To>",
  ].map { Array($0.utf8) }

  private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
    var bytes = corpus.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...60, using: &random)))
      case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 3:
        let other = corpus.randomElement(using: &random) ?? []
        let start = Int.random(in: 0..<other.count, using: &random)
        bytes.insert(contentsOf: other[start..<min(other.count, start + 200)], at: place)
      case 4: bytes.removeSubrange(place...)
      case 5:
        let piece = pieces.randomElement(using: &random) ?? []
        let count = Int.random(in: 2...300, using: &random)
        bytes.insert(contentsOf: repeatElement(piece, count: count).flatMap { $0 }, at: place)
      default:
        let end = min(bytes.count, place + Int.random(in: 1...100, using: &random))
        bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
      }
    }
    return bytes
  }

  /// What the reader takes it can write, and that is the same message; in pieces of any length it is the same, too.
  private static func check(_ bytes: [UInt8], _ random: inout SeededRandom, seed: UInt64) {
    let lengths = (0..<3).map { _ in Int.random(in: 1...50, using: &random) }
    let whole = refusal(bytes)
    let message = try? EdXMLReader.read(BytesReader(bytes), into: MemoryBodyStore())
    let inPieces = try? EdXMLReader.read(PiecesReader(bytes, lengths: lengths), into: MemoryBodyStore())
    if inPieces?.fingerprint != message?.fingerprint {
      Issue.record("seed \(seed): pieces of \(lengths) read otherwise")
    }
    guard let message else {
      if whole?.message.isEmpty != false || whole?.rule.isEmpty != false { Issue.record("seed \(seed): no diagnosis") }
      return
    }
    _ = message.examination()
    guard let written = try? write(message) else {
      Issue.record("seed \(seed): cannot be written: \(message.root.name)")
      return
    }
    guard let again = try? EdXMLReader.read(BytesReader(written), into: MemoryBodyStore()) else {
      Issue.record("seed \(seed): what was written cannot be read: \(refusal(written)?.description ?? "")")
      return
    }
    if again.attachments.map(\.body) != message.attachments.map(\.body) { Issue.record("seed \(seed): attachments") }
    if again.messageHeader?.text != message.messageHeader?.text { Issue.record("seed \(seed): header") }
  }

  @Test func `no bytes break the reader`() async {
    let seconds = Self.number("LGSP_FUZZ_SECONDS", or: 0)
    let first = Self.number("LGSP_FUZZ_SEED", or: 1)
    // It may go on for long: not on a thread that other tests wait for.
    let count = await withCheckedContinuation { (done: CheckedContinuation<UInt64, Never>) in
      DispatchQueue.global().async {
        let end = ContinuousClock.now + .seconds(Int64(seconds))
        var seed = first
        repeat {
          var random = SeededRandom(seed: seed)
          let bytes = Self.mutated(&random)
          Self.check(bytes, &random, seed: seed)
          seed += 1
        } while seed < first + 400 || ContinuousClock.now < end
        done.resume(returning: seed - first)
      }
    }
    if seconds > 0 { FileHandle.standardError.write(Data("\(count) inputs from seed \(first)\n".utf8)) }
  }
}
