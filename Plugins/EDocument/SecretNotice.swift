internal import EdXMLWire
internal import HubKit

/// The status message by which the sender of a secret document learns that it was not taken. It is made of the
/// envelope alone: nothing of the content goes back over a network on which it must not be.
enum SecretNotice {
  /// "Refused" among the codes of QCVN 102:2016.
  private static let refusedCode = "02"

  /// The bytes of the notice; nil when nobody would know which document it is about, or it is about none.
  static func bytes(about envelope: Envelope, _ refusal: NotAccepted, at now: Timestamp) -> [UInt8]? {
    guard envelope.type == EdXMLMessage.documentType, let sender = envelope.sender, let document = envelope.subject,
      let receiver = envelope.receivers.first
    else { return nil }
    var message = EdXMLMessage(kind: .status)
    message.updateMessageHeader { header in
      header = EdXMLElement(
        "MessageHeader",
        children: [
          EdXMLElement("From", children: [text("OrganId", receiver.text)]),
          EdXMLElement("ResponseFor", children: [text("OrganId", sender.text), text("DocumentId", document)]),
          text("StatusCode", refusedCode), text("Description", words(of: refusal)),
          text("Timestamp", TraceStamp.text(of: now)),
        ])
    }
    let writer = BytesWriter()
    guard (try? EdXMLWriter.write(message, from: MemoryBodyStore(), into: writer)) != nil else { return nil }
    return writer.bytes
  }

  private static func words(of refusal: NotAccepted) -> String {
    let mark = refusal.violations.first.map { " (\($0.message))" } ?? ""
    return
      "Từ chối tiếp nhận: văn bản mang dấu mật\(mark), không được gửi qua trục liên thông. Nội dung không được lưu."
  }

  private static func text(_ name: String, _ value: String) -> EdXMLElement { EdXMLElement(name, text: value) }
}
