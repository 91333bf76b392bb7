/// What is said about files that cannot be read.
extension Phrase {
  static func missingFolder(_ folder: String) -> Phrase {
    Phrase(
      "missing-folder",
      en: "There is no configuration folder `\(folder)`. Name the folder that holds hub.yaml.",
      vi: "Không có thư mục cấu hình `\(folder)`. Hãy chỉ ra thư mục chứa hub.yaml.")
  }

  static func notAFolder(_ folder: String) -> Phrase {
    Phrase(
      "not-a-folder",
      en: "`\(folder)` is not a folder. Name the folder that holds hub.yaml, not a file in it.",
      vi: "`\(folder)` không phải thư mục. Hãy chỉ ra thư mục chứa hub.yaml, không phải một tệp trong đó.")
  }

  static func unreadable(_ path: String, _ cause: String) -> Phrase {
    Phrase(
      "unreadable",
      en: "`\(path)` cannot be read: \(cause). The user who runs the hub needs the right to read it.",
      vi: "Không đọc được `\(path)`: \(cause). Tài khoản chạy hub cần có quyền đọc.")
  }

  static func symlinkEscape(_ path: String) -> Phrase {
    Phrase(
      "symlink-escape",
      en: "`\(path)` is a link that leads out of the configuration folder. Put the file itself here.",
      vi: "`\(path)` là liên kết trỏ ra ngoài thư mục cấu hình. Hãy đặt chính tệp đó vào đây.")
  }

  static func fileTooLarge(_ path: String) -> Phrase {
    Phrase(
      "file-too-large",
      en: "`\(path)` has more than 1 MiB. Split it: each folder takes any number of files.",
      vi: "`\(path)` lớn hơn 1 MiB. Hãy tách nhỏ: mỗi thư mục chứa được nhiều tệp.")
  }

  static func tooManyFiles(_ most: Int) -> Phrase {
    Phrase(
      "too-many-files",
      en: "The configuration folder holds more than \(most) files. Is it the right folder?",
      vi: "Thư mục cấu hình có hơn \(most) tệp. Có đúng thư mục không?")
  }

  static let invalidUTF8 = Phrase(
    "invalid-utf8",
    en: "The file is not UTF-8 text from here on. Save it as UTF-8 (not TCVN3, VNI or UTF-16).",
    vi: "Từ vị trí này tệp không phải văn bản UTF-8. Hãy lưu lại bằng UTF-8 (không dùng TCVN3, VNI, UTF-16).")

  static func missingFile(_ path: String) -> Phrase {
    Phrase(
      "missing-file",
      en: "The file `\(path)` is missing from the configuration folder.",
      vi: "Thiếu tệp `\(path)` trong thư mục cấu hình.")
  }

  static func unknownFile(_ path: String, near: String?) -> Phrase {
    Phrase(
      "unknown-file",
      en: "The hub does not read `\(path)`. It reads hub.yaml, mocks.yaml, agencies.yaml, access.yaml and the folders "
        + "endpoints, routes, mappings and schemas.",
      vi: "Hub không đọc `\(path)`. Hub đọc hub.yaml, mocks.yaml, agencies.yaml, access.yaml và các thư mục "
        + "endpoints, routes, mappings, schemas.", suggestion: near)
  }
}
