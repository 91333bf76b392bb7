/// What stands under `http:` of a manifest.
enum HTTPDeclarations {
  static let headers = Shape.map(.any, .text(.template))
  /// A jq program: written here, or in a file of the connector's folder.
  static let program = Shape.either(.text(.jq), .object(programFile))

  static let programFile = ObjectShape(
    "program",
    [
      Declaration(
        "file", .text(.fileName), required: true, example: "received.jq",
        help: "A jq program in the connector's folder.",
        vi: "Chương trình jq trong thư mục của bộ kết nối.")
    ])

  static let http = ObjectShape(
    "http",
    [
      Declaration(
        "base", .text(.template), required: true, example: "\"{url}\"",
        help: "Base URL, from settings in braces; paths are added to it.",
        vi: "URL gốc, với thiết lập trong ngoặc nhọn; các đường dẫn nối vào sau."),
      Declaration(
        "authentication", .object(authentication), example: "{bearer: {token: token}}",
        help: "How the hub shows who it is; left out: it does not, or by the endpoint's `tls:`.",
        vi: "Cách hub chứng minh mình là ai; bỏ trống: không cần, hoặc bằng `tls:` của điểm kết nối."),
      Declaration(
        "headers", headers, example: "{Accept: application/json}", help: "Header fields of every request.",
        vi: "Các trường tiêu đề của mọi yêu cầu."),
      Declaration(
        "operations", .list(.object(operation), min: 1), example: "[{name: register, path: /graves}]",
        help: "What the far system can be asked to do.", vi: "Những nghiệp vụ hệ thống đích cung cấp."),
      Declaration(
        "probe", .object(probe), example: "{path: /health}",
        help: "The request that tells whether the far system is well: any 2xx.",
        vi: "Yêu cầu để biết hệ thống đích có hoạt động không: mọi mã 2xx."),
      Declaration(
        "code", program, example: ".body.code",
        help: "The far side's own code, over `{status, headers, body}`: kept with the attempt when it is a word of at "
          + "most 64 letters, digits, `.`, `_` and `-`.",
        vi: "Mã của chính hệ thống đích, trên `{status, headers, body}`: được lưu nếu là một từ dài tối đa 64 ký tự."),
      Declaration(
        "errors", .list(.object(error), min: 1), example: "[{status: 409, verdict: success, code: known}]",
        help: "What answers mean, first match first; 2xx that none matches is success, 408, 425, 429 and 500 are "
          + "`retry`, 401, 403, 404, 405 and the other 5xx `outage`, all else `reject`; 404 is `retry` where the path "
          + "has values of the message.",
        vi: "Ý nghĩa các câu trả lời, dòng khớp đầu tiên được dùng; nếu không dòng nào khớp: 2xx là thành công, 408, "
          + "425, 429 và 500 là `retry`, 401, 403, 404, 405 và 5xx khác là `outage`, còn lại là `reject`; "
          + "404 là `retry` nếu đường dẫn chứa giá trị của bản tin."),
      Declaration(
        "sources", .list(.object(source), min: 1), example: "[{name: new-graves, path: /graves, events: \".body\"}]",
        help: "What the far system is asked regularly; the endpoint's `poll:` tells how often.",
        vi: "Những gì được hỏi định kỳ; chu kỳ ở `poll:` của điểm kết nối."),
      Declaration(
        "webhooks", .list(.object(webhook), min: 1), example: "[{path: /graves, events: \"[.body]\"}]",
        help: "What the far system calls, under /v1/served/<endpoint>.",
        vi: "Những gì hệ thống đích gọi vào, dưới /v1/served/<endpoint>."),
    ])

  private static func request(method: String) -> [Declaration] {
    [
      Declaration(
        "method", .choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), default: method, help: "HTTP method.",
        vi: "Phương thức HTTP."),
      Declaration(
        "path", .text(.template), required: true, example: "\"/graves/{values.plot}\"",
        help: "Path under the base URL; each value becomes one segment.",
        vi: "Đường dẫn dưới URL gốc; mỗi giá trị thành một đoạn."),
      Declaration(
        "query", .map(.any, .text(.template)), example: "{after: \"{cursor}\"}",
        help: "Query parameters; one whose value is missing is left out.",
        vi: "Tham số truy vấn; thiếu giá trị thì bỏ qua."),
      Declaration(
        "headers", headers, example: "{Idempotency-Key: \"{delivery.id}\"}", help: "Header fields.",
        vi: "Các trường tiêu đề."),
    ]
  }

  static let operation = ObjectShape(
    "operation",
    [
      Declaration(
        "name", .text(.name), required: true, example: "register",
        help: "Its name in routes: `to: <endpoint>/<name>`; a manifest with one operation needs no name there.",
        vi: "Tên trong luồng: `to: <điểm kết nối>/<tên>`; nếu chỉ có một nghiệp vụ thì không cần ghi."),
      Declaration(
        "summary", .text(.any), example: "Registers a grave.", help: "What it does, in a sentence.",
        vi: "Làm gì, trong một câu."),
    ] + request(method: "POST") + [
      Declaration(
        "read", .flag, example: "true",
        help: "Whether it changes nothing at the far system, so that another one may be asked the same (`shadow:` of a "
          + "route); left out: by the method, GET and HEAD.",
        vi: "Nghiệp vụ chỉ đọc, không làm thay đổi dữ liệu ở hệ thống đích, nên có thể hỏi song song nơi khác "
          + "(`shadow:` của luồng); bỏ trống: theo phương thức, GET và HEAD."),
      Declaration(
        "values", .map(.any, .text(.jq)), example: "{plot: .plot}",
        help: "jq programs over the JSON body; templates use what they give as `{values.plot}`.",
        vi: "Chương trình jq trên nội dung JSON; dùng kết quả bằng `{values.plot}`."),
      Declaration(
        "map", .oneOrMany(.object(RouteDeclarations.mapping)), example: "[{jq: to-register.jq}]",
        help: "How the body is changed, by files of the connector's folder.",
        vi: "Cách chuyển đổi nội dung, bằng tệp trong thư mục của bộ kết nối."),
      Declaration(
        "contentType", .text(.any), example: "application/json",
        help: "Media type of the body; left out: as the message or the mapping has it.",
        vi: "Kiểu nội dung; bỏ trống: theo bản tin hoặc phép chuyển đổi."),
      Declaration(
        "soap", .object(soap), example: "{version: \"1.1\", action: urn:register}",
        help: "The body, which must be XML, goes inside a SOAP envelope; the answer's inside is taken out.",
        vi: "Nội dung XML được đặt trong phong bì SOAP; câu trả lời được lấy ra khỏi phong bì."),
      Declaration(
        "answer", .object(answer), example: "{reference: .body.id}", help: "What becomes of the answer.",
        vi: "Xử lý câu trả lời."),
      Declaration(
        "errors", .list(.object(error), min: 1), example: "[{status: 404, verdict: reject}]",
        help: "Rules that come before those of `http:`.", vi: "Các dòng xét trước những dòng của `http:`."),
    ])

  static let probe = ObjectShape("probe", request(method: "GET"))
  static let acknowledgement = ObjectShape("acknowledge", request(method: "POST"))

  static let soap = ObjectShape(
    "soap",
    [
      Declaration(
        "version", .choice(["1.1", "1.2"]), default: "1.1", help: "Version of SOAP.", vi: "Phiên bản SOAP."),
      Declaration(
        "action", .text(.any), required: true, example: "urn:register", help: "The action.", vi: "Hành động (action)."),
    ])

  static let answer = ObjectShape(
    "answer",
    [
      Declaration(
        "map", .oneOrMany(.object(RouteDeclarations.mapping)), example: "[{jq: from-register.jq}]",
        help: "How the answer's body is changed.", vi: "Cách chuyển đổi nội dung câu trả lời."),
      Declaration(
        "success", program, example: ".body.result == \"ok\"",
        help: "A predicate over `{status, headers, body}`; where it fails a 2xx is `in-doubt`, unless a rule of "
          + "`errors` says otherwise.",
        vi: "Điều kiện trên `{status, headers, body}`; không đạt thì 2xx là `in-doubt`, trừ khi `errors` nói khác."),
      Declaration(
        "reference", program, example: ".body.id", help: "The far side's name for what it took.",
        vi: "Tên mà hệ thống đích đặt cho bản tin đã nhận."),
    ])

  static let error = ObjectShape(
    "error",
    [
      Declaration(
        "status", .oneOrMany(.text(.any)), example: "[404, 5xx]", help: "Status codes; `x` stands for any digit.",
        vi: "Mã trạng thái; `x` thay cho một chữ số bất kỳ."),
      Declaration(
        "when", program, example: ".body.code == \"E17\"", help: "A predicate over `{status, headers, body}`.",
        vi: "Điều kiện trên `{status, headers, body}`."),
      Declaration(
        "fault", .text(.any), example: "Client.NoSuchPlot", help: "Code of a SOAP fault, without its prefix.",
        vi: "Mã lỗi SOAP, không có tiền tố."),
      Declaration(
        "verdict", .choice(HTTPErrorRule.Verdict.allCases.map(\.rawValue)), required: true, example: "reject",
        help: "What the hub does.", vi: "Hub làm gì."),
      Declaration(
        "code", .text(.name), example: "no-such-plot", help: "The word for machines; left out: `http-<status>`.",
        vi: "Mã dành cho máy; bỏ trống: `http-<mã>`."),
      Declaration(
        "reason", .text(.any), example: "The register knows no such plot.", help: "What a person should know.",
        vi: "Điều người vận hành cần biết."),
    ])

  static let source = ObjectShape(
    "source",
    [
      Declaration(
        "name", .text(.name), required: true, example: "new-graves",
        help: "Its name; with the endpoint's it names the "
          + "cursor.", vi: "Tên; cùng tên điểm kết nối để ghi vị trí đã đọc.")
    ] + request(method: "GET") + [
      Declaration(
        "events", program, required: true, example: "\".body.items | map({id, type: \\\"vn.x.grave\\\", data: .})\"",
        help: "A jq program over `{status, headers, body}` that gives an array of CloudEvents.",
        vi: "Chương trình jq trên `{status, headers, body}` cho ra mảng CloudEvents."),
      Declaration(
        "cursor", program, example: ".body.next", help: "Gives the next `{cursor}`, null to keep it.",
        vi: "Cho ra `{cursor}` kế tiếp; null: giữ nguyên."),
      Declaration(
        "more", program, example: ".body.next != null", help: "A predicate: more waits already.",
        vi: "Điều kiện: còn dữ liệu chờ."),
      Declaration(
        "acknowledge", .object(acknowledgement), example: "{path: \"/graves/{event.id}/taken\"}",
        help: "The request that marks one item as taken, once the hub has it on disk.",
        vi: "Yêu cầu đánh dấu đã lấy, sau khi hub đã ghi xuống đĩa."),
    ])

  static let webhook = ObjectShape(
    "webhook",
    [
      Declaration(
        "path", .text(.path), required: true, example: "/graves", help: "Path under /v1/served/<endpoint>.",
        vi: "Đường dẫn dưới /v1/served/<endpoint>."),
      Declaration(
        "authentication", .object(webhookAuthentication), required: true, example: "{bearer: {token: pushToken}}",
        help: "How the far system shows who it is.", vi: "Cách hệ thống đích chứng minh mình là ai."),
      Declaration(
        "events", program, required: true, example: "\"[{id: .body.id, type: \\\"vn.x.grave\\\", data: .body}]\"",
        help: "A jq program over `{headers, query, body}` that gives an array of CloudEvents.",
        vi: "Chương trình jq trên `{headers, query, body}` cho ra mảng CloudEvents."),
    ])
}

/// How one side shows the other who it is.
extension HTTPDeclarations {
  static let authentication = ObjectShape(
    "authentication",
    both + [
      Declaration(
        "oauth", .object(oauth), example: "{tokenURL: \"{url}/token\", clientId: clientId, clientSecret: clientSecret}",
        help: "OAuth 2 client credentials; tokens are kept and renewed.",
        vi: "OAuth 2 client credentials; mã được giữ và gia hạn.")
    ], exactlyOneOf: ["basic", "bearer", "apiKey", "hmac", "oauth"])

  static let webhookAuthentication = ObjectShape(
    "webhook-authentication", both, exactlyOneOf: ["basic", "bearer", "apiKey", "hmac"])

  private static let both = [
    Declaration(
      "basic", .object(basic), example: "{username: username, password: password}",
      help: "Name and password (RFC 7617).",
      vi: "Tên và mật khẩu (RFC 7617)."),
    Declaration(
      "bearer", .object(bearer), example: "{token: token}", help: "A token (RFC 6750).", vi: "Mã truy cập (RFC 6750)."),
    Declaration(
      "apiKey", .object(apiKey), example: "{header: X-API-Key, key: apiKey}", help: "A key in a header field.",
      vi: "Khóa trong một trường tiêu đề."),
    Declaration(
      "hmac", .object(hmac), example: "{key: signingKey, header: X-Signature, text: \"{method}{path}{body}\"}",
      help: "A keyed digest of the request (RFC 2104).", vi: "Giá trị băm có khóa của yêu cầu (RFC 2104)."),
  ]

  private static func setting(_ name: String, _ help: String, _ vi: String) -> Declaration {
    Declaration(name, .text(.setting), required: true, example: name, help: help, vi: vi)
  }

  static let basic = ObjectShape(
    "basic",
    [
      setting("username", "The setting that holds the name.", "Thiết lập chứa tên."),
      setting("password", "The secret setting that holds the password.", "Thiết lập bí mật chứa mật khẩu."),
    ])

  static let bearer = ObjectShape(
    "bearer", [setting("token", "The secret setting that holds the token.", "Thiết lập bí mật chứa mã truy cập.")])

  static let apiKey = ObjectShape(
    "apiKey",
    [
      Declaration(
        "header", .text(.any), required: true, example: "X-API-Key", help: "The header field.",
        vi: "Trường tiêu đề."),
      setting("key", "The secret setting that holds the key.", "Thiết lập bí mật chứa khóa."),
    ])

  static let oauth = ObjectShape(
    "oauth",
    [
      Declaration(
        "tokenURL", .text(.template), required: true, example: "\"{url}/oauth/token\"",
        help: "Where tokens are given out.",
        vi: "Nơi cấp mã truy cập."),
      setting("clientId", "The setting that holds the client's id.", "Thiết lập chứa mã ứng dụng."),
      setting("clientSecret", "The secret setting that holds its secret.", "Thiết lập bí mật chứa khóa ứng dụng."),
      Declaration(
        "scope", .text(.any), example: "graves", help: "The scope that is asked for.", vi: "Phạm vi yêu cầu."),
    ])

  static let hmac = ObjectShape(
    "hmac",
    [
      setting("key", "The secret setting that holds the key.", "Thiết lập bí mật chứa khóa."),
      Declaration(
        "header", .text(.any), required: true, example: "X-Signature",
        help: "The header field that carries the digest.",
        vi: "Trường tiêu đề chứa giá trị băm."),
      Declaration(
        "text", .text(.template), default: "{method}\n{path}\n{time}\n{bodySHA256}", example: "\"{time}{body}\"",
        help: "What is signed: `{method}`, `{path}`, `{query}`, `{time}`, `{body}`, `{bodySHA256}`.",
        vi: "Nội dung được ký: `{method}`, `{path}`, `{query}`, `{time}`, `{body}`, `{bodySHA256}`."),
      Declaration(
        "algorithm", .choice(["sha256", "sha512"]), default: "sha256", help: "Digest algorithm.",
        vi: "Thuật toán băm."),
      Declaration(
        "encoding", .choice(["hex", "base64"]), default: "hex", help: "How it is written.", vi: "Cách viết."),
      Declaration(
        "prefix", .text(.any), example: "\"sha256=\"", help: "Stands before the digest.",
        vi: "Đứng trước giá trị băm."),
      Declaration(
        "timeHeader", .text(.any), example: "X-Timestamp",
        help: "The header field that carries the time, in seconds since 1970; needed for `{time}`.",
        vi: "Trường tiêu đề chứa thời gian, tính bằng giây từ 1970; cần khi dùng `{time}`."),
    ])
}
