import SOAPWire
