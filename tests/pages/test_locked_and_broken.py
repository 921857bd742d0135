"""PDFs that others open: encrypted in part, their cross-references or page trees broken."""

from __future__ import annotations

import pytest

from got_loaders.errors import PasswordError, SourceError, UnsupportedSourceError
from tests.hostile.writing import page_pdf, stream
from tests.pages import making
from tests.pages.making import opened

PAGE = "/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
CONTENTS = stream(b"BT /F 24 Tf 20 50 Td (Hello words) Tj ET")
LONG = f"/O<{'00' * 48}>/U<{'00' * 48}>/OE<{'00' * 32}>/UE<{'00' * 32}>/Perms<{'00' * 16}>"
SHORT = f"/O<{'00' * 32}>/U<{'00' * 32}>"
STANDARD = {
    4: f"/Filter/Standard/V 4/R 4/P -4/Length 128{SHORT}/CF<</StdCF<</CFM/AESV2/Length 16>>>>",
    5: f"/Filter/Standard/V 5/R 6/P -4/Length 256{LONG}/CF<</StdCF<</CFM/AESV3/Length 32>>>>",
}
CERTIFICATES = "/Filter/Adobe.PubSec/SubFilter/adbe.pkcs7"


def encrypted(dictionary: str) -> bytes:
    """A PDF whose page is not encrypted, and that says it were, by ``dictionary``."""
    identity = "<00112233445566778899aabbccddeeff>"
    trailer = f"/Encrypt 6 0 R/ID[{identity}{identity}]"
    return page_pdf(CONTENTS, FONT, f"<<{dictionary}>>", page=PAGE, trailer=trailer)


def text(data: bytes, password: str | None = None) -> str:
    """The text of the first page."""
    with opened(making.of_bytes(data), password=password) as document:
        return " ".join(part.text for part in document.text_layer(0).parts)


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("filters", ["/StmF/Identity/StrF/Identity/EFF/StdCF", "/EFF/StdCF", ""])
@pytest.mark.parametrize("password", [None, "whatever"])
def test_encrypted_attachments_need_no_password(
    version: int, filters: str, password: str | None
) -> None:
    """The pages are plain; nor does a password harm."""
    assert text(encrypted(STANDARD[version] + filters), password) == "Hello words"


def test_attachments_for_certificates_need_no_certificate() -> None:
    """The pages are plain."""
    filters = "/V 4/CF<</DefEmbeddedFile<</CFM/AESV2/Recipients[<00>]>>>>/EFF/DefEmbeddedFile"
    assert text(encrypted(f"{CERTIFICATES}.s5{filters}")) == "Hello words"


@pytest.mark.parametrize("filters", ["/StmF/StdCF/StrF/StdCF", "/StrF/StdCF", "/StmF/StdCF"])
def test_what_is_encrypted_needs_its_password(filters: str) -> None:
    """Be it streams or texts alone."""
    for password in (None, "wrong"):
        with pytest.raises(PasswordError, match="doc: the PDF is encrypted"):
            text(encrypted(STANDARD[4] + filters), password)


@pytest.mark.parametrize(
    ("dictionary", "message"),
    [
        (f"{CERTIFICATES}.s4/V 2/Length 128/Recipients[<00>]", "encrypted for certificates"),
        (
            f"{CERTIFICATES}.s5/V 4/StmF/X/StrF/X/CF<</X<</CFM/AESV2>>>>",
            "encrypted for certificates",
        ),
        ("/Filter/FOPN_fLock/V 4", "encrypted by FOPN_fLock; decrypt it with"),
        ("/Filter/EBX_HANDLER/V 1", "encrypted by EBX_HANDLER; decrypt it with"),
        ("/Filter/Standard/V 9/R 9", r"encrypted in a way that is not known \(V 9, R 9\)"),
        ("/V 4", "encrypted in a way that is not known"),
    ],
)
def test_what_no_password_opens_says_so(dictionary: str, message: str) -> None:
    """It is not called damaged, and nobody is asked for a password."""
    for password in (None, "whatever"):
        with pytest.raises(UnsupportedSourceError, match=f"doc: the PDF is {message}"):
            text(encrypted(dictionary), password)


WHOLE = page_pdf(CONTENTS, FONT, page=PAGE)
TABLE = WHOLE.rindex(b"xref\n0")


def appended(update: str) -> bytes:
    """The whole file and another table of cross-references; {self} and {old} are their places."""
    text = update.format(self=len(WHOLE), old=TABLE)
    return WHOLE + f"{text}\nstartxref\n{len(WHOLE)}\n%%EOF\n".encode("ascii")


EMPTY = "xref\n0 1\n0000000000 65535 f \n"
BROKEN = {
    "a loop of tables": appended(f"{EMPTY}trailer<</Size 6/Root 1 0 R/Prev {{self}}>>"),
    "a table before the file": appended(f"{EMPTY}trailer<</Size 6/Root 1 0 R/Prev -5>>"),
    "a free page tree": appended(
        f"{EMPTY}2 1\n0000000000 65535 f \ntrailer<</Size 6/Root 1 0 R/Prev {{old}}>>"
    ),
    "wrong places": appended(
        f"{EMPTY}2 1\n0000000003 00000 n \ntrailer<</Size 6/Root 1 0 R/Prev {{old}}>>"
    ),
    "something before it": b"x" * 900 + WHOLE,
    "something after it": WHOLE + b"<html>" * 5000,
    "zeros after it": WHOLE + bytes(3000),
    "a start that is no place": WHOLE.replace(b"startxref\n%d" % TABLE, b"startxref\n99999"),
    "a start at 0": WHOLE.replace(b"startxref\n%d" % TABLE, b"startxref\n0"),
    "no table": WHOLE[:TABLE],
    "other line ends": WHOLE.replace(b"\n", b"\r\n"),
}
TREES = {
    "no children": (b"/Kids[3 0 R]", b"/Kids[]"),
    "no list of children": (b"/Kids[3 0 R]", b"/Kidz[3 0 R]"),
    "a child that is not there": (b"/Kids[3 0 R]", b"/Kids[9 0 R]"),
    "itself as a child": (b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
    "a count of 0": (b"/Count 1", b"/Count 0"),
    "a count that is no number": (b"/Count 1", b"/Count x"),
    "a count of billions": (b"/Count 1", b"/Count 2000000000"),
    "no tree": (b"/Pages 2 0 R", b"/Pagez 2 0 R"),
    "a tree that is not there": (b"/Pages 2 0 R", b"/Pages 9 0 R"),
    "a page for a tree": (b"/Pages 2 0 R", b"/Pages 3 0 R"),
    "another root": (b"/Root 1 0 R", b"/Root 5 0 R"),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_file_with_broken_references_is_repaired(data: bytes) -> None:
    """Once, as viewers do, also where MuPDF opens it and finds no page."""
    assert text(data) == "Hello words"


@pytest.mark.parametrize("change", TREES.values(), ids=TREES)
def test_pages_are_found_without_a_tree(change: tuple[bytes, bytes]) -> None:
    """Where none of its pages can be found; each page says that their order is a guess."""
    data = WHOLE.replace(*change)
    assert data != WHOLE
    assert text(data) == "Hello words"
    with opened(making.of_bytes(data)) as document:
        (warning,) = document.info(0).warnings
        assert warning.startswith("the PDF's page tree is broken")


def test_a_tree_of_which_a_page_is_missing_is_left_alone() -> None:
    """The numbers of the others stay what they are."""
    data = making.raw_pdf("/MediaBox[0 0 9 9]", "/MediaBox[0 0 8 8]")
    data = data.replace(b"/Kids[3 0 R 4 0 R]", b"/Kids[9 0 R 4 0 R]")
    with opened(making.of_bytes(data)) as document:
        assert document.total == 2
        assert (document.info(1).width, document.info(1).warnings) == (8, ())


def test_what_has_no_page_at_all_says_so() -> None:
    """After one repair."""
    with pytest.raises(SourceError, match="doc: the PDF has no pages, and none could be recovered"):
        text(making.raw_pdf())
