//! What a session asked again and again, as far as it is understood.

use ::advise::loops::keys;
use model::workload::{Loop, LoopKind};
use read::sql::postgres::placed;

use super::Ground;

/// So many are looked at, those that took most time first.
const MOST: usize = 1000;

pub(crate) fn loops(ground: &Ground) -> Vec<Loop> {
    let mut found = Vec::new();
    for repeat in ground.traffic.repeats.iter().take(MOST) {
        let what = match &repeat.varying {
            // What reads no table is no work.
            None => placed(&ground.schema, &repeat.first)
                .filter(|asked| !asked.query.tables().is_empty())
                .map(|_| LoopKind::Same),
            Some(varying) => placed(&ground.schema, varying).and_then(|asked| {
                let before = repeat.before.as_deref().and_then(|before| placed(&ground.schema, before));
                keys(&ground.schema, &asked, before.as_ref())
            }),
        };
        let query = ground.names.get(repeat.statement).cloned().flatten().unwrap_or_else(|| "a query".into());
        found.extend(what.map(|what| Loop { query, repeat: repeat.clone(), what }));
    }
    found
}
