//! The whole way: from what queries ask to candidates, from candidates to a choice.

use std::collections::{BTreeMap, BTreeSet};

use model::advice::{Advice, Drop, Help, NewIndex, Refused, Studied};
use model::apply::{apply, naming};
use model::object::{Index, Table};
use model::stats::Stats;
use model::workload::Workload;
use model::{Change, Expr, Name, QName, Schema};

use crate::asked::{Asked, ConditionKind};
use crate::bits::Bits;
use crate::candidates::{self, Candidate, Depth, Ground};
use crate::costs::{Costs, Planner};
use crate::partitions::counted;
use crate::parts::{self, Constants};
use crate::resolve::resolve;
use crate::review::{Reviewed, review};
use crate::select::{Choice, Limits, Pool, select};
use crate::shapes::{Seen, Shape, Shapes};
use crate::size::{Size, size};
use crate::writes::{Writes, per_write};

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bytes that new indexes may take together.
    pub budget: Option<u64>,
    pub max_indexes: Option<usize>,
    /// How much a write to an index counts, against what the planner would say of it.
    pub write_cost: f64,
    /// Look at indexes that are there as well: those that no query of the workload uses go.
    pub review: bool,
    /// Text is sorted byte by byte (locale `C`).
    pub bytewise: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { budget: None, max_indexes: None, write_cost: 1.0, review: false, bytewise: false }
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
    work.read(workload);
    work.seed();
    work.extend();
    work.vary();
    work.choose(workload)
}

/// So many of the dearest shapes are looked at from every side: with columns beside the keys and parts of tables among
/// the candidates, and each index that a plan uses tried without.
const DEEP: usize = 150;

struct Asker {
    shape: Shape,
    /// Keys of the indexes that its plans used.
    taken: Vec<Candidate>,
}

struct Work<'a> {
    schema: &'a Schema,
    stats: &'a Stats,
    settings: &'a Settings,
    costs: Costs<'a>,
    trigrams: bool,
    seen: Vec<Seen<'a>>,
    askers: Vec<Asker>,
    shapes: Shapes,
    constants: Constants,
    candidates: Vec<Candidate>,
    sizes: Vec<Size>,
    /// By identity; none where the database refuses it.
    known: BTreeMap<String, Option<usize>>,
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
            seen: Vec::new(),
            askers: Vec::new(),
            shapes: Shapes::default(),
            constants: Constants::default(),
            candidates: Vec::new(),
            sizes: Vec::new(),
            known: BTreeMap::new(),
            active: Bits::default(),
            refused: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Plans every query, and finds out which ask alike. They are taken in the order of their texts, so that nothing
    /// depends on where they stood.
    fn read(&mut self, workload: &'a Workload) {
        let sql: Vec<&str> = workload.queries.iter().map(|query| query.sql.as_str()).collect();
        let planned = self.costs.explain_all(&sql, &[]);
        for (query, planned) in workload.queries.iter().zip(planned) {
            match planned {
                Ok(now) => {
                    let mut asked = resolve(self.schema, &query.query);
                    asked.retain(|asked| self.stats.tables.get(&asked.table).is_some_and(|stats| stats.bytes > SMALL));
                    asked.iter().for_each(|asked| self.constants.add(asked, query.calls));
                    self.seen.push(Seen { query, asked, before: now.cost });
                }
                Err(why) => self.problems.push((query.name.clone(), why)),
            }
        }
        self.seen.sort_by(|one, other| (&one.query.sql, &one.query.name).cmp(&(&other.query.sql, &other.query.name)));
        self.shapes = Shapes::of(&self.seen);
        for shape in std::mem::take(&mut self.shapes.studied) {
            let first = &self.seen[shape.first];
            self.costs.add(&first.query.sql, first.before);
            self.askers.push(Asker { shape, taken: Vec::new() });
        }
        self.costs.most = self.costs.explains + most(self.askers.len());
    }

    fn asked(&self, query: usize) -> &[Asked] {
        &self.seen[self.askers[query].shape.first].asked
    }

    fn ground<'s>(&'s self, asked: &'s Asked) -> Option<Ground<'s>> {
        Some(Ground {
            table: self.schema.table(&asked.table)?,
            stats: self.stats.tables.get(&asked.table)?,
            asked,
            trigrams: self.trigrams,
            bytewise: self.settings.bytewise,
            constants: &self.constants,
        })
    }

    /// The numbers of candidates; those that were not made before are made now, and one that is refused has none.
    fn numbers(&mut self, candidates: Vec<Candidate>) -> Vec<Option<usize>> {
        let identities: Vec<String> = candidates.iter().map(Candidate::identity).collect();
        let mut fresh: Vec<(Candidate, Size)> = Vec::new();
        let mut names = BTreeSet::new();
        for (candidate, identity) in candidates.into_iter().zip(&identities) {
            let of_table = self.schema.table(&candidate.table).zip(self.stats.tables.get(&candidate.table));
            if let Some((table, stats)) = of_table
                && !self.known.contains_key(identity)
                && names.insert(identity)
            {
                let size = size(self.schema, table, stats, &candidate.index);
                fresh.push((candidate, size));
            }
        }
        let made = self.costs.make(&fresh);
        for ((candidate, size), made) in fresh.into_iter().zip(made) {
            let number = made.as_ref().ok().map(|()| self.candidates.len());
            self.known.insert(candidate.identity(), number);
            match made {
                Ok(()) => {
                    self.candidates.push(candidate);
                    self.sizes.push(size);
                }
                Err(why) => self.refused.push(Refused { table: candidate.table, index: candidate.index, why }),
            }
        }
        identities.iter().map(|identity| self.known.get(identity).copied().flatten()).collect()
    }

    /// Candidates that may change the plan of a query, each with it.
    fn offer(&mut self, offers: Vec<(usize, Candidate)>) {
        let (queries, candidates): (Vec<usize>, Vec<Candidate>) = offers.into_iter().unzip();
        for (query, number) in queries.into_iter().zip(self.numbers(candidates)) {
            if let Some(number) = number {
                self.costs.may_use(query, number);
            }
        }
    }

    /// Everything that a query may use stands, and what its plan uses is remembered.
    fn try_all(&mut self) {
        let all = Bits::of(0..self.candidates.len());
        let answers = self.costs.ask_each(&all);
        for (asker, (_, used)) in self.askers.iter_mut().zip(answers) {
            for number in used.iter() {
                self.active.insert(number);
                if !asker.taken.contains(&self.candidates[number]) {
                    asker.taken.push(self.candidates[number].clone());
                }
            }
        }
    }

    fn seed(&mut self) {
        let mut found = Vec::new();
        for query in 0..self.askers.len() {
            let grounds = self.asked(query).iter().filter_map(|asked| self.ground(asked));
            found.extend(grounds.flat_map(|ground| ground.singles()).map(|single| (query, single)));
        }
        self.offer(found);
        self.try_all();
    }

    fn extend(&mut self) {
        let mut found = Vec::new();
        for query in 0..self.askers.len() {
            let asker = &self.askers[query];
            let depth = if query < DEEP { Depth::Whole } else { Depth::Keys };
            for asked in self.asked(query) {
                let taken: Vec<Expr> = asker
                    .taken
                    .iter()
                    .filter(|taken| taken.table == asked.table && taken.index.method == "btree")
                    .map(|taken| taken.index.keys[0].expr.clone())
                    .collect();
                let composites =
                    self.ground(asked).map(|ground| ground.composites(&taken, depth)).into_iter().flatten();
                found.extend(composites.map(|composite| (query, composite)));
            }
        }
        self.offer(found);
        self.try_all();
    }

    /// Cheaper forms of what plans used, and one index for what two would do.
    fn vary(&mut self) {
        let mut used: BTreeMap<&QName, Vec<&Candidate>> = BTreeMap::new();
        for number in self.active.iter() {
            let candidate = &self.candidates[number];
            used.entry(&candidate.table).or_default().push(candidate);
        }
        let mut forms: Vec<Candidate> = Vec::new();
        for (table, used) in used {
            let there = self.schema.table(table).map(candidates::there).unwrap_or_default();
            let of_table = used.iter().flat_map(|candidate| {
                let merged = used.iter().filter_map(|other| both(candidate, other));
                shorter(candidate).into_iter().chain(merged)
            });
            forms.extend(of_table.filter(|form| !there.contains(&form.identity())));
        }
        self.numbers(forms).into_iter().flatten().for_each(|number| self.active.insert(number));
        let mut askers: BTreeMap<&QName, Vec<(usize, &Asked)>> = BTreeMap::new();
        for (query, asker) in self.askers.iter().enumerate() {
            for asked in &self.seen[asker.shape.first].asked {
                askers.entry(&asked.table).or_default().push((query, asked));
            }
        }
        for number in self.active.iter() {
            let candidate = &self.candidates[number];
            for (query, asked) in askers.get(&candidate.table).into_iter().flatten() {
                if may_serve(candidate, asked) {
                    self.costs.may_use(*query, number);
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
        let answers = self.costs.ask_each(&self.active);
        answers.iter().zip(weights).map(|((cost, _), weight)| cost * weight).sum()
    }

    fn choose(mut self, workload: &Workload) -> Advice {
        let weights: Vec<f64> = self.askers.iter().map(|asker| asker.shape.weight).collect();
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
            least: (self.costs_at_best(&weights) + self.shapes.others) * LEAST,
            deep: DEEP,
        };
        let Choice { taken, left } = {
            let starts = self.starts();
            select(&mut self.costs, &pool, &starts, &limits)
        };
        let after = self.confirm(&taken);
        let total = |cost: &dyn Fn(usize, &Seen<'_>) -> f64| {
            self.seen.iter().enumerate().map(|(at, seen)| cost(at, seen) * seen.query.calls).sum::<f64>()
        };
        let (before, total) = (total(&|_, seen| seen.before), total(&|at, _| after[at].0));

        let mut schema = self.schema.clone();
        let mut indexes: Vec<NewIndex> = taken
            .iter()
            .map(|number| {
                let users = self.seen.iter().zip(&after).filter(|(_, (_, used))| used.has(number));
                let help = |(seen, (cost, _)): (&Seen<'_>, &(f64, Bits))| Help {
                    query: seen.query.name.clone(),
                    before: seen.before,
                    after: *cost,
                };
                let candidate = &self.candidates[number];
                NewIndex {
                    table: candidate.table.clone(),
                    index: Index { name: named(&mut schema, candidate), ..candidate.index.clone() },
                    bytes: self.sizes[number].bytes(),
                    rows: self.sizes[number].rows,
                    why: self.why(candidate),
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
        let mut drops = redundant(self.schema, self.stats, &indexes);
        drops.extend(self.review(&writes, &taken, &drops));
        Advice {
            drops,
            indexes,
            refused: self.refused,
            problems: self.problems,
            before,
            after: total,
            candidates: self.candidates.len(),
            explains: self.costs.explains,
            studied: Studied {
                representatives: self.askers.len(),
                represented: self.askers.iter().map(|asker| asker.shape.members.len()).sum(),
                alone: self.shapes.alone,
            },
        }
    }

    /// What could go of the indexes that are there, where that is asked and every query could be planned.
    fn review(&mut self, writes: &Writes, taken: &Bits, dropped: &[Drop]) -> Vec<Drop> {
        if !self.settings.review || !self.problems.is_empty() || self.seen.is_empty() {
            return Vec::new();
        }
        let (schema, stats) = (self.schema, self.stats);
        let factor = self.settings.write_cost;
        let upkeep = |table: &Table, index: &Index| {
            let Some(of_table) = stats.tables.get(&table.name) else { return 0.0 };
            let candidate = Candidate { table: table.name.clone(), index: index.clone() };
            writes.of_index(&candidate) * per_write(&size(schema, table, of_table, index)) * factor
        };
        let standing = taken.iter().collect();
        review(&Reviewed { schema, stats, seen: &self.seen, standing, dropped }, &mut self.costs, &upkeep)
    }

    /// What each query costs with these, and which of them it uses: asked, but for those that the planner was asked about
    /// already, and those whose tables get none.
    fn confirm(&mut self, taken: &Bits) -> Vec<(f64, Bits)> {
        let mut after: Vec<(f64, Bits)> = self.seen.iter().map(|seen| (seen.before, Bits::default())).collect();
        self.costs.most = usize::MAX;
        let mut is_known = vec![false; self.seen.len()];
        let answers = self.costs.ask_each(taken);
        for (asker, answer) in self.askers.iter().zip(answers) {
            after[asker.shape.first] = answer;
            is_known[asker.shape.first] = true;
        }
        let tables: BTreeSet<&QName> = taken.iter().map(|number| &self.candidates[number].table).collect();
        let open: Vec<usize> = (0..self.seen.len())
            .filter(|at| !is_known[*at] && self.seen[*at].asked.iter().any(|asked| tables.contains(&asked.table)))
            .collect();
        let sql: Vec<&str> = open.iter().map(|at| self.seen[*at].query.sql.as_str()).collect();
        let standing: Vec<usize> = taken.iter().collect();
        for (at, planned) in open.into_iter().zip(self.costs.explain_all(&sql, &standing)) {
            // It could be planned before; should it fail now, no index helps it.
            if let Ok(planned) = planned {
                after[at] = (planned.cost, Bits::of(planned.used));
            }
        }
        after
    }

    /// Why the index has only a part of its table.
    fn why(&self, candidate: &Candidate) -> Option<String> {
        let stats = self.stats.tables.get(&candidate.table)?;
        parts::reason(&candidate.table, candidate.index.predicate.as_ref()?, stats, &self.constants)
    }
}

/// How often the planner may be asked about so many shapes before what is known has to do; the first ones are asked about
/// more.
fn most(shapes: usize) -> usize {
    32 * shapes.min(DEEP) + 10 * shapes.saturating_sub(DEEP)
}

/// Cheaper forms of an index: fewer keys, nothing beside them, the whole table.
fn shorter(candidate: &Candidate) -> Vec<Candidate> {
    let of = |index: Index| Candidate { table: candidate.table.clone(), index };
    let mut forms = Vec::new();
    let bare = Index { include: Vec::new(), ..candidate.index.clone() };
    let mut keys = bare.clone();
    while keys.keys.len() > 1 {
        keys.keys.pop();
        forms.push(of(keys.clone()));
    }
    if !candidate.index.include.is_empty() {
        forms.push(of(bare));
    }
    if candidate.index.predicate.is_some() {
        forms.push(of(Index { predicate: None, ..candidate.index.clone() }));
    }
    forms
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
