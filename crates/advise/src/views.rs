//! Aggregations that are asked again and again, as materialized views.

use std::collections::BTreeMap;

use model::query::{Distinct, QueryKind, TargetValue};
use model::rewrite::{Offer, Proof};
use model::stats::Stats;
use model::{Expr, Kind, Name, Path, Placed, QName, Schema};

use crate::rewrite::level::{Level, Position};
use crate::rewrite::meaning::{has_policies, is_calm};

/// A view, with the queries that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub name: QName,
    pub sql: String,
    pub index: String,
    pub refresh: String,
    /// How many groups there are, by the statistics.
    pub rows: f64,
    /// The number of each query, and how it reads the view.
    pub queries: Vec<(usize, Offer)>,
}

/// The name of the way in which a query comes to read a view.
pub const RULE: &str = "materialized-view";

/// A view for each set of queries that group the same rows by the same columns; the queries are the workload's.
pub fn views(schema: &Schema, stats: &Stats, queries: &[Option<Placed>]) -> Vec<Proposal> {
    let mut groups: BTreeMap<String, Vec<(usize, Grouped<'_>)>> = BTreeMap::new();
    let mut order = Vec::new();
    for (number, placed) in queries.iter().enumerate() {
        let Some(grouped) = placed.as_ref().and_then(|placed| Grouped::of(schema, placed)) else { continue };
        let key = grouped.identity();
        if !groups.contains_key(&key) {
            order.push(key.clone());
        }
        groups.entry(key).or_default().push((number, grouped));
    }
    let mut taken = Vec::new();
    let one = |key: String| {
        let proposal = proposal(schema, stats, &groups[&key], &taken)?;
        taken.push(proposal.name.clone());
        Some(proposal)
    };
    order.into_iter().filter_map(one).collect()
}

/// A query that groups rows by columns, and nothing in it changes from one time to the next.
struct Grouped<'a> {
    level: Level<'a>,
    /// The columns, under the names of their sources.
    keys: Vec<Expr>,
    names: Vec<Name>,
}

impl<'a> Grouped<'a> {
    fn of(schema: &'a Schema, placed: &'a Placed) -> Option<Grouped<'a>> {
        let query = &placed.query;
        let level = Level::of(schema, placed, query, None, Position::Whole)?;
        let mut fixed = is_calm(query);
        query.walk(&mut |inner| {
            for expr in inner.expressions() {
                expr.walk(&mut |part| fixed &= !matches!(part, Expr::Parameter(_) | Expr::Keyword(_)));
            }
        });
        let plain = query.kind == QueryKind::Select
            && query.set.is_none()
            && query.ctes.is_empty()
            && query.having.is_none()
            && query.distinct == Distinct::No
            && query.locking.is_none()
            && level.clauses.others.is_empty()
            && !query.group_by.is_empty();
        // Everybody who may read a view reads all of it.
        let open = level.bounds.iter().all(|bound| bound.table.is_some_and(|table| !has_policies(table)));
        if !fixed || !plain || !open {
            return None;
        }
        let (mut keys, mut names) = (Vec::new(), Vec::new());
        for key in &query.group_by {
            let (_, column) = level.column(key)?;
            if names.contains(&column.name) {
                return None;
            }
            names.push(column.name.clone());
            keys.push(level.qualified(key)?);
        }
        let grouped = Grouped { level, keys, names };
        // Each item is a key or an aggregate.
        query.targets.iter().all(|target| grouped.item(&target.value).is_some()).then_some(grouped)
    }

    /// The same for queries that a view can answer together.
    fn identity(&self) -> String {
        let from = self.level.clauses.from.map_or("", |from| self.level.at(from));
        let from: Vec<&str> = from.split_whitespace().collect();
        let filter = self.level.query.filter.as_ref().and_then(|filter| self.level.qualified(filter));
        let filter = filter.map_or(format!("{:?}", self.level.filter_text()), |filter| filter.to_string());
        let mut keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        keys.sort();
        format!("{} {filter} {}", from.join(" "), keys.join(", "))
    }

    /// An item in words that are the same in every query of the group.
    fn item(&self, value: &TargetValue) -> Option<Expr> {
        let TargetValue::Expr(value) = value else { return None };
        let said = self.level.qualified(value)?;
        match value {
            Expr::Column(_) => self.keys.contains(&said).then_some(said),
            Expr::Call(call) if call.over.is_none() => {
                matches!(call.function.name.as_str(), "count" | "sum" | "avg" | "min" | "max").then_some(said)
            }
            _ => None,
        }
    }
}

fn proposal(schema: &Schema, stats: &Stats, group: &[(usize, Grouped<'_>)], taken: &[QName]) -> Option<Proposal> {
    let (_, first) = group.first()?;
    let table = first.level.bounds.first()?.table?;
    let wanted = format!("{}_by_{}", table.name.name, first.names.join("_and_"));
    let is_free = |name: &str| {
        let name = QName::new(table.name.schema.clone(), name);
        schema.table(&name).is_none() && !schema.contains(&Path::object(Kind::View, &name)) && !taken.contains(&name)
    };
    let name = (1..100)
        .map(|number| if number == 1 { wanted.clone() } else { format!("{wanted}_{number}") })
        .find(|name| name.len() < 60 && is_free(name))?;
    let view = QName::new(table.name.schema.clone(), name.as_str());
    // What it holds: the keys, and every aggregate of its queries once.
    let mut columns: Vec<(String, Name)> =
        first.keys.iter().zip(&first.names).map(|(key, name)| (key.to_string(), name.clone())).collect();
    for (_, grouped) in group {
        for target in &grouped.level.query.targets {
            let said = grouped.item(&target.value)?;
            if columns.iter().any(|(known, _)| *known == said.to_string()) {
                continue;
            }
            let Expr::Call(call) = &said else { return None };
            let of = call.args.first().and_then(Expr::as_column).map_or(String::new(), |column| format!("_{column}"));
            let stem = format!("{}{of}", call.function.name);
            let free = |name: &str| columns.iter().all(|(_, known)| known != name);
            let own = (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}_{number}") });
            let own = own.take(100).find(|name| free(name))?;
            columns.push((said.to_string(), own.into()));
        }
    }
    let quoted = |name: &Name| model::name::quoted(name).into_owned();
    let items: Vec<String> = columns.iter().map(|(said, name)| format!("{said} AS {}", quoted(name))).collect();
    let keys: Vec<String> = first.keys.iter().map(ToString::to_string).collect();
    let filter = first.level.filter_text().map_or(String::new(), |filter| format!(" WHERE {filter}"));
    let from = first.level.at(first.level.clauses.from?);
    let sql = format!(
        "CREATE MATERIALIZED VIEW {view} AS SELECT {} {from}{filter} GROUP BY {};",
        items.join(", "),
        keys.join(", ")
    );
    let named: Vec<String> = first.names.iter().map(quoted).collect();
    let mut queries = Vec::new();
    for (number, grouped) in group {
        let text = reading(grouped, &view, &columns)?;
        queries.push((*number, offer(text, &sql)));
    }
    Some(Proposal {
        index: format!("CREATE UNIQUE INDEX ON {view} ({});", named.join(", ")),
        refresh: format!("REFRESH MATERIALIZED VIEW CONCURRENTLY {view};"),
        rows: groups(stats, first),
        name: view,
        sql,
        queries,
    })
}

fn offer(sql: String, view: &str) -> Offer {
    Offer {
        rule: RULE,
        sql,
        conditions: vec!["nothing in it changes from one time to the next but the rows".to_owned()],
        caveat: Some("as old as the last refresh".to_owned()),
        proof: Proof::View { make: view.to_owned() },
    }
}

/// The query as it reads the view.
fn reading(grouped: &Grouped<'_>, view: &QName, columns: &[(String, Name)]) -> Option<String> {
    let query = grouped.level.query;
    let column = |said: &Expr| columns.iter().find(|(known, _)| *known == said.to_string()).map(|(_, name)| name);
    let mut items = Vec::new();
    for target in &query.targets {
        let said = grouped.item(&target.value)?;
        let own = column(&said)?;
        let shown = match (&target.alias, &said) {
            (Some(alias), _) => alias.clone(),
            (None, Expr::Call(call)) => call.function.name.clone(),
            (None, _) => own.clone(),
        };
        let alias = if shown == *own { String::new() } else { format!(" AS {}", model::name::quoted(&shown)) };
        items.push(format!("{}{alias}", model::name::quoted(own)));
    }
    let mut text = format!("SELECT {} FROM {view}", items.join(", "));
    for (at, order) in query.order_by.iter().enumerate() {
        let by_name = query.targets.iter().any(|target| target.alias.as_ref() == order.expr.as_column());
        let key = match &order.expr {
            Expr::Number(place) => place.to_string(),
            Expr::Column(named) if named.qualifier.is_none() && by_name => {
                model::name::quoted(&named.name).into_owned()
            }
            other => model::name::quoted(column(&grouped.level.qualified(other)?)?).into_owned(),
        };
        let nulls = match order.nulls_first {
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
            None => "",
        };
        let (word, direction) = (if at == 0 { " ORDER BY" } else { "," }, if order.descending { " DESC" } else { "" });
        text += &format!("{word} {key}{direction}{nulls}");
    }
    if let Some(limit) = grouped.level.clauses.limit {
        text += &format!(" {}", grouped.level.at(limit));
    }
    if let Some(offset) = &query.offset {
        text += &format!(" {}", grouped.level.at(offset.span));
    }
    Some(text)
}

/// How many groups there are at most: of every combination of values, and of the rows.
fn groups(stats: &Stats, grouped: &Grouped<'_>) -> f64 {
    let known = |bound: &crate::rewrite::level::Bound<'_>| stats.tables.get(&bound.table?.name);
    let rows = grouped.level.bounds.iter().filter_map(known).map(|table| table.rows).fold(0.0, f64::max);
    let values = grouped.level.query.group_by.iter().map(|key| {
        let found = grouped.level.column(key).and_then(|(at, column)| {
            let table = known(&grouped.level.bounds[at])?;
            Some(table.columns.get(&column.name)?.distinct.max(1.0))
        });
        found.unwrap_or(rows)
    });
    values.product::<f64>().min(rows)
}
