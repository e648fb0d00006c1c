//! The whole way: from what queries ask to candidates, from candidates to a choice.

use std::collections::{BTreeMap, BTreeSet};

use model::advice::{Advice, Drop, Help, NewIndex, Refused};
use model::apply::{apply, naming};
use model::object::Index;
use model::stats::Stats;
use model::workload::{Workload, WorkloadQuery};
use model::{Change, Expr, Name, QName, Schema};

use crate::asked::{Asked, ConditionKind};
use crate::bits::Bits;
use crate::candidates::{self, Candidate, Ground};
use crate::costs::{Costs, Planner};
use crate::partitions::counted;
use crate::resolve::resolve;
use crate::select::{Choice, Limits, Pool, select};
use crate::size::{Size, size};
use crate::writes::{Writes, per_write};

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bytes that new indexes may take together.
    pub budget: Option<u64>,
    pub max_indexes: Option<usize>,
    /// How much a write to an index counts, against what the planner would say of it.
    pub write_cost: f64,
    /// Text is sorted byte by byte (locale `C`).
    pub bytewise: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { budget: None, max_indexes: None, write_cost: 1.0, bytewise: false }
    }
}

/// A table of fewer pages is read faster than any index.
const SMALL: u64 = 8 * 8192;
/// What an index has to save of all that the workload costs with every candidate. Measured against what it costs now,
/// one terrible query would hide what all others could gain.
const LEAST: f64 = 0.001;

/// Recommends indexes for a workload on a database with this schema and these statistics.
pub fn recommend(
    schema: &Schema,
    stats: &Stats,
    workload: &Workload,
    settings: &Settings,
    planner: &mut dyn Planner,
) -> Advice {
    let stats = &*counted(schema, stats);
    let mut work = Work::new(schema, stats, settings, Costs::new(planner));
    for query in &workload.queries {
        work.add(query);
    }
    work.seed();
    work.extend();
    work.vary();
    work.choose(workload)
}

struct Asker<'w> {
    query: &'w WorkloadQuery,
    asked: Vec<Asked>,
    /// Keys of the indexes that its plans used.
    taken: Vec<Candidate>,
}

struct Work<'a> {
    schema: &'a Schema,
    stats: &'a Stats,
    settings: &'a Settings,
    costs: Costs<'a>,
    trigrams: bool,
    askers: Vec<Asker<'a>>,
    candidates: Vec<Candidate>,
    sizes: Vec<Size>,
    known: BTreeMap<String, usize>,
    /// Those that a plan used, and what is like them.
    active: Bits,
    refused: Vec<Refused>,
    problems: Vec<(Name, String)>,
}

impl<'a> Work<'a> {
    fn new(schema: &'a Schema, stats: &'a Stats, settings: &'a Settings, costs: Costs<'a>) -> Work<'a> {
        Work {
            schema,
            stats,
            settings,
            costs,
            trigrams: schema.extensions().any(|extension| extension.name == "pg_trgm"),
            askers: Vec::new(),
            candidates: Vec::new(),
            sizes: Vec::new(),
            known: BTreeMap::new(),
            active: Bits::default(),
            refused: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn add(&mut self, query: &'a WorkloadQuery) {
        match self.costs.add(&query.sql) {
            Ok(_) => {
                let mut asked = resolve(self.schema, &query.query);
                asked.retain(|asked| self.stats.tables.get(&asked.table).is_some_and(|stats| stats.bytes > SMALL));
                self.askers.push(Asker { query, asked, taken: Vec::new() });
            }
            Err(why) => self.problems.push((query.name.clone(), why)),
        }
    }

    fn ground<'s>(&'s self, asked: &'s Asked) -> Option<Ground<'s>> {
        Some(Ground {
            table: self.schema.table(&asked.table)?,
            stats: self.stats.tables.get(&asked.table)?,
            asked,
            trigrams: self.trigrams,
            bytewise: self.settings.bytewise,
        })
    }

    /// The number of a candidate, made now if it was not before.
    fn number(&mut self, candidate: Candidate) -> Option<usize> {
        let identity = candidate.identity();
        if let Some(known) = self.known.get(&identity) {
            return Some(*known).filter(|number| *number != usize::MAX);
        }
        let table = self.schema.table(&candidate.table)?;
        let size = size(self.schema, table, self.stats.tables.get(&candidate.table)?, &candidate.index);
        match self.costs.make(&candidate, &size) {
            Ok(()) => {
                self.known.insert(identity, self.candidates.len());
                self.candidates.push(candidate);
                self.sizes.push(size);
                Some(self.candidates.len() - 1)
            }
            Err(why) => {
                self.known.insert(identity, usize::MAX);
                self.refused.push(Refused { table: candidate.table, index: candidate.index, why });
                None
            }
        }
    }

    /// Everything that one query may use stands, and what its plan uses is remembered.
    fn try_all(&mut self, query: usize, candidates: Vec<Candidate>) {
        for candidate in candidates {
            if let Some(number) = self.number(candidate) {
                self.costs.may_use(query, number);
            }
        }
        let all = self.costs.relevant(query).clone();
        if all.is_empty() {
            return;
        }
        let (_, used) = self.costs.ask(query, &all);
        for number in used.iter() {
            self.active.insert(number);
            if !self.askers[query].taken.contains(&self.candidates[number]) {
                self.askers[query].taken.push(self.candidates[number].clone());
            }
        }
    }

    fn seed(&mut self) {
        for query in 0..self.askers.len() {
            let asked = &self.askers[query].asked;
            let singles =
                asked.iter().filter_map(|asked| self.ground(asked)).flat_map(|ground| ground.singles()).collect();
            self.try_all(query, singles);
        }
    }

    fn extend(&mut self) {
        for query in 0..self.askers.len() {
            let asker = &self.askers[query];
            let mut found = Vec::new();
            for asked in &asker.asked {
                let taken: Vec<Expr> = asker
                    .taken
                    .iter()
                    .filter(|taken| taken.table == asked.table && taken.index.method == "btree")
                    .map(|taken| taken.index.keys[0].expr.clone())
                    .collect();
                found.extend(self.ground(asked).map(|ground| ground.composites(&taken)).into_iter().flatten());
            }
            self.try_all(query, found);
        }
    }

    /// Cheaper forms of what plans used, and one index for what two would do.
    fn vary(&mut self) {
        let mut forms: Vec<Candidate> = Vec::new();
        let used: Vec<&Candidate> = self.active.iter().map(|number| &self.candidates[number]).collect();
        for candidate in &used {
            let bare =
                Candidate { index: Index { include: Vec::new(), ..candidate.index.clone() }, ..(*candidate).clone() };
            let mut shorter = bare.clone();
            while shorter.index.keys.len() > 1 {
                shorter.index.keys.pop();
                forms.push(shorter.clone());
            }
            if !candidate.index.include.is_empty() {
                forms.push(bare);
            }
            if candidate.index.predicate.is_some() {
                let whole = Index { predicate: None, ..candidate.index.clone() };
                forms.push(Candidate { index: whole, ..(*candidate).clone() });
            }
            for other in &used {
                forms.extend(both(candidate, other));
            }
        }
        let there = |form: &Candidate| {
            self.schema.table(&form.table).is_some_and(|table| candidates::there(table).contains(&form.identity()))
        };
        forms.retain(|form| !there(form));
        for form in forms {
            if let Some(number) = self.number(form) {
                self.active.insert(number);
            }
        }
        for number in self.active.clone().iter() {
            for query in 0..self.askers.len() {
                if self.askers[query].asked.iter().any(|asked| may_serve(&self.candidates[number], asked)) {
                    self.costs.may_use(query, number);
                }
            }
        }
    }

    /// Where to look from: everything, then only what is narrow, then single keys.
    fn starts(&self) -> Vec<Bits> {
        let of = |is_meant: &dyn Fn(&Index) -> bool| {
            Bits::of(self.active.iter().filter(|number| is_meant(&self.candidates[*number].index)))
        };
        vec![
            self.active.clone(),
            of(&|index| index.include.is_empty()),
            of(&|index| index.include.is_empty() && index.keys.len() == 1),
        ]
    }

    /// What the workload costs where everything stands that any plan used.
    fn costs_at_best(&mut self, weights: &[f64]) -> f64 {
        weights.iter().enumerate().map(|(query, weight)| self.costs.ask(query, &self.active).0 * weight).sum()
    }

    fn choose(mut self, workload: &Workload) -> Advice {
        let weights: Vec<f64> = self.askers.iter().map(|asker| asker.query.calls).collect();
        let before: Vec<f64> = (0..weights.len()).map(|query| self.costs.before(query)).collect();
        let total: f64 = before.iter().zip(&weights).map(|(cost, weight)| cost * weight).sum();
        let writes = Writes::of(self.schema, workload);
        let upkeep = |number: usize| {
            writes.of_index(&self.candidates[number]) * per_write(&self.sizes[number]) * self.settings.write_cost
        };
        let pool = Pool {
            bytes: self.sizes.iter().map(Size::bytes).collect(),
            upkeep: (0..self.candidates.len()).map(upkeep).collect(),
            weights: weights.clone(),
        };
        let limits = Limits {
            bytes: self.settings.budget.unwrap_or(u64::MAX),
            indexes: self.settings.max_indexes.unwrap_or(usize::MAX),
            least: self.costs_at_best(&weights) * LEAST,
            explains: 25 * weights.len() + 50,
        };
        let Choice { taken, costs, used, left } = {
            let starts = self.starts();
            select(&mut self.costs, &pool, &starts, &limits)
        };
        let after: f64 = costs.iter().zip(&weights).map(|(cost, weight)| cost * weight).sum();

        let mut schema = self.schema.clone();
        let mut indexes: Vec<NewIndex> = taken
            .iter()
            .map(|number| {
                let users = (0..weights.len()).filter(|query| used[*query].has(number));
                let help = |query: usize| Help {
                    query: self.askers[query].query.name.clone(),
                    before: before[query],
                    after: costs[query],
                };
                let candidate = &self.candidates[number];
                NewIndex {
                    table: candidate.table.clone(),
                    index: Index { name: named(&mut schema, candidate), ..candidate.index.clone() },
                    bytes: self.sizes[number].bytes(),
                    rows: self.sizes[number].rows,
                    write_cost: per_write(&self.sizes[number]),
                    helps: users.map(help).collect(),
                }
            })
            .collect();
        let gain = |index: &NewIndex| index.helps.iter().map(|help| help.before - help.after).sum::<f64>();
        indexes.sort_by(|one, other| {
            gain(other).total_cmp(&gain(one)).then_with(|| one.index.name.cmp(&other.index.name))
        });
        let room = limits.bytes - taken.iter().map(|number| pool.bytes[number]).sum::<u64>().min(limits.bytes);
        for number in left {
            let why = match pool.bytes[number] > room {
                true => "what it saves is not worth its size".to_owned(),
                false => "it saves less than a thousandth of the workload".to_owned(),
            };
            let Candidate { table, index } = self.candidates[number].clone();
            self.refused.push(Refused { table, index, why });
        }
        Advice {
            drops: redundant(self.schema, self.stats, &indexes),
            indexes,
            refused: self.refused,
            problems: self.problems,
            before: total,
            after,
            candidates: self.candidates.len(),
            explains: self.costs.explains,
        }
    }
}

/// Indexes that are there and that a new one does everything for.
fn redundant(schema: &Schema, stats: &Stats, new: &[NewIndex]) -> Vec<Drop> {
    let mut drops = Vec::new();
    for table in schema.tables() {
        for old in table.indexes.iter().filter(|old| !old.unique && old.predicate.is_none() && old.method == "btree") {
            let serves = |index: &Index| {
                let columns = index.columns();
                index.method == "btree"
                    && index.predicate.is_none()
                    && index.keys.len() >= old.keys.len()
                    && index.keys[..old.keys.len()] == old.keys[..]
                    && old.include.iter().all(|name| columns.contains(&name))
            };
            if let Some(better) = new.iter().find(|new| new.table == table.name && serves(&new.index)) {
                let name = QName::new(table.name.schema.clone(), old.name.clone());
                let bytes = stats.indexes.get(&name).map_or(0, |known| known.bytes);
                drops.push(Drop { index: name, why: format!("a prefix of {}", better.index.name), bytes });
            }
        }
    }
    drops
}

/// One index that does what two with the same keys do, each with columns beside them.
fn both(one: &Candidate, other: &Candidate) -> Option<Candidate> {
    let (first, second) = (&one.index, &other.index);
    let alike = one.table == other.table
        && first.method == second.method
        && first.predicate == second.predicate
        && first.include != second.include
        && !first.include.is_empty()
        && !second.include.is_empty();
    let shorter = if first.keys.len() <= second.keys.len() { first } else { second };
    let longer = if first.keys.len() <= second.keys.len() { second } else { first };
    if !alike || longer.keys[..shorter.keys.len()] != shorter.keys[..] {
        return None;
    }
    let keys: BTreeSet<&Name> = longer.keys.iter().filter_map(|key| key.expr.as_column()).collect();
    let mut include: Vec<Name> =
        first.include.iter().chain(&second.include).filter(|name| !keys.contains(name)).cloned().collect();
    include.sort();
    include.dedup();
    Some(Candidate { table: one.table.clone(), index: Index { include, ..longer.clone() } })
}

/// The query has a use for the first key of the index, or all that it reads is in it.
fn may_serve(candidate: &Candidate, asked: &Asked) -> bool {
    if candidate.table != asked.table {
        return false;
    }
    let index = &candidate.index;
    let first = &index.keys[0].expr;
    let found = asked.conditions.iter().any(|condition| condition.key == *first)
        || asked.orders.iter().any(|order| order.first().is_some_and(|key| key.key == *first));
    let columns = index.columns();
    let covers = !asked.everything && asked.needed.iter().all(|name| columns.contains(&name));
    let part = index.predicate.as_ref().is_none_or(|predicate| {
        let names: BTreeSet<&Name> = predicate.columns().into_iter().collect();
        names.iter().all(|name| {
            asked
                .conditions
                .iter()
                .any(|condition| condition.key.columns().contains(name) && condition.kind != ConditionKind::Join)
        })
    });
    (found || covers || index.predicate.is_some()) && part
}

/// The name that PostgreSQL would choose where the indexes before it are there already.
fn named(schema: &mut Schema, Candidate { table, index }: &Candidate) -> Name {
    match apply(schema, &Change::add_index(table, index.clone())) {
        Ok(effects) => effects.created[0].part.clone(),
        // What the model does not follow exists for the database all the same.
        Err(_) => naming::choose_relation_name(schema, &table.schema, &table.name, None, "idx"),
    }
}
