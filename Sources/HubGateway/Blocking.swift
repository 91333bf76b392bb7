internal import NIOPosix

/// Runs work that may wait for the disk, or compute for long, away from the few threads on which all tasks run.
func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
  try await NIOThreadPool.singleton.runIfActive(work)
}
