internal import FoundationEssentials
internal import HubKit
internal import JSONWire
internal import SOAPWire
internal import XMLWire

/// Namespaces of the service.
enum PopulationNamespace {
  /// Of requests.
  static let request = "http://dancuquocgia.bca"
  /// Of the data in answers (QCVN 109:2017/BTTTT).
  static let data = "http://www.mic.gov.vn/dancu/1.0"
}

/// One question as it goes over the wire.
struct PopulationRequest: Sendable {
  let operation: PopulationOperation
  let question: PopulationQuestion
  let use: PopulationUse
  let requestID: String
  let settings: PopulationSettings

  private var name: String {
    PopulationName.normalised(question.name, removingSpaces: settings.removeSpaces)
  }

  /// The body's bytes and media type.
  func content() throws(AdapterError) -> (mediaType: String, bytes: [UInt8]) {
    do throws(InvalidMessage) {
      switch settings.wrapping {
      case .soap: return ("text/xml; charset=utf-8", try xml())
      case .json: return ("application/json", try json())
      }
    } catch {
      let rules = error.violations.map(\.rule).joined(separator: ", ")
      throw AdapterError(
        .reject, code: "question-characters", reason: "The question holds characters that XML cannot carry (\(rules)).")
    }
  }

  /// The elements stand in the order that the service wants; another order is refused.
  private func xml() throws(InvalidMessage) -> [UInt8] {
    var parts = [
      ("MaYeuCau", requestID), ("MaDVC", settings.serviceCode), ("MaTichHop", operation.serviceNumber),
      ("MaCanBo", use.official), ("MaDonVi", use.unit),
    ]
    if let account = settings.account { parts.append(("TaiKhoan", account)) }
    if let phone = settings.phone { parts.append(("SoDienThoai", phone)) }
    switch question.number {
    case .personal(let text): parts.append(("SoDinhDanh", text))
    case .old(let text): parts.append(("SoCMND", text))
    }
    parts.append(("HoVaTen", name))
    let children = parts.map { Self.element($0.0, text: $0.1) } + [birthDate]
    let call = XMLElement(XMLName(operation.element, namespace: PopulationNamespace.request), children: children)
    return try SOAPEnvelope(body: [call]).bytes(prefixes: [("dan", PopulationNamespace.request)])
  }

  private var birthDate: XMLElement {
    let member =
      switch question.birthDate {
      case .day: "NgayThangNam"
      case .year: "Nam"
      }
    return XMLElement(
      XMLName("NgayThangNamSinh", namespace: PopulationNamespace.request),
      children: [Self.element(member, text: question.birthDate.wire)])
  }

  private static func element(_ name: String, text: String) -> XMLElement {
    XMLElement(XMLName(name, namespace: PopulationNamespace.request), text: text)
  }

  // MARK: - JSON

  private struct Wrapped: Encodable {
    var maYeuCau, maDVC, maTichHop, maCanBo, maDonVi: String
    var taiKhoan, soDienThoai, soDinhDanh, soCMND: String?
    var hoVaTen, ngayThangNam, userNameService: String
  }

  private func json() throws(InvalidMessage) -> [UInt8] {
    var form = Wrapped(
      maYeuCau: requestID, maDVC: settings.serviceCode, maTichHop: operation.serviceNumber, maCanBo: use.official,
      maDonVi: use.unit, taiKhoan: settings.account, soDienThoai: settings.phone, hoVaTen: name,
      ngayThangNam: question.birthDate.wire, userNameService: settings.username)
    switch question.number {
    case .personal(let text): form.soDinhDanh = text
    case .old(let text): form.soCMND = text
    }
    guard let bytes = JSONBytes.of(form) else {
      throw InvalidMessage(rule: "json", "the question cannot be written as JSON")
    }
    return bytes
  }
}
