import HubKit
import HubTesting
import Testing

@testable import HubGateway

@Suite struct PartsTests {
  @Test func `the memory forgets what was not asked for the longest`() {
    var memory = RecentlyUsed<Int, Int>(capacity: 3)
    for number in 1...3 { memory[number] = number * 10 }
    #expect(memory[1] == 10)
    memory[4] = 40
    #expect(memory[2] == nil)
    memory[3] = 33
    memory[5] = 50
    #expect([memory[1], memory[3], memory[4], memory[5]] == [nil, 33, 40, 50])
    #expect(memory.count == 3)
  }

  @Test func `the memory agrees with a plain list over many steps`() {
    var memory = RecentlyUsed<Int, Int>(capacity: 8)
    var list: [(key: Int, value: Int)] = []
    var random = SeededRandom(seed: 1)
    for step in 0..<5000 {
      let key = Int.random(in: 0..<16, using: &random)
      let known = list.firstIndex { $0.key == key }
      if Bool.random(using: &random) {
        #expect(memory[key] == known.map { list[$0].value })
        if let known { list.append(list.remove(at: known)) }
      } else {
        memory[key] = step
        if let known { list.remove(at: known) }
        list.append((key, step))
        if list.count > 8 { list.removeFirst() }
      }
    }
  }

  @Test(arguments: [
    ("a=1&b=x+y%20z", ["a": "1", "b": "x y z"]), ("", [:]), ("a", ["a": ""]),
    ("a=b=c", ["a": "b=c"]),
  ])
  func `forms are read`(text: String, fields: [String: String]) {
    #expect(FormText.fields(text) == fields)
  }

  @Test(arguments: ["a=%", "a=%2", "a=%GG", "a=%C3", "a=1&a=2"])
  func `malformed forms are refused`(text: String) {
    #expect(FormText.fields(text) == nil)
  }

  @Test(arguments: [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
    ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
    ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
    ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false), ("", false),
  ])
  func `trace parents are told from other text`(text: String, valid: Bool) {
    #expect(TraceContext.isParent(text) == valid)
  }

  @Test(arguments: [
    "[1,2.5e-3,-0,\"\\u00e9\\ud83d\\ude00\",true,false,null,{},[]]", " [ ] ", "[\"\u{7F}ồ😀\"]",
  ])
  func `right JSON passes`(json: String) throws {
    var scanner = JSONScanner(Array(json.utf8), depthMax: 8)
    _ = try scanner.array()
  }

  @Test(arguments: [
    "[1.]", "[.5]", "[+1]", "[1e]", "[tru]", "['a']", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\udc00\"]",
    "[1 2]", "[1,]", "[",
    "[\"a", "[\"\\", "[-]", "[00]", "[{\"a\"}]", "[{\"a\":}]", "[{a:1}]", "[NaN]", "[\u{FEFF}]",
  ])
  func `wrong JSON does not`(json: String) {
    #expect(throws: InvalidMessage.self) {
      var scanner = JSONScanner(Array(json.utf8), depthMax: 8)
      _ = try scanner.array()
    }
  }

  @Test func `the scanner agrees with Unicode on every two- and three-byte start`() {
    for first in UInt8(0x80)...0xFF {
      for second in stride(from: UInt8(0x70), through: 0xC8, by: 1) {
        let bytes: [UInt8] = [first, second, 0x80, 0x80]
        let right = (1...4).first { String(validating: bytes[..<$0], as: UTF8.self) != nil }
        #expect(sequenceLength(bytes[...]) == right)
      }
    }
  }
}
