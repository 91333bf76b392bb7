import Foundation

/// Synthetic messages; no person and no document in them is real.
enum Samples {
  static func document(id: String, from: String, to: [String], mark: String = "") -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
      <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
        <edXML:edXMLHeader>
          <edXML:MessageHeader>
            <edXML:From><edXML:OrganId>\(from)</edXML:OrganId><edXML:OrganName>Nơi gửi thử</edXML:OrganName></edXML:From>
    \(to.map { "        <edXML:To><edXML:OrganId>\($0)</edXML:OrganId></edXML:To>" }.joined(separator: "\n"))
            <edXML:DocumentId>\(id)</edXML:DocumentId>
            <edXML:Code><edXML:CodeNumber>12</edXML:CodeNumber><edXML:CodeNotation>THU-\(id)</edXML:CodeNotation></edXML:Code>
            <edXML:Subject>\(mark)Về việc thử nghiệm nền tảng</edXML:Subject>
            <edXML:SignerInfo><edXML:FullName>Nguyễn Thị Mẫu</edXML:FullName></edXML:SignerInfo>
            <edXML:Unknown thuộc="tính">giữ nguyên</edXML:Unknown>
          </edXML:MessageHeader>
          <edXML:TraceHeaderList>
            <edXML:TraceHeader><edXML:OrganId>\(from)</edXML:OrganId><edXML:Timestamp>2026/11/23 08:00:00</edXML:Timestamp></edXML:TraceHeader>
            <edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType></edXML:Bussiness>
          </edXML:TraceHeaderList>
        </edXML:edXMLHeader>
        <edXML:edXMLBody><edXML:edXMLManifest version="1.0"><edXML:Reference><edXML:ContentId>cid:a</edXML:ContentId><edXML:ContentType>application/pdf</edXML:ContentType><edXML:AttachmentName>thử.pdf</edXML:AttachmentName></edXML:Reference></edXML:edXMLManifest></edXML:edXMLBody>
      </edXML:edXMLEnvelope>
      <AttachmentEncoded><Attachment><ContentId>cid:a</ContentId><AttachmentName>thử.pdf</AttachmentName><ContentType>application/pdf</ContentType><ContentTransferEncoded>JVBERi0xLjQKdGh1Cg==</ContentTransferEncoded></Attachment></AttachmentEncoded>
    </edXML>
    """
  }

  static func status(of document: String, from: String, to: String, code: String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
      <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
        <edXML:edXMLHeader>
          <edXML:MessageHeader>
            <edXML:From><edXML:OrganId>\(from)</edXML:OrganId></edXML:From>
            <edXML:ResponseFor>
              <edXML:OrganId>\(to)</edXML:OrganId><edXML:DocumentId>\(document)</edXML:DocumentId>
            </edXML:ResponseFor>
            <edXML:StatusCode>\(code)</edXML:StatusCode>
            <edXML:Timestamp>2026/11/23 09:00:00</edXML:Timestamp>
          </edXML:MessageHeader>
        </edXML:edXMLHeader>
      </edXML:edXMLEnvelope>
    </edXML>
    """
  }

  static func progress(number: Int) -> String {
    """
    {"dossierCode":"H24.101-261123-\(1000 + number)","procedureCode":"2.000477","status":"processing",
     "changedAt":"2026-11-23T08:15:00+07:00","applicant":{"fullName":"Nguyễn Văn Mẫu","personalId":"031090000001"}}
    """
  }

  /// The document without the elements that each hop adds, and without space between elements.
  static func withoutTraceHeaders(_ xml: String) -> String {
    xml.replacing(#/\s*<(?:\w+:)?TraceHeader>.*?</(?:\w+:)?TraceHeader>/#.dotMatchesNewlines(), with: "")
  }
}
