/// One thing that was found out about a signature or a file. Its name is what programs see.
public enum SignatureFinding: String, Sendable, Codable, Hashable, CaseIterable {
  // What makes a file invalid.
  /// The signed bytes are not those that were signed.
  case changed
  /// Bytes follow the last signature that nobody signed.
  case changedAfterSigning
  /// The signature cannot be read.
  case malformed
  /// What the signature says that it covers is not all but itself.
  case badRange
  /// It does not say which bytes it covers.
  case noRange
  /// It shares bytes with another, which cannot come about by signing one after the other.
  case overlapping
  /// More signatures than anybody makes.
  case tooMany
  /// No way of signing that is known.
  case unsupported
  /// The certificate's root is not among those that are trusted.
  case unknownRoot
  /// The certificate had expired, and nothing proves that it was signed before.
  case expired
  /// The certificate was not valid yet.
  case notYetValid
  /// The certificate is not one for signing documents.
  case wrongUsage
  /// A certificate's key or digest is too weak.
  case weakCertificate
  /// The chain of certificates does not hold.
  case brokenChain
  /// A certificate was revoked.
  case revoked
  /// The time stamp is of something else.
  case stampOfOther
  /// The time stamp cannot be read or is not what its maker signed.
  case stampBroken

  // What could not be checked.
  /// No roots are given, so nobody knows whose signature it is.
  case noRoots
  /// Nothing is told about revocation.
  case revocationUnknown
  /// What is told about revocation is too old.
  case revocationOld
  /// Of an authority in between nothing is told about revocation.
  case revocationOfIssuerUnknown
  /// The time stamp's root is not among those that are trusted.
  case stampUntrusted
  /// The time stamp's certificate has expired since.
  case stampExpired
  /// The digest is one for which another content can be made.
  case weakDigest
  /// There are time stamps but no signatures.
  case onlyStamps
  /// Bytes follow the last signature, and they hold no more than what proves it.
  case proofAdded

  // What is good to know.
  /// There is no time stamp: the time is as the signer says.
  case noStamp
  /// The signature does not say by which certificate it was made.
  case noSignerReference
  /// Something was added to the file after this signature, and is covered by a later one.
  case followedByUpdate
  /// The file is encrypted, so its texts cannot be read.
  case encrypted

  /// For operators.
  public var words: String {
    switch self {
    case .changed: "nội dung đã bị sửa sau khi ký / the content was changed after it was signed"
    case .changedAfterSigning:
      "tệp bị thêm nội dung sau chữ ký cuối cùng / something was added after the last signature"
    case .malformed: "chữ ký hỏng, không đọc được / the signature is damaged"
    case .badRange: "chữ ký không bao trùm đúng phần nó khai / the signature does not cover what it must"
    case .noRange: "chữ ký không nói nó bao trùm phần nào / the signature does not say what it covers"
    case .overlapping: "các chữ ký chồng lấn nhau / signatures overlap"
    case .tooMany: "quá nhiều chữ ký / too many signatures"
    case .unsupported: "kiểu chữ ký không được hỗ trợ / a kind of signature that is not known"
    case .unknownRoot:
      "chứng thư không dẫn tới gốc được tin cậy / the certificate leads to no root that is trusted"
    case .expired:
      "chứng thư hết hạn, không có dấu thời gian chứng minh đã ký trước đó / the certificate has expired, and no time "
        + "stamp proves that it was signed before"
    case .notYetValid: "chứng thư chưa có hiệu lực / the certificate was not valid yet"
    case .wrongUsage: "chứng thư không dùng để ký văn bản / the certificate is not one for documents"
    case .weakCertificate: "chứng thư dùng thuật toán yếu / a certificate's key or digest is too weak"
    case .brokenChain: "chuỗi chứng thư không hợp lệ / the chain of certificates does not hold"
    case .revoked: "chứng thư đã bị thu hồi / the certificate was revoked"
    case .stampOfOther: "dấu thời gian của nội dung khác / the time stamp is of something else"
    case .stampBroken: "dấu thời gian hỏng / the time stamp is damaged"
    default: wordsOfLess
    }
  }

  private var wordsOfLess: String {
    switch self {
    case .noRoots:
      "chưa khai báo chứng thư gốc nên chưa biết ai ký / no roots are given, so nobody knows whose signature it is"
    case .revocationUnknown:
      "không kiểm tra được chứng thư có bị thu hồi hay không / whether the certificate was revoked cannot be checked"
    case .revocationOld:
      "thông tin thu hồi đã cũ / what is told about revocation is too old"
    case .revocationOfIssuerUnknown:
      "không kiểm tra được chứng thư của cơ quan cấp có bị thu hồi hay không / whether an authority's certificate was "
        + "revoked cannot be checked"
    case .stampUntrusted:
      "dấu thời gian không dẫn tới gốc được tin cậy / the time stamp leads to no root that is trusted"
    case .stampExpired:
      "chứng thư của dấu thời gian nay đã hết hạn / the time stamp's certificate has expired since"
    case .weakDigest: "thuật toán băm yếu (SHA-1) / a weak digest (SHA-1)"
    case .onlyStamps: "chỉ có dấu thời gian, không có chữ ký / time stamps only, no signature"
    case .proofAdded:
      "sau chữ ký cuối chỉ có thêm dữ liệu kiểm chứng / after the last signature only proofs were added"
    case .noStamp:
      "không có dấu thời gian; thời điểm ký do người ký khai / no time stamp: the time is as the signer says"
    case .noSignerReference:
      "chữ ký không ghi chứng thư đã dùng / the signature does not name its certificate"
    case .followedByUpdate:
      "sau chữ ký này tệp có thêm phần được chữ ký sau bao trùm / what was added later is covered by a later signature"
    case .encrypted: "tệp được mã hoá nên không đọc được tên, lý do / encrypted, so its texts cannot be read"
    default: ""
    }
  }
}
