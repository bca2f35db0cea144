"""Delimiter, quote and header are found in the first lines."""

import pytest

from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.csv_dialect import sniff_csv


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a,b\n"x;y;z",1\n"u;v;w",2\n', ","),
        ('name,tags\n"Smith, J",a|b\n"Jones, K",c\n', ","),
        ("one\n1\n2\n", ","),
        ("a,b\r1,2\r", ","),
        ("sep=;\na;b\n1;2\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_lines_alike(text: str, delimiter: str) -> None:
    assert sniff_csv(text, name="t").delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        (" a , b \n1,2\n", ("a", "b")),
        ("1,2\n3,4\n", ("x0", "x1")),
        ("0,1,2\n5.5,6.5,7.5\n", ("0", "1", "2")),
        ("name,2019,2020\nBob,3,4\n", ("name", "2019", "2020")),
        ("region,2019\nnorth,5\nsouth,6\n", ("region", "2019")),
        ("Bob,3\nAl,5\n", ("x0", "x1")),
        ("first,second\nx,y\n", ("first", "second")),
        ("2024-01-01,5.5\n2024-01-02,6.5\n", ("x0", "x1")),
        ("a,,c\n1,2,3\n", ("a", "column_2", "c")),
        ("a,b\n1,2,\n3,4,\n", ("a", "b")),
        ("a,b\nrow1,1,2\nrow2,3,4\n", ("column_1", "a", "b")),
        ('"a\nb",c\n1,2\n', ("a\nb", "c")),
        ("größe,数\n1,2\n", ("größe", "数")),
        ("\n\na,b\n1,2\n", ("a", "b")),
        ("'a','b'\n'x','y'\n'u','v'\n", ("a", "b")),
        ("Report 2025\n\na;b\n1,5;2\n3,5;4\n", ("a", "b")),
        ("Report 2025,,\n,,\nby Ana,,\na,b,c\n1,2,3\n", ("a", "b", "c")),
        ("# made by us\na,b\n1,2\n", ("a", "b")),
        (",a,b\n0,1,2\n", ("column_1", "a", "b")),
        ("a,,\n1,2,3\n4,5,6\n", ("a", "column_2", "column_3")),
        ("note\nwords, more\nothers, too\n", ("column_1", "note")),
    ],
)
def test_names_come_from_a_header_where_there_is_one(text: str, names: tuple[str, ...]) -> None:
    assert sniff_csv(text, name="t").names == names


@pytest.mark.parametrize(
    "text", ['"a\nb",é\n1,2\n', "a,b\r\n1,2\r\n", "\n\nsep=,\na,b\n1,2", "\n\nÜber alles\n\na,b\n1,2\n"]
)
def test_the_rows_start_where_the_header_ends(text: str) -> None:
    assert text.encode()[sniff_csv(text, name="t").start :].strip() == b"1,2"


def test_names_that_are_there_twice_are_refused_by_name() -> None:
    with pytest.raises(InvalidTable, match="more than one column named 'b'"):
        sniff_csv("a,b,b\n1,2,3\n", name="t")
