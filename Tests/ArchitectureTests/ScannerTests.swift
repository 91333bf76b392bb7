import Testing

@Suite("The scanner behind these tests")
struct ScannerTests {
  @Test func `tells code from comments, strings and regular expressions`() {
    let source = SwiftSource(
      ##"""
      let a = "{ // no comment \" {" // a comment {
      let b = #"raw " { \( "#  /* one /* two */ { */ ; let c = "\(f("}") + g({ 1 })) {"
      let d = """
        { not code }
        \(x) }
        """
      let e = x.matches(of: /"{(\/)/) ; let f = 6 / 2 / 1
      """##, path: "x.swift")
    #expect(source.code.allSatisfy { !$0.contains("{") && !$0.contains("}") }, "\(source.code)")
    #expect(source.comments[0] == "// a comment {")
    #expect(source.comments[2].isEmpty)
    #expect(source.code[1].contains("; let c = "))
    #expect(source.code[6].contains("let f = 6 / 2 / 1"))
    #expect(source.code.count == 7)
    #expect(source.comments.count == 7)
  }

  @Test func `measures functions, not types, and nested ones by themselves`() {
    let source = SwiftSource(
      """
      struct A {
        let x = B.init(1)
        init(
          y: Int
        ) {
          z = y
        }
        var v: Int { 1 }
        func f(_ g: () -> Void = {}) -> String {
          func inner() {
          }
          if true {
          }
          return "}"
        }
        static let w = .some
        func last() {}
      }
      """, path: "x.swift")
    let found = FunctionLengths.all(in: source)
    #expect(
      found == [
        .init(name: "init y", firstLine: 3, lineCount: 5), .init(name: "var v", firstLine: 8, lineCount: 1),
        .init(name: "func inner", firstLine: 10, lineCount: 2), .init(name: "func f", firstLine: 9, lineCount: 7),
        .init(name: "func last", firstLine: 17, lineCount: 1),
      ])
  }
}
