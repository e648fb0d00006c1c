//! The exact count of a whole table as the database's estimate.

use model::Expr;

use super::level::{Level, Position};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "count-estimate",
    says: "`SELECT count(*)` of a whole table becomes the estimate that the planner uses: nothing is read. It is not \
           the same number.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    offers.extend(rewritten(level));
}

fn rewritten(level: &Level<'_>) -> Option<Offer> {
    let query = level.query;
    let table = level.bounds.get(level.only_source()?)?.table?;
    let counts = matches!(level.value()?, Expr::Call(call) if call.star && call.function.name == "count"
        && call.filter.is_none() && call.over.is_none());
    // Of a parent only its own rows are estimated in one place.
    let alone = !table.is_partitioned() && level.schema.children(&table.name).next().is_none();
    let whole = level.position == Position::Whole && level.is_bare() && query.filter.is_none() && query.ctes.is_empty();
    if !counts || !alone || !whole || super::meaning::has_policies(table) || table.foreign.is_some() {
        return None;
    }
    let name = query.targets.first()?.alias.clone().unwrap_or_else(|| "count".into());
    let sql = format!(
        "SELECT greatest(reltuples, 0)::bigint AS {} FROM pg_class WHERE oid = {}::regclass",
        model::name::quoted(&name),
        model::name::literal(&table.name.to_string()),
    );
    Some(Offer {
        rule: RULE.name,
        sql,
        conditions: vec!["all rows of one table are counted".to_owned()],
        caveat: Some("an estimate as old as the last VACUUM or ANALYZE, and 0 before the first".to_owned()),
        proof: Proof::None,
    })
}
