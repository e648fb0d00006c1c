//! Whatever the text, reading it ends and does not panic: 100,000 plans with their letters torn about.

use live::testing;

use crate::formats::{explain, prepare};
use crate::plans;
use crate::queries::QUERIES;

/// A small generator (SplitMix64): the same mutants in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % bound.max(1) as u64) as usize
    }
}

const STRANGERS: [&str; 18] = [
    "(",
    ")",
    "'",
    "\"",
    "->",
    "\n",
    "+",
    "|",
    ":",
    "Worker 0:",
    "SubPlan 1",
    "{",
    "]",
    "<Plan>",
    "- ",
    "é",
    "-1e999",
    "\0",
];

fn mutant(seed: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = seed.chars().collect();
    for _ in 0..=random.below(6) {
        let at = random.below(letters.len());
        let end = (at + random.below(30)).min(letters.len());
        match random.below(5) {
            0 => drop(letters.drain(at..end)),
            1 => letters.extend_from_within(at..end),
            2 => letters.truncate(at.max(1)),
            3 => drop(letters.splice(at..at, STRANGERS[random.below(STRANGERS.len())].chars())),
            _ if letters.len() > 1 => {
                let other = random.below(letters.len());
                let at = at.min(letters.len() - 1);
                letters.swap(at, other);
            }
            _ => {}
        }
    }
    letters.into_iter().collect()
}

#[test]
fn mutated_plans_are_read_without_a_panic() {
    let Some(lab) = testing::lab() else { return };
    let mut client = prepare(lab);
    let mut seeds = Vec::new();
    for asked in QUERIES.iter().filter(|asked| asked.since <= 14) {
        for format in ["TEXT", "JSON", "YAML", "XML"] {
            seeds.push(explain(&mut client, asked, "ANALYZE, BUFFERS OFF", format));
        }
    }
    // Long ones say nothing that short ones do not.
    seeds.retain(|seed| seed.len() < 3_000);
    let mut random = Random(20_261_127);
    let mut found = 0;
    for _ in 0..100_000 {
        let text = mutant(&seeds[random.below(seeds.len())], &mut random);
        let (plans, _) = plans(&text);
        for plan in &plans {
            found += 1;
            let Some(times) = plan.times() else { continue };
            assert!(times.own.iter().all(|own| *own >= 0.0), "{text}");
        }
    }
    println!("100,000 mutants of {} plans, {found} plans in them", seeds.len());
}
