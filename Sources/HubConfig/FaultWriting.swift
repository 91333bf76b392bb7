public import HubKit

extension FaultRule: Encodable {
  private enum Key: String, CodingKey {
    case method, path, skip, times, share, seed, after, `for`, every, latency, status, headers, retryAfter, close, fault
    case bytesPerSecond, holdMax
  }

  /// Writes the members that say something, as ``list(json:)`` reads them.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(method, forKey: .method)
    try values.encodeIfPresent(path, forKey: .path)
    if skip > 0 { try values.encode(skip, forKey: .skip) }
    try values.encodeIfPresent(times, forKey: .times)
    if share < 1 { try values.encode(share, forKey: .share) }
    if seed != 1 { try values.encode(seed, forKey: .seed) }
    if window.after > .zero { try values.encode(Measure.text(window.after), forKey: .after) }
    try values.encodeIfPresent(window.length.map { Measure.text($0) }, forKey: .for)
    try values.encodeIfPresent(window.every.map { Measure.text($0) }, forKey: .every)
    try values.encodeIfPresent(latency, forKey: .latency)
    try values.encodeIfPresent(status, forKey: .status)
    if !headers.isEmpty {
      let fields = Dictionary(headers.map { ($0.name, $0.value) }, uniquingKeysWith: { "\($0), \($1)" })
      try values.encode(fields, forKey: .headers)
    }
    try values.encodeIfPresent(retryAfter.map { Measure.text($0) }, forKey: .retryAfter)
    if let fault { try encode(fault, to: &values) }
  }

  private func encode(_ fault: Fault, to values: inout KeyedEncodingContainer<Key>) throws {
    switch fault {
    case .close(.before): try values.encode("before", forKey: .close)
    case .close(.after): try values.encode("after", forKey: .close)
    case .close(.atByte(let count)): try values.encode(count, forKey: .close)
    case .refuse: try values.encode("refuse", forKey: .fault)
    case .hang: try values.encode("hang", forKey: .fault)
    case .reset: try values.encode("reset", forKey: .fault)
    case .garbage: try values.encode("garbage", forKey: .fault)
    case .drip(let rate):
      try values.encode("drip", forKey: .fault)
      try values.encode(rate, forKey: .bytesPerSecond)
    case .duplicate: try values.encode("duplicate", forKey: .fault)
    case .outOfOrder(let holdMax):
      try values.encode("outOfOrder", forKey: .fault)
      try values.encode(Measure.text(holdMax), forKey: .holdMax)
    case .expiredCertificate: try values.encode("expiredCertificate", forKey: .fault)
    }
  }
}

extension FaultRule.Latency: Encodable {
  /// Writes a duration, or the two that bound the spread.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .constant(let time):
      var value = encoder.singleValueContainer()
      try value.encode(Measure.text(time))
    case .even(let min, let max): try ["min": Measure.text(min), "max": Measure.text(max)].encode(to: encoder)
    case .logNormal(let p50, let p99):
      try ["p50": Measure.text(p50), "p99": Measure.text(p99)].encode(to: encoder)
    }
  }
}
