internal import HubRouting

/// What stands in `routes/*.yaml`.
enum RouteDeclarations {
  static let patterns = Shape.oneOrMany(.text(.pattern))

  static let route = ObjectShape(
    "route",
    [
      Declaration(
        "name", .text(.name), required: true, example: "documents", help: "Its name, unique.", vi: "Tên, không trùng."),
      Declaration(
        "match", .map(.attribute, patterns), required: true, example: "{type: vn.gov.edoc.document}",
        help: "Envelope attributes with patterns; `*` stands for any run of characters, a list means any of, all "
          + "attributes must fit.",
        vi: "Thuộc tính phong bì và mẫu; `*` thay cho chuỗi bất kỳ, danh sách nghĩa là một trong, mọi thuộc tính phải "
          + "khớp."),
      Declaration(
        "require", .oneOrMany(.text(.attribute)), example: "[purpose, official, unit, dossier]",
        help: "Envelope attributes without which a message is refused at the door.",
        vi: "Thuộc tính phong bì bắt buộc; thiếu thì bị từ chối ngay ở cửa."),
      Declaration(
        "when", .text(.jq), example: ".status != null", help: "A jq predicate over the canonical document.",
        vi: "Điều kiện jq trên tài liệu chuẩn."),
      Declaration(
        "validate", .oneOrMany(.object(validation)), example: "[{jsonSchema: dossier-progress.json}]",
        help: "What the message must keep to, in order.", vi: "Những gì bản tin phải tuân theo, lần lượt."),
      Declaration(
        "enrich", .list(.object(call), min: 1),
        example: "[{name: person, call: population/verify, with: \"{personalId}\"}]",
        help: "Questions that are put on the way, in order; their answers are `$calls.<name>` to what comes after.",
        vi: "Các câu hỏi đặt ra trên đường đi, lần lượt; câu trả lời là `$calls.<tên>` cho các bước sau."),
      Declaration(
        "map", .oneOrMany(.object(mapping)), example: "[{jq: dossier-progress.jq}]",
        help: "How it is changed, in order.",
        vi: "Cách chuyển đổi, lần lượt."),
      Declaration(
        "split", .object(split), example: "{jq: .items, type: vn.haiphong.item}",
        help: "Makes a message of each item of an array, with a way of its own.",
        vi: "Tách mỗi phần tử của một mảng thành một bản tin có đường đi riêng."),
      Declaration(
        "to", .oneOrMany(.either(.text(.target), .object(origin))), example: "recipients",
        help:
          "`recipients`, names of endpoints (`endpoint/operation`), or `{origin: <key>}`: the sender of the earlier "
          + "exchange with the same business key.",
        vi:
          "`recipients` (các nơi nhận), tên điểm kết nối, hoặc `{origin: <khóa>}`: nơi gửi của lượt trước có cùng khóa "
          + "nghiệp vụ."),
      Declaration(
        "tap", .oneOrMany(.text(.target)), example: "archive",
        help: "Endpoints that get a copy, whose end changes nothing for the exchange.",
        vi: "Điểm kết nối nhận bản sao; kết quả gửi bản sao không ảnh hưởng giao dịch."),
      Declaration(
        "fallback", .text(.target), example: "population-backup/verify",
        help: "The endpoint that gets what cannot reach its own in the end.",
        vi: "Điểm kết nối thay thế khi không thể gửi đến nơi chính."),
      Declaration(
        "shadow", .either(.text(.target), .object(shadow)), example: "{to: ilis/parcel, map: [{jq: ilis-parcel.jq}]}",
        help: "The endpoint that is asked the same in shadow: its answer is compared with the route's own (`lgsp "
          + "compare`) and goes nowhere. Only for questions that change nothing.",
        vi: "Điểm kết nối được hỏi song song cùng câu hỏi: câu trả lời chỉ để so sánh (`lgsp compare`), không trả cho "
          + "ai. Chỉ dùng cho câu hỏi không làm thay đổi dữ liệu."),
      Declaration(
        "reply", .object(answer), example: "{map: [{jq: person.jq}]}",
        help: "What the answer to a question must keep to, and how it is changed.",
        vi: "Câu trả lời phải tuân theo gì, và được chuyển đổi ra sao."),
      Declaration(
        "deadline", .duration(.milliseconds(10) ... .seconds(3600)), example: "10s",
        help: "How long a question waits for its answer at most; left out: as long as the caller says.",
        vi: "Câu hỏi chờ trả lời tối đa bao lâu; bỏ trống: theo bên hỏi."),
      Declaration(
        "order", .text(.keyTemplate), example: "\"{sender}/{subject}\"",
        help: "Messages with the same key reach an endpoint in order; left out: no order.",
        vi: "Các bản tin cùng khóa đến nơi theo đúng thứ tự; bỏ trống: không giữ thứ tự."),
      Declaration(
        "keys", .list(.object(key), min: 1), example: "[{name: dossier, jq: .dossierCode}]",
        help: "Business keys under which the exchange is found.", vi: "Các khóa nghiệp vụ để tìm lượt trao đổi."),
      Declaration(
        "expiry", .duration(.seconds(1) ... .seconds(86_400 * 3660)), example: "7d",
        help: "How long after receipt a delivery still makes sense; left out: for ever.",
        vi: "Sau khi nhận bao lâu thì gửi không còn ý nghĩa; bỏ trống: không hết hạn."),
      Declaration(
        "keep", .wordOr(["digest", "masked"], .duration(.seconds(1) ... .seconds(86_400 * 3660))), required: true,
        example: "30d",
        help: "What is kept of bodies once settled: all for a duration, `digest`, or `masked`.",
        vi: "Giữ gì của nội dung sau khi kết thúc: toàn bộ trong một thời gian, `digest`, hoặc `masked`."),
      Declaration(
        "record", .choice(RouteRecord.allCases.map(\.rawValue)), default: RouteRecord.beforeCall.rawValue,
        help: "When a question is on the disk: before the call, or, for reads (GET, HEAD), before the answer is given; "
          + "the call then leaves sooner.",
        vi: "Câu hỏi được ghi xuống đĩa khi nào: trước khi gọi (`before-call`), hoặc, với thao tác đọc (GET, HEAD), "
          + "trước khi trả lời (`before-reply`): gọi đi sớm hơn."),
      Declaration(
        "why", .text(.any), example: "Decree 30/2020: the sender may have to prove delivery",
        help: "The reason for keeping bodies with personal data.", vi: "Lý do giữ nội dung có dữ liệu cá nhân."),
      Declaration(
        "secrets", .object(SecretDeclarations.route), example: "{unseen: refuse}",
        help: "How attachments are searched for marks of state secrets; left out: they are, and what cannot be read is "
          + "noted.",
        vi: "Cách tìm dấu mật trong tệp đính kèm; bỏ trống: có tìm, phần không đọc được thì ghi chú."),
      Declaration(
        "signatures", .choice(RouteSignatures.allCases.map(\.rawValue)), default: RouteSignatures.note.rawValue,
        help: "Signatures inside PDF attachments: `off`, `note` what was found with the exchange, `warn` (what does "
          + "not hold raises an alert), or `refuse` such a message.",
        vi: "Chữ ký số trong tệp PDF: `off` không xem, `note` ghi kết quả vào hành trình, `warn` cảnh báo khi không "
          + "hợp lệ, `refuse` từ chối."),
      Declaration(
        "tests", .list(.object(RouteTestDeclarations.test), min: 1), example: "[…]",
        help: "Proofs that run without network.", vi: "Các phép thử chạy không cần mạng."),
    ], checkedElsewhere: ["keep"])

  static let validation = ObjectShape(
    "validate",
    [
      Declaration(
        "jsonSchema", .text(.fileName), example: "dossier-progress.json", help: "A JSON Schema in `schemas/`.",
        vi: "Lược đồ JSON trong `schemas/`."),
      Declaration(
        "xsd", .text(.fileName), example: "periodic-report.xsd", help: "An XML Schema in `schemas/`.",
        vi: "Lược đồ XML trong `schemas/`."),
    ], exactlyOneOf: ["jsonSchema", "xsd"])

  static let mapping = ObjectShape(
    "map",
    [
      Declaration(
        "jq", .text(.fileName), example: "dossier-progress.jq", help: "A jq program in `mappings/`.",
        vi: "Chương trình jq trong `mappings/`."),
      Declaration(
        "xslt", .text(.fileName), example: "periodic-report.xslt", help: "An XSLT 1.0 stylesheet in `mappings/`.",
        vi: "Bảng chuyển đổi XSLT 1.0 trong `mappings/`."),
    ], exactlyOneOf: ["jq", "xslt"])

  static let call = ObjectShape(
    "enrich",
    [
      Declaration(
        "name", .text(.attribute), required: true, example: "person", help: "Name of the answer in `$calls`.",
        vi: "Tên câu trả lời trong `$calls`."),
      Declaration(
        "call", .text(.target), required: true, example: "population/verify", help: "Whom it asks.",
        vi: "Hỏi điểm kết nối nào."),
      Declaration(
        "with", .text(.jq), default: ".", example: "{personalId: .applicant.personalId}",
        help: "A jq program that makes what is asked.", vi: "Chương trình jq tạo ra câu hỏi."),
      Declaration(
        "attributes", .map(.attribute, .text(.any)), example: "{purpose: Đối chiếu, dossier: \"{subject}\"}",
        help: "Envelope attributes of the question, such as its purpose; `{subject}` stands for the message's own.",
        vi: "Thuộc tính phong bì của câu hỏi, như mục đích; `{subject}` là thuộc tính của bản tin."),
      Declaration(
        "optional", .flag, default: "false",
        help: "True: without an answer the route goes on, and the answer is null.",
        vi: "`true`: không có câu trả lời thì vẫn đi tiếp, câu trả lời là null."),
    ])

  static let split = ObjectShape(
    "split",
    [
      Declaration(
        "jq", .text(.jq), required: true, example: ".items", help: "A jq program that gives an array.",
        vi: "Chương trình jq cho ra một mảng."),
      Declaration(
        "type", .text(.any), required: true, example: "vn.haiphong.item", help: "Type of the new messages.",
        vi: "Loại của các bản tin mới."),
    ])

  static let answer = ObjectShape(
    "reply",
    [
      Declaration(
        "validate", .oneOrMany(.object(validation)), example: "[{jsonSchema: person-match.json}]",
        help: "What the answer must keep to, in order.", vi: "Câu trả lời phải tuân theo gì, lần lượt."),
      Declaration(
        "map", .oneOrMany(.object(mapping)), example: "[{jq: person-match.jq}]", help: "How it is changed, in order.",
        vi: "Câu trả lời được chuyển đổi ra sao, lần lượt."),
    ])

  static let shadow = ObjectShape(
    "shadow",
    [
      Declaration(
        "to", .text(.target), required: true, example: "ilis/parcel", help: "Whom it asks.",
        vi: "Hỏi điểm kết nối nào."),
      Declaration(
        "map", .oneOrMany(.object(mapping)), example: "[{jq: ilis-parcel.jq}]",
        help: "Brings its answer into the form of the answer with which it is compared, in order.",
        vi: "Đưa câu trả lời của nó về dạng của câu trả lời được so sánh, lần lượt."),
    ])

  static let origin = ObjectShape(
    "to",
    [
      Declaration(
        "origin", .text(.name), required: true, example: "document", help: "Name of the business key.",
        vi: "Tên khóa nghiệp vụ.")
    ])

  static let key = ObjectShape(
    "keys",
    [
      Declaration(
        "name", .text(.name), required: true, example: "dossier", help: "What kind of key it is.", vi: "Loại khóa."),
      Declaration(
        "jq", .text(.jq), required: true, example: ".dossierCode", help: "A jq program that gives its value.",
        vi: "Chương trình jq cho ra giá trị."),
      Declaration(
        "personal", .flag, default: "false", help: "True when the value names a person: kept as a keyed hash only.",
        vi: "`true` nếu giá trị chỉ ra một người: chỉ lưu giá trị băm có khóa."),
    ])
}

/// What stands under `tests:` of a route.
enum RouteTestDeclarations {
  static let content = Shape.either(.text(.any), .object(file))

  static let test = ObjectShape(
    "tests",
    [
      Declaration(
        "name", .text(.any), required: true, example: "A document reaches both wards", help: "What is proved.",
        vi: "Điều được chứng minh."),
      Declaration(
        "input", .object(input), required: true,
        example: "{attributes: {sender: H24.1}, body: {file: fixtures/a.json}}",
        help: "What comes in.", vi: "Bản tin vào."),
      Declaration(
        "earlier", .list(.object(earlier), min: 1), example: "[{key: document, value: x, sender: H24.1}]",
        help: "Exchanges that the journal is to know beforehand.", vi: "Các lượt trao đổi đã có từ trước."),
      Declaration(
        "replies", .list(.object(reply), min: 1), example: "[{endpoint: city-systems, status: 200}]",
        help: "What endpoints answer; one that is not named takes everything.",
        vi: "Câu trả lời của điểm kết nối; nơi không nêu tên sẽ nhận hết."),
      Declaration(
        "expect", .object(expect), required: true, example: "{state: delivered}", help: "What must come out.",
        vi: "Kết quả phải có."),
    ])

  static let file = ObjectShape(
    "body",
    [
      Declaration(
        "file", .text(.fileName), required: true, example: "fixtures/progress.json",
        help: "A file beside the route's own, as a path from its folder.",
        vi: "Tệp nằm cạnh tệp luồng, tính từ thư mục của nó.")
    ])

  static let input = ObjectShape(
    "input",
    [
      Declaration(
        "attributes", .map(.attribute, .text(.any)), example: "{sender: H24.1}",
        help: "Envelope attributes; what the body's format says itself need not be repeated.",
        vi: "Thuộc tính phong bì; điều nội dung đã tự nêu thì không cần nhắc lại."),
      Declaration(
        "body", content, required: true, example: "{file: fixtures/progress.json}",
        help: "The inside: text, or a file.",
        vi: "Nội dung: văn bản, hoặc một tệp."),
    ])

  static let earlier = ObjectShape(
    "earlier",
    [
      Declaration("key", .text(.name), required: true, example: "document", help: "Name of the key.", vi: "Tên khóa."),
      Declaration(
        "value", .text(.any), required: true, example: "H24.1,2026/11/23,12/UBND", help: "Its value.", vi: "Giá trị."),
      Declaration(
        "sender", .text(.organisation), required: true, example: "H24.1", help: "Who sent it.", vi: "Bên đã gửi."),
    ])

  static let reply = ObjectShape(
    "replies",
    [
      Declaration(
        "endpoint", .text(.name), required: true, example: "city-systems", help: "Which endpoint.",
        vi: "Điểm kết nối nào."),
      Declaration(
        "receiver", .text(.organisation), example: "H24.2", help: "Only to this receiver.",
        vi: "Chỉ với nơi nhận này."),
      Declaration(
        "status", .text(.any), example: "200", help: "It takes the message, with this code.",
        vi: "Nhận bản tin, với mã này."),
      Declaration(
        "body", content, example: "{file: fixtures/reply.json}", help: "The answer's body.", vi: "Nội dung trả lời."),
      Declaration(
        "error", .choice(["retry", "outage", "reject", "inDoubt"]), example: "reject", help: "It fails in this way.",
        vi: "Thất bại theo cách này."),
      Declaration(
        "code", .text(.any), default: "test", example: "http-422", help: "The error's stable word.", vi: "Mã lỗi."),
    ], exactlyOneOf: ["status", "error"])

  static let expect = ObjectShape(
    "expect",
    [
      Declaration(
        "route", .text(.name), example: "documents", help: "The route that takes it; `none` for none.",
        vi: "Luồng sẽ nhận; `none` nghĩa là không luồng nào."),
      Declaration(
        "state", .choice(["underway", "delivered", "partly", "failed"]), example: "delivered",
        help: "Where the exchange ends.", vi: "Trạng thái cuối."),
      Declaration(
        "deliveries", .list(.object(delivery), min: 0), example: "[{endpoint: city-systems, receiver: H24.2}]",
        help: "What is sent, in any order; `[]`: nothing.", vi: "Những gì được gửi, không kể thứ tự; `[]`: không gì cả."
      ),
      Declaration(
        "answer", content, example: "{file: fixtures/answer.json}", help: "What a question's caller gets.",
        vi: "Câu trả lời mà bên hỏi nhận được."),
      Declaration(
        "violations", .list(.text(.any), min: 1), example: "[schema]",
        help: "Stable words of what is found wrong, each once; left out: nothing may be wrong.",
        vi: "Mã của các lỗi tìm thấy, mỗi mã một lần; bỏ trống: không được có lỗi."),
    ])

  static let delivery = ObjectShape(
    "deliveries",
    [
      Declaration(
        "endpoint", .text(.name), required: true, example: "city-systems", help: "Through which endpoint.",
        vi: "Qua điểm kết nối nào."),
      Declaration("receiver", .text(.organisation), example: "H24.2", help: "For whom.", vi: "Gửi cho ai."),
      Declaration("body", content, example: "{file: fixtures/expected.json}", help: "The bytes.", vi: "Nội dung."),
      Declaration("mediaType", .text(.any), example: "application/json", help: "Media type.", vi: "Kiểu nội dung."),
    ])
}
