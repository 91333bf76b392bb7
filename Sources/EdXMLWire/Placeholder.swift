// EdXMLWire
