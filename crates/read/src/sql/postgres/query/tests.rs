use model::query::{Source, TargetValue};

use super::super::parse::parse;
use super::super::testing::{search_path, tables};
use super::*;

/// One line for each part that the query has.
fn shape(text: &str) -> String {
    let schema = tables("users(id, name); orders(id, user_id, total)");
    let search_path = search_path(&["public"]);
    let cx = Context::new(&schema, &search_path, 10);
    let parsed = parse(text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let query = query(cx, &Scope::default(), parsed.stmt.expect("a statement").syntax());
    assert_eq!(query.span.start, 10);
    let mut lines = Vec::new();
    describe(&query, "", &mut lines);
    lines.join("\n")
}

fn describe(query: &Query, indent: &str, lines: &mut Vec<String>) {
    let mut line = |text: String| lines.push(format!("{indent}{text}"));
    line(format!("{:?}", query.kind));
    match &query.distinct {
        Distinct::No => {}
        distinct => {
            line(format!("distinct {}", if let Distinct::On(keys) = distinct { list(keys) } else { "".into() }))
        }
    }
    let targets = |targets: &[Target]| {
        let target = |target: &Target| {
            let value = match &target.value {
                TargetValue::Star(of) => format!("{}*", of.iter().map(|of| format!("{of}.")).collect::<String>()),
                TargetValue::Expr(expr) => expr.to_string(),
            };
            value + &target.alias.iter().map(|alias| format!(" as {alias}")).collect::<String>()
        };
        targets.iter().map(target).collect::<Vec<_>>().join(", ")
    };
    if !query.targets.is_empty() {
        line(format!("targets {}", targets(&query.targets)));
    }
    for source in &query.from {
        line(format!("from {}", source_text(source)));
    }
    query.filter.iter().for_each(|filter| line(format!("where {filter}")));
    if !query.group_by.is_empty() {
        line(format!("group {}", list(&query.group_by)));
    }
    query.having.iter().for_each(|having| line(format!("having {having}")));
    for order in &query.order_by {
        let direction = if order.descending { " desc" } else { "" };
        let nulls = order.nulls_first.map_or("", |first| if first { " nulls first" } else { " nulls last" });
        line(format!("order {}{direction}{nulls}", order.expr));
    }
    query.limit.iter().for_each(|limit| line(format!("limit {limit}")));
    query.offset.iter().for_each(|offset| {
        line(format!("offset {} at {}..{}", offset.expr, offset.span.start, offset.span.end));
    });
    query.locking.iter().for_each(|locking| line(format!("lock {} {}", locking.strength, locking.skip_locked)));
    if let Some(write) = &query.write {
        let alias = write.alias.iter().map(|alias| format!(" as {alias}")).collect::<String>();
        line(format!("write {}{alias} ({}) rows {}", write.table, write.columns.join(", "), write.rows));
        for (column, value) in &write.assignments {
            line(format!("set {column} = {value}"));
        }
        if write.on_conflict {
            line("on conflict".into());
        }
        if !write.returning.is_empty() {
            line(format!("returning {}", targets(&write.returning)));
        }
        if let Some(query) = &write.query {
            describe(query, &format!("{indent}  "), lines);
        }
    }
    for cte in &query.ctes {
        lines.push(format!("{indent}with {}{}", cte.name, if cte.recursive { " recursive" } else { "" }));
        describe(&cte.query, &format!("{indent}  "), lines);
    }
    if let Some(set) = &query.set {
        lines.push(format!("{indent}{:?}{}", set.op, if set.all { " all" } else { "" }));
        describe(&set.left, &format!("{indent}  "), lines);
        describe(&set.right, &format!("{indent}  "), lines);
    }
}

fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn source_text(source: &Source) -> String {
    use model::query::JoinCondition;
    let alias = |alias: &Option<Name>| alias.iter().map(|alias| format!(" as {alias}")).collect::<String>();
    match source {
        Source::Table(table) => {
            format!("{}{}{}", if table.cte { "cte " } else { "" }, table.name, alias(&table.alias))
        }
        Source::Subquery { query, alias: name, lateral, .. } => {
            format!("{}({}){}", if *lateral { "lateral " } else { "" }, query.sql, alias(name))
        }
        Source::Function { call, alias: name, .. } => format!("function {call}{}", alias(name)),
        Source::Join(join) => {
            let condition = match &join.condition {
                JoinCondition::None => String::new(),
                JoinCondition::On(condition) => format!(" on {condition}"),
                JoinCondition::Using(columns) => format!(" using {}", columns.join(", ")),
                JoinCondition::Natural => " natural".into(),
            };
            format!("[{} {:?} {}{condition}]", source_text(&join.left), join.kind, source_text(&join.right))
        }
        Source::Other(text) => text.to_string(),
    }
}

#[test]
fn a_select_has_all_its_parts() {
    assert_eq!(
        shape(
            "SELECT DISTINCT u.*, count(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id JOIN orders USING (id), \
             generate_series(1, 2) g WHERE u.id > 1 GROUP BY u.id HAVING count(*) > 1 ORDER BY n DESC NULLS LAST LIMIT 5 \
             OFFSET 3 FOR UPDATE SKIP LOCKED"
        ),
        "Select\ndistinct \ntargets u.*, count(*) as n\n\
         from [[users as u Left orders as o on o.user_id = u.id] Inner orders using id]\n\
         from function generate_series(1, 2) as g\nwhere u.id > 1\ngroup u.id\nhaving count(*) > 1\n\
         order n desc nulls last\nlimit 5\noffset 3 at 229..237\nlock UPDATE true"
    );
}

#[test]
fn sets_and_common_table_expressions() {
    assert_eq!(
        shape("WITH x AS (SELECT id FROM users) SELECT id FROM x UNION ALL (SELECT 1) ORDER BY 1"),
        "Select\norder 1\nwith x\n  Select\n  targets id\n  from users\nUnion all\n  Select\n  targets id\n  from cte x\n  \
         Select\n  targets 1"
    );
    assert_eq!(shape("TABLE users"), "Select\ntargets *\nfrom users");
    assert_eq!(shape("VALUES (1), (2)"), "Values");
}

#[test]
fn writes_say_what_they_write() {
    assert_eq!(
        shape(
            "INSERT INTO users AS u (id, name) VALUES (1, 2), (3, 4) ON CONFLICT (id) DO UPDATE SET name = 1 RETURNING *"
        ),
        "Insert\nwrite users as u (id, name) rows 2\nset name = 1\non conflict\nreturning *"
    );
    assert_eq!(
        shape("INSERT INTO users SELECT id FROM orders"),
        "Insert\nwrite users () rows 0\n  Select\n  targets id\n  from orders"
    );
    assert_eq!(
        shape("UPDATE users SET name = DEFAULT, (id, name) = (1, 2) FROM orders o WHERE o.user_id = users.id"),
        "Update\nfrom orders as o\nwhere o.user_id = users.id\nwrite users () rows 0\nset name = DEFAULT\nset id = 1\nset name = 2"
    );
    assert_eq!(
        shape("DELETE FROM users USING orders RETURNING id"),
        "Delete\nfrom orders\nwrite users () rows 0\nreturning id"
    );
    assert_eq!(
        shape(
            "MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN UPDATE SET name = o.total \
             WHEN NOT MATCHED THEN INSERT (id) VALUES (o.id)"
        ),
        "Merge\nfrom orders as o\nwhere u.id = o.user_id\nwrite users as u (id) rows 1\nset name = o.total"
    );
}
