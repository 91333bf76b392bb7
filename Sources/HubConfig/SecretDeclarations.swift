public import HubKit
internal import HubRouting

/// What the configuration says about marks of state secrets.
enum SecretDeclarations {
  static let secrets = ObjectShape(
    "secrets",
    [
      Declaration(
        "allow", .list(.object(allowance), min: 1),
        example: "[{notation: 12/QC-UBND, why: \"quy chế về bảo vệ bí mật nhà nước\"}]",
        help: "False alarms: marks that are none. Each use is noted in the exchange's trace.",
        vi: "Báo nhầm: dấu không phải dấu mật. Mỗi lần dùng đều được ghi vào hành trình.")
    ])

  static let allowance = ObjectShape(
    "allow",
    [
      Declaration(
        "text", .text(.any), example: "Danh mục bí mật nhà nước (Tối mật)",
        help: "Marks in a text that holds this phrase; case and white space do not matter.",
        vi: "Dấu nằm trong đoạn chữ có cụm từ này; không phân biệt hoa thường, khoảng trắng."),
      Declaration(
        "document", .text(.any), example: "\"000.00.00.G22,2026/09/30,7816/VPCP\"",
        help: "All marks of the document with this id.", vi: "Mọi dấu của văn bản có mã này."),
      Declaration(
        "notation", .text(.any), example: "12/QC-UBND",
        help: "All marks of documents with this number and notation.", vi: "Mọi dấu của văn bản có số ký hiệu này."),
      Declaration(
        "why", .text(.any), required: true, example: "công văn 45/CAT-PA03 ngày 20/11/2026",
        help: "Who has found that it is a false alarm, and why.", vi: "Ai xác nhận là báo nhầm, vì sao."),
      Declaration(
        "until", .text(.time), example: "2026-12-31T17:00:00Z", help: "Since when it counts no more; left out: no end.",
        vi: "Hết hiệu lực khi nào; bỏ trống: không có hạn."),
    ], exactlyOneOf: ["text", "document", "notation"])

  static let route = ObjectShape(
    "secrets",
    [
      Declaration(
        "attachments", .choice(RouteSecrets.Attachments.allCases.map(\.rawValue)),
        default: RouteSecrets.Attachments.look.rawValue,
        help: "Whether attachments are searched for marks of state secrets; `skip` needs `why`. Marks beside them "
          + "always count.",
        vi: "Có tìm dấu mật trong tệp đính kèm không; `skip` phải có `why`. Dấu ở trích yếu, tên tệp luôn được xét."),
      Declaration(
        "unseen", .choice(RouteSecrets.Unseen.allCases.map(\.rawValue)), default: RouteSecrets.Unseen.note.rawValue,
        help: "What is done about parts that cannot be read (scanned pages, encrypted files): note it, or refuse.",
        vi: "Phần không đọc được (trang quét, tệp mã hóa): ghi chú, hoặc từ chối."),
      Declaration(
        "why", .text(.any), example: "tệp do hệ thống kế toán sinh ra, không có văn bản",
        help: "Why nobody opens the attachments.", vi: "Vì sao không mở tệp đính kèm."),
    ])
}

extension HubSettings {
  /// A mark of secrecy that a person has found to be none.
  public struct SecretAllowance: Sendable, Hashable {
    /// By what the text or the document is known.
    public enum Subject: Sendable, Hashable {
      /// A phrase of the text in which the mark stands.
      case text(String)
      /// The document's id.
      case document(String)
      /// The document's number and notation.
      case notation(String)
    }

    /// By what the text or the document is known.
    public var subject: Subject
    /// Who has found it, and why.
    public var why: String
    /// Since when it counts no more; nil: it has no end.
    public var until: Timestamp?
  }
}

extension HubSettings.SecretAllowance {
  static func list(_ secrets: CheckedObject?) -> [HubSettings.SecretAllowance] {
    (secrets?.objects("allow") ?? []).compactMap { object in
      let subject: Subject? =
        object.text("text").map { .text($0) } ?? object.text("document").map { .document($0) }
        ?? object.text("notation").map { .notation($0) }
      return subject.map {
        HubSettings.SecretAllowance(
          subject: $0, why: object.string("why"), until: object.text("until").flatMap(Timestamp.init(rfc3339:)))
      }
    }
  }
}

extension ConfigurationLoader {
  /// A phrase that is nothing but a mark would let every secret pass.
  mutating func complainAboutAllowances(_ secrets: CheckedObject) {
    for object in secrets.objects("allow") {
      guard let text = object.text("text"),
        text.count < 4 || !SecretScan.marks(in: text.uppercased(), as: .content, at: "").isEmpty
      else { continue }
      complaints.error(.allowsEverySecret(text), at: object.place("text"))
    }
  }
}

extension RouteBuilder {
  mutating func secrets() -> RouteSecrets {
    guard let object = route.object("secrets") else { return RouteSecrets() }
    let secrets = RouteSecrets(
      attachments: object.text("attachments").flatMap(RouteSecrets.Attachments.init) ?? .look,
      unseen: object.text("unseen").flatMap(RouteSecrets.Unseen.init) ?? .note, why: object.text("why"))
    if secrets.attachments == .skip, secrets.why == nil {
      complaints.error(.skipsSecretsWithoutWhy(route.string("name")), at: object.place("attachments"))
    }
    return secrets
  }
}

extension Phrase {
  static func allowsEverySecret(_ text: String) -> Phrase {
    Phrase(
      "allows-every-secret",
      en: "`\(text.prefix(80))` is nothing but a mark of secrecy: allowed, every secret document would pass. Name the "
        + "words around it, or the document.",
      vi: "`\(text.prefix(80))` chỉ là dấu mật: nếu cho phép thì mọi văn bản mật đều lọt. Hãy nêu các chữ xung quanh, "
        + "hoặc nêu văn bản.")
  }

  static func skipsSecretsWithoutWhy(_ route: String) -> Phrase {
    Phrase(
      "secrets-skipped-without-why",
      en: "Route `\(route)` has nobody look for secret documents among its attachments; say why in `secrets.why`.",
      vi: "Luồng `\(route)` không kiểm tra văn bản mật trong tệp đính kèm; hãy nêu lý do ở `secrets.why`.")
  }
}
