import EdXMLWire
import Foundation
import HubKit
import Synchronization

/// The bytes of a fixture.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  return [UInt8](try Data(contentsOf: folder.appending(path: name)))
}

/// A document around some XML, for one thing to be tried.
func document(header: String = "", list: String = "", attachments: String = "", prolog: String = "") -> String {
  """
  \(prolog)<edXML xmlns="\(EdXMLStandard.namespace)"><edXMLEnvelope><edXMLHeader><MessageHeader>\
  <From><OrganId>H24.1</OrganId></From><To><OrganId>H24.2</OrganId></To><DocumentId>d-1</DocumentId>\(header)\
  </MessageHeader>\(list)</edXMLHeader></edXMLEnvelope>\(attachments)</edXML>
  """
}

func attachment(_ base64: String, contentType: String = "application/pdf") -> String {
  """
  <AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><ContentType>\(contentType)</ContentType>\
  <ContentTransferEncoded>\(base64)</ContentTransferEncoded></Attachment></AttachmentEncoded>
  """
}

func read(_ text: String, limits: CodecLimits = CodecLimits()) throws -> EdXMLMessage {
  try EdXMLReader.read(BytesReader(Array(text.utf8)), into: MemoryBodyStore(), limits: limits)
}

func write(_ message: EdXMLMessage) throws -> [UInt8] {
  let writer = BytesWriter()
  try EdXMLWriter.write(message, from: MemoryBodyStore(), into: writer)
  return writer.bytes
}

/// The first violation of a reading that must fail.
func refusal(_ bytes: [UInt8], limits: CodecLimits = CodecLimits()) -> Violation? {
  do {
    _ = try EdXMLReader.inspect(BytesReader(bytes), limits: limits)
    return nil
  } catch {
    return error.violations.first
  }
}

/// Gives a body in pieces of the lengths that it is told, over and over: what a network does.
final class PiecesReader: BodyReader {
  private let reader: BytesReader
  private let lengths: [Int]
  private let turn = Mutex(0)

  init(_ bytes: [UInt8], lengths: [Int]) {
    reader = BytesReader(bytes)
    self.lengths = lengths
  }

  func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    let length = turn.withLock { turn in
      turn += 1
      return lengths[turn % lengths.count]
    }
    return try reader.read(upTo: min(count, length))
  }
}
