//! What is advised, with a planner that knows nothing but the first keys of indexes.

use std::collections::BTreeSet;

use advise::{Candidate, ConditionKind, Estimate, Planner, Seat, Settings, Size, recommend, resolve};
use model::Schema;
use model::dialect::Version;
use model::query::Origin;
use model::stats::{ColumnStats, Stats, TableStats};
use model::workload::{Workload, WorkloadQuery};
use read::{Input, Options};

const SCHEMA: &str = "
CREATE TABLE customers (id bigint, email text, country text, joined date);
CREATE TABLE orders (id bigint, customer_id bigint, seller_id bigint, status text, placed_at timestamptz, total numeric);
";

/// Several are alike, and several indexes are worth the same.
const QUERIES: &str = "
SELECT * FROM orders WHERE customer_id = $1;
SELECT * FROM orders WHERE seller_id = $1;
SELECT * FROM orders WHERE customer_id = $1 AND status = $2;
SELECT * FROM orders WHERE customer_id = $1 AND seller_id = $2;
SELECT * FROM orders WHERE seller_id = $1 AND status = 'open';
SELECT id FROM orders WHERE customer_id = $1 ORDER BY placed_at DESC;
SELECT id, total FROM orders WHERE placed_at > $1;
SELECT total FROM orders WHERE total > $1 AND placed_at > $2;
SELECT * FROM customers WHERE email = $1;
SELECT id FROM customers WHERE email = $1 AND country = $2;
SELECT * FROM customers WHERE country = $1 AND joined > $2;
SELECT c.email FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.status = $1;
SELECT o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.email = $1;
SELECT * FROM orders WHERE customer_id = $2;
SELECT * FROM orders o WHERE o.customer_id = $1;
";

/// Each key that a query has a use for takes nine tenths of the cost of its table away.
struct Keys<'a> {
    schema: &'a Schema,
    workload: &'a Workload,
    made: Vec<Candidate>,
}

impl Planner for Keys<'_> {
    fn make(&mut self, candidates: &[(Candidate, Size)]) -> Vec<Result<(), String>> {
        self.made.extend(candidates.iter().map(|(candidate, _)| candidate.clone()));
        candidates.iter().map(|_| Ok(())).collect()
    }

    fn seats(&mut self) -> Vec<Box<dyn Seat + '_>> {
        vec![Box::new(self)]
    }
}

impl Seat for Keys<'_> {
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String> {
        let query = self.workload.queries.iter().find(|query| query.sql == sql).ok_or("no such query")?;
        let (mut cost, mut used) = (0.0, BTreeSet::new());
        for asked in resolve(self.schema, &query.query) {
            let of = |number: usize| {
                let index = &self.made[number].index;
                let helps = |key: &&model::object::IndexKey| {
                    asked
                        .conditions
                        .iter()
                        .any(|condition| condition.key == key.expr && condition.kind != ConditionKind::NotNull)
                };
                let keys = index.keys.iter().take_while(helps).count();
                1000.0 * 0.1_f64.powi(keys as i32)
            };
            let on_table = standing.iter().filter(|number| {
                self.made[**number].table == asked.table && self.made[**number].index.predicate.is_none()
            });
            // A planner breaks its ties by what it finds first, and the text is the same however the indexes came.
            let best = on_table
                .map(|number| (of(*number), format!("{:?}", self.made[*number].index), *number))
                .min_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
            match best {
                Some((least, _, number)) if least < 1000.0 => {
                    cost += least;
                    used.insert(number);
                }
                _ => cost += 1000.0,
            }
        }
        Ok(Estimate { cost, used: used.into_iter().collect(), existing: Vec::new() })
    }
}

fn workload() -> (Schema, Stats, Workload) {
    let inputs = vec![Input::new("schema.sql", SCHEMA), Input::new("queries.sql", QUERIES)];
    let reading = read::read(inputs, &Options { version: Version(17, 0), unreleased: None });
    let found: Vec<_> = reading.queries.iter().filter(|found| found.origin == Origin::File).collect();
    let texts: Vec<&str> = QUERIES.trim().lines().collect();
    assert_eq!(found.len(), texts.len());
    let query = |(at, text): (usize, &&str)| WorkloadQuery {
        name: format!("query {at}").into(),
        sql: text.trim_end_matches(';').to_owned(),
        query: found[at].query.clone(),
        calls: 1.0 + (at % 3) as f64,
        mean_ms: None,
        place: None,
    };
    let queries = texts.iter().enumerate().map(query).collect();
    let mut stats = Stats::default();
    for table in reading.schema.tables() {
        let column = |_| ColumnStats { distinct: 1000.0, width: 8.0, ..ColumnStats::default() };
        let columns = table.columns.iter().map(|known| (known.name.clone(), column(known))).collect();
        let known = TableStats { rows: 1e6, bytes: 1 << 27, columns, ..TableStats::default() };
        stats.tables.insert(table.name.clone(), known);
    }
    (reading.schema, stats, Workload { queries })
}

/// The indexes, and the cost with them.
fn advised(schema: &Schema, stats: &Stats, workload: &Workload, budget: u64) -> (BTreeSet<String>, f64) {
    let mut planner = Keys { schema, workload, made: Vec::new() };
    let settings = Settings { budget: Some(budget), ..Settings::default() };
    let advice = recommend(schema, stats, workload, &settings, &mut planner);
    let total: u64 = advice.indexes.iter().map(|index| index.bytes).sum();
    assert!(total <= budget, "{total} of {budget}");
    assert!(advice.after <= advice.before);
    let helped: BTreeSet<&str> =
        advice.indexes.iter().flat_map(|index| &index.helps).map(|help| help.query.as_str()).collect();
    // Those that ask alike are helped alike, though one of them was studied.
    assert_eq!(helped.contains("query 0"), helped.contains("query 13"));
    let text = |index: &model::advice::NewIndex| format!("{} {:?}", index.table, index.index);
    (advice.indexes.iter().map(text).collect(), advice.after)
}

/// Ties are broken by what indexes and queries are, not by where they stood.
#[test]
fn the_order_of_the_workload_is_nothing() {
    let (schema, stats, workload) = workload();
    for budget in [30 << 20, 80 << 20, 1 << 40] {
        let expected = advised(&schema, &stats, &workload, budget);
        assert!(!expected.0.is_empty());
        for step in [2, 4, 7, 11, 14] {
            let count = workload.queries.len();
            // Steps without a divisor in common go through all places.
            let queries = (0..count).map(|at| workload.queries[(at * step + 3) % count].clone()).collect();
            let found = advised(&schema, &stats, &Workload { queries }, budget);
            assert_eq!(found, expected, "{budget} bytes, step {step}");
        }
    }
}
