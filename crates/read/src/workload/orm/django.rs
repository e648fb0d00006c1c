//! Django: `(0.001) SELECT … WHERE "id" = 1; args=(1,); alias=default`. The values stand in the statement already.

use super::{More, Query, Said, is_sql};

pub(super) fn line(line: &str) -> Said<'_> {
    let Some(at) = line.find("; args=") else { return Said::Other };
    let head = &line[..at];
    let mut from = 0;
    while let Some(open) = head[from..].find('(').map(|at| from + at) {
        from = open + 1;
        let Some((number, sql)) = head[from..].split_once(") ") else { break };
        if let Ok(seconds) = number.parse::<f64>()
            && is_sql(sql)
        {
            let ms = Some(seconds * 1000.0);
            return Said::Query(Query { sql, ms, more: More::None, ..Query::default() });
        }
    }
    Said::Other
}
