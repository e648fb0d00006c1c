use super::check;

#[test]
fn a_column() {
    check(
        &["create table t (id int)"],
        r#"create table t Table(Table { name: {"t" }, columns: [Column { name: "id", ty: Integer }] })"#,
    );
}
