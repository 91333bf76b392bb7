/// Small files that are what they claim to be.
enum SampleFiles {
  /// A PDF of one page (ISO 32000-1) with a line of text repeated.
  static func pdf(_ title: String, lines: Int) -> [UInt8] {
    let plain = title.unicodeScalars.filter { $0.isASCII && $0 != "(" && $0 != ")" && $0 != "\\" }
    let line = String(String.UnicodeScalarView(plain))
    var content = "BT /F1 11 Tf 14 TL 50 790 Td\n"
    for number in 1...max(1, lines) { content += "(\(line) line \(number)) Tj T*\n" }
    content += "ET\n"
    let objects = [
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        + "/Resources << /Font << /F1 5 0 R >> >> >>",
      "<< /Length \(content.utf8.count) >>\nstream\n\(content)endstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    var out = "%PDF-1.4\n"
    var offsets: [Int] = []
    for (index, object) in objects.enumerated() {
      offsets.append(out.utf8.count)
      out += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = out.utf8.count
    out += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for offset in offsets { out += String(repeating: "0", count: 10 - String(offset).count) + "\(offset) 00000 n \n" }
    return Array("\(out)trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n".utf8)
  }

  /// A zip archive with one stored entry (APPNOTE 6.3, sections 4.3.7 to 4.3.16).
  static func zip(entry name: String, _ bytes: [UInt8]) -> [UInt8] {
    let nameBytes = Array(name.utf8)
    let size = little(bytes.count, 4)
    // Version 2.0, no flags, stored, 1980-01-01 00:00.
    let common =
      little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
      + little(Int(checksum(bytes)), 4) + size + size + little(nameBytes.count, 2) + little(0, 2)
    let local = little(0x0403_4B50, 4) + common + nameBytes + bytes
    let central =
      little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2)
      + little(0, 4) + little(0, 4) + nameBytes
    let end =
      little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2) + little(central.count, 4)
      + little(local.count, 4) + little(0, 2)
    return local + central + end
  }

  private static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(value >> (8 * $0) & 0xFF) }
  }

  /// CRC-32 (ISO 3309), bit by bit: the files are small.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
