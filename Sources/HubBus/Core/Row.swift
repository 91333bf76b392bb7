/// First in, first out, without moving what remains: taking the first of a hundred thousand costs as much as of one.
struct Row<Element> {
  private var items: [Element] = []
  private var head = 0

  var isEmpty: Bool { head == items.count }
  var count: Int { items.count - head }
  var first: Element? { head < items.count ? items[head] : nil }
  var last: Element? { isEmpty ? nil : items.last }
  /// What stands in the row, first to last.
  var all: ArraySlice<Element> { items[head...] }

  mutating func append(_ element: Element) {
    items.append(element)
  }

  mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let element = items[head]
    head += 1
    if head == items.count || (head >= 64 && head * 2 >= items.count) {
      items.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Puts an element behind the last one for which `isBefore` holds, looking from the end: nearly always, that is the
  /// end. `from` places at the front are left alone.
  ///
  /// - Parameter isSame: whether the one that it would stand behind is the element itself, which is not put in twice.
  /// - Returns: whether it was put in.
  @discardableResult
  mutating func insert(
    _ element: Element, from start: Int = 0, unless isSame: (Element) -> Bool = { _ in false },
    behind isBefore: (Element) -> Bool
  ) -> Bool {
    var place = items.count
    while place > head + start, !isBefore(items[place - 1]) { place -= 1 }
    if place > head, isSame(items[place - 1]) { return false }
    items.insert(element, at: place)
    return true
  }

  mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    items.removeFirst(head)
    head = 0
    items.removeAll(where: isUnwanted)
  }

  /// Takes out the first element for which `isWanted` holds.
  ///
  /// - Returns: its place in the row, from 0; nil when there is none.
  mutating func removeFirst(where isWanted: (Element) -> Bool) -> Int? {
    guard let index = items[head...].firstIndex(where: isWanted) else { return nil }
    let place = index - head
    if place == 0 { _ = popFirst() } else { items.remove(at: index) }
    return place
  }
}
