//! The choice over a planner whose costs stand in a table.

use std::collections::BTreeSet;

use model::object::Index;
use model::{Name, QName};

use super::{Limits, Pool, select};
use crate::bits::Bits;
use crate::candidates::Candidate;
use crate::costs::{Costs, Estimate, Planner, Seat};
use crate::size::Size;

/// The cost of a query without any index, and with sets of them.
type Ways = (f64, Vec<(Vec<usize>, f64)>);

/// What each query costs: the cheapest of its ways whose indexes all stand.
struct Table {
    /// By query.
    ways: Vec<Ways>,
    /// How many may be asked at the same time.
    seats: usize,
}

impl Planner for Table {
    fn make(&mut self, candidates: &[(Candidate, Size)]) -> Vec<Result<(), String>> {
        candidates.iter().map(|_| Ok(())).collect()
    }

    fn seats(&mut self) -> Vec<Box<dyn Seat + '_>> {
        (0..self.seats).map(|_| Box::new(Answering(&self.ways)) as Box<dyn Seat>).collect()
    }
}

struct Answering<'w>(&'w [Ways]);

impl Seat for Answering<'_> {
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String> {
        let query: usize = sql.parse().map_err(|_| "no query".to_owned())?;
        let (bare, ways) = &self.0[query];
        let possible = ways.iter().filter(|(needs, _)| needs.iter().all(|number| standing.contains(number)));
        let cheapest = possible.min_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, cost)| cost < bare);
        let (used, cost) = cheapest.map_or((Vec::new(), *bare), |(used, cost)| (used.clone(), *cost));
        Ok(Estimate { cost, used, existing: Vec::new() })
    }
}

/// What an index has to be worth.
const LEAST: f64 = 0.1;

#[derive(Clone, Debug)]
struct Case {
    ways: Vec<Ways>,
    bytes: Vec<u64>,
    upkeep: Vec<f64>,
}

struct Found {
    taken: Vec<usize>,
    cost: f64,
    left: Vec<usize>,
}

impl Case {
    fn choose(&self, budget: u64, indexes: usize) -> Found {
        self.choose_with(budget, indexes, 1000, 2)
    }

    /// With so many questions at most, and so many who answer them.
    fn choose_with(&self, budget: u64, indexes: usize, explains: usize, seats: usize) -> Found {
        let mut table = Table { ways: self.ways.clone(), seats };
        let mut costs = Costs::new(&mut table);
        for query in 0..self.ways.len() {
            costs.add(&query.to_string(), self.ways[query].0);
        }
        for (number, _) in self.bytes.iter().enumerate() {
            let candidate =
                Candidate { table: QName::new("public", "t"), index: Index::btree(Name::default(), ["a".into()]) };
            costs.make(&[(candidate, Size { rows: 1.0, pages: 1, height: 0 })]);
            for query in 0..self.ways.len() {
                costs.may_use(query, number);
            }
        }
        let weights = vec![1.0; self.ways.len()];
        let pool = Pool { bytes: self.bytes.clone(), upkeep: self.upkeep.clone(), weights };
        let limits = Limits { bytes: budget, indexes, least: LEAST, deep: usize::MAX };
        costs.most = explains;
        let everything = Bits::of(0..self.bytes.len());
        let choice = select(&mut costs, &pool, &[everything], &limits);
        assert!(costs.explains <= explains, "{} of {explains}", costs.explains);
        // What it really costs, whatever was known of it.
        costs.most = usize::MAX;
        let queries: f64 = costs.ask_each(&choice.taken).iter().map(|(cost, _)| cost).sum();
        let cost = queries + choice.taken.iter().map(|number| self.upkeep[number]).sum::<f64>();
        Found { taken: choice.taken.iter().collect(), cost, left: choice.left }
    }

    /// The cheapest of all sets that keep to the limits.
    fn best(&self, budget: u64, indexes: usize) -> f64 {
        let count = self.bytes.len();
        let sets = (0..1_usize << count).map(|set| (0..count).filter(|n| set & (1 << n) != 0).collect::<Vec<_>>());
        let fits = |set: &Vec<usize>| set.len() <= indexes && set.iter().map(|n| self.bytes[*n]).sum::<u64>() <= budget;
        sets.filter(fits)
            .map(|set| {
                let queries = (0..self.ways.len()).map(|query| Answering(&self.ways).explain(&query.to_string(), &set));
                let cost: f64 = queries.map(|found| found.expect("the table has it").cost).sum();
                cost + set.iter().map(|n| self.upkeep[*n]).sum::<f64>()
            })
            .fold(f64::INFINITY, f64::min)
    }

    fn bare(&self) -> f64 {
        self.ways.iter().map(|(bare, _)| bare).sum()
    }
}

#[test]
fn two_that_help_only_together_come_together() {
    let case = Case {
        ways: vec![(100.0, vec![(vec![0, 1], 10.0)]), (100.0, vec![(vec![2], 70.0)])],
        bytes: vec![5, 5, 5],
        upkeep: vec![0.0; 3],
    };
    assert_eq!(case.choose(10, 9).taken, [0, 1]);
    let one = case.choose(5, 9);
    assert_eq!((one.taken, one.left), (vec![2], Vec::new()));
    assert_eq!(case.choose(u64::MAX, 9).taken, [0, 1, 2]);
    assert_eq!(case.choose(u64::MAX, 1).taken, [2]);
}

#[test]
fn what_writes_cost_more_than_reads_save_does_not_come() {
    let case = Case { ways: vec![(100.0, vec![(vec![0], 50.0)])], bytes: vec![1], upkeep: vec![60.0] };
    assert!(case.choose(u64::MAX, 9).taken.is_empty());
    let case = Case { upkeep: vec![40.0], ..case };
    assert_eq!(case.choose(u64::MAX, 9).taken, [0]);
}

#[test]
fn of_two_alike_the_first_comes() {
    let case =
        Case { ways: vec![(100.0, vec![(vec![0], 50.0), (vec![1], 50.0)])], bytes: vec![7, 7], upkeep: vec![0.0; 2] };
    assert_eq!(case.choose(u64::MAX, 9).taken, [0]);
}

#[test]
fn one_large_index_gives_way_to_two_small_ones_that_do_more() {
    let case = Case {
        ways: vec![(100.0, vec![(vec![0], 1.0)]), (80.0, vec![(vec![1], 5.0)]), (80.0, vec![(vec![2], 5.0)])],
        bytes: vec![10, 6, 4],
        upkeep: vec![0.0; 3],
    };
    assert_eq!(case.choose(10, 9).taken, [1, 2]);
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn case(&mut self) -> Case {
        let count = 3 + self.below(5);
        let ways = (0..1 + self.below(6))
            .map(|_| {
                let bare = 50 + self.below(200);
                let ways = (0..self.below(5)).map(|_| {
                    let needs: BTreeSet<usize> = (0..1 + self.below(3)).map(|_| self.below(count) as usize).collect();
                    (needs.into_iter().collect(), (1 + self.below(bare)) as f64)
                });
                let ways = ways.collect();
                (bare as f64, ways)
            })
            .collect();
        Case {
            ways,
            bytes: (0..count).map(|_| 1 + self.below(20)).collect(),
            upkeep: (0..count).map(|_| if self.below(3) == 0 { self.below(40) as f64 } else { 0.0 }).collect(),
        }
    }
}

#[test]
fn limits_are_kept_nothing_gets_worse_and_the_best_is_near() {
    let mut dice = Dice(7);
    let (mut saved, mut possible) = (0.0, 0.0);
    for round in 0..500 {
        let case = dice.case();
        let budget = 1 + dice.below(60);
        let indexes = 1 + dice.below(6) as usize;
        let found = case.choose(budget, indexes);
        let bytes: u64 = found.taken.iter().map(|number| case.bytes[*number]).sum();
        assert!(bytes <= budget && found.taken.len() <= indexes, "round {round}: {:?}", found.taken);
        assert!(found.cost <= case.bare() + 1e-6, "round {round}: {} of {}", found.cost, case.bare());
        assert_eq!(found.taken, case.choose(budget, indexes).taken, "round {round}");
        saved += case.bare() - found.cost;
        possible += case.bare() - case.best(budget, indexes);
    }
    assert!(saved >= 0.97 * possible, "{saved} of {possible}");
}

/// The way to a budget leads over its halves, with the same questions.
#[test]
fn twice_the_budget_is_never_worse() {
    let mut dice = Dice(11);
    for round in 0..300 {
        let case = dice.case();
        let (start, indexes) = (1 + dice.below(20), 2 + dice.below(6) as usize);
        let costs: Vec<f64> = (0..6).map(|doubled| case.choose(start << doubled, indexes).cost).collect();
        // An index that is worth less than the least is left out at the end.
        let slack = LEAST * case.bytes.len() as f64;
        assert!(costs.windows(2).all(|pair| pair[1] <= pair[0] + slack), "round {round}: {costs:?}");
    }
}

#[test]
fn the_limit_of_questions_is_kept_and_nothing_gets_worse() {
    let mut dice = Dice(13);
    let (mut few, mut many) = (0.0, 0.0);
    for round in 0..300 {
        let case = dice.case();
        let explains = dice.below(12) as usize;
        let found = case.choose_with(40, 5, explains, 1);
        let shared = case.choose_with(40, 5, explains, 3);
        assert_eq!((found.taken, found.left), (shared.taken, shared.left), "round {round}: whoever answers");
        assert!(found.cost <= case.bare() + 1e-6, "round {round}: {} of {}", found.cost, case.bare());
        few += case.bare() - found.cost;
        many += case.bare() - case.choose(40, 5).cost;
    }
    assert!(few >= 0.4 * many, "{few} of {many}");
}
