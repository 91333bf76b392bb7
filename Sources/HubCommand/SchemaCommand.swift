internal import ArgumentParser
internal import HubConfig
internal import HubKit

/// `lgsp schema`: the JSON Schema of the configuration.
struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "In JSON Schema của toàn bộ cấu hình / print the JSON Schema of the whole configuration.",
    discussion: "Dùng trong trình soạn thảo / for editors:  lgsp schema > Config/schema.json")

  @OptionGroup var location: ConfigLocation

  func run() async throws {
    // The configuration's own connectors have settings too; a folder that is not there has none.
    let manifests = (try? ConfigFiles(folder: location.folder)).map { loadConnectors($0).0 } ?? []
    let schema = configurationSchema(
      connectors: Installation.current.connectors.map { $0.descriptor } + manifests.map(\.descriptor))
    Output.line(schema.hasSuffix("\n") ? String(schema.dropLast()) : schema)
  }
}
