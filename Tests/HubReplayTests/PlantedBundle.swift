import Foundation
import HubBus
import HubKit
import HubTransform

@testable import HubReplay

/// A bundle that says it is masked, with identifiers of invented people in all kinds of places.
struct PlantedBundle {
  /// Where one identifier was put, and how it should be reported.
  struct Plant {
    var kind: String
    var identifier: String
    var file: String
    var place: String
  }

  private(set) var plants: [Plant] = []
  private(set) var names: [String] = []
  private var recordings: [Recording] = []
  private var count: UInt64 = 0
  let folder: String

  init(folder: String) { self.folder = folder }

  // MARK: - Identifiers, each another

  private static let labels = [
    "personal-number": "CCCD", "old-number": "CMND", "phone": "điện thoại", "email": "thư", "card": "thẻ",
    "account": "STK", "iban": "IBAN", "tax-code": "MST", "original": "ông",
  ]
  static let kinds = labels.keys.sorted()

  mutating func identifier(_ kind: String, plain: Bool = false) -> String {
    count += 1
    let number = String(count)
    func filled(_ length: Int, _ other: UInt64? = nil) -> String {
      let number = String(other ?? count)
      return String(repeating: "0", count: length - number.count) + number
    }
    switch kind {
    case "personal-number":
      return plain || count.isMultiple(of: 2)
        ? "031200\(filled(6))" : "031 200 \(filled(6).prefix(3)) \(filled(6).suffix(3))"
    case "old-number": return "03\(filled(7))"
    case "phone":
      let writings = ["0912\(filled(6))", "+84 912 \(filled(6))", "0912.\(filled(6))"]
      return plain ? writings[0] : writings[Int(count % 3)]
    case "email": return "nguoi.\(number)@thu.vn"
    case "card":
      let body = "41112222333\(filled(4))"
      return (0...9).map { "\(body)\($0)" }.first { isLuhn($0) } ?? ""
    case "account": return "00710\(filled(8))"
    case "iban":
      let bban = "3704004405\(filled(8))"
      let rest = (bban + "131400").compactMap(\.wholeNumberValue).reduce(0) { ($0 * 10 + $1) % 97 }
      let check = 98 - rest
      return "DE\(check < 10 ? "0" : "")\(check)\(bban)"
    case "tax-code":
      while true {
        let body = "8\(filled(8, count))"
        let digits = zip(body.compactMap(\.wholeNumberValue), [31, 29, 23, 19, 17, 13, 7, 5, 3])
        let check = 10 - digits.reduce(0) { $0 + $1.0 * $1.1 } % 11
        if check < 10 { return "\(body)\(check)" }
        count += 1
      }
    default:
      let letters = Array("abcdeghiklmnopqrstuvxy")
      let word = String([letters[Int(count) % 22], letters[Int(count) / 22 % 22], "n", "h"])
      names.append("Nguyễn Thị \(word.capitalized)")
      return "\(["Nguyễn Thị", "NGUYEN THI", "nguyễn  thị"][Int(count) % 3]) \(word)"
    }
  }

  private func isLuhn(_ text: String) -> Bool {
    text.reversed().enumerated().reduce(0) { sum, item in
      let digit = item.element.wholeNumberValue ?? 0
      let value = item.offset % 2 == 1 ? digit * 2 : digit
      return sum + (value > 9 ? value - 9 : value)
    } % 10 == 0
  }

  /// A sentence with an identifier of a kind.
  private mutating func sentence(_ kind: String, plain: Bool = false) -> (text: String, identifier: String) {
    let identifier = identifier(kind, plain: plain)
    return ("gọi \(Self.labels[kind] ?? "") \(identifier) nhé", identifier)
  }

  private mutating func expect(_ kind: String, _ identifier: String, _ file: String, _ place: String) {
    plants.append(Plant(kind: kind, identifier: identifier, file: file, place: place))
  }

  // MARK: - Places

  /// Plants one identifier of each kind into a body made of the sentences.
  mutating func body(
    type: String?, plain: Bool = false, _ make: ([String]) throws -> (bytes: [UInt8], places: [String])
  ) rethrows {
    var found: [(String, String)] = []
    var texts: [String] = []
    for kind in Self.kinds {
      let (text, identifier) = sentence(kind, plain: plain)
      texts.append(text)
      found.append((kind, identifier))
    }
    let (bytes, places) = try make(texts)
    var contents = Contents()
    let content = contents.add(bytes, type: type)
    let file = BundleReader.path(of: content.digest)
    for ((kind, identifier), place) in zip(found, places) { expect(kind, identifier, file, place) }
    recordings.append(recording(content, contents))
  }

  /// Plants into everything around bodies.
  mutating func outside() {
    for kind in Self.kinds {
      let line = recordings.count + 1
      var contents = Contents()
      var recording = recording(contents.add(Array("{}".utf8), type: "application/json"), contents)
      let file = BundleReader.exchangesFile
      var pieces: [String] = []
      for path in [
        "envelope/subject", "envelope/purpose", "oddities/0", "calls/0/attempts/0/reference", "origins/0/value",
      ] {
        let (text, identifier) = sentence(kind)
        pieces.append(text)
        expect(kind, identifier, file, "line \(line)#/\(path)")
      }
      recording.exchange.envelope["subject"] = pieces[0]
      recording.exchange.envelope["purpose"] = pieces[1]
      recording.exchange.oddities = [pieces[2]]
      recording.exchange.calls = [
        RecordedCall(
          delivery: "1.1", name: CallName(endpoint: "e"),
          attempts: [
            RecordedAttempt(verdict: .success, code: "200", reference: pieces[3], microseconds: 1, reply: nil)
          ])
      ]
      recording.exchange.origins = [RecordedOrigin(name: "dossier", value: pieces[4], asking: "t", sender: nil)]
      let (header, inHeader) = sentence(kind)
      let (query, inQuery) = sentence(kind)
      let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      expect(kind, inHeader, file, "line \(line)#/made/deliveries/0/requests/0/headers/0/1")
      expect(kind, inQuery, file, "line \(line)#/made/deliveries/0/requests/0/url (percent-decoded)")
      recording.exchange.made.deliveries = [
        MadeDelivery(
          name: CallName(endpoint: "e"), route: "r", state: .delivered, attempts: 1, body: recording.exchange.body,
          requests: [
            MadeRequest(method: "GET", url: "https://x.vn/a?b=\(escaped)", headers: [["x-note", header]], body: nil)
          ])
      ]
      recordings.append(recording)
    }
  }

  private func recording(_ content: Content, _ contents: Contents) -> Recording {
    Recording(
      exchange: RecordedExchange(
        id: ExchangeID("0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70") ?? ExchangeID(time: SystemClock().now, random: (0, 0)),
        receivedAt: SystemClock().now, principal: "agency:H24.1", configuration: "c",
        envelope: ["id": "1", "source": "s", "type": "t"], body: content, calls: [], origins: [],
        made: MadeExchange(violations: [], deliveries: []), oddities: []),
      contents: contents)
  }

  /// Writes the bundle, then plants into its manifest and beside its files.
  mutating func write() throws {
    let (selection, inSelection) = sentence("phone")
    let writer = try BundleWriter(
      folder, manifest: BundleManifest(created: SystemClock().now, masked: true, selection: selection))
    expect("phone", inSelection, "manifest.json", "#/selection")
    for recording in recordings { try writer.add(recording) }
    _ = try writer.finish(PseudonymNotes())
    for kind in ["personal-number", "phone", "email", "old-number"] {
      let (name, inName) = (identifier(kind, plain: true), sentence(kind))
      try Data(inName.text.utf8).write(to: URL(filePath: "\(folder)/bodies/\(name) ghi.txt"))
      let file = "bodies/\(Shape.of("\(name) ghi.txt"))"
      expect(kind, name, file, "(file name)")
      expect(kind, inName.identifier, file, " byte")
    }
  }
}
