//! `SELECT *` in FROM as the columns that are used.

use model::query::{Distinct, Source, TargetValue};

use super::edits::Edits;
use super::level::{Level, has_merged_columns, outputs};
use super::{Offer, Proof, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "columns-used",
    says: "`FROM (SELECT * FROM …)` becomes the columns that the query around it uses: what is sorted or hashed in \
           between is as wide as its rows.",
    offer,
};

fn offer(level: &Level<'_>, offers: &mut Vec<Offer>) {
    for (at, bound) in level.bounds.iter().enumerate() {
        let Some(inner) = derived(level, bound.span) else { continue };
        let Some((columns, span)) = used(level, at, inner) else { continue };
        let Some(sql) = Edits::of(level.placed).replace(span, columns.join(", ")).text() else { continue };
        let conditions = vec!["no other column of it is named, and no row as a whole".to_owned()];
        offers.push(Offer { rule: RULE.name, sql, conditions, caveat: None, proof: Proof::Rows });
    }
}

fn derived<'a>(level: &Level<'a>, place: model::Span) -> Option<&'a model::Query> {
    fn within(source: &Source, place: model::Span) -> Option<&model::Query> {
        match source {
            Source::Subquery { query, span, .. } => (span.start == place.start).then_some(query),
            Source::Join(join) => within(&join.left, place).or_else(|| within(&join.right, place)),
            Source::Table(_) | Source::Function { .. } | Source::Other(_) => None,
        }
    }
    level.query.from.iter().find_map(|source| within(source, place))
}

fn used(level: &Level<'_>, at: usize, query: &model::Query) -> Option<(Vec<String>, model::Span)> {
    let inner = Level::of(level.schema, level.placed, query, level.outer, super::level::Position::Derived)?;
    let table = inner.bounds.get(inner.only_source()?)?.table?;
    let [target] = &query.targets[..] else { return None };
    let plain = matches!(target.value, TargetValue::Star(_)) && inner.is_plain() && query.distinct == Distinct::No;
    // With the names of its columns the source is as good as a table.
    let name = level.bounds[at].name.clone();
    let others_known = level.bounds.iter().enumerate().all(|(other, bound)| other == at || bound.columns.is_some());
    if !plain || !others_known || name.is_empty() || outputs(query).is_some() {
        return None;
    }
    let star = level.query.targets.iter().any(|target| match &target.value {
        TargetValue::Star(of) => of.as_ref().is_none_or(|of| *of == name),
        TargetValue::Expr(_) => false,
    });
    let merged = level.query.from.iter().any(has_merged_columns);
    let mut understood = !star && !merged && level.query.locking.is_none() && level.clauses.others.is_empty();
    let mut words = Vec::new();
    for expr in level.query.expressions() {
        expr.walk(&mut |part| match part {
            model::Expr::Column(column) => {
                let own = column.qualifier.as_ref().is_none_or(|of| *of == name);
                // The row as a whole.
                understood &= column.qualifier.is_some() || column.name != name;
                if own {
                    words.push(column.name.clone());
                }
            }
            model::Expr::Text(_) | model::Expr::Subquery(_) => understood = false,
            model::Expr::Call(call) if call.over.is_some() => understood = false,
            _ => {}
        });
    }
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(|column| words.contains(&column.name))
        .map(|column| model::name::quoted(&column.name).into_owned())
        .collect();
    let narrower = !columns.is_empty() && columns.len() < table.columns.len();
    (understood && narrower).then_some((columns, target.span))
}
