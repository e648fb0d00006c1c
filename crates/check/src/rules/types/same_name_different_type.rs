use std::collections::BTreeMap;

use model::object::{Column, Table};
use model::{Change, Name, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path};
use crate::words::{counted, listed};

rule! {
    /// A column has another type than the columns of its name in all other tables; give it theirs.
    ///
    /// Joins between them convert every row, which no index serves, and a value that one table takes is refused by the next.
    /// Only names of two words and more that most tables agree on are compared, and only sorts of types: the length of a
    /// text and the width of an integer are other questions.
    ///
    /// ```sql,bad
    /// CREATE TABLE a (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE b (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE c (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE d (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE e (id bigint PRIMARY KEY, account_number bigint);
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE b (id bigint PRIMARY KEY, account_number varchar(20));
    /// CREATE TABLE c (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE d (id bigint PRIMARY KEY, account_number text);
    /// CREATE TABLE e (id bigint PRIMARY KEY, account_number text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY, value text);
    /// CREATE TABLE b (id bigint PRIMARY KEY, value text);
    /// CREATE TABLE c (id bigint PRIMARY KEY, value text);
    /// CREATE TABLE d (id bigint PRIMARY KEY, value text);
    /// CREATE TABLE e (id bigint PRIMARY KEY, value numeric);
    /// ```
    "T028", note, fix, Check::Schema(check)
}

/// So many tables agree, and at most one in four does not.
const FEWEST: usize = 4;
const SHARE: usize = 4;

/// The columns of each sort of type.
type Sorts<'a> = BTreeMap<&'static str, Vec<(&'a Table, &'a Column)>>;

fn check(_: &Schema, findings: &mut Findings<'_>) {
    let mut named: BTreeMap<&Name, Sorts<'_>> = BTreeMap::new();
    let sight = findings.sight();
    let mut sorts: Vec<Option<&str>> = vec![None; sight.spellings().len()];
    let mut differ = vec![false; sorts.len()];
    for At { column, spelling, .. } in sight.columns() {
        let Some(sort) = sort(&column.ty) else { continue };
        differ[spelling.rank] |= *sorts[spelling.rank].get_or_insert(sort) != sort;
    }
    let says_much = |name: &Name| name.contains('_') || name.contains(char::is_uppercase);
    for At { table, column, .. } in sight.columns_spelled(|spelling| differ[spelling.rank] && says_much(spelling.name))
    {
        let Some(sort) = sort(&column.ty) else { continue };
        named.entry(&column.name).or_default().entry(sort).or_default().push((table, column));
    }
    for sorts in named.into_values().filter(|sorts| sorts.len() > 1) {
        let total: usize = sorts.values().map(Vec::len).sum();
        let Some((usual, agreeing)) = sorts.iter().max_by_key(|(_, columns)| columns.len()) else { continue };
        let Some(model) = agreeing.first().map(|(_, column)| &column.ty) else { continue };
        if agreeing.len() < FEWEST || (total - agreeing.len()) * SHARE > total {
            continue;
        }
        let sample = listed(agreeing.iter().take(3).map(|(table, _)| &table.name));
        for (table, column) in sorts.iter().filter(|(sort, _)| *sort != usual).flat_map(|(_, columns)| columns) {
            let path = column_path(table, column);
            let message = format!(
                "{}.{} is {} and {usual} in {}",
                table.name,
                column.name,
                column.ty,
                counted(agreeing.len(), "other table", "other tables")
            );
            let draft = findings
                .at_type(&path, message)
                .why(format!("a join with {sample} converts every row, and no index serves it"));
            if column.default.is_none() && column.generated.is_none() {
                draft.unsafe_fix(format!("make it {model}"), vec![Change::set_type(path, model.clone())]);
            }
        }
    }
}

/// Types that are compared without a thought. Documents and arrays are left out: they hold anything.
fn sort(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::SmallInt | Type::Integer | Type::BigInt => "an integer",
        Type::Real | Type::Double | Type::Numeric(_) | Type::Money => "a decimal number",
        Type::Text | Type::Varchar(_) | Type::Char(_) => "text",
        Type::Boolean => "a boolean",
        Type::Date | Type::Timestamp { .. } => "a time",
        Type::Uuid => "a UUID",
        _ => return None,
    })
}
