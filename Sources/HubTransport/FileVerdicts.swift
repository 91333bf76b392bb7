internal import CCurl
internal import HubKit

/// What the end of a transfer of files means. Nothing about files is in doubt: whoever writes looks again.
enum FileVerdicts {
  static func result(
    of file: FileAccess, _ transfer: Transfer, _ easy: EasyHandle, _ code: CURLcode
  ) -> TransferResult {
    switch code {
    case CURLE_OK:
      guard file.action == .look else { return .success(transfer.response(status: 200, duration: easy.duration)) }
      guard let facts = easy.fileFacts else { return .success(transfer.response(status: 404, duration: easy.duration)) }
      return .success(transfer.response(status: 200, duration: easy.duration, file: facts))
    case CURLE_REMOTE_FILE_NOT_FOUND: return .success(transfer.response(status: 404, duration: easy.duration))
    case CURLE_REMOTE_ACCESS_DENIED: return .success(transfer.response(status: 403, duration: easy.duration))
    case CURLE_QUOTE_ERROR: return .success(transfer.response(status: 409, duration: easy.duration))
    default: return .failure(failure(code, transfer, easy.errorDetail))
    }
  }

  private static func failure(_ code: CURLcode, _ transfer: Transfer, _ detail: String) -> AdapterError {
    let place = transfer.place
    let cause = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    let isSSH = transfer.submission.prepared.fileScheme == "sftp"
    switch code {
    case CURLE_LOGIN_DENIED:
      return AdapterError(
        .outage(after: nil), code: "login", reason: "\(place) does not let this account in: check name and secret.",
        cause: cause)
    case CURLE_PEER_FAILED_VERIFICATION where isSSH:
      return AdapterError(
        .outage(after: nil), code: "host-key",
        reason: "\(place) shows another key than the one that is expected: ask its owner before changing it.",
        cause: cause)
    case CURLE_FAILED_INIT where isSSH && !transfer.wasCarried:
      return AdapterError(
        .outage(after: nil), code: "no-ssh", reason: "\(place) does not speak SSH as the hub does.", cause: cause)
    case CURLE_USE_SSL_FAILED:
      return AdapterError(
        .outage(after: nil), code: "tls-handshake", reason: "\(place) does not offer TLS; files never go in the clear.",
        cause: cause)
    default:
      guard transfer.wasCarried, carrying.contains(code.rawValue) else {
        return Verdicts.failure(code, place: place, progress: .unsent, detail: detail)
      }
      return AdapterError(
        .retry(after: nil), code: "not-carried", reason: "The file was not carried whole between the hub and \(place).",
        cause: cause)
    }
  }

  /// What libcurl says when a file stopped on its way.
  private static let carrying: Set<UInt32> = [
    CURLE_REMOTE_DISK_FULL.rawValue, CURLE_UPLOAD_FAILED.rawValue, CURLE_PARTIAL_FILE.rawValue, CURLE_SSH.rawValue,
    CURLE_FTP_COULDNT_RETR_FILE.rawValue,
  ]
}
