use model::Name;
use model::expr::Sql;
use model::place::Span;
use model::query::{Query, QueryKind};
use model::{Expr, QName};

use super::*;
use crate::asked::{Condition, ConditionKind};

/// Queries by number: what they ask of a table by its column, their cost and calls.
fn queries(of: &[(&str, &str, f64, f64)]) -> Vec<(WorkloadQuery, Vec<Asked>, f64)> {
    let query = |(at, (table, column, cost, calls)): (usize, &(&str, &str, f64, f64))| {
        let condition = Condition {
            key: Expr::column(Name::from(*column)),
            kind: ConditionKind::Equal,
            value: None,
            branch: false,
        };
        let mut asked = Asked::of(QName::new("public", *table));
        asked.conditions.push(condition);
        let query = WorkloadQuery {
            name: format!("q{at}").into(),
            sql: format!("q{at:06}"),
            query: Query::opaque(QueryKind::Select, Sql::default(), Span::default()),
            calls: *calls,
            mean_ms: None,
            place: None,
        };
        (query, vec![asked], *cost)
    };
    of.iter().enumerate().map(query).collect()
}

fn shapes(of: &[(&str, &str, f64, f64)]) -> Shapes {
    let queries = queries(of);
    let seen: Vec<Seen<'_>> =
        queries.iter().map(|(query, asked, before)| Seen { query, asked: asked.clone(), before: *before }).collect();
    Shapes::of(&seen)
}

#[test]
fn those_that_ask_alike_and_cost_alike_are_one() {
    let found =
        shapes(&[("t", "a", 100.0, 3.0), ("t", "b", 100.0, 1.0), ("t", "a", 90.0, 10.0), ("t", "a", 10.0, 1.0)]);
    let members: Vec<(usize, Vec<usize>, f64)> =
        found.studied.into_iter().map(|shape| (shape.first, shape.members, shape.weight)).collect();
    assert_eq!(members, [(0, vec![0, 2], 12.0), (1, vec![1], 1.0), (3, vec![3], 1.0)]);
}

/// What the workload costs is what the representatives stand for, with what is said to be left.
#[test]
fn no_cost_and_no_query_is_lost() {
    let columns: Vec<String> = (0..700).map(|number| format!("c{number}")).collect();
    let mut of: Vec<(&str, &str, f64, f64)> = Vec::new();
    for number in 0..3500_usize {
        let cost = 1.0 + (number * 7919 % 3499) as f64;
        of.push((
            ["t", "u", "v"][number % 3],
            columns[number * number % 700].as_str(),
            cost,
            1.0 + (number % 5) as f64,
        ));
    }
    let found = shapes(&of);
    let represented: usize = found.studied.iter().map(|shape| shape.members.len()).sum();
    assert_eq!(represented + found.alone, of.len());
    let stands: f64 = found.studied.iter().map(|shape| shape.weight * of[shape.first].2).sum();
    let all: f64 = of.iter().map(|(_, _, cost, calls)| cost * calls).sum();
    assert!((stands + found.others - all).abs() < 1e-6 * all, "{stands} + {} of {all}", found.others);
    assert!(found.studied.len() <= STUDIED);
}
