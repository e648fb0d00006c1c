//! Extended statistics.

use model::object::Statistics;

use super::{index, words};

pub(super) fn create(statistics: &Statistics) -> Vec<String> {
    let name = if statistics.name.name.is_empty() { String::new() } else { format!(" {}", statistics.name) };
    let kinds =
        if statistics.kinds.is_empty() { String::new() } else { format!(" ({})", words::names(&statistics.kinds)) };
    let keys = statistics.keys.iter().map(index::key_expression).collect::<Vec<_>>().join(", ");
    let create = format!("CREATE STATISTICS{name}{kinds} ON {keys} FROM {};", statistics.table);
    let target =
        statistics.target.map(|target| format!("ALTER STATISTICS {} SET STATISTICS {target};", statistics.name));
    std::iter::once(create).chain(target).collect()
}
