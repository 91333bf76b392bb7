import HubKit

// How plans, messages and results cross between the hub and its worker processes.

/// What a worker is told first.
struct WorkerSettings {
  /// Process whose child it is.
  var parent: Int32
  var limits: TransformLimits

  func write(to writer: inout FrameWriter) {
    writer.put(UInt32(bitPattern: parent))
    writer.put(Int64(limits.outputBytesMax))
    writer.put(Int64(limits.depthMax))
    writer.put(Int64(limits.memoryMax))
  }

  init(parent: Int32, limits: TransformLimits) {
    self.parent = parent
    self.limits = limits
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    parent = Int32(bitPattern: try reader.number())
    limits = TransformLimits()
    limits.outputBytesMax = Int(try reader.long())
    limits.depthMax = Int(try reader.long())
    limits.memoryMax = Int(try reader.long())
  }
}

extension ShapeSource {
  func write(to writer: inout FrameWriter) {
    writer.put(name)
    writer.put(text)
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    self.init(name: try reader.text(), text: try reader.text())
  }
}

extension ValidationStep {
  func write(to writer: inout FrameWriter) {
    switch self {
    case .jsonSchema(let source):
      writer.put(UInt8(0))
      source.write(to: &writer)
    case .xsd(let source):
      writer.put(UInt8(1))
      source.write(to: &writer)
    }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    let isXSD = try reader.flag()
    let source = try ShapeSource(from: &reader)
    self = isXSD ? .xsd(source) : .jsonSchema(source)
  }
}

extension MapStep {
  func write(to writer: inout FrameWriter) {
    switch self {
    case .jq(let source):
      writer.put(UInt8(0))
      source.write(to: &writer)
    case .xslt(let source):
      writer.put(UInt8(1))
      source.write(to: &writer)
    }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    let isXSLT = try reader.flag()
    let source = try ShapeSource(from: &reader)
    self = isXSLT ? .xslt(source) : .jq(source)
  }
}

extension KeyRule {
  func write(to writer: inout FrameWriter) {
    writer.put(name)
    jq.write(to: &writer)
    writer.put(personal)
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    self.init(name: try reader.text(), jq: try ShapeSource(from: &reader), personal: try reader.flag())
  }
}

extension TransformPlan {
  func write(to writer: inout FrameWriter) {
    writer.put(id)
    writer.put(optional: when) { $1.write(to: &$0) }
    writer.put(validate) { $1.write(to: &$0) }
    writer.put(map) { $1.write(to: &$0) }
    writer.put(keys) { $1.write(to: &$0) }
    writer.put(optional: split) { $1.write(to: &$0) }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    self.init(
      id: try reader.text(),
      when: try reader.optional { reader throws(FrameError) in try ShapeSource(from: &reader) },
      validate: try reader.list { reader throws(FrameError) in try ValidationStep(from: &reader) },
      map: try reader.list { reader throws(FrameError) in try MapStep(from: &reader) },
      keys: try reader.list { reader throws(FrameError) in try KeyRule(from: &reader) },
      split: try reader.optional { reader throws(FrameError) in try ShapeSource(from: &reader) })
  }
}

extension Envelope {
  func write(to writer: inout FrameWriter) {
    writer.put(id)
    writer.put(source)
    writer.put(type)
    writer.put(optional: subject) { $0.put($1) }
    writer.put(optional: time) { $0.put($1.microseconds) }
    writer.put(optional: dataContentType) { $0.put($1) }
    writer.put(optional: dataSchema) { $0.put($1) }
    writer.put(UInt32(extensions.count))
    for (name, value) in extensions {
      writer.put(name)
      writer.put(value)
    }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    self.init(
      id: try reader.text(), source: try reader.text(), type: try reader.text(),
      subject: try reader.optionalText(),
      time: try reader.optional { reader throws(FrameError) in Timestamp(microseconds: try reader.long()) },
      dataContentType: try reader.optionalText(), dataSchema: try reader.optionalText())
    for _ in 0..<(try reader.number()) {
      let name = try reader.text()
      extensions[name] = try reader.text()
    }
  }
}

extension TransformInput {
  func write(to writer: inout FrameWriter) {
    envelope.write(to: &writer)
    writer.put(body)
    writer.put(optional: mediaType) { $0.put($1) }
    // The canonical document of a JSON body is the body: it crosses once.
    let isBody = json == body
    writer.put(isBody)
    if !isBody { writer.put(optional: json) { $0.put($1) } }
    writer.put(now.microseconds)
    writer.put(UInt32(calls.count))
    for (name, answer) in calls {
      writer.put(name)
      writer.put(optional: answer) { $0.put($1) }
    }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    let envelope = try Envelope(from: &reader)
    let body = try reader.content()
    let mediaType = try reader.optionalText()
    let json = try reader.flag() ? body : try reader.optionalContent()
    self.init(
      envelope: envelope, body: body, mediaType: mediaType, json: json,
      now: Timestamp(microseconds: try reader.long()))
    for _ in 0..<(try reader.number()) {
      let name = try reader.text()
      calls[name] = .some(try reader.optionalContent())
    }
  }
}

extension Violation {
  func write(to writer: inout FrameWriter) {
    writer.put(rule)
    writer.put(message)
    writer.put(optional: path) { $0.put($1) }
    writer.put(optional: line) { $0.put(Int64($1)) }
    writer.put(optional: column) { $0.put(Int64($1)) }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    self.init(
      rule: try reader.text(), message: try reader.text(), path: try reader.optionalText(),
      line: try reader.optional { reader throws(FrameError) in Int(try reader.long()) },
      column: try reader.optional { reader throws(FrameError) in Int(try reader.long()) })
  }
}

extension TransformResult {
  func write(to writer: inout FrameWriter) {
    switch self {
    case .notMatched: writer.put(UInt8(0))
    case .invalid(let violations):
      writer.put(UInt8(1))
      writer.put(violations) { $1.write(to: &$0) }
    case .output(let output):
      writer.put(UInt8(2))
      writer.put(optional: output.body) { $0.put($1) }
      writer.put(optional: output.mediaType) { $0.put($1) }
      writer.put(output.keys) { writer, key in
        writer.put(key.name)
        writer.put(key.value)
        writer.put(key.personal)
      }
      writer.put(output.notes) { $1.write(to: &$0) }
      writer.put(optional: output.items) { $0.put($1) { $0.put($1) } }
    }
  }

  init(from reader: inout FrameReader) throws(FrameError) {
    switch try reader.byte() {
    case 0: self = .notMatched
    case 1:
      let violations = try reader.list { reader throws(FrameError) in try Violation(from: &reader) }
      guard !violations.isEmpty else { throw FrameError() }
      self = .invalid(violations)
    case 2:
      self = .output(
        TransformOutput(
          body: try reader.optionalContent(), mediaType: try reader.optionalText(),
          keys: try reader.list { reader throws(FrameError) in
            BusinessKey(name: try reader.text(), value: try reader.text(), personal: try reader.flag())
          },
          notes: try reader.list { reader throws(FrameError) in try Violation(from: &reader) },
          items: try reader.optional { reader throws(FrameError) in
            try reader.list { reader throws(FrameError) in try reader.content() }
          }))
    default: throw FrameError()
    }
  }
}

extension FrameReader {
  fileprivate mutating func optionalText() throws(FrameError) -> String? {
    try flag() ? try text() : nil
  }

  fileprivate mutating func optionalContent() throws(FrameError) -> [UInt8]? {
    try flag() ? try content() : nil
  }
}
