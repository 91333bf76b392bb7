// HubTransform tests
