// EDocument
