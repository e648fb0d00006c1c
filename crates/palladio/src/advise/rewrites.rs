//! Queries of the workload that are cheaper when they are written differently, and were seen to do the same.

use ::advise::rewrite;
use live::Client;
use live::rewriting::{Outcome, same};
use model::rewrite::{Offer, Proof, Rewritten};
use model::stats::Stats;
use model::view_advice::NewView;
use model::workload::WorkloadQuery;
use model::{Placed, Query, Schema};
use read::sql::postgres::placed;

use super::Ground;
use super::clone::Aside;
use crate::Failure;

/// What it has to save to be worth another text, of what the query costs.
const LEAST: f64 = 0.1;
/// A query that costs less is let alone.
const CHEAP: f64 = 100.0;
/// A table of fewer rows is written to at once.
const MANY_ROWS: f64 = 100_000.0;
/// Rewrites on top of each other.
const ROUNDS: usize = 4;
/// What a row of a view costs to be read and sorted.
const ROW: f64 = 0.03;
/// A query that costs less needs no view.
const DEAR: f64 = 1000.0;
/// What is left of its cost at most.
const SHARE: f64 = 0.1;
/// Statements that insert rows, looked at together.
const INSERTS: usize = 100;

/// What could be asked in place of the queries.
pub(crate) struct OtherWays {
    /// What should be written differently, in the order of the workload.
    pub(crate) rewrites: Vec<Rewritten>,
    /// Views for what is aggregated again and again.
    pub(crate) views: Vec<NewView>,
}

pub(crate) fn other_ways(ground: &Ground, stats: &Stats, aside: Aside<'_>) -> Result<OtherWays, Failure> {
    let mut work = Work { schema: &ground.schema, stats, aside, client: None };
    Ok(OtherWays { rewrites: rewrites(ground, &mut work)?, views: views(ground, &mut work)? })
}

fn rewrites(ground: &Ground, work: &mut Work<'_>) -> Result<Vec<Rewritten>, Failure> {
    let mut found = Vec::new();
    for query in &ground.workload.queries {
        found.extend(work.best(query)?);
    }
    for group in inserts(&ground.workload.queries) {
        found.extend(work.together(group)?);
    }
    Ok(found)
}

fn views(ground: &Ground, work: &mut Work<'_>) -> Result<Vec<NewView>, Failure> {
    let workload = &ground.workload.queries;
    let queries: Vec<Option<Placed>> = workload.iter().map(|query| placed(&ground.schema, &query.sql)).collect();
    let mut found = Vec::new();
    for proposal in ::advise::views::views(&ground.schema, work.stats, &queries) {
        let calls: f64 = proposal.queries.iter().map(|(number, _)| workload[*number].calls).sum();
        // Asked once, it is no cheaper than its refresh.
        if calls <= 1.0 {
            continue;
        }
        let mut answered = Vec::new();
        for (number, offer) in proposal.queries {
            let Some(placed) = &queries[number] else { continue };
            let Some(before) = work.aside.cost(&placed.text) else { continue };
            // Its rows are read, and may have to be sorted.
            let after = proposal.rows * ROW;
            if before < DEAR || after > before * SHARE {
                continue;
            }
            if let Some(compared) = work.proven(&placed.text, &[&placed.query], &offer)? {
                let (query, rules) = (workload[number].name.clone(), vec![offer.rule]);
                answered.push(Rewritten { query, rules, offer, before, after, compared });
            }
        }
        if !answered.is_empty() {
            found.push(NewView {
                name: proposal.name,
                sql: proposal.sql,
                index: proposal.index,
                refresh: proposal.refresh,
                rows: proposal.rows,
                queries: answered,
            });
        }
    }
    Ok(found)
}

struct Work<'a> {
    schema: &'a Schema,
    stats: &'a Stats,
    aside: Aside<'a>,
    /// A database to run queries on, made when there is one to run.
    client: Option<Client>,
}

/// A way that was taken: what it is now, and what it costs.
struct Way {
    offer: Offer,
    cost: f64,
    compared: usize,
}

impl Work<'_> {
    /// The cheapest way that is found by one rewrite after the other.
    fn best(&mut self, query: &WorkloadQuery) -> Result<Option<Rewritten>, Failure> {
        let (Some(mut now), Some(before)) = (placed(self.schema, &query.sql), self.aside.cost(&query.sql)) else {
            return Ok(None);
        };
        let (mut best, mut rules) = (None::<Way>, Vec::new());
        for _ in 0..ROUNDS {
            let cost = best.as_ref().map_or(before, |way| way.cost);
            let Some(mut way) = self.step(&now, cost)? else { break };
            let ends = way.offer.proof != Proof::Rows;
            rules.push(way.offer.rule);
            if let Some(before) = best {
                let conditions = [before.offer.conditions, way.offer.conditions].concat();
                way.offer.conditions = conditions;
                way.offer.caveat = join(before.offer.caveat, way.offer.caveat);
            }
            let next = placed(self.schema, &way.offer.sql).filter(|_| !ends);
            best = Some(way);
            match next {
                Some(next) => now = next,
                None => break,
            }
        }
        Ok(best.map(|way| Rewritten {
            query: query.name.clone(),
            rules,
            offer: way.offer,
            before,
            after: way.cost,
            compared: way.compared,
        }))
    }

    /// The cheapest of the offers that do the same.
    fn step(&mut self, now: &Placed, cost: f64) -> Result<Option<Way>, Failure> {
        let mut ways: Vec<(f64, Offer)> = Vec::new();
        for offer in rewrite::offers(self.schema, now) {
            let Some(after) = self.aside.cost(&offer.sql) else { continue };
            let pays = match &offer.proof {
                // Batches cost more together; they are for those who wait.
                Proof::Written { .. } => self.is_large(&now.query),
                Proof::Rows | Proof::Pages { .. } | Proof::View { .. } | Proof::None => {
                    cost > CHEAP && after < cost * (1.0 - LEAST)
                }
            };
            if pays {
                ways.push((after, offer));
            }
        }
        ways.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        for (after, offer) in ways {
            if offer.proof == Proof::None {
                return Ok(Some(Way { offer, cost: after, compared: 0 }));
            }
            if let Some(compared) = self.proven(&now.text, &[&now.query], &offer)? {
                return Ok(Some(Way { offer, cost: after, compared }));
            }
        }
        Ok(None)
    }

    fn is_large(&self, query: &Query) -> bool {
        let table = query.write.as_ref().and_then(|write| self.stats.tables.get(&write.table));
        table.is_some_and(|table| table.rows >= MANY_ROWS)
    }

    /// On how many sets of rows both did the same; none where one of them said otherwise, or nothing was seen.
    fn proven(&mut self, sql: &str, queries: &[&Query], offer: &Offer) -> Result<Option<usize>, Failure> {
        let client = match &mut self.client {
            Some(client) => client,
            none => none.insert(self.aside.proving()?),
        };
        Ok(match same(client, self.schema, sql, queries, offer)? {
            Outcome::Same { compared, rows } if rows > 0 => Some(compared),
            Outcome::Same { .. } | Outcome::Differs { .. } | Outcome::Refused(_) => None,
        })
    }

    /// Statements that insert one after the other, as one.
    fn together(&mut self, group: &[WorkloadQuery]) -> Result<Option<Rewritten>, Failure> {
        let statements: Option<Vec<Placed>> = group.iter().map(|query| placed(self.schema, &query.sql)).collect();
        let Some(statements) = statements else { return Ok(None) };
        let Some(offer) = rewrite::one_insert(self.schema, &statements) else { return Ok(None) };
        let texts: Vec<&str> = statements.iter().map(|statement| statement.text.as_str()).collect();
        let queries: Vec<&Query> = statements.iter().map(|statement| &statement.query).collect();
        let costs: f64 = group.iter().filter_map(|query| self.aside.cost(&query.sql)).sum();
        let Some(after) = self.aside.cost(&offer.sql) else { return Ok(None) };
        let compared = self.proven(&texts.join(";\n"), &queries, &offer)?;
        Ok(compared.map(|compared| {
            let (first, last) = (&group[0].name, &group[group.len() - 1].name);
            let rules = vec![offer.rule];
            Rewritten { query: format!("{first} to {last}").into(), rules, offer, before: costs, after, compared }
        }))
    }
}

fn join(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

/// Runs of statements in one file that insert into one table, without parameters.
fn inserts(queries: &[WorkloadQuery]) -> Vec<&[WorkloadQuery]> {
    let key = |query: &WorkloadQuery| {
        let write = query.query.write.as_ref().filter(|write| write.rows > 0 && !query.sql.contains('$'))?;
        Some((query.place?.file, write.table.clone(), write.columns.clone()))
    };
    let groups = queries.chunk_by(|one, other| key(one).is_some() && key(one) == key(other));
    groups.filter(|group| group.len() > 1 && group.len() <= INSERTS).collect()
}
