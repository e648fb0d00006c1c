use super::*;

fn check(text: &str, expected: &str) {
    let prepared = prepare(text);
    assert_eq!(prepared.text, expected);
    assert_eq!(prepared.text.len(), text.len());
}

fn same(text: &str) {
    check(text, text);
}

#[test]
fn plain_sql_is_borrowed() {
    let text = "SELECT '\\x', \"\\y\", $$ \\z $$ -- \\w\n/* \\v */ FROM t;";
    assert!(matches!(prepare(text).text, Cow::Borrowed(_)));
}

#[test]
fn psql_commands_are_blanked_to_the_end_of_the_line() {
    check("\\restrict abc\nSELECT 1;\r\n\\connect db\r\n", "             \nSELECT 1;\r\n           \r\n");
    check("\\set x 'it''s'\nSELECT 1", "               \nSELECT 1".replacen(' ', "", 1).as_str());
    check("SELECT 'a' \\gexec\nSELECT 2", "SELECT 'a' ;     \nSELECT 2");
    check("SELECT 1\\; SELECT 2;", "SELECT 1 ; SELECT 2;");
    check("\\gexec\nSELECT 1", "      \nSELECT 1");
}

#[test]
fn copy_data_is_blanked_to_its_mark() {
    check("COPY t (a) FROM stdin;\nit's\t\\N\n\\.\nSELECT 1;", "COPY t (a) FROM stdin;\n       \n  \nSELECT 1;");
    check("COPY t FROM STDIN WITH (FORMAT csv);\n;\n\\.\n", "COPY t FROM STDIN WITH (FORMAT csv);\n \n  \n");
    same("COPY t FROM stdin;\nSELECT 1;");
    same("COPY t TO stdout;\nSELECT 1;");
}

#[test]
fn byte_order_mark_and_control_bytes_are_blanked() {
    check("\u{feff}SELECT\u{0} 1;\u{1}", "   SELECT  1; ");
}

#[test]
fn templates_become_names_of_their_length() {
    check("SELECT * FROM {{ .Table }};", "SELECT * FROM ____Table___;");
    check("DROP TABLE ${table}_old;", "DROP TABLE __table__old;");
    check("SELECT <%= x %>;", "SELECT ____x___;");
    check("{% if a %}\nSELECT 1;\n{% endif %}", "          \nSELECT 1;\n           ");
    check("{{- if .A }}SELECT 1;{{ end }}", "            SELECT 1;         ");
    check("SELECT '{{ .X }}';", "SELECT '{{ .X }}';");
}

#[test]
fn a_templated_schema_goes_with_its_dot() {
    check("CREATE TABLE {{ index .O \"ns\" }}.users ();", "CREATE TABLE                     users ();");
    check("CREATE TABLE ${schema}.\"users\" ();", "CREATE TABLE           \"users\" ();");
    check("CREATE TABLE \"${schema}\".users ();", "CREATE TABLE             users ();");
}

#[test]
fn templates_in_bodies_are_found() {
    check("DO $$ BEGIN DELETE FROM {{.S}}.t; END $$;", "DO $$ BEGIN DELETE FROM        t; END $$;");
}

#[test]
fn templated_statements_are_known() {
    let prepared = prepare("SELECT 1; SELECT ${x};");
    assert!(!prepared.is_templated(0..8));
    assert!(prepared.is_templated(10..21));
}

#[test]
fn named_placeholders_become_parameters() {
    check("WHERE a = :id AND b = :name AND c = :id", "WHERE a =  $1 AND b =    $2 AND c =  $1");
    check("SELECT * FROM :tbl WHERE x IN (@a, @b)", "SELECT * FROM _tbl WHERE x IN ($1, $2)");
    check("SELECT * FROM :s.t", "SELECT * FROM _s.t");
    check("VALUES (:'a', :\"b\")", "VALUES ( 'a',  \"b\")");
    check("WHERE a = %(id)s AND b = %s", "WHERE a =     $1 AND b = $2");
    check("WHERE a = ? AND b IN (?, ?) LIMIT ?", "WHERE a = $ AND b IN ($, $) LIMIT $");
}

#[test]
fn operators_are_no_placeholders() {
    same("SELECT a::text, b :: int, c[1:2], c[1:n], c[:n], x @> y, x <@ y, x @@ y, a ? 'k', a ?| b, a ?& b, a @? b");
    same("SELECT a % b, '12:30:00', f(a => 1), b := 2, x %s");
    same("SELECT a <-> b, a#>>'{}', @ -5, |/ 25");
}

#[test]
fn functions_of_sqlc_are_placeholders() {
    check("SELECT sqlc.embed(u) FROM u WHERE a = sqlc.arg(a)", "SELECT u.*           FROM u WHERE a =          $1");
    same("SELECT sqlc.other(u), sqlc.arg(1 + 2), msqlc.arg(a)");
}

#[test]
fn a_statement_alone_is_numbered_throughout() {
    for (text, expected) in [
        ("WHERE a = ? AND b IN (?, ?) LIMIT ?", "WHERE a = $1 AND b IN ($2, $3) LIMIT $4"),
        ("WHERE a = @a AND b = sqlc.narg('b') AND c = :c", "WHERE a = $1 AND b = $2 AND c = $3"),
        ("WHERE a = @a OR sqlc.arg(a) IS NULL", "WHERE a = $1 OR $1 IS NULL"),
        ("VALUES (:a,:b,:c,:d,:e,:f,:g,:h,:i,:j,:a)", "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$1)"),
        ("WHERE a = $1 AND b ? 'k'", "WHERE a = $1 AND b ? 'k'"),
    ] {
        assert_eq!(super::numbered(text), expected);
    }
}
