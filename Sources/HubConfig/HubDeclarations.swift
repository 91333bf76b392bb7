/// What stands in `hub.yaml`.
enum HubDeclarations {
  static let file = ObjectShape(
    "hub.yaml",
    [
      Declaration(
        "hub", .object(identity), required: true, example: "{name: LGSP, organisation: H24}", help: "Who this hub is.",
        vi: "Hub này là của ai."),
      Declaration("gateway", .object(gateway), help: "The HTTPS door.", vi: "Cổng HTTPS."),
      Declaration(
        "limits", .object(limits), help: "What the hub takes in before it says no.",
        vi: "Ngưỡng mà từ đó hub từ chối nhận thêm."),
      Declaration(
        "journal", .object(journal), required: true, example: "{key: \"file:../Data/journal.key\"}",
        help: "The durable message store.", vi: "Nhật ký lưu bền vững."),
      Declaration(
        "transform", .object(transform), help: "Limits of checks and mappings.",
        vi: "Giới hạn khi kiểm tra và chuyển đổi."),
      Declaration(
        "retry", .object(RetryDeclarations.shape),
        help: "How failed attempts are repeated, unless an endpoint says otherwise.",
        vi: "Cách gửi lại khi thất bại, nếu điểm kết nối không quy định riêng."),
      Declaration(
        "drain", .duration(.zero ... .seconds(600)), default: "20s",
        help: "How long the hub finishes what it is doing when it is told to stop.",
        vi: "Thời gian hoàn tất việc đang làm khi được lệnh dừng."),
      Declaration(
        "admin", .either(.text(.address), .object(admin)), example: "127.0.0.1:8082",
        help: "Where metrics and the status page are served apart from the gateway; left out: by the gateway. Or a "
          + "group that also says who may sign in.",
        vi:
          "Địa chỉ riêng cho số đo và trang trạng thái; bỏ trống: dùng chung với cổng. Hoặc một nhóm khóa nêu thêm ai "
          + "được đăng nhập."),
      Declaration(
        "insight", .object(insight), example: "{every: 60s, minInterval: 10s}",
        help: "Indicators made from the journal and sent through the hub's own routes; left out: none are.",
        vi: "Chỉ số điều hành tính từ nhật ký và gửi qua các luồng của hub; bỏ trống: không tính."),
      Declaration(
        "signatures", .object(signatures), example: "{roots: [/etc/lgsp/roots]}",
        help: "Whom signatures inside documents are held against; left out: no root is trusted, and the notes say so.",
        vi: "Căn cứ kiểm tra chữ ký số trong văn bản; bỏ trống: không có chứng thư gốc nào, kết quả sẽ nói rõ."),
      Declaration(
        "secrets", .object(SecretDeclarations.secrets), example: "{allow: […]}",
        help: "What is not to be taken for a mark of a state secret; left out: every mark counts.",
        vi: "Những gì không bị coi là dấu mật; bỏ trống: dấu nào cũng tính."),
    ])

  static let admin = ObjectShape(
    "admin",
    [
      Declaration(
        "address", .text(.address), example: "127.0.0.1:8082",
        help: "Where metrics and the status page are served apart from the gateway; left out: by the gateway.",
        vi: "Địa chỉ riêng cho số đo và trang trạng thái; bỏ trống: dùng chung với cổng."),
      Declaration(
        "signIn", .text(.name), example: "vneid",
        help: "The endpoint at which operators sign in; left out: nobody signs in.",
        vi: "Điểm kết nối để người vận hành đăng nhập; bỏ trống: không đăng nhập."),
      Declaration(
        "operators", .list(.text(.any), min: 0), example: "[7d0f4a52-0000-4000-8000-000000000001]",
        help: "Subjects (`sub`) of the persons who may; whoever else signs in is told his own.",
        vi: "Mã (`sub`) của những người được phép; người khác đăng nhập sẽ thấy mã của mình."),
      Declaration(
        "publicURL", .text(.url), example: "https://lgsp.haiphong.example.vn",
        help: "Address by which browsers know this server behind a proxy; left out: the one by which each call comes.",
        vi: "Địa chỉ mà trình duyệt dùng khi hub đứng sau proxy; bỏ trống: theo từng lượt gọi."),
      Declaration(
        "sessionIdle", .duration(.seconds(60) ... .seconds(86_400)), default: "30m",
        help: "A session ends when it was not used for so long; an open status page uses it.",
        vi: "Phiên kết thúc khi không dùng trong khoảng này; trang trạng thái đang mở được tính là dùng."),
      Declaration(
        "sessionMax", .duration(.seconds(60) ... .seconds(604_800)), default: "8h",
        help: "A session ends so long after signing in.", vi: "Phiên kết thúc sau khoảng này kể từ khi đăng nhập."),
      Declaration(
        "attemptsMax", .integer(1...100_000), default: "1000",
        help: "Most persons on their way to sign in at a time.", vi: "Số lượt đang đăng nhập cùng lúc tối đa."),
    ])

  static let insight = ObjectShape(
    "insight",
    [
      Declaration(
        "every", .duration(.seconds(1) ... .seconds(86_400)), required: true, example: "60s",
        help: "How often indicators are sent, whether or not they have changed.",
        vi: "Chu kỳ gửi chỉ số, dù có thay đổi hay không."),
      Declaration(
        "minInterval", .duration(.seconds(1) ... .seconds(86_400)), default: "10s",
        help: "When they have changed they are sent earlier, but never more often than this.",
        vi: "Khi có thay đổi thì gửi sớm hơn, nhưng không dày hơn mức này."),
    ])

  static let signatures = ObjectShape(
    "signatures",
    [
      Declaration(
        "roots", .list(.text(.path), min: 0), example: "[/etc/lgsp/roots]",
        help: "Files or folders of root certificates that are trusted (PEM or DER).",
        vi: "Tệp hoặc thư mục chứng thư gốc được tin cậy (PEM hoặc DER)."),
      Declaration(
        "crls", .list(.text(.path), min: 0), example: "[/etc/lgsp/crls]",
        help: "Files or folders of lists of revoked certificates; the hub fetches none.",
        vi: "Tệp hoặc thư mục danh sách chứng thư bị thu hồi; hub không tự tải về."),
    ])

  static let identity = ObjectShape(
    "hub",
    [
      Declaration(
        "name", .text(.any), required: true, example: "LGSP Hải Phòng", help: "Its name, for people.",
        vi: "Tên gọi, để người đọc."),
      Declaration(
        "organisation", .text(.organisation), required: true, example: "H24",
        help: "Code of the organisation that runs it.", vi: "Mã định danh của cơ quan vận hành."),
      Declaration(
        "data", .text(.path), default: "../Data", help: "Folder of the journal; made when it is missing.",
        vi: "Thư mục của nhật ký; được tạo nếu chưa có."),
    ])

  static let gateway = ObjectShape(
    "gateway",
    [
      Declaration(
        "http", .text(.address), example: "127.0.0.1:8080",
        help: "Where plain HTTP is served; left out: not at all. For loopback or behind a proxy only.",
        vi: "Địa chỉ HTTP không mã hóa; bỏ trống: không mở. Chỉ dùng trên máy nội bộ hoặc sau proxy."),
      Declaration(
        "https", .object(https),
        example: "{address: 0.0.0.0:8443, certificate: tls/server.pem, key: \"file:tls/server.key\"}",
        help: "Where HTTPS is served; left out: not at all.", vi: "Địa chỉ HTTPS; bỏ trống: không mở."),
      Declaration(
        "bodyBytesMax", .size(1024...(4 << 30)), default: "256MiB", help: "Largest body of one message.",
        vi: "Nội dung lớn nhất của một bản tin."),
      Declaration(
        "headerBytesMax", .size(1024...(1 << 20)), default: "32KiB", help: "Most bytes in the header of one request.",
        vi: "Số byte tối đa phần đầu của một yêu cầu."),
      Declaration(
        "requestTimeout", .duration(.seconds(1) ... .seconds(3600)), default: "60s",
        help: "Most time for one request, body included.", vi: "Thời gian tối đa cho một yêu cầu, kể cả nội dung."),
      Declaration(
        "tokenLifetime", .duration(.seconds(10) ... .seconds(86_400)), default: "15m",
        help: "How long an access token is valid.", vi: "Thời hạn của mã truy cập."),
      Declaration(
        "batchMax", .integer(1...10_000), default: "1000", help: "Most messages in one batch.",
        vi: "Số bản tin tối đa trong một lô."),
      Declaration(
        "connectionsMax", .integer(1...100_000), default: "4096", help: "Most connections open at a time.",
        vi: "Số kết nối mở cùng lúc tối đa."),
    ])

  static let https = ObjectShape(
    "https",
    [
      Declaration(
        "address", .text(.address), required: true, example: "0.0.0.0:8443", help: "Where to listen.",
        vi: "Địa chỉ lắng nghe."),
      Declaration(
        "certificate", .text(.path), required: true, example: "tls/server.pem", help: "The certificate chain, PEM.",
        vi: "Chuỗi chứng thư, dạng PEM."),
      Declaration(
        "key", .secret, required: true, example: "\"file:tls/server.key\"", help: "The private key, PEM.",
        vi: "Khóa riêng, dạng PEM."),
    ])

  static let limits = ObjectShape(
    "limits",
    [
      Declaration(
        "openExchangesMax", .integer(1...100_000_000), default: "1_000_000",
        help: "Most exchanges that have not settled, in total.", vi: "Tổng số lượt trao đổi chưa kết thúc tối đa."),
      Declaration(
        "questionMax", .duration(.milliseconds(100) ... .seconds(3600)), default: "2m",
        help: "Longest wait of a caller for an answer.", vi: "Bên hỏi chờ câu trả lời lâu nhất."),
      Declaration(
        "questionWait", .duration(.milliseconds(100) ... .seconds(3600)), default: "30s",
        help: "How long a question waits when its caller does not say (`Prefer: wait`).",
        vi: "Thời gian chờ khi bên hỏi không nêu (`Prefer: wait`)."),
      Declaration(
        "splitMax", .integer(1...1_000_000), default: "1_000", help: "Most parts that a message may be split into.",
        vi: "Một bản tin được tách thành nhiều nhất bao nhiêu phần."),
      Declaration(
        "openExchangesPerAgencyMax", .integer(1...100_000_000), default: "100_000",
        help: "Most exchanges that have not settled, of one sender.",
        vi: "Số lượt trao đổi chưa kết thúc tối đa của một cơ quan gửi."),
      Declaration(
        "openBytesMax", .size((1 << 20)...(64 << 40)), default: "20GiB",
        help: "Most bytes in bodies of exchanges that have not settled, in total.",
        vi: "Tổng dung lượng nội dung của các lượt chưa kết thúc tối đa."),
      Declaration(
        "openBytesPerAgencyMax", .size((1 << 20)...(64 << 40)), default: "4GiB",
        help: "Most bytes in bodies of exchanges that have not settled, of one sender.",
        vi: "Dung lượng nội dung chưa kết thúc tối đa của một cơ quan gửi."),
      Declaration(
        "freeDiskBytesMin", .size(0...(64 << 40)), default: "1GiB",
        help: "With less free on the journal's disk, nothing more is taken in.",
        vi: "Khi đĩa của nhật ký còn trống ít hơn mức này thì ngừng nhận."),
      Declaration(
        "admissionQueueMax", .integer(1...1_000_000), default: "4096",
        help: "Most messages being looked over and written down at a time; more are told to come back.",
        vi: "Số bản tin đang được xét và ghi cùng lúc tối đa; vượt quá thì hẹn gửi lại."),
      Declaration(
        "transformQueueMax", .integer(1...1_000_000), default: "4096",
        help: "Most messages waiting for a transform thread.", vi: "Số bản tin chờ luồng chuyển đổi tối đa."),
      Declaration(
        "laneWindowMax", .integer(1...1_000_000), default: "5_000",
        help: "Most ids of waiting deliveries kept in memory for one endpoint; the others wait on disk.",
        vi: "Số mã lượt gửi chờ giữ trong bộ nhớ cho một điểm kết nối; phần còn lại chờ trên đĩa."),
      Declaration(
        "parkedMax", .integer(1...100_000_000), default: "100_000",
        help: "With more dead letters than this the hub raises an alarm.",
        vi: "Khi số thư bị treo vượt mức này thì báo động."),
    ])

  static let journal = ObjectShape(
    "journal",
    [
      Declaration(
        "key", .secret, required: true, example: "\"file:../Data/journal.key\"",
        help: "The key that encrypts bodies at rest: 32 random bytes in base64.",
        vi: "Khóa mã hóa nội dung lưu trữ: 32 byte ngẫu nhiên dạng base64."),
      Declaration(
        "duplicateWindow", .duration(.seconds(60) ... .seconds(86_400 * 3660)), default: "35d",
        help: "How long the same message is recognised when it comes again.",
        vi: "Thời gian nhận ra bản tin gửi trùng."),
      Declaration(
        "keepEvents", .duration(.seconds(86_400) ... .seconds(86_400 * 36_600)), default: "730d",
        help: "How long the steps of what has ended keep their content; place and digest stay.",
        vi: "Thời gian giữ nội dung các bước của giao dịch đã xong; vị trí và giá trị băm vẫn còn."),
      Declaration(
        "keepSegments", .duration(.seconds(86_400) ... .seconds(86_400 * 36_600)), default: "3650d",
        help: "How long ended exchanges can be found at all, never less than duplicateWindow; the day's root stays.",
        vi: "Thời gian còn tra cứu được giao dịch đã xong, không ngắn hơn duplicateWindow; gốc của ngày vẫn còn."),
    ])

  static let transform = ObjectShape(
    "transform",
    [
      Declaration(
        "threads", .integer(1...256), default: "2",
        help: "Worker processes for checks and mappings, and as many threads that read formats.",
        vi: "Số tiến trình dành cho kiểm tra và chuyển đổi, và bấy nhiêu luồng đọc định dạng."),
      Declaration(
        "timeMax", .duration(.milliseconds(10) ... .seconds(600)), default: "5s",
        help: "Most processor time for all checks and mappings of one message; then it is invalid (`out-of-time`).",
        vi: "Thời gian xử lý tối đa để kiểm tra, chuyển đổi một bản tin; quá hạn là không hợp lệ (`out-of-time`)."),
      Declaration(
        "memoryMax", .size((64 << 20)...(64 << 30)), default: "256MiB",
        help: "Most memory of a worker process beyond what it needs to start; a message that needs more is invalid "
          + "(`out-of-memory`). Allow at least 16 times documentBytesMax.",
        vi:
          "Bộ nhớ tối đa của một tiến trình chuyển đổi, ngoài phần để khởi động; bản tin cần nhiều hơn là không hợp lệ "
          + "(`out-of-memory`). Nên từ 16 lần documentBytesMax trở lên."),
      Declaration(
        "depthMax", .integer(4...1000), default: "64", help: "Deepest nesting of JSON or XML.",
        vi: "Độ lồng sâu nhất của JSON hoặc XML."),
      Declaration(
        "documentBytesMax", .size(1024...(1 << 30)), default: "8MiB",
        help: "Largest document that is mapped or validated; attachments do not count.",
        vi: "Tài liệu lớn nhất được kiểm tra hoặc chuyển đổi; không kể tệp đính kèm."),
      Declaration(
        "attachmentBytesMax", .size(1024...(4 << 30)), default: "256MiB", help: "Largest attachment after decoding.",
        vi: "Tệp đính kèm lớn nhất sau khi giải mã."),
    ])
}

/// How failed attempts are repeated: the same keys in `hub.yaml` and at each endpoint.
enum RetryDeclarations {
  static let shape = ObjectShape(
    "retry",
    [
      Declaration(
        "attempts", .integer(1...1000), default: "8",
        help: "Most attempts, the first included; then the delivery is parked. Outages of the far system spend none.",
        vi: "Số lần thử tối đa, kể cả lần đầu; sau đó lượt gửi bị treo. Hệ thống đích ngừng hoạt động thì không tính."),
      Declaration(
        "first", .duration(.milliseconds(10) ... .seconds(86_400)), default: "1s",
        help: "Wait before the second attempt.", vi: "Chờ trước lần thử thứ hai."),
      Declaration(
        "factor", .number(1...10), default: "2", help: "Each further wait is so many times the one before.",
        vi: "Mỗi lần chờ sau gấp bấy nhiêu lần lần chờ trước."),
      Declaration(
        "max", .duration(.milliseconds(10) ... .seconds(86_400 * 7)), default: "10m", help: "Longest wait.",
        vi: "Lần chờ dài nhất."),
    ])
}
