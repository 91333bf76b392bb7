// HubTransform
