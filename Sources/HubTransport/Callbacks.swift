internal import CCurl
internal import Glibc

/// The C functions that libcurl calls, all on the loop's thread, inside `curl_multi_perform`. Each finds its transfer
/// by the pointer that it was installed with and passes on.
enum Callbacks {
  static func install(on easy: UnsafeMutableRawPointer, context: UnsafeMutableRawPointer, reads: Bool) {
    ccurl_set_open_socket(easy, openSocket, context)
    ccurl_set_prereq(easy, prereq, context)
    ccurl_set_header(easy, header, context)
    ccurl_set_write(easy, write, context)
    if reads { ccurl_set_read(easy, read, context) }
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let openSocket:
    @convention(c) (UnsafeMutableRawPointer?, curlsocktype, UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t = {
      context, _, address in
      var bytes = [UInt8](repeating: 0, count: 16)
      var port: UInt16 = 0
      let count = Int(ccurl_address(address, &bytes, &port))
      let parsed = NetworkAddress(bytes: Array(bytes.prefix(count)))
      guard let transfer = transfer(context), transfer.mayOpen(parsed, port: Int(port)) else { return -1 }
      return ccurl_open_socket(address)
    }

  private static let prereq:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, CInt, CInt
    ) -> CInt = { context, address, _, port, _ in
      guard let transfer = transfer(context), let address, let easy = transfer.easy else { return 1 }
      let parsed = NetworkAddress(String(cString: address))
      return transfer.mayCarry(address: parsed, port: Int(port), requestBytes: easy.requestBytes) ? 0 : 1
    }

  private static let header: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int =
    {
      bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer(context)?.takeHeader(line) == true ? line.count : -1
    }

  private static let write: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    bytes, size, count, context in
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.takeBody(part) == true ? part.count : -1
  }

  private static let read: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    room, size, count, context in
    guard let room, let bytes = transfer(context)?.nextBodyBytes(room: size * count) else {
      return Int(CURL_READFUNC_ABORT)
    }
    bytes.withUnsafeBytes {
      UnsafeMutableRawPointer(room).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(room), byteCount: $0.count)
    }
    return bytes.count
  }
}
