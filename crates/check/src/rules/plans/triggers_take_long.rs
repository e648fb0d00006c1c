use model::Schema;
use model::name::quoted;
use model::plan::{QueryPlan, ms};

use crate::define::rule;
use crate::findings::Findings;
use crate::plans::Look;
use crate::rule::Check;
use crate::words::grouped;

rule! {
    /// Triggers take a large part of the statement; index the columns that a foreign key looks for, or do their work for all rows at once.
    ///
    /// A trigger runs once for each row. That of a foreign key looks for the rows that refer to the one that is deleted: without
    /// an index on them it scans their table each time. The gain is what a foreign key takes beyond that with an index, and half of
    /// the time of any other trigger.
    ///
    /// ```plan,bad
    /// Delete on customers  (cost=0.42..8.44 rows=0 width=0) (actual time=0.050..0.050 rows=0 loops=1)
    ///   ->  Index Scan using customers_pkey on customers  (cost=0.42..8.44 rows=1 width=6) (actual time=0.020..0.030 rows=1 loops=1)
    ///         Index Cond: (id = 5)
    /// Trigger for constraint orders_customer_id_fkey: time=88.000 calls=1
    /// Execution Time: 88.200 ms
    /// ```
    /// ```plan,good
    /// Delete on customers  (cost=0.42..8.44 rows=0 width=0) (actual time=0.050..0.050 rows=0 loops=1)
    ///   ->  Index Scan using customers_pkey on customers  (cost=0.42..8.44 rows=1 width=6) (actual time=0.020..0.030 rows=1 loops=1)
    ///         Index Cond: (id = 5)
    /// Trigger for constraint orders_customer_id_fkey: time=0.080 calls=1
    /// Execution Time: 0.200 ms
    /// ```
    "P020", Check::Plan(check)
}

/// What it takes at most to find that nothing refers to a row, with an index.
const FOUND_MS: f64 = 0.05;

fn check(plan: &QueryPlan, schema: &Schema, findings: &mut Findings<'_>) {
    let look = Look::at(plan);
    for trigger in &plan.triggers {
        let Some(took) = trigger.ms else { continue };
        let (gain, what) = match &trigger.constraint {
            Some(constraint) => (took - trigger.calls * FOUND_MS, format!("the constraint {constraint}")),
            None => (took / 2.0, format!("the trigger {}", trigger.name)),
        };
        let message = format!("{what} took {} in {} calls", ms(took), grouped(trigger.calls));
        let Some(draft) = look.say_of_plan(findings, gain, 0.0, message) else { continue };
        let Some(constraint) = &trigger.constraint else {
            draft.why("it runs once for each row; one for the whole statement sees all rows in a transition table");
            continue;
        };
        let tables = schema.tables().filter(|table| table.constraints.iter().any(|one| one.name == *constraint));
        let key = tables.into_iter().find_map(|table| {
            let one = table.constraints.iter().find(|one| one.name == *constraint)?;
            let columns: Vec<String> = one.columns().iter().map(|name| quoted(name).into_owned()).collect();
            (!columns.is_empty()).then(|| (table.name.clone(), columns))
        });
        match key {
            Some((table, columns)) => {
                draft.run(format!("CREATE INDEX CONCURRENTLY ON {table} ({})", columns.join(", ")))
            }
            None => draft.why("it looks for rows that refer to this one; their columns need an index"),
        };
    }
}
