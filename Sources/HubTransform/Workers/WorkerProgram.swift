/// The program that a worker process runs. It must call ``TransformWorker/serve()``.
public struct WorkerProgram: Sendable {
  /// Path of the executable.
  public var path: String
  /// What it is called with, its own name first.
  public var arguments: [String]
  /// Told of each worker that ends in a way that no message is to blame for alone, on a thread of the pool's; must not
  /// block.
  public var onTrouble: @Sendable (WorkerTrouble) -> Void

  /// Names a program.
  public init(
    path: String, arguments: [String], onTrouble: @escaping @Sendable (WorkerTrouble) -> Void = { _ in }
  ) {
    self.path = path
    self.arguments = arguments
    self.onTrouble = onTrouble
  }
}

/// What an operator should hear about a worker process. Nothing of a message is in it.
public enum WorkerTrouble: Sendable, Hashable {
  /// A worker was ended since a message took too long, or ended by itself over a message.
  case ended(plan: String, end: WorkerEnd)
  /// No worker can be started; messages wait until one can.
  case cannotStart(reason: String)
}

/// How a worker process came to its end.
public enum WorkerEnd: Sendable, Hashable, CustomStringConvertible {
  /// The hub killed it, since one message took longer than ``TransformLimits/timeMax``.
  case outOfTime
  /// It reached ``TransformLimits/memoryMax``.
  case outOfMemory
  /// It broke down: `signal 11`, `code 1`.
  case died(String)

  /// In a few words.
  public var description: String {
    switch self {
    case .outOfTime: "out of time"
    case .outOfMemory: "out of memory"
    case .died(let how): "died (\(how))"
    }
  }
}
