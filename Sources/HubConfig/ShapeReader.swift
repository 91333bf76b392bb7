internal import HubKit
internal import HubRouting

/// Holds nodes against their declarations: gives values, or complaints that name the nearest right word.
struct ShapeReader {
  var complaints = Complaints()
  let secrets: SecretResolution

  init(secrets: SecretResolution = .unresolved) { self.secrets = secrets }

  /// Reads one value.
  ///
  /// - Parameter key: the key that it stands under, for complaints.
  /// - Returns: nil when it breaks its declaration; there is then a complaint.
  mutating func read(_ node: YamlNode, as shape: Shape, key: String, example: String) -> Checked? {
    switch shape {
    case .list(let item, let min): return readList(node, of: item, min: min, key: key, example: example)
    case .oneOrMany(let item):
      guard case .list = node.kind else {
        let one = read(node, as: item, key: key, example: example)
        return one.map { Checked(value: .list([$0]), place: node.place) }
      }
      return readList(node, of: item, min: 1, key: key, example: example)
    case .map(let form, let item): return readMap(node, keys: form, of: item, key: key, example: example)
    case .object(let shape):
      return readObject(node, as: shape, key: key).map { Checked(value: .object($0), place: node.place) }
    case .either(let scalar, let other):
      if case .scalar = node.kind { return read(node, as: scalar, key: key, example: example) }
      return read(node, as: other, key: key, example: example)
    case .settings: return Checked(value: .settings(node), place: node.place)
    default:
      guard let (text, plain) = scalar(node, key: key, wanted: shape.words, example: example) else { return nil }
      return readScalar(text, plain: plain, as: shape, key: key, at: node.place)
    }
  }

  // MARK: - Groups

  /// Reads a group of keys: each that is declared, complaining about each that is not.
  mutating func readObject(_ node: YamlNode, as shape: ObjectShape, key: String? = nil) -> CheckedObject? {
    guard case .map(let entries) = node.kind else {
      wrongKind(node, key: key ?? shape.name, wanted: Shape.object(shape).words, example: shape.example)
      return nil
    }
    let before = complaints.list.count
    var fields: [String: Checked] = [:]
    for entry in entries {
      guard let declaration = shape[entry.key] else {
        let near = nearest(to: entry.key, in: shape.fields.map(\.name))
        complaints.error(.unknownKey(entry.key, in: shape.name, near: near), at: entry.place)
        continue
      }
      fields[entry.key] = read(entry, as: declaration)
    }
    complainAboutMissing(in: shape, given: Set(entries.map(\.key)), at: node.place)
    fillDefaults(of: shape, into: &fields, given: Set(entries.map(\.key)), at: node.place)
    return complaints.list.count == before || !complaints.list[before...].contains { $0.severity == .error }
      ? CheckedObject(fields: fields, place: node.place) : nil
  }

  private mutating func read(_ entry: YamlEntry, as declaration: Declaration) -> Checked? {
    if case .empty = entry.value.kind {
      complaints.error(.missingValue(entry.key, example: declaration.example), at: entry.place)
      return nil
    }
    return read(entry.value, as: declaration.shape, key: entry.key, example: declaration.example)
  }

  private mutating func complainAboutMissing(in shape: ObjectShape, given: Set<String>, at place: SourcePlace) {
    for declaration in shape.fields where declaration.required && !given.contains(declaration.name) {
      guard !shape.checkedElsewhere.contains(declaration.name) else { continue }
      complaints.error(.missingKey(declaration.name, in: shape.name, example: declaration.example), at: place)
    }
    if !shape.exactlyOneOf.isEmpty, shape.exactlyOneOf.filter(given.contains).count != 1 {
      complaints.error(.exactlyOne(of: shape.exactlyOneOf, in: shape.name), at: place)
    }
  }

  /// Keys that were left out get their default, and groups that were left out a group of defaults, when all in them
  /// may be left out.
  private mutating func fillDefaults(
    of shape: ObjectShape, into fields: inout [String: Checked], given: Set<String>, at place: SourcePlace
  ) {
    for declaration in shape.fields where !given.contains(declaration.name) {
      if let text = declaration.defaultText {
        fields[declaration.name] = readScalar(
          text, plain: true, as: declaration.shape, key: declaration.name, at: place)
      } else if case .object(let inner) = declaration.shape, inner.isFilledByDefault {
        let empty = YamlNode(kind: .map([]), place: place)
        fields[declaration.name] = read(empty, as: declaration.shape, key: declaration.name, example: "")
      }
    }
  }

  private mutating func readList(
    _ node: YamlNode, of item: Shape, min: Int, key: String, example: String
  ) -> Checked? {
    guard case .list(let nodes) = node.kind else {
      wrongKind(node, key: key, wanted: ("a list", "một danh sách"), example: "[\(example)]")
      return nil
    }
    guard nodes.count >= min else {
      complaints.error(.tooFew(key, min: min), at: node.place)
      return nil
    }
    let items = nodes.compactMap { read($0, as: item, key: key, example: example) }
    return items.count == nodes.count ? Checked(value: .list(items), place: node.place) : nil
  }

  private mutating func readMap(
    _ node: YamlNode, keys: TextForm, of item: Shape, key: String, example: String
  ) -> Checked? {
    guard case .map(let entries) = node.kind else {
      wrongKind(node, key: key, wanted: ("a map of keys", "một nhóm khóa"), example: example)
      return nil
    }
    var checked: [CheckedEntry] = []
    for entry in entries {
      if let problem = keys.problem(with: entry.key) { complaints.error(problem, at: entry.place) }
      if case .empty = entry.value.kind {
        complaints.error(.missingValue(entry.key, example: "…"), at: entry.place)
      } else if let value = read(entry.value, as: item, key: entry.key, example: example) {
        checked.append(CheckedEntry(key: entry.key, place: entry.place, value: value))
      }
    }
    return checked.count == entries.count ? Checked(value: .map(checked), place: node.place) : nil
  }

  // MARK: - Single values

  private mutating func scalar(
    _ node: YamlNode, key: String, wanted: (en: String, vi: String), example: String
  ) -> (text: String, plain: Bool)? {
    if case .scalar(let text, let plain) = node.kind { return (text, plain) }
    if case .empty = node.kind {
      complaints.error(.missingValue(key, example: example), at: node.place)
    } else {
      wrongKind(node, key: key, wanted: wanted, example: example)
    }
    return nil
  }

  private mutating func wrongKind(
    _ node: YamlNode, key: String, wanted: (en: String, vi: String), example: String
  ) {
    complaints.error(
      .wrongKind(key, wanted: wanted, found: node.kindWords, example: example.isEmpty ? "…" : example), at: node.place)
  }

  mutating func readScalar(
    _ text: String, plain: Bool, as shape: Shape, key: String, at place: SourcePlace
  ) -> Checked? {
    var problem: Phrase?
    var value: Checked.Value?
    switch shape {
    case .text(let form):
      problem = form.problem(with: text)
      value = .text(text)
    case .flag:
      value = plain ? ["true": .flag(true), "false": .flag(false)][text] : nil
      problem = .badFlag(text)
    case .choice(let words):
      value = words.contains(text) ? .text(text) : nil
      problem = .badChoice(text, words)
    case .wordOr(let words, _) where words.contains(text): value = .text(text)
    case .secret: return readSecret(text, key: key, at: place)
    default: (value, problem) = readMeasured(text, as: shape)
    }
    if let value, shape.isText ? problem == nil : true { return Checked(value: value, place: place) }
    if let problem { complaints.error(problem, at: place) }
    return nil
  }

  private func readMeasured(_ text: String, as shape: Shape) -> (Checked.Value?, Phrase?) {
    switch shape {
    case .integer(let range):
      guard let number = Int(text.filter { $0 != "_" }) else {
        return (nil, .badNumber(text, example: String(range.lowerBound)))
      }
      return range.contains(number)
        ? (.integer(number), nil) : (nil, .outOfRange(text, from: "\(range.lowerBound)", to: "\(range.upperBound)"))
    case .number(let range):
      guard let number = Double(text), number.isFinite else {
        return (nil, .badNumber(text, example: "\(range.lowerBound)"))
      }
      return range.contains(number)
        ? (.number(number), nil) : (nil, .outOfRange(text, from: "\(range.lowerBound)", to: "\(range.upperBound)"))
    case .size(let range):
      guard let bytes = Measure.size(text) else { return (nil, .badSize(text)) }
      let bounds = (Measure.text(bytes: range.lowerBound), Measure.text(bytes: range.upperBound))
      return range.contains(bytes) ? (.size(bytes), nil) : (nil, .outOfRange(text, from: bounds.0, to: bounds.1))
    case .wordOr(let words, let other):
      guard text.first?.isNumber == true else { return (nil, .badChoice(text, words + [other.sample])) }
      return readMeasured(text, as: other)
    case .duration(let range):
      guard let duration = Measure.duration(text) else { return (nil, .badDuration(text)) }
      let bounds = (Measure.text(range.lowerBound), Measure.text(range.upperBound))
      return range.contains(duration)
        ? (.duration(duration), nil) : (nil, .outOfRange(text, from: bounds.0, to: bounds.1))
    default: return (nil, nil)
    }
  }

  private mutating func readSecret(_ text: String, key: String, at place: SourcePlace) -> Checked? {
    guard let reference = SecretReference(text) else {
      complaints.error(.secretInClear(key), at: place)
      return nil
    }
    return secrets.resolve(reference, at: place, into: &complaints).map { Checked(value: .secret($0), place: place) }
  }
}
