// EdXMLWire tests
