"""Electronic documents: edXML with an attachment, examined, written down, delivered; beside what libxml2 alone needs to
parse the same bytes on one core."""

import base64
import json
import subprocess

from .measures import median
from .processes import Failure, say
from .tools import compile_tool

SIZES = {"5 KB": 5 * 1024, "400 KB": 400 * 1024}
CONNECTIONS = 16


def pdf(size):
    """A PDF file of about that size whose one page says something; the rest is a stream that nobody draws."""
    text = b"BT /F1 12 Tf 72 720 Td (Cong van thu nghiem) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    used = sum(map(len, objects)) + 400
    fill = b"x" * max(0, size - used)
    objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(fill), fill))
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, item)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)


def document(size):
    """An edXML document of about that size."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<edXML:edXML xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">'
        "<edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>"
        "<edXML:From><edXML:OrganId>BENCH.S</edXML:OrganId><edXML:OrganName>Bên gửi</edXML:OrganName></edXML:From>"
        "<edXML:To><edXML:OrganId>BENCH.R</edXML:OrganId><edXML:OrganName>Bên nhận</edXML:OrganName></edXML:To>"
        "<edXML:DocumentId>BENCH.S,2026/11/28,1/VB</edXML:DocumentId><edXML:Code><edXML:CodeNumber>1"
        "</edXML:CodeNumber><edXML:CodeNotation>VB</edXML:CodeNotation></edXML:Code>"
        "<edXML:Subject>V/v đo tốc độ xử lý văn bản điện tử</edXML:Subject></edXML:MessageHeader>"
        "<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>BENCH.S</edXML:OrganId>"
        "<edXML:Timestamp>2026/11/28 08:00:00</edXML:Timestamp></edXML:TraceHeader></edXML:TraceHeaderList>"
        "</edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\"><edXML:Reference>"
        "<edXML:ContentId>cid:1</edXML:ContentId><edXML:ContentType>application/pdf</edXML:ContentType>"
        "<edXML:AttachmentName>van-ban.pdf</edXML:AttachmentName></edXML:Reference></edXML:edXMLManifest>"
        "</edXML:edXMLBody></edXML:edXMLEnvelope><edXML:AttachmentEncoded><edXML:Attachment>"
        "<edXML:ContentId>cid:1</edXML:ContentId><edXML:AttachmentName>van-ban.pdf</edXML:AttachmentName>"
        "<edXML:ContentType>application/pdf</edXML:ContentType><edXML:ContentTransferEncoded>").encode()
    tail = ("</edXML:ContentTransferEncoded></edXML:Attachment></edXML:AttachmentEncoded></edXML:edXML>\n").encode()
    return head + base64.b64encode(pdf((size - len(head) - len(tail)) * 3 // 4)) + tail


def parses(path, seconds):
    """Documents a second that libxml2 parses, alone on one core."""
    program = compile_tool("tools/parse.c", "libxml-2.0")
    if program is None:
        raise Failure("libxml2's headers are missing: Benchmarks/setup")
    return json.loads(subprocess.run([program, path, str(seconds)], capture_output=True, check=True).stdout)["perSecond"]


def run(bench, folder, rounds, seconds):
    """By size: with all that is looked at, without the look into attachments, and libxml2 alone, in turns."""
    found = {}
    for size, byte_count in SIZES.items():
        path = folder / "document.edxml"
        path.write_bytes(document(byte_count))
        bench.bodies["document"] = path
        looked, bare, alone = [], [], []
        for _ in range(rounds):
            alone.append(parses(path, seconds / 2))
            looked.append(bench.document_round(CONNECTIONS, seconds, looking=True))
            bare.append(bench.document_round(CONNECTIONS, seconds, looking=False))
        rates = {
            "perSecond": median([r["perSecond"] for r in looked]),
            "withoutLookPerSecond": median([r["perSecond"] for r in bare]), "libxml2PerSecond": median(alone)}
        found[size] = {name: round(rate, 1) for name, rate in rates.items()}
        found[size]["cpuMicroseconds"] = round(median([r["cpuMicroseconds"] for r in bare]))
        found[size]["toLibxml2"] = round(rates["withoutLookPerSecond"] / rates["libxml2PerSecond"], 3)
        say(f"  {size}: {rates['perSecond']:,.0f}/s, without the look into attachments "
            f"{rates['withoutLookPerSecond']:,.0f}/s; libxml2 parses {rates['libxml2PerSecond']:,.0f}/s")
    return found
