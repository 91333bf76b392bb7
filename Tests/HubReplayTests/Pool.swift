import HubTransform

/// Workers of the tests that need some for a moment.
enum HubReplayPool {
  static let shared = TransformPool(program: nil)
}
