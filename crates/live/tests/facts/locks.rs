//! What each form of a statement does, as it was seen on every version: its locks, and whether it writes or reads a
//! whole table. And whether the code says the same.

use std::collections::BTreeMap;

use check::{House, Settings};
use live::trace::{Lock, RelationKind, Scan};
use live::{Trace, Tracer, testing};
use model::dialect::{POSTGRES, Version};
use model::{Claim, LockMode, QName, Reading};
use read::Input;

use crate::forms::{Form, groups};
use crate::schema::{Host, SCHEMA};
use crate::{compare, docs, versions};

/// The cells of a row.
type Cells = [String; 4];

const PAGE: &str = "\
# What statements lock

Every line was watched on a real server of each version: the strongest lock on each relation that was there before,
whether a table or index was written anew, whether a table was read from end to end, and whose work has to wait while the
lock is held: *reads* are SELECT, *writes* INSERT, UPDATE, DELETE and MERGE, *maintenance* VACUUM, ANALYZE, concurrent index
builds and validations. Locks on indexes are listed for the statements about indexes, unless they are concurrent. The schema is the one of
[facts](facts.md); each table has at least five rows, and the session is not in UTC.

What is read is not known of statements that refuse to run in a transaction, which are watched from outside: `?`.

Printed by `PALLADIO_TEST_MAJORS=all UPDATE=1 cargo test -p live --test facts`; what is known of a version that is not at
hand stays as it is.
";

#[test]
fn locks_of_every_form() {
    let majors = testing::majors();
    if majors.is_empty() {
        return;
    }
    let path = docs("locks.md");
    let mut seen = committed(&std::fs::read_to_string(&path).unwrap_or_default());
    let mut wrong = Vec::new();
    for major in majors {
        let Some(host) = Host::start(major) else { return };
        for form in groups().into_iter().flat_map(|(_, forms)| forms) {
            let watched = watch(&host, &form);
            if let Ok(trace) = &watched {
                wrong.extend(disagreements(&form, trace, major));
            }
            seen.insert((form.sql.to_owned(), major), cells(&form, watched));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} claims of the code are otherwise:\n{}", wrong.len(), wrong.join("\n"));
    compare(&path, &page(&seen));
}

/// What was seen, or what the server said against it.
fn watch(host: &Host, form: &Form) -> Result<Trace, String> {
    let (mut client, mut observer) = host.copy();
    client.batch_execute(form.setup).unwrap_or_else(|error| panic!("{}: the setup: {error:?}", form.sql));
    let mut tracer = Tracer::new(&mut client, &mut observer).expect("the server answers");
    tracer
        .run(form.sql, Some(&QName::public(form.table)))
        .expect("the server answers")
        .map_err(|refusal| refusal.message)
}

fn cells(form: &Form, watched: Result<Trace, String>) -> Cells {
    let trace = match watched {
        Ok(trace) => trace,
        Err(_) => return ["refused".to_owned(), String::new(), String::new(), String::new()],
    };
    // Of what is done concurrently, the index is locked when nobody uses it any more, in a moment that is easily missed.
    let about_index = form.sql.contains("INDEX") && !form.sql.contains("CONCURRENTLY");
    let is_index = |kind: RelationKind| matches!(kind, RelationKind::Index | RelationKind::PartitionedIndex);
    let old = trace.locks.iter().filter(|lock| !lock.new);
    let locks: Vec<_> = old.filter(|lock| about_index || !is_index(lock.kind)).collect();
    let list = |words: Vec<String>| if words.is_empty() { "–".to_owned() } else { words.join(", ") };
    let names = |names: Vec<&QName>| list(names.into_iter().map(QName::to_string).collect());
    // A weak lock on a table beside a strong one on another says nothing that anybody waits for.
    let strongest = locks.iter().map(|lock| lock.mode).max();
    let waits = strongest.map_or(Vec::new(), |mode| {
        let kinds =
            [(mode.blocks_reads(), "reads"), (mode.blocks_writes(), "writes"), (mode.blocks_ddl(), "maintenance")];
        kinds.into_iter().filter(|(waits, _)| *waits).map(|(_, word)| word.to_owned()).collect()
    });
    let scans = match trace.outside {
        true => "?".to_owned(),
        false => {
            // An index is looked into, and a new table has nothing to wait for.
            let is_old = |name: &QName| trace.locks.iter().any(|lock| is_old_table(lock, name));
            let scans = trace.scans.iter().filter(|scan| scan.rows > 0 && is_old(&scan.relation));
            names(scans.map(|scan| &scan.relation).collect())
        }
    };
    [
        list(locks.iter().map(|lock| format!("{} on {}", lock.mode.name(), lock.relation)).collect()),
        names(trace.rewritten.iter().collect()),
        scans,
        list(waits),
    ]
}

/// What the rules say of a form, and the server shows otherwise.
fn disagreements(form: &Form, trace: &Trace, major: u16) -> Vec<String> {
    let version = Version(major, 0);
    let inputs = vec![
        Input::new("migrations/0001_schema.sql", &format!("{SCHEMA}{};\n", form.setup)),
        Input::new("migrations/0002_form.sql", &format!("{};\n", form.sql)),
    ];
    let reading = read::read(inputs, &read::Options { version, unreleased: None });
    let enabled = check::rules().iter().map(|rule| rule.code).collect();
    let (target, house) = (&POSTGRES, House::default());
    let settings = Settings {
        version,
        target,
        house,
        enabled,
        severities: BTreeMap::new(),
        fresh: None,
        edited: Default::default(),
    };
    let mut wrong = Vec::new();
    let mut say = |words: String| wrong.push(format!("{}: {words} on PostgreSQL {major}", form.sql));
    let mut rewrites = Vec::new();
    for finding in check::check(&reading, &settings) {
        for claim in finding.claims {
            let (holds, words) = match &claim {
                Claim::Lock { relation, mode } => (strongest(trace, relation) >= Some(*mode), "takes another lock"),
                Claim::Rewrite { relation } => {
                    rewrites.push(relation.clone());
                    (trace.rewritten.contains(relation), "does not rewrite")
                }
                Claim::Scan { relation } => {
                    // The rows of a partitioned table are in its partitions.
                    let is_partitioned = |lock: &&Lock| lock.kind == RelationKind::PartitionedTable;
                    let own = trace.locks.iter().find(|lock| lock.relation == *relation).filter(is_partitioned);
                    let reads = |scan: &Scan| own.is_some() || scan.relation == *relation;
                    (trace.outside || trace.scans.iter().any(reads), "does not read")
                }
                // The statement was taken.
                Claim::Refusal { .. } => (false, "takes it"),
                Claim::RefusalWithRows { .. } => continue,
            };
            if !holds {
                say(format!("{} claims {claim:?}, and the server {words}", finding.name));
            }
        }
    }
    for name in trace.rewritten.iter().filter(|name| trace.locks.iter().any(|lock| is_old_table(lock, name))) {
        if !rewrites.contains(name) && !NO_RULE.contains(&form.sql) {
            say(format!("no rule says that {name} is written anew"));
        }
    }
    wrong.extend(of_access_exclusive(form, trace, &reading, major));
    wrong
}

/// Where the server writes a table anew and that is not what a rule has to say of the statement.
const NO_RULE: [&str; 4] =
    ["VACUUM FULL orders", "CLUSTER orders USING orders_pkey", "TRUNCATE lines", "REFRESH MATERIALIZED VIEW totals"];

fn is_old_table(lock: &Lock, name: &QName) -> bool {
    !lock.new && lock.relation == *name && lock.kind.is_table()
}

fn strongest(trace: &Trace, name: &QName) -> Option<LockMode> {
    trace.locks.iter().filter(|lock| lock.relation == *name).map(|lock| lock.mode).max()
}

/// The tables that the code takes for closed are those that the server closed.
fn of_access_exclusive(form: &Form, trace: &Trace, reading: &Reading, major: u16) -> Option<String> {
    let step = reading.migrations.iter().flat_map(|migration| &migration.steps).last()?;
    // Its locks are those of several transactions, each of which is short.
    if step.how.concurrently {
        return None;
    }
    let mut said = check::locks::access_exclusive(step);
    let closed = trace.locks.iter().filter(|lock| !lock.new && lock.mode == LockMode::AccessExclusive);
    // Materialized views are no tables, and of a table that goes away nothing is left to be waited for.
    let stays = |name: &QName| {
        form.sql.contains(" RENAME TO ") || form.sql.contains(" SET SCHEMA ") || reading.schema.table(name).is_some()
    };
    let tables = closed.filter(|lock| matches!(lock.kind, RelationKind::Table | RelationKind::PartitionedTable));
    let mut closed: Vec<QName> = tables.map(|lock| lock.relation.clone()).filter(stays).collect();
    said.sort();
    said.dedup();
    closed.sort();
    let words = |names: &[QName]| names.iter().map(QName::to_string).collect::<Vec<_>>().join(", ");
    (said != closed).then(|| {
        let (said, closed) = (words(&said), words(&closed));
        format!("{}: closes [{closed}], and the code says [{said}] on PostgreSQL {major}", form.sql)
    })
}

fn page(seen: &BTreeMap<(String, u16), Cells>) -> String {
    let mut page = PAGE.to_owned();
    for (title, forms) in groups() {
        page += &format!("\n## {title}\n\n| statement | PostgreSQL | locks | writes anew | reads | who waits |\n");
        page += "|---|---|---|---|---|---|\n";
        for form in forms {
            for (from, to, cells) in ranges(form.sql, seen) {
                let versions = if from == to { from.to_string() } else { format!("{from}–{to}") };
                page += &format!("| `{}` | {versions} | {} |\n", form.sql, cells.join(" | "));
            }
        }
    }
    page
}

/// Neighbouring versions with the same cells are one row.
fn ranges(sql: &str, seen: &BTreeMap<(String, u16), Cells>) -> Vec<(u16, u16, Cells)> {
    let mut ranges: Vec<(u16, u16, Cells)> = Vec::new();
    for version in versions() {
        let Some(cells) = seen.get(&(sql.to_owned(), version)) else { continue };
        match ranges.last_mut() {
            Some((_, to, same)) if *to + 1 == version && same == cells => *to = version,
            _ => ranges.push((version, version, cells.clone())),
        }
    }
    ranges
}

/// The rows of a page as it was printed.
fn committed(page: &str) -> BTreeMap<(String, u16), Cells> {
    let mut seen = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [sql, range, locks, rewrites, scans, waits] = cells[..] else { continue };
        let (from, to) = range.split_once('–').unwrap_or((range, range));
        let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) else { continue };
        for version in from..=to {
            let cells = [locks, rewrites, scans, waits].map(str::to_owned);
            seen.insert((sql.trim_matches('`').to_owned(), version), cells);
        }
    }
    seen
}
