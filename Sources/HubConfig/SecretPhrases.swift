/// What is said about secrets. The value itself is never repeated.
extension Phrase {
  static func secretInClear(_ key: String) -> Phrase {
    Phrase(
      "secret-in-clear",
      en: "`\(key)` holds a secret in clear. Put it in a file with mode 0600 and write `file:<path>`, or `env:<NAME>`, "
        + "or `credential:<name>`; then change the secret, since it has been seen.",
      vi: "`\(key)` ghi mật khẩu ở dạng rõ. Hãy để vào một tệp có quyền 0600 rồi viết `file:<đường dẫn>`, hoặc "
        + "`env:<TÊN>`, hoặc `credential:<tên>`; sau đó đổi mật khẩu vì đã bị lộ.")
  }

  static let urlWithPassword = Phrase(
    "secret-in-clear",
    en: "The URL holds a user or password before `@`. Use the endpoint's credential settings instead.",
    vi: "URL chứa tài khoản hoặc mật khẩu trước dấu `@`. Hãy dùng các khóa xác thực của điểm kết nối.")

  static func looksSecret(_ key: String) -> Phrase {
    Phrase(
      "looks-secret",
      en: "The value of `\(key)` looks like a secret. If it is one, use the endpoint's credential settings with "
        + "`file:<path>`.",
      vi: "Giá trị của `\(key)` trông giống mật khẩu. Nếu đúng, hãy dùng các khóa xác thực với `file:<đường dẫn>`.")
  }

  static func secretUnreadable(_ reference: String, _ cause: String) -> Phrase {
    Phrase(
      "secret-unreadable", en: "The secret `\(reference)` cannot be read: \(cause).",
      vi: "Không đọc được bí mật `\(reference)`: \(cause).")
  }

  static func secretEmpty(_ reference: String) -> Phrase {
    Phrase(
      "secret-empty", en: "The secret `\(reference)` is empty. Write its value there.",
      vi: "Bí mật `\(reference)` rỗng. Hãy ghi giá trị vào đó.")
  }

  static func secretExposed(_ reference: String) -> Phrase {
    Phrase(
      "secret-exposed", en: "Other users of the machine can read the secret `\(reference)`: give the file mode 0600.",
      vi: "Người dùng khác trên máy đọc được bí mật `\(reference)`: hãy đặt quyền 0600 cho tệp.")
  }
}
