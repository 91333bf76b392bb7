internal import HTTPTypes

extension HTTPFields {
  /// The value of a field, as the subscript gives it. That one joins even a single value by generic code, into a new
  /// text; each request has a dozen fields asked for, most of which stand there once.
  func text(of name: HTTPField.Name) -> String? {
    guard let first = firstIndex(where: { $0.name == name }) else { return nil }
    let another = self[(first + 1)...].contains { $0.name == name }
    return another ? self[name] : self[first].value
  }
}
