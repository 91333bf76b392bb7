internal import Crypto
internal import HubKit
internal import Synchronization

/// What a data key is for. Dropping a day's `bodies` key makes its bodies unreadable; `records` keeps envelopes and
/// events readable, so that "who looked at this person?" can still be answered.
enum KeyPurpose: String, Sendable, CaseIterable {
  case bodies
  case records
}

/// A data key with its number in the key table.
struct DataKey: Sendable {
  let number: Int64
  let day: String
  let purpose: KeyPurpose
  let key: SymmetricKey

  /// Authenticated when the key is wrapped.
  static func label(number: Int64, day: String, purpose: String) -> String { "\(number) \(day) \(purpose)" }
  var label: String { Self.label(number: number, day: day, purpose: purpose.rawValue) }
}

/// The data keys, one for each day and purpose, by need. A new key is used at once and written down by the next
/// commit, which is the first that can name it.
final class KeyRing: Sendable {
  private struct State {
    var byNumber: [Int64: DataKey] = [:]
    var current: [KeyPurpose: DataKey] = [:]
    var unwritten: [DataKey] = []
    var dropped: Set<Int64> = []
    var last: Int64 = 0
  }

  private let state = Mutex(State())

  /// The key for new data of a day.
  func key(for day: String, _ purpose: KeyPurpose) -> DataKey {
    state.withLock { state in
      if let current = state.current[purpose], current.day == day { return current }
      let known = state.byNumber.values.filter { $0.day == day && $0.purpose == purpose }.max { $0.number < $1.number }
      let key = known ?? Self.make(day, purpose, &state)
      state.current[purpose] = key
      return key
    }
  }

  private static func make(_ day: String, _ purpose: KeyPurpose, _ state: inout State) -> DataKey {
    state.last += 1
    let key = DataKey(number: state.last, day: day, purpose: purpose, key: SymmetricKey(size: .bits256))
    state.byNumber[key.number] = key
    state.unwritten.append(key)
    return key
  }

  /// The key with a number; nil when it is not known here, or was dropped.
  func key(_ number: Int64) -> DataKey? { state.withLock { $0.byNumber[number] } }

  /// Whether the key was dropped.
  func isDropped(_ number: Int64) -> Bool { state.withLock { $0.dropped.contains(number) } }

  /// Takes up a key from the key table.
  func insert(_ key: DataKey) {
    state.withLock { state in
      state.byNumber[key.number] = key
      state.last = max(state.last, key.number)
    }
  }

  /// Notes that a key was dropped.
  func drop(_ number: Int64) {
    state.withLock { state in
      state.byNumber[number] = nil
      state.dropped.insert(number)
      state.last = max(state.last, number)
      for (purpose, key) in state.current where key.number == number { state.current[purpose] = nil }
      state.unwritten.removeAll { $0.number == number }
    }
  }

  /// Keys of a day, written down or not.
  func keys(of day: String, _ purpose: KeyPurpose) -> [DataKey] {
    state.withLock { $0.byNumber.values.filter { $0.day == day && $0.purpose == purpose } }
  }

  /// Keys that the next commit has to write down.
  var unwritten: [DataKey] { state.withLock { $0.unwritten } }

  /// Notes that keys are on the disk.
  func written(_ keys: [DataKey]) {
    guard !keys.isEmpty else { return }
    let numbers = Set(keys.map(\.number))
    state.withLock { $0.unwritten.removeAll { numbers.contains($0.number) } }
  }
}
