use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::comma;

rule! {
    /// A key holds the partition key besides the number, so the number alone may repeat; look rows up by both.
    ///
    /// A unique key of a partitioned table has to hold the partition key. `(7, January)` and `(7, February)` are two rows: an
    /// UPSERT by the id alone is no longer possible, a foreign key needs both columns, and a lookup by the id reads every
    /// partition.
    ///
    /// ```sql,bad
    /// CREATE TABLE visits (id uuid DEFAULT gen_random_uuid(), on_day date NOT NULL, PRIMARY KEY (id, on_day)) PARTITION BY RANGE (on_day);
    /// CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY) PARTITION BY HASH (id);
    /// CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    /// ```
    "R008", note, known, opt_in, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let (Some(by), Some(key)) = (&table.partition_by, table.primary_key()) else { continue };
        let parts = |name: &&model::Name| by.keys.iter().any(|by| by.expr.columns().contains(name));
        let (parting, rest): (Vec<_>, Vec<_>) = key.columns.iter().partition(parts);
        let [number] = rest.as_slice() else { continue };
        let made_up = table.column(number).is_some_and(|column| column.default.is_some() || column.identity.is_some());
        if parting.is_empty() || !made_up {
            continue;
        }
        findings
            .at(&Path::column(&table.name, (*number).clone()), format!("{}.{number} may repeat", table.name))
            .why(format!("only ({}) is unique; a lookup by {number} alone reads every partition", comma(&key.columns)));
    }
}
