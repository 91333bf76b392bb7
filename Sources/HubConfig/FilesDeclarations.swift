/// What stands under `files:` of a manifest.
enum FilesDeclarations {
  static let files = ObjectShape(
    "files",
    [
      Declaration(
        "base", .text(.template), required: true, example: "\"{url}\"",
        help: "Where the far system is: sftp://host or ftps://host, from settings in braces, without a path.",
        vi: "Địa chỉ hệ thống đích: sftp://host hoặc ftps://host, với thiết lập trong ngoặc nhọn, không có đường dẫn."),
      Declaration(
        "tls", .choice(["explicit", "implicit"]), default: "explicit",
        help: "Whether FTPS asks for TLS on the plain port (21), or begins with it (990). Nothing goes in the clear.",
        vi: "FTPS xin TLS trên cổng thường (21), hay bắt đầu bằng TLS (990). Không gì đi ở dạng rõ."),
      Declaration(
        "username", .text(.setting), required: true, example: "username", help: "The setting that holds the account.",
        vi: "Thiết lập chứa tên tài khoản."),
      Declaration(
        "password", .text(.setting), example: "password", help: "The secret setting that holds its password.",
        vi: "Thiết lập bí mật chứa mật khẩu."),
      Declaration(
        "privateKey", .text(.setting), example: "privateKey",
        help: "The secret setting that holds its private key, ed25519 or ECDSA, without a passphrase (SFTP).",
        vi: "Thiết lập bí mật chứa khoá riêng, ed25519 hoặc ECDSA, không có mật khẩu (SFTP)."),
      Declaration(
        "hostKey", .text(.setting), example: "hostKey",
        help:
          "The setting that holds the SHA-256 of the server's key, as ssh-keygen -l prints it (SFTP, needed there).",
        vi: "Thiết lập chứa SHA-256 của khoá máy chủ, như ssh-keygen -l in ra (bắt buộc với SFTP)."),
      Declaration(
        "sources", .list(.object(source), min: 1), example: "[{name: reports, folder: /out, pattern: \"*.xml\"}]",
        help: "Folders that are looked into; the endpoint's `poll:` tells how often.",
        vi: "Các thư mục được xem định kỳ; chu kỳ ở `poll:` của điểm kết nối."),
      Declaration(
        "operations", .list(.object(operation), min: 1), example: "[{name: drop, path: \"/in/{delivery.id}.xml\"}]",
        help: "What can be put there.", vi: "Những gì có thể đặt vào."),
    ])

  static let source = ObjectShape(
    "files-source",
    [
      Declaration(
        "name", .text(.name), required: true, example: "reports",
        help: "Its name; with the endpoint's it names the cursor.",
        vi: "Tên; cùng tên điểm kết nối để ghi vị trí đã đọc."),
      Declaration(
        "folder", .text(.template), required: true, example: "/out", help: "The folder, from the far system's root.",
        vi: "Thư mục, tính từ gốc của hệ thống đích."),
      Declaration(
        "pattern", .text(.any), default: "*", example: "\"*.xml\"",
        help:
          "Which names are meant; `*` stands for any characters, `?` for one. Names that begin with a dot never are.",
        vi: "Những tên nào; `*` thay cho các ký tự bất kỳ, `?` cho một ký tự. Tên bắt đầu bằng dấu chấm thì không."),
      Declaration(
        "settled", .duration(.zero ... .seconds(86_400)), default: "10s",
        help: "A file is whole when its size and time have not changed for so long.",
        vi: "Tệp coi là đủ khi kích thước và thời gian không đổi trong khoảng này."),
      Declaration(
        "marker", .text(.template), example: "\"{name}.done\"",
        help: "In place of `settled`: a file is whole when one of this name lies beside it.",
        vi: "Thay cho `settled`: tệp coi là đủ khi có tệp mang tên này bên cạnh."),
      Declaration(
        "moveTo", .text(.template), example: "/out/taken",
        help: "Folder to which a file goes once the hub has it on its disk.",
        vi: "Thư mục chuyển tệp đến khi hub đã ghi xuống đĩa."),
      Declaration(
        "delete", .flag, default: "false",
        help: "Whether it is removed then. With neither, files stay, and the cursor remembers them.",
        vi: "Hay xoá tệp. Nếu không có cả hai, tệp ở lại và con trỏ ghi nhớ."),
      Declaration(
        "refusedTo", .text(.template), example: "/out/refused",
        help:
          "Folder for files that the hub refuses for good; left out: they stay, and are not read until they change.",
        vi: "Thư mục cho tệp bị hub từ chối hẳn; bỏ trống: tệp ở lại và không được đọc lại cho đến khi thay đổi."),
      Declaration(
        "event", HTTPDeclarations.program, required: true,
        example: "'{type: \"vn.haiphong.report\", subject: .name, sender: \"H24.12\"}'",
        help: "A jq program over `{name, bytes, modified}` that gives the attributes of a CloudEvent; the file is its "
          + "data.",
        vi: "Chương trình jq trên `{name, bytes, modified}` cho ra các thuộc tính CloudEvent; nội dung là tệp."),
    ])

  static let operation = ObjectShape(
    "files-operation",
    [
      Declaration(
        "name", .text(.name), required: true, example: "drop",
        help: "Its name in routes: `to: <endpoint>/<name>`; a manifest with one operation needs no name there.",
        vi: "Tên trong luồng: `to: <điểm kết nối>/<tên>`; nếu chỉ có một nghiệp vụ thì không cần ghi."),
      Declaration(
        "summary", .text(.any), example: "Drops a report.", help: "What it does, in a sentence.",
        vi: "Làm gì, trong một câu."),
      Declaration(
        "path", .text(.template), required: true, example: "\"/in/{envelope.subject}-{delivery.id}.xml\"",
        help: "The path of the file; each value is one name. It is written under another name and moved when whole.",
        vi: "Đường dẫn của tệp; mỗi giá trị là một tên. Tệp được ghi dưới tên khác rồi đổi tên khi đã đủ."),
      Declaration(
        "values", .map(.any, .text(.jq)), example: "{plot: .plot}",
        help: "jq programs over the JSON body; the path uses what they give as `{values.plot}`.",
        vi: "Chương trình jq trên nội dung JSON; đường dẫn dùng kết quả bằng `{values.plot}`."),
      Declaration(
        "map", .oneOrMany(.object(RouteDeclarations.mapping)), example: "[{jq: to-report.jq}]",
        help: "How the body is changed, by files of the connector's folder.",
        vi: "Cách chuyển đổi nội dung, bằng tệp trong thư mục của bộ kết nối."),
    ])
}
