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
        let mut repeat = repeat.clone();
        let what = match &repeat.varying {
            // What reads no table is no work.
            None => placed(&ground.schema, &repeat.first)
                .filter(|asked| !asked.query.tables().is_empty())
                .map(|_| LoopKind::Same),
            Some(varying) => placed(&ground.schema, varying).and_then(|asked| {
                let alone = keys(&ground.schema, &asked, None)?;
                // The last of those before it whose rows lead here.
                let joined = repeat.before.iter().find_map(|before| {
                    let placed = placed(&ground.schema, before)?;
                    let what = keys(&ground.schema, &asked, Some(&placed))?;
                    matches!(what, LoopKind::Keys { joined: Some(_), .. }).then(|| (before.clone(), what))
                });
                Some(match joined {
                    Some((before, what)) => {
                        repeat.before = vec![before];
                        what
                    }
                    None => alone,
                })
            }),
        };
        let query = ground.names.get(repeat.statement).cloned().flatten().unwrap_or_else(|| "a query".into());
        found.extend(what.map(|what| Loop { query, repeat, what }));
    }
    found
}
