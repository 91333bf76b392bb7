internal import EdXMLWire
internal import HubKit

/// Composes one sample message.
struct SampleComposer {
  private static let subjects = [
    "V/v triển khai kế hoạch chuyển đổi số năm 2027", "V/v báo cáo kết quả giải quyết thủ tục hành chính quý III",
    "V/v phối hợp rà soát quy hoạch sử dụng đất", "V/v tăng cường công tác phòng cháy, chữa cháy mùa khô",
    "V/v bảo đảm an toàn giao thông dịp lễ", "V/v góp ý dự thảo quy chế bảo mật thông tin",
    "V/v cung cấp số liệu mật độ dân số các phường", "Mời họp triển khai hệ thống một cửa điện tử",
    "V/v hướng dẫn đổi mật khẩu tài khoản công vụ", "V/v kiểm tra tiến độ giải ngân vốn đầu tư công",
  ]
  private static let notations = ["SNV-VP", "STC-NS", "SXD-QLĐT", "SKHCN-CĐS", "UBND-VX", "VP-HCTC", "SYT-NVY"]
  private static let typeNames = ["Công văn", "Thông báo", "Kế hoạch", "Giấy mời", "Báo cáo"]
  private static let signers = ["Nguyễn Văn Mẫu", "Trần Thị Thử", "Lê Văn Ví Dụ", "Phạm Thị Minh Họa"]
  private static let positions = ["Giám đốc", "Phó Giám đốc", "Chánh Văn phòng", "Chủ tịch UBND phường"]

  private let request: SampleRequest
  private let kind: EDocumentSamples.Kind
  private var random: SampleRandom
  private let notation: String
  private let codeNumber: String
  private let date: String
  /// The document's own id; for a status that of the document it answers.
  let documentID: String

  init(_ request: SampleRequest, _ kind: EDocumentSamples.Kind) {
    self.request = request
    self.kind = kind
    random = SampleRandom("\(kind.rawValue) \(request.number) \(request.run)")
    notation = random.pick(Self.notations)
    // The run's part keeps the long form of the id unique over runs.
    codeNumber = "\(request.number)\(random.next() % 90_000 + 10_000)"
    date = String(TraceStamp.text(of: request.now).prefix(10))
    let uuid = random.uuid()
    documentID =
      request.number % 3 == 0 ? "\(request.sender.code),\(date),\(codeNumber)/\(notation)" : uuid
  }

  /// The message as text, before anything is done to it that XML or the standard does not allow.
  mutating func text() -> String {
    var message = EdXMLMessage(kind: kind == .status ? .status : .document)
    if kind == .status { fillStatus(&message) } else { fillDocument(&message) }
    let writer = BytesWriter()
    // What is composed here is always writable: names and characters are ours.
    try? EdXMLWriter.write(message, from: MemoryBodyStore(), into: writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  // MARK: - Headers

  private func value(_ name: String, _ text: String) -> EdXMLElement { EdXMLElement(name, text: text) }

  private func party(_ name: String, _ agency: Agency) -> EdXMLElement {
    EdXMLElement(
      name,
      children: [
        value("OrganId", agency.code.text), value("OrganizationInCharge", "UBND thành phố Hải Phòng"),
        value("OrganName", agency.name), value("OrganAdd", "Thành phố Hải Phòng, Việt Nam"),
        value("Email", "vanthu@\(agency.code.text.lowercased()).example"), value("Telephone", "0225 000 0000"),
      ])
  }

  private mutating func fillDocument(_ message: inout EdXMLMessage) {
    let subject = kind == .secret ? "[MẬT] " + random.pick(Self.subjects) : random.pick(Self.subjects)
    var header = [party("From", request.sender)] + request.receivers.map { party("To", $0) }
    header += [
      value("DocumentId", documentID),
      EdXMLElement("Code", children: [value("CodeNumber", codeNumber), value("CodeNotation", notation)]),
      EdXMLElement(
        "PromulgationInfo", children: [value("Place", "Hải Phòng"), value("PromulgationDate", date)]),
      EdXMLElement(
        "DocumentType",
        children: [value("Type", "1"), value("TypeDetail", "0"), value("TypeName", random.pick(Self.typeNames))]),
      value("Subject", subject), value("Content", subject), signer(), value("DueDate", date), otherInfo(),
      value("SteeringType", String(random.pick([1, 2, 3]))),
      EdXMLElement("ToPlaces", children: [value("Place", "Như trên"), value("Place", "Lưu: VT")]),
    ]
    if kind == .quirky { header += quirks() }
    message.updateMessageHeader { $0 = EdXMLElement("MessageHeader", children: header) }
    message.root.update(["edXMLEnvelope", "edXMLHeader", "TraceHeaderList"]) { [trace = trace()] in $0 = trace }
    if kind == .signed { sign(&message) }
    attach(to: &message)
  }

  private mutating func signer() -> EdXMLElement {
    EdXMLElement(
      "SignerInfo",
      children: [
        value("Competence", random.pick(["", "KT. GIÁM ĐỐC", "TL. CHỦ TỊCH"])),
        value("Position", random.pick(Self.positions)), value("FullName", random.pick(Self.signers)),
      ])
  }

  private mutating func otherInfo() -> EdXMLElement {
    EdXMLElement(
      "OtherInfo",
      children: [
        value("Priority", String(random.pick([0, 0, 0, 1, 2, 3]))), value("SphereOfPromulgation", "Liên thông"),
        value("TyperNotation", "VT"), value("PromulgationAmount", "1"),
        value("PageAmount", String(random.pick([1, 2, 5, 12]))), value("Direction", "false"),
        EdXMLElement("Appendixes", children: [value("Appendix", "Phụ lục kèm theo")]),
      ])
  }

  private func quirks() -> [EdXMLElement] {
    [
      EdXMLElement("ResponseFor", children: []),
      EdXMLElement("ResponseFor", children: [value("OrganId", ""), value("Code", ""), value("DocumentId", "")]),
      EdXMLElement("InternalNote", children: [value("Cabinet", "  Tủ 3 \n\t ngăn 2 ")]),
    ]
  }

  private mutating func trace() -> EdXMLElement {
    let stamp = TraceStamp.text(of: request.now)
    let own = EdXMLElement(
      "TraceHeader", children: [value("OrganId", request.sender.code.text), value("Timestamp", stamp)])
    let nameless = EdXMLElement("TraceHeader", children: [value("OrganId", "null"), value("Timestamp", stamp)])
    return EdXMLElement("TraceHeaderList", children: (kind == .quirky ? [own, nameless] : [own]) + [business()])
  }

  private mutating func business() -> EdXMLElement {
    let type: EdXMLBusiness = [.revoke: .revoke, .update: .update, .replace: .replace][kind] ?? .new
    var children = [
      value("BussinessDocType", type.rawValue), value("BussinessDocReason", reason(type)), value("Paper", "0"),
    ]
    let earlier = random.uuid()
    if type == .update {
      let receivers = request.receivers.map { agency in
        EdXMLElement("Receiver", children: [value("OrganId", agency.code.text), value("ReceiverType", "1")])
      }
      children.append(
        EdXMLElement(
          "BussinessDocumentInfo",
          children: [
            value("DocumentInfo", "0"), value("DocumentReceiver", "1"),
            EdXMLElement("ReceiverList", children: receivers),
          ]))
    }
    if type == .replace {
      let organs = request.receivers.map { value("OrganId", $0.code.text) }
      children.append(
        EdXMLElement(
          "ReplacementInfoList",
          children: [
            EdXMLElement(
              "ReplacementInfo",
              children: [value("DocumentId", earlier), EdXMLElement("OrganIdList", children: organs)])
          ]))
    }
    return EdXMLElement("Bussiness", children: children + [staff()])
  }

  private func reason(_ type: EdXMLBusiness) -> String {
    switch type {
    case .new: "Văn bản điện tử mới"
    case .revoke: "Thu hồi do sai nơi nhận"
    case .update: "Bổ sung nơi nhận"
    case .replace: "Thay thế văn bản đã gửi"
    }
  }

  private func staff() -> EdXMLElement {
    EdXMLElement(
      "StaffInfo",
      children: [
        value("Department", "Văn thư văn phòng"), value("Staff", "Cán bộ văn thư"),
        value("Email", "vanthu@\(request.sender.code.text.lowercased()).example"), value("Mobile", "0900000000"),
      ])
  }

  private mutating func fillStatus(_ message: inout EdXMLMessage) {
    let answered = request.receivers.first?.code.text ?? ""
    let header = [
      party("From", request.sender),
      EdXMLElement(
        "ResponseFor",
        children: [
          value("OrganId", answered), value("Code", "\(codeNumber)/\(notation)"), value("PromulgationDate", date),
          value("DocumentId", documentID),
        ]), staff(), value("StatusCode", random.pick(["01", "03", "04", "05", "06"])),
      value("Description", "Văn thư - Phòng Hành chính: đã cập nhật trạng thái"),
      value("Timestamp", TraceStamp.text(of: request.now)),
    ]
    message.updateMessageHeader { $0 = EdXMLElement("MessageHeader", children: header) }
  }

  /// As it looks after a server has written the document anew: no xmldsig namespace left.
  private func sign(_ message: inout EdXMLMessage) {
    let digest = EdXMLElement("DigestValue", text: "c3ludGhldGljIGRpZ2VzdA==")
    let signature = EdXMLElement(
      "Signature",
      children: [
        EdXMLElement("SignedInfo", children: [EdXMLElement("Reference", children: [digest])]),
        EdXMLElement("SignatureValue", text: "c3ludGhldGljIHNpZ25hdHVyZQ=="),
      ])
    message.root.update(["edXMLEnvelope", "edXMLHeader", "Signature"]) { $0 = signature }
  }

  // MARK: - Attachments

  private mutating func attach(to message: inout EdXMLMessage) {
    for index in 1...(kind == .attachments ? 3 : 1) {
      let name = "\(codeNumber)_\(notation)_\(index).pdf"
      let pdf = SampleFiles.pdf("\(documentID) \(index)", lines: Int.random(in: 3...40, using: &random))
      let isZip = kind == .zip || (kind == .attachments && index == 2)
      let bytes = isZip ? SampleFiles.zip(entry: "\(random.uuid()).pdf", pdf) : pdf
      message.attach(
        contentId: "cid:\(random.uuid())", name: name, contentType: "application/pdf", description: name,
        EdXMLAttachment(body: .inline(bytes), kind: EdXMLContentKind(prefix: bytes)))
    }
  }
}
