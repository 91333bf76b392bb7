public import HubKit

/// Why agencies or rights could not be changed. Nothing was changed then.
public enum AgencyEditError: Error, Hashable, CustomStringConvertible {
  /// There is no agency of that code; perhaps the second code was meant.
  case unknownAgency(OrganisationCode, nearest: String?)
  /// The code is an agency's already, as code or alias.
  case codeTaken(OrganisationCode, by: OrganisationCode)
  /// The agency has two valid credentials, of these ids: one must be revoked first.
  case twoCredentials(OrganisationCode, ids: [String])
  /// There is no credential of that id; perhaps the second was meant.
  case unknownCredential(String, nearest: String?)
  /// The files as they stand are wrong and must be mended first.
  case broken([Complaint])
  /// The file is written in a way that the editor does not dare to change.
  case cannotEdit(file: String, line: Int)
  /// The file cannot be written.
  case cannotWrite(file: String, cause: String)

  /// What is wrong and what to do, in English.
  public var description: String {
    switch self {
    case .unknownAgency(let code, let near):
      "There is no agency \(code) in agencies.yaml.\(near.map { " Did you mean \($0)?" } ?? "")"
    case .codeTaken(let code, let owner):
      "The code \(code) belongs to the agency \(owner) already; use `rotate` for a new credential."
    case .twoCredentials(let code, let ids):
      "\(code) has two valid credentials; revoke one first: \(ids.joined(separator: ", "))."
    case .unknownCredential(let id, let near):
      "There is no credential \(id) in agencies.yaml.\(near.map { " Did you mean \($0)?" } ?? "")"
    case .broken(let complaints): complaints.map(\.description).joined(separator: "\n")
    case .cannotEdit(let file, let line):
      "\(file):\(line): this part is not written as one key a line; write it so, then try again."
    case .cannotWrite(let file, let cause): "\(file) cannot be written: \(cause)."
    }
  }

  /// The same in Vietnamese.
  public var vi: String {
    switch self {
    case .unknownAgency(let code, let near):
      "Không có cơ quan \(code) trong agencies.yaml.\(near.map { " Có phải ý bạn là \($0)?" } ?? "")"
    case .codeTaken(let code, let owner):
      "Mã \(code) đã thuộc cơ quan \(owner); dùng `rotate` để cấp mật khẩu mới."
    case .twoCredentials(let code, let ids):
      "\(code) đang có hai mật khẩu còn hiệu lực; hãy thu hồi một: \(ids.joined(separator: ", "))."
    case .unknownCredential(let id, let near):
      "Không có mật khẩu \(id) trong agencies.yaml.\(near.map { " Có phải ý bạn là \($0)?" } ?? "")"
    case .broken(let complaints): complaints.map { "\($0.place): \($0.vi)" }.joined(separator: "\n")
    case .cannotEdit(let file, let line):
      "\(file):\(line): đoạn này không viết mỗi khóa một dòng; hãy viết lại như vậy rồi thử lại."
    case .cannotWrite(let file, let cause): "Không ghi được \(file): \(cause)."
    }
  }
}

/// A credential in the only moment in which its secret is known.
public struct IssuedCredential: Sendable, Hashable, CustomStringConvertible {
  /// Whose it is.
  public var agency: OrganisationCode
  /// The client id.
  public var id: String
  /// The client secret: 256 random bits in base64url after `lgsp_`, a mark by which secret scanners find leaks.
  public var secret: String
  /// When it was made.
  public var created: Timestamp

  /// The id, never the secret.
  public var description: String { id }
}
