import XMLWire
