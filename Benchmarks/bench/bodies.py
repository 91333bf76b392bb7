"""Bodies of a given size: the same dossier with more or less to it."""

import json

SIZES = {"0.5 KB": 512, "1 KB": 1024, "5 KB": 5 * 1024, "10 KB": 10 * 1024, "100 KB": 100 * 1024}

_DOCUMENTS = [
    "Tờ khai đăng ký khai sinh", "Giấy chứng sinh", "Giấy chứng nhận kết hôn", "Văn bản uỷ quyền", "Sổ hộ khẩu"]


def json_dossier(size):
    """A dossier in JSON of exactly `size` bytes, 400 or more."""
    dossier = {
        "code": "H24.101-261123-0001",
        "procedure": {"code": "2.000477", "name": "Đăng ký khai sinh"},
        "status": "processing",
        "submittedAt": "2026-11-23T08:15:00+07:00",
        "dueAt": "2026-11-30T17:00:00+07:00",
        "applicant": {"name": "Nguyễn Văn Mẫu"},
        "documents": [],
        "note": "",
    }

    def text():
        return json.dumps(dossier, ensure_ascii=False, separators=(",", ":")).encode()

    number = 0
    while True:
        dossier["documents"].append(
            {"name": _DOCUMENTS[number % len(_DOCUMENTS)], "number": f"{number + 1:05d}/UBND"})
        if len(text()) > size:
            dossier["documents"].pop()
            break
        number += 1
    dossier["note"] = "x" * (size - len(text()))
    return text()


def xml_dossier(size):
    """A dossier in XML of exactly `size` bytes, 400 or more."""
    head = ('<?xml version="1.0" encoding="UTF-8"?><dossier><code>H24.101-261123-0001</code>'
            "<procedure>Đăng ký khai sinh</procedure><applicant>Nguyễn Văn Mẫu</applicant><documents>").encode()
    middle, tail = b"</documents><note>", b"</note></dossier>"
    documents = b""
    number = 0
    while True:
        number += 1
        document = f'<document number="{number:05d}">{_DOCUMENTS[number % len(_DOCUMENTS)]}</document>'.encode()
        if len(head + documents + document + middle + tail) > size:
            break
        documents += document
    note = b"x" * (size - len(head + documents + middle + tail))
    return head + documents + middle + note + tail
