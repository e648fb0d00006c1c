use super::check;

#[test]
fn a_column_with_its_constraints() {
    check(&["create table t (id int)"], "");
}
