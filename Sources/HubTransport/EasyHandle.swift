internal import CCurl
internal import Glibc
internal import HubKit

/// One of libcurl's easy handles with what it points to. Lives on the loop's thread and is used again and again.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?
  /// Commands that go before a transfer of files.
  private var quotes: UnsafeMutablePointer<curl_slist>?
  /// Holds a private key for the library that opens it; -1: none.
  private var keyDescriptor: CInt = -1

  /// Creates a handle; nil when there is no memory.
  init?() {
    guard let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(headers)
    curl_slist_free_all(quotes)
    dropKey()
    errorText.deallocate()
  }

  /// Whose options the handle holds; kept alive, so that another endpoint can never be taken for this one.
  private(set) var endpoint: Endpoint?
  /// Whether the options were set for a transfer like most: over TLS or not, with a body that libcurl copies.
  private var isSetForCopies = (secure: false, copies: false)

  /// Lets go of what belonged to the last transfer; open connections belong to the multi handle and stay.
  private func clear(for transfer: Transfer) {
    let prepared = transfer.submission.prepared
    let next = (secure: prepared.isSecure, copies: transfer.reader == nil && prepared.request.body != nil)
    // Options cost as much to set as the rest of a small request. They are kept only between two transfers of the same
    // kind and endpoint, where every option that differs is set anyway.
    if endpoint !== transfer.submission.endpoint || !next.copies || isSetForCopies != next {
      curl_easy_reset(raw)
      endpoint = nil
    }
    isSetForCopies = next
    curl_slist_free_all(headers)
    headers = nil
    curl_slist_free_all(quotes)
    quotes = nil
    dropKey()
    errorText[0] = 0
  }

  /// libcurl's own words about a failure.
  var errorDetail: String { String(cString: errorText) }

  /// Bytes of request that were handed to a connection.
  var requestBytes: Int { ccurl_get_long(raw, CURLINFO_REQUEST_SIZE) }

  /// HTTP status code.
  var status: Int { ccurl_get_long(raw, CURLINFO_RESPONSE_CODE) }

  /// From the first byte sent to the last byte received.
  var duration: Duration {
    let total = ccurl_get_offset(raw, CURLINFO_TOTAL_TIME_T)
    let before = ccurl_get_offset(raw, CURLINFO_PRETRANSFER_TIME_T)
    return .microseconds(max(0, Int64(total) - Int64(before)))
  }

  /// The transfer for which the handle was set up.
  static func transfer(of raw: UnsafeMutableRawPointer) -> Transfer? {
    ccurl_get_private(raw).map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Sets the handle up for a transfer, which must outlive it in the multi handle.
  func setUp(for transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    let prepared = transfer.submission.prepared
    clear(for: transfer)
    if endpoint == nil {
      ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText)
      setLimits(transfer.options)
      if prepared.isSecure || prepared.fileScheme != nil { setTLS(transfer.options) }
      endpoint = transfer.submission.endpoint
    }
    ccurl_set_pointer(raw, CURLOPT_PRIVATE, context)
    if let file = prepared.request.file {
      setFile(file, of: prepared)
      return Callbacks.install(on: raw, context: context, reads: transfer.reader != nil)
    }
    ccurl_set_text(raw, CURLOPT_URL, prepared.request.url)
    for line in prepared.headerLines { headers = curl_slist_append(headers, line) }
    ccurl_set_headers(raw, headers)
    setBody(of: transfer)
    Callbacks.install(on: raw, context: context, reads: transfer.reader != nil)
  }

  /// What holds for every transfer. No proxy: libcurl would take one from the environment.
  private func setLimits(_ options: TransportOptions) {
    ccurl_set_long(raw, CURLOPT_NOSIGNAL, 1)
    ccurl_allow_http_only(raw)
    ccurl_set_text(raw, CURLOPT_PROXY, "")
    if let path = options.unixSocketPath { ccurl_set_text(raw, CURLOPT_UNIX_SOCKET_PATH, path) }
    ccurl_set_long(raw, CURLOPT_FOLLOWLOCATION, 0)
    ccurl_set_long(raw, CURLOPT_TCP_KEEPALIVE, 1)
    // The loop keeps the time limits; libcurl's own would only hide what they were for.
    ccurl_set_offset(raw, CURLOPT_CONNECTTIMEOUT_MS, curl_off_t(options.connectTimeout.wholeMilliseconds + 1000))
  }

  private func setTLS(_ options: TransportOptions) {
    ccurl_set_long(raw, CURLOPT_SSL_VERIFYPEER, 1)
    ccurl_set_long(raw, CURLOPT_SSL_VERIFYHOST, 2)
    ccurl_set_long(raw, CURLOPT_SSLVERSION, CInt.tls12)
    let version = options.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
    ccurl_set_long(raw, CURLOPT_HTTP_VERSION, Int(version))
    // Many requests at once wait for the first connection to learn whether it can carry them all.
    ccurl_set_long(raw, CURLOPT_PIPEWAIT, options.http2 ? 1 : 0)
    // As bytes, by which libcurl also tells connections and sessions apart: with paths, it would go on with those of a
    // certificate that was replaced.
    if let trusted = options.trustedPEM {
      set(CURLOPT_CAINFO_BLOB, trusted)
      ccurl_set_text(raw, CURLOPT_CAPATH, nil)
    }
    if let own = options.clientIdentity {
      set(CURLOPT_SSLCERT_BLOB, own.certificatePEM)
      set(CURLOPT_SSLKEY_BLOB, Array((own.keyPEM.reveal() ?? "").utf8))
    }
  }

  private func set(_ option: CURLoption, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { _ = ccurl_set_blob(raw, option, $0.baseAddress, $0.count) }
  }

  private func setBody(of transfer: Transfer) {
    let request = transfer.submission.prepared.request
    let count = transfer.submission.prepared.bodyBytes
    if transfer.reader != nil {
      ccurl_set_long(raw, CURLOPT_UPLOAD, 1)
      ccurl_set_offset(raw, CURLOPT_INFILESIZE_LARGE, curl_off_t(count))
    } else if case .bytes(let bytes)? = request.body {
      bytes.withUnsafeBytes { _ = ccurl_set_body(raw, $0.baseAddress, curl_off_t(count)) }
    } else if request.body != nil || request.method == "POST" {
      ccurl_set_body(raw, nil, 0)
    } else if request.method == "HEAD" {
      ccurl_set_long(raw, CURLOPT_NOBODY, 1)
      return
    }
    ccurl_set_text(raw, CURLOPT_CUSTOMREQUEST, request.method)
  }
}

// MARK: - Files

extension EasyHandle {
  /// What the far system says of a file that was looked at.
  var fileFacts: FileFacts? {
    let count = ccurl_get_offset(raw, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
    let seconds = ccurl_get_offset(raw, CURLINFO_FILETIME_T)
    guard count >= 0 else { return nil }
    return FileFacts(byteCount: Int(count), modified: seconds < 0 ? nil : Timestamp(seconds: Int64(seconds)))
  }

  private func setFile(_ file: FileAccess, of prepared: PreparedRequest) {
    ccurl_allow_files_only(raw)
    ccurl_set_text(raw, CURLOPT_USERNAME, file.username)
    if let password = file.password?.reveal() { ccurl_set_text(raw, CURLOPT_PASSWORD, password) }
    if prepared.fileScheme == "sftp" { setSSH(file) } else { setFTP() }
    let names = FileNames(base: prepared.request.url, scheme: prepared.fileScheme ?? "")
    switch file.action {
    case .list:
      ccurl_set_text(raw, CURLOPT_URL, names.url(of: file.path, isFolder: true))
      ccurl_set_long(raw, CURLOPT_DIRLISTONLY, 1)
    case .look:
      ccurl_set_text(raw, CURLOPT_URL, names.url(of: file.path))
      ccurl_set_long(raw, CURLOPT_NOBODY, 1)
      ccurl_set_long(raw, CURLOPT_FILETIME, 1)
    case .read: ccurl_set_text(raw, CURLOPT_URL, names.url(of: file.path))
    case .write:
      ccurl_set_text(raw, CURLOPT_URL, names.url(of: file.path))
      ccurl_set_long(raw, CURLOPT_UPLOAD, 1)
      ccurl_set_offset(raw, CURLOPT_INFILESIZE_LARGE, curl_off_t(prepared.bodyBytes))
      guard prepared.fileScheme != "sftp" else { return }
      // In TLS 1.3 servers send session tickets, which a client that only writes never reads: closing the data
      // connection then resets it, and the server loses the end of the file.
      ccurl_set_long(raw, CURLOPT_SSLVERSION, CInt.tls12 | Int(CURL_SSLVERSION_MAX_TLSv1_2))
      ccurl_set_long(raw, CURLOPT_FRESH_CONNECT, 1)
    case .move(let path): setCommands(names.move(file.path, to: path), names)
    case .remove: setCommands(names.remove(file.path), names)
    }
  }

  private func dropKey() {
    if keyDescriptor >= 0 { close(keyDescriptor) }
    keyDescriptor = -1
  }

  private func setCommands(_ commands: [String], _ names: FileNames) {
    for command in commands { quotes = curl_slist_append(quotes, command) }
    ccurl_set_quotes(raw, quotes)
    ccurl_set_text(raw, CURLOPT_URL, names.url(of: "/", isFolder: true))
    ccurl_set_long(raw, CURLOPT_NOBODY, 1)
  }

  private func setSSH(_ file: FileAccess) {
    if let key = file.privateKey?.reveal() {
      keyDescriptor = Array(key.utf8).withUnsafeBytes { ccurl_hold($0.baseAddress, $0.count) }
      ccurl_set_long(raw, CURLOPT_SSH_AUTH_TYPES, Int(CURLSSH_AUTH_PUBLICKEY))
      ccurl_set_text(raw, CURLOPT_SSH_PRIVATE_KEYFILE, "/proc/self/fd/\(keyDescriptor)")
    } else {
      ccurl_set_long(raw, CURLOPT_SSH_AUTH_TYPES, Int(CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD))
    }
    ccurl_set_text(raw, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, file.hostKey)
  }

  /// Never in the clear; data connections only to the machine that was connected to.
  private func setFTP() {
    ccurl_set_long(raw, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
    ccurl_set_long(raw, CURLOPT_FTP_SKIP_PASV_IP, 1)
    ccurl_set_long(raw, CURLOPT_FTP_FILEMETHOD, Int(CURLFTPMETHOD_SINGLECWD.rawValue))
    ccurl_set_long(raw, CURLOPT_FTP_CREATE_MISSING_DIRS, 0)
  }
}

extension Duration {
  /// The duration in whole milliseconds, rounded towards zero.
  var wholeMilliseconds: Int64 { wholeMicroseconds / 1000 }
}

extension CInt {
  /// TLS 1.2 or newer.
  fileprivate static var tls12: Int { Int(CURL_SSLVERSION_TLSv1_2) }
}
