use model::object::Sequence;
use model::{Aspect, Change, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{At, column_path, serial_sequence};

rule! {
    /// The sequence of a key begins again at its end, with numbers that are taken; leave `CYCLE` out.
    ///
    /// After the last number each INSERT takes one of an old row and fails with a duplicate key, again and again, until it finds a
    /// gap. Without CYCLE the error says that the sequence is used up.
    ///
    /// ```sql,bad
    /// CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY (CYCLE) PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    /// CREATE SEQUENCE slots MAXVALUE 16 CYCLE;
    /// ```
    "K025", known, fix, Check::Column(check)
}

fn check(schema: &Schema, at: &At<'_>, findings: &mut Findings<'_>) {
    let At { table, column, .. } = *at;
    if column.identity.is_none() && column.default.is_none() {
        return;
    }
    if !table.unique_keys().any(|key| key == [&column.name]) {
        return;
    }
    let identity = column.identity.as_ref().map(|identity| &identity.sequence);
    let serial = || serial_sequence(schema, table, column).and_then(|name| schema.sequence(name));
    let Some(sequence) = identity.or_else(serial).filter(|sequence| sequence.cycle) else { return };
    let straight = Sequence { cycle: false, ..sequence.clone() };
    let path = column_path(table, column);
    let change = match &column.identity {
        Some(identity) => {
            let identity = model::object::Identity { sequence: straight, ..(**identity).clone() };
            Change::alter(path.clone(), Aspect::Identity(Some(Box::new(identity))))
        }
        None => Change::alter(Path::object(Kind::Sequence, &sequence.name), Aspect::Sequence(Box::new(straight))),
    };
    findings
        .at(&path, format!("{}.{} begins again with numbers that are taken", table.name, column.name))
        .why("after the last number every INSERT hits an old row")
        .fix("let the sequence end", vec![change]);
}
