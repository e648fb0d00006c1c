use std::collections::BTreeMap;

use model::Name;
use model::stats::ColumnStats;

use super::*;
use crate::asked::Condition;

fn stats() -> TableStats {
    let column = |distinct: f64, common: &[(&str, f64)]| ColumnStats {
        distinct,
        common: common.iter().map(|(value, share)| ((*value).to_owned(), *share)).collect(),
        ..ColumnStats::default()
    };
    let columns: BTreeMap<Name, ColumnStats> = [
        ("status".into(), column(3.0, &[("done", 0.9), ("open", 0.08), ("lost", 0.02)])),
        ("customer".into(), column(50_000.0, &[("7", 0.04), ("8", 0.00003)])),
        ("gone".into(), ColumnStats { nulls: 0.97, ..ColumnStats::default() }),
    ]
    .into();
    TableStats { rows: 1e6, bytes: 1 << 27, columns, ..TableStats::default() }
}

/// What is asked of a column in the workload, each with its calls, and what is said of an index of one part.
fn check(asked: &[(&str, Option<&str>, f64)], column: &str, value: &str, expected: Option<&str>) {
    let table = QName::new("public", "t");
    let string = |text: &str| Expr::String(text.into());
    let mut constants = Constants::default();
    for (column, value, calls) in asked {
        let mut of = Asked::of(table.clone());
        let key = Expr::column(*column);
        of.conditions.push(Condition { key, kind: ConditionKind::Equal, value: value.map(string), branch: false });
        constants.add(&of, *calls);
    }
    let predicate = Expr::binary("=", Expr::column(column), string(value));
    assert_eq!(reason(&table, &predicate, &stats(), &constants).as_deref(), expected, "{column} = {value}");
}

#[test]
fn a_constant_is_worth_an_index_where_it_is_no_accident() {
    check(&[("status", Some("open"), 1.0)], "status", "open", Some("8.0 % of the rows, one of 3 values of status"));
    check(&[("status", Some("done"), 1.0)], "status", "done", None);
    check(&[("customer", Some("9"), 1.0)], "customer", "9", None);
    check(&[("customer", Some("8"), 1.0)], "customer", "8", None);
    let hot = "4.0 % of the rows, 2000 times as many as other values of customer";
    check(&[("customer", Some("7"), 1.0), ("customer", None, 9.0)], "customer", "7", Some(hot));
    let shared = "under 0.1 % of the rows, and nearly every call that asks by customer asks for it";
    let asked = [("customer", Some("9"), 40.0), ("customer", Some("9"), 60.0), ("customer", None, 5.0)];
    check(&asked, "customer", "9", Some(shared));
    let other = [("customer", Some("9"), 40.0), ("customer", Some("9"), 60.0), ("customer", None, 6.0)];
    check(&other, "customer", "9", None);
}

#[test]
fn what_is_not_there_is_a_part_without_a_constant() {
    let test = |test: &str| Expr::Test { operand: Box::new(Expr::column("gone")), test: test.into() };
    let of = |predicate: Expr| reason(&QName::new("public", "t"), &predicate, &stats(), &Constants::default());
    assert_eq!(of(test("IS NOT NULL")).as_deref(), Some("3.0 % of the rows"));
    assert_eq!(of(test("IS NULL")), None);
}
