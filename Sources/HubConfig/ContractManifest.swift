public import HubRouting

/// How a connector is proved: what `connectors/<name>/contract.yaml` says, every value checked.
public struct ContractManifest: Sendable {
  /// Settings of the endpoint under test, as texts; `{url}` stands for the far side's address.
  public var settings: [String: String]
  /// Settings of the mock, as texts.
  public var mock: [String: String]
  /// The operation that is asked for; nil: the only one.
  public var operation: String?
  /// A jq program over `{n, text}` that gives the message to deliver, as a CloudEvent; nil: it takes none.
  public var delivery: TextSource?
  /// The same for a message that the far side refuses.
  public var refused: TextSource?
  /// What the mock is asked for what it holds, and a jq program over its answer that gives an array with one entry for
  /// each message.
  public var received: (path: String, jq: TextSource)?
  /// What the mock offers to the first source, by reference.
  public var offered: [String]
  /// The control call that makes the mock forget its sessions; nil: it has none.
  public var endSessions: String?
  /// Whether a body of any size goes through.
  public var streams: Bool
  /// Behaviours that need not be shown, with the reasons.
  public var skips: [(behaviour: String, reason: String, place: SourcePlace)]

  /// All programs, with their places.
  public var programs: [TextSource] { [delivery, refused, received?.jq].compactMap { $0 } }
}

/// What stands in `connectors/<name>/contract.yaml`.
enum ContractDeclarations {
  static let file = ObjectShape(
    "contract",
    [
      Declaration(
        "settings", .map(.setting, .text(.any)), required: true, example: "{url: \"{url}\", token: mock-token}",
        help: "Settings of the endpoint under test; `{url}` stands for the far side's address.",
        vi: "Thiết lập của điểm kết nối được thử; `{url}` là địa chỉ hệ thống đích."),
      Declaration(
        "mock", .map(.setting, .text(.any)), example: "{token: mock-token}", help: "Settings of the mock.",
        vi: "Thiết lập của hệ thống giả lập."),
      Declaration(
        "operation", .text(.name), example: "register", help: "The operation that is asked for.",
        vi: "Nghiệp vụ được gọi."),
      Declaration(
        "delivery", HTTPDeclarations.program,
        example: "'{type: \"vn.x\", subject: \"PA-\\(.n)\", data: {text: .text}}'",
        help: "A jq program over `{n, text}` that gives a message to deliver, as a CloudEvent.",
        vi: "Chương trình jq trên `{n, text}` cho ra bản tin cần gửi, dạng CloudEvent."),
      Declaration(
        "refused", HTTPDeclarations.program, example: "'{type: \"vn.x\", subject: \"none\", data: {}}'",
        help: "The same for a message that the far side refuses for good.",
        vi: "Tương tự, cho bản tin bị hệ thống đích từ chối hẳn."),
      Declaration(
        "received", .object(received), example: "{path: /_mock/state, jq: .statuses}",
        help: "How the mock is asked for what it holds.", vi: "Cách hỏi hệ thống giả lập đã nhận những gì."),
      Declaration(
        "offered", .list(.text(.any), min: 3), example: "[PA-1, PA-2, PA-3]",
        help: "What the mock offers to the first source, by reference and in order.",
        vi: "Những gì hệ thống giả lập đưa ra cho nguồn đầu tiên, theo thứ tự."),
      Declaration(
        "endSessions", .text(.path), example: "/_mock/sessions",
        help: "DELETE on this path makes the mock forget the sessions that it gave out.",
        vi: "DELETE vào đường dẫn này làm hệ thống giả lập quên các phiên đã cấp."),
      Declaration(
        "streams", .flag, default: "true", help: "Whether a body of any size goes through.",
        vi: "Nội dung lớn bất kỳ có đi qua được không."),
      Declaration(
        "skips", .map(.any, .text(.any)), example: "{traceGoesOn: The far side refuses unknown header fields.}",
        help: "Behaviours that need not be shown, with the reasons; those that protect data cannot be skipped.",
        vi: "Các hành vi được miễn và lý do; hành vi bảo vệ dữ liệu không được miễn."),
    ])

  static let received = ObjectShape(
    "contract-received",
    [
      Declaration(
        "path", .text(.path), default: "/_mock/state", help: "Path of the mock's control.",
        vi: "Đường dẫn điều khiển của hệ thống giả lập."),
      Declaration(
        "jq", HTTPDeclarations.program, required: true, example: ".statuses | to_entries",
        help: "A jq program over the answer that gives an array with one entry for each message.",
        vi: "Chương trình jq cho ra mảng, mỗi bản tin một phần tử."),
    ])
}

extension ContractManifest {
  init(_ file: CheckedObject, _ texts: inout ConnectorTexts) {
    settings = file.textMap("settings")
    mock = file.textMap("mock")
    operation = file.text("operation")
    delivery = texts.program(file, "delivery", key: "delivery")
    refused = texts.program(file, "refused", key: "refused")
    received = nil
    offered = file.texts("offered")
    endSessions = file.text("endSessions")
    streams = file.flag("streams")
    skips = file.entries("skips").compactMap { entry in entry.value.text.map { (entry.key, $0, entry.place) } }
    if let object = file.object("received"), let program = texts.program(object, "jq", key: "received.jq") {
      received = (object.string("path"), program)
    }
  }
}
