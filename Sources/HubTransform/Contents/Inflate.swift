internal import CZlib

/// Unpacks DEFLATE (RFC 1951).
package enum Inflate {
  /// Unpacks bytes from front to back, as far as they are one stream.
  ///
  /// - Parameters:
  ///   - hasHeader: whether they stand in a zlib stream (RFC 1950), as in PDF files; else bare, as in archives.
  ///   - limit: most bytes that come out.
  /// - Returns: nil when the stream is damaged, does not end, or is longer than the limit.
  package static func bytes(_ packed: ArraySlice<UInt8>, hasHeader: Bool, limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard (hasHeader ? czlib_inflate_init(&stream) : czlib_inflate_raw_init(&stream)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = Array(packed)
    var room = [UInt8](repeating: 0, count: 64 << 10)
    var unpacked: [UInt8] = []
    return input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      while true {
        let (result, count) = room.withUnsafeMutableBufferPointer { room in
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let result = inflate(&stream, Z_NO_FLUSH)
          return (result, room.count - Int(stream.avail_out))
        }
        unpacked += room[..<count]
        guard unpacked.count <= limit else { return nil }
        if result == Z_STREAM_END { return unpacked }
        guard result == Z_OK, count > 0 else { return nil }
      }
    }
  }

  /// The first bytes that come out of a zlib stream, or fewer when it is damaged or ends before.
  package static func start(_ packed: ArraySlice<UInt8>, count: Int) -> [UInt8] {
    var stream = z_stream()
    guard czlib_inflate_init(&stream) == Z_OK else { return [] }
    defer { inflateEnd(&stream) }
    var (input, room) = (Array(packed), [UInt8](repeating: 0, count: count))
    input.withUnsafeMutableBufferPointer { input in
      room.withUnsafeMutableBufferPointer { room in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (room.baseAddress, UInt32(room.count))
        inflate(&stream, Z_SYNC_FLUSH)
      }
    }
    return Array(room.prefix(count - Int(stream.avail_out)))
  }
}
