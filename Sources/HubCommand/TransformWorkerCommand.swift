internal import ArgumentParser
internal import HubTransform
internal import Logging

/// `lgsp transform-worker`: what the hub starts to evaluate checks and mappings in; nobody calls it by hand.
struct TransformWorkerCommand: ParsableCommand {
  static let name = "transform-worker"
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Do hub tự gọi để chạy phép chuyển đổi / started by the hub, to evaluate mappings.", shouldDisplay: false)

  func run() throws {
    do throws(TransformWorker.NoHub) {
      try TransformWorker.serve()
    } catch {
      throw Failure(
        "transform-worker chỉ do hub gọi; hãy dùng lgsp run / only the hub starts transform-worker; use lgsp run.")
    }
  }
}

extension WorkerProgram {
  /// This very program: whatever is installed here, a worker is of the same build, also after the file was replaced.
  static func own(logger: Logger?) -> WorkerProgram {
    WorkerProgram(path: "/proc/self/exe", arguments: ["lgsp", TransformWorkerCommand.name]) { trouble in
      switch trouble {
      case .ended(let plan, let end):
        logger?.warning(
          "a mapping worker ended and is started again / tiến trình chuyển đổi dừng, đang khởi động lại",
          metadata: ["plan": "\(plan)", "end": "\(end)"])
      case .cannotStart(let reason):
        logger?.error(
          "no mapping worker can be started, messages wait / không khởi động được tiến trình chuyển đổi",
          metadata: ["reason": "\(reason)"])
      }
    }
  }
}
