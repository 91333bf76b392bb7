/// Why the journal cannot do what was asked. Each says what to do, first in Vietnamese, then in English.
public enum JournalError: Error, Sendable, Hashable {
  /// Another process holds the journal; `owner` is its process id and start.
  case busy(owner: String)
  /// What is on the disk is not what was written.
  case damaged(String, advice: String)
  /// It was written by a newer version of the hub, in format `found`; this one knows up to `known`.
  case newer(found: Int, known: Int)
  /// The disk has no room; nothing of the call was kept. It works again when there is room.
  case full
  /// The journal was made with another master key.
  case wrongKey
  /// The disk or SQLite refused something else.
  case io(String)
  /// The journal takes nothing any more: it was closed, opened for reading, or its disk failed.
  case stopped(String)

  static let restoreAdvice = """
    Không khởi động hub trên dữ liệu này. Chạy `lgsp journal verify` để biết bản ghi hỏng đầu tiên, rồi khôi phục từ \
    bản sao lưu gần nhất. / Do not run the hub on these data. `lgsp journal verify` names the first broken record; \
    then restore the latest backup.
    """
  static let otherBackupAdvice = "Dùng bản sao lưu khác. / Use another backup."
}

extension JournalError: CustomStringConvertible {
  /// A sentence for the operator in both languages.
  public var description: String {
    switch self {
    case .busy(let owner):
      "Sổ nhật ký đang được tiến trình khác dùng (\(owner)). Dừng tiến trình đó trước. / "
        + "The journal is in use by another process (\(owner)). Stop that one first."
    case .damaged(let what, let advice):
      "Sổ nhật ký bị hỏng: \(what) / The journal is damaged: \(what) \(advice)"
    case .newer(let found, let known):
      "Sổ nhật ký có định dạng \(found), bản hub này chỉ biết đến \(known). Dùng bản hub mới hơn. / "
        + "The journal has format \(found), this hub knows up to \(known). Use a newer hub."
    case .full:
      "Đĩa đã đầy, chưa ghi gì. Giải phóng dung lượng rồi thử lại. / "
        + "The disk is full and nothing was kept. Make room, then try again."
    case .wrongKey:
      "Khoá chính không phải của sổ nhật ký này. Kiểm tra tham chiếu khoá trong hub.yaml. / "
        + "The master key is not this journal's. Check the key reference in hub.yaml."
    case .io(let what):
      "Lỗi đọc ghi đĩa: \(what) / The disk failed: \(what)"
    case .stopped(let why):
      "Sổ nhật ký không nhận ghi nữa: \(why) / The journal takes nothing any more: \(why)"
    }
  }
}
