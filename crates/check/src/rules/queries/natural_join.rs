use model::query::{FoundQuery, Join, JoinCondition, Source, TableSource};
use model::{Edit, Name, Place, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{is_editable, repeated};
use crate::rule::Check;
use crate::words::{comma, listed};

rule! {
    /// NATURAL JOIN joins by whatever columns have the same name, and a new column changes what it means; name the columns.
    ///
    /// When both tables get an `updated_at`, rows must agree in it too, and the query returns next to nothing, without an
    /// error. Where no name is the same, it is a cross join.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (user_id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (order_id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT email, order_id FROM users NATURAL JOIN orders;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (user_id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (order_id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT email, order_id FROM users NATURAL LEFT JOIN orders;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (user_id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (order_id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT email, order_id FROM users JOIN orders USING (user_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT email, orders.id FROM users JOIN orders ON orders.user_id = users.id;
    /// ```
    "Q024", known, fix, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        let mut joins = Vec::new();
        level.from.iter().for_each(|source| natural_joins(source, &mut joins));
        for join in joins {
            let columns = same_names(schema, join);
            let what = match &columns {
                Some((_, columns)) if columns.is_empty() => {
                    "no column has the same name: every row meets every row".to_string()
                }
                Some((_, columns)) => format!("today it joins by {}", listed(columns)),
                None => "which columns it joins by does not stand here".to_string(),
            };
            let edits = match columns.filter(|(_, columns)| !columns.is_empty() && is_editable(found)) {
                Some((right, columns)) => by_using(findings, found.place, right, &columns),
                None => Vec::new(),
            };
            findings
                .here(found.place, "a new column changes by what this joins")
                .span(level.span)
                .words("NATURAL")
                .why(what)
                .edit("name the columns", edits);
        }
    }
}

fn natural_joins<'q>(source: &'q Source, found: &mut Vec<&'q Join>) {
    let Source::Join(join) = source else { return };
    natural_joins(&join.left, found);
    natural_joins(&join.right, found);
    if join.condition == JoinCondition::Natural {
        found.push(join);
    }
}

/// The columns that both sides have, when both are known tables.
fn same_names<'q>(schema: &Schema, join: &'q Join) -> Option<(&'q TableSource, Vec<Name>)> {
    let (Source::Table(left), Source::Table(right)) = (&join.left, &join.right) else { return None };
    let (one, other) = (schema.table(&left.name)?, schema.table(&right.name)?);
    let both = one.columns.iter().map(|column| &column.name).filter(|name| other.column(name).is_some());
    Some((right, both.cloned().collect()))
}

fn by_using(findings: &Findings<'_>, place: Place, right: &TableSource, columns: &[Name]) -> Vec<Edit> {
    let mut edits =
        ["NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL INNER JOIN", "NATURAL RIGHT JOIN", "NATURAL FULL JOIN"]
            .iter()
            .flat_map(|words| findings.replace(place, words, words.trim_start_matches("NATURAL ")))
            .collect::<Vec<Edit>>();
    if edits.len() != 1 || right.span.end <= right.span.start {
        return Vec::new();
    }
    let names = comma(columns.iter().map(|name| model::name::quoted(name).into_owned()));
    edits.push(findings.append(place.narrowed(right.span), &format!("USING ({names})")));
    edits
}
