//! The bounds of partitions, as far as rules compare them.

use model::object::{PartitionOf, Table};
use model::{QName, Schema};

/// What a partition takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Default,
    /// From one text up to another, for a key of one column.
    Range(String, String),
    /// The rows whose hash leaves this remainder.
    Hash {
        modulus: u32,
        remainder: u32,
    },
    /// A list, or a range over several columns.
    Other,
}

pub(crate) fn bound(partition: &PartitionOf) -> Bound {
    let text = partition.bound.to_string();
    let upper = text.to_ascii_uppercase();
    if upper == "DEFAULT" {
        return Bound::Default;
    }
    if let Some(range) =
        text.get(..17).filter(|_| upper.starts_with("FOR VALUES FROM (")).and_then(|start| text.strip_prefix(start))
    {
        let sides = range.split_once(") TO (").or_else(|| range.split_once(") to ("));
        let Some((from, to)) = sides else { return Bound::Other };
        let to = to.trim_end_matches(')');
        return match from.contains(',') || to.contains(',') {
            true => Bound::Other,
            false => Bound::Range(from.to_owned(), to.to_owned()),
        };
    }
    let after = |word: &str| {
        let rest = &upper[upper.find(word)? + word.len()..];
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    match (after("MODULUS"), after("REMAINDER")) {
        (Some(modulus), Some(remainder)) => Bound::Hash { modulus, remainder },
        _ => Bound::Other,
    }
}

/// The partitions that the sources make, each with its bound.
pub(crate) fn partitions<'a>(schema: &'a Schema, table: &QName) -> Vec<(&'a Table, Bound)> {
    let children = schema.children(table).filter_map(|name| schema.table(name));
    children.filter_map(|child| Some((child, bound(child.partition_of.as_ref()?)))).collect()
}

/// Something makes partitions while the database runs: an extension, or a function that puts statements together.
pub(crate) fn are_made_at_run_time(schema: &Schema) -> bool {
    let by_extension =
        schema.extensions().any(|extension| matches!(extension.name.as_str(), "pg_partman" | "timescaledb"));
    by_extension
        || schema.routines().any(|routine| match &routine.body {
            model::object::Body::Source(source) => source.to_ascii_lowercase().contains("partition"),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use model::Sql;

    use super::*;

    #[test]
    fn bounds_are_read() {
        let read = |text: &str| bound(&PartitionOf { parent: QName::public("t"), bound: Sql::text(text) });
        assert_eq!(read("DEFAULT"), Bound::Default);
        assert_eq!(
            read("FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)"),
            Bound::Range("'2024-01-01'".into(), "MAXVALUE".into())
        );
        assert_eq!(read("FOR VALUES FROM (1, 2) TO (3, 4)"), Bound::Other);
        assert_eq!(read("FOR VALUES WITH (modulus 4, remainder 1)"), Bound::Hash { modulus: 4, remainder: 1 });
        assert_eq!(read("FOR VALUES IN ('a', 'b')"), Bound::Other);
    }
}
