//! A schema as a table of dice: each thing that may be there has its dice, and every face is one fact about it. To edit
//! a schema is to roll one die again, so that each fact changes beside all others.

use std::collections::BTreeMap;

/// What may be in a schema. The order is that of making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Schema,
    Extension,
    Collation,
    Enum,
    Function,
    Domain,
    Composite,
    Range,
    Sequence,
    Foreign,
    Typed,
    Table,
    Column,
    Constraint,
    Index,
    View,
    Trigger,
    Rule,
    Policy,
    Statistics,
    Publication,
    EventTrigger,
    TextSearch,
    Operator,
    Cast,
    DefaultPrivileges,
    Grant,
}

/// The place of a thing: the `at`-th of its kind, in the table of that number where it is a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) what: What,
    pub(crate) of: u8,
    pub(crate) at: u8,
}

pub(crate) const TABLES: u8 = 10;
/// The tables with the columns of another one: a child, three partitions, and a partition of the last of those.
pub(crate) const PARTITIONED: u8 = 3;
pub(crate) const CHILD: u8 = 4;
pub(crate) const PARTITIONS: std::ops::Range<u8> = 6..10;
pub(crate) const DIVIDED: u8 = 8;
pub(crate) const COLUMNS: u8 = 8;
pub(crate) const VIEWS: u8 = 9;
pub(crate) const FUNCTIONS: u8 = 15;
pub(crate) const DOMAINS: u8 = 5;
pub(crate) const CONSTRAINTS: u8 = 11;
pub(crate) const INDEXES: u8 = 6;

/// How many there are of each kind, and how likely each is there, in percent.
const THINGS: [(What, u8, u64); 19] = [
    (What::Schema, 2, 80),
    (What::Extension, 3, 30),
    (What::Collation, 1, 30),
    (What::Enum, 3, 60),
    (What::Function, FUNCTIONS, 50),
    (What::Domain, DOMAINS, 50),
    (What::Composite, 2, 50),
    (What::Range, 2, 40),
    (What::Sequence, 3, 50),
    (What::Foreign, 1, 25),
    (What::Typed, 1, 25),
    (What::View, VIEWS, 45),
    (What::Statistics, 3, 40),
    (What::Publication, 3, 30),
    (What::EventTrigger, 1, 20),
    (What::TextSearch, 1, 20),
    (What::Operator, 1, 20),
    (What::Cast, 1, 20),
    (What::DefaultPrivileges, 3, 20),
];
const PARTS: [(What, u8, u64); 6] = [
    (What::Column, COLUMNS, 65),
    (What::Constraint, CONSTRAINTS, 30),
    (What::Index, INDEXES, 25),
    (What::Trigger, 3, 20),
    (What::Rule, 2, 10),
    (What::Policy, 2, 20),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dice([u8; Dice::COUNT]);

impl Dice {
    pub(crate) const COUNT: usize = 12;

    fn roll(chance: &mut Chance) -> Dice {
        let mut dice = Dice([0; Dice::COUNT]);
        dice.0.fill_with(|| chance.byte());
        dice
    }

    pub(crate) fn pick<T: Copy>(&self, die: usize, faces: &[T]) -> T {
        faces[usize::from(self.0[die]) % faces.len()]
    }

    /// In one of `of` rolls.
    pub(crate) fn one_in(&self, die: usize, of: u8) -> bool {
        self.0[die].is_multiple_of(of)
    }

    pub(crate) fn number(&self, die: usize) -> u8 {
        self.0[die]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct World {
    pub(crate) major: u16,
    pub(crate) things: BTreeMap<Slot, Dice>,
}

impl World {
    pub(crate) fn roll(chance: &mut Chance, major: u16) -> World {
        let mut things = BTreeMap::new();
        // Small worlds show as much as large ones, and in less time.
        let scale = [20, 50, 80, 100][(chance.byte() % 4) as usize];
        for slot in slots() {
            let percent = likelihood(slot) * scale / 100;
            if chance.below(100) < percent {
                things.insert(slot, Dice::roll(chance));
            }
        }
        World { major, things }
    }

    pub(crate) fn get(&self, what: What, of: u8, at: u8) -> Option<&Dice> {
        self.things.get(&Slot { what, of, at })
    }

    /// One thing rolled anew, taken away, or put there; mostly one fact about a thing that is there.
    pub(crate) fn edit(&mut self, chance: &mut Chance) {
        let kind = chance.below(10);
        if kind < 7 && !self.things.is_empty() {
            let at = chance.below(self.things.len() as u64) as usize;
            let die = chance.below(Dice::COUNT as u64) as usize;
            let face = chance.byte();
            if let Some(dice) = self.things.values_mut().nth(at) {
                dice.0[die] = face;
            }
            return;
        }
        let slots = slots();
        let slot = slots[chance.below(slots.len() as u64) as usize];
        match self.things.contains_key(&slot) {
            true => {
                self.things.remove(&slot);
            }
            false => {
                self.things.insert(slot, Dice::roll(chance));
            }
        }
    }

    /// A table, a column or a label that is there gets its other name.
    pub(crate) fn rename(&mut self, chance: &mut Chance) {
        // The die that says the name, and how many of its faces say the other one.
        let named = |slot: &Slot| match slot.what {
            What::Table => Some((1, 8)),
            What::Column => Some((9, 8)),
            What::Enum => Some((8, 6)),
            _ => None,
        };
        let slots: Vec<Slot> = self.things.keys().filter(|slot| named(slot).is_some()).copied().collect();
        if slots.is_empty() {
            return;
        }
        let slot = slots[chance.below(slots.len() as u64) as usize];
        if let (Some(dice), Some((die, of))) = (self.things.get_mut(&slot), named(&slot)) {
            dice.0[die] = u8::from(dice.one_in(die, of));
        }
    }

    /// What may be left out of two worlds to find the smallest that still fail: many things at once, then single ones,
    /// then single edits.
    pub(crate) fn steps(&self, other: &World) -> Vec<Step> {
        let mut slots: Vec<Slot> = self.things.keys().chain(other.things.keys()).copied().collect();
        slots.sort();
        slots.dedup();
        let same = slots.iter().filter(|slot| self.things.get(slot) == other.things.get(slot));
        let same: Vec<Slot> = same.copied().collect();
        let mut steps: Vec<Step> =
            same.chunks(same.len().div_ceil(4).max(1)).map(|some| Step::Without(some.to_vec())).collect();
        steps.extend(slots.iter().map(|slot| Step::Without(vec![*slot])));
        steps.extend(slots.iter().map(|slot| Step::Unedited(*slot)));
        steps.extend(slots.iter().flat_map(|slot| (0..Dice::COUNT).map(|die| Step::Die(*slot, die))));
        steps
    }
}

/// Something to leave out.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Without(Vec<Slot>),
    Unedited(Slot),
    Die(Slot, usize),
}

impl Step {
    pub(crate) fn of(&self, before: &World, after: &World) -> (World, World) {
        let (mut one, mut two) = (before.clone(), after.clone());
        match self {
            Step::Without(slots) => slots.iter().for_each(|slot| {
                one.things.remove(slot);
                two.things.remove(slot);
            }),
            Step::Unedited(slot) => match before.things.get(slot) {
                Some(dice) => {
                    two.things.insert(*slot, *dice);
                }
                None => {
                    two.things.remove(slot);
                }
            },
            Step::Die(slot, die) => {
                if let (Some(old), Some(new)) = (before.things.get(slot), two.things.get_mut(slot)) {
                    new.0[*die] = old.0[*die];
                }
            }
        }
        (one, two)
    }
}

fn likelihood(slot: Slot) -> u64 {
    let kinds = THINGS.iter().chain(&PARTS);
    match slot.what {
        What::Table => 75,
        What::Grant => 30,
        // Most tables have a first column, and a key on it.
        What::Column if slot.at == 0 => 95,
        What::Constraint if slot.at == 0 => 70,
        what => kinds.clone().find(|(kind, ..)| *kind == what).map_or(0, |(.., percent)| *percent),
    }
}

fn slots() -> Vec<Slot> {
    let mut slots = Vec::new();
    for (what, count, _) in THINGS {
        slots.extend((0..count).map(|at| Slot { what, of: 0, at }));
    }
    for of in 0..TABLES {
        slots.push(Slot { what: What::Table, of, at: 0 });
        for (what, count, _) in PARTS {
            slots.extend((0..count).map(|at| Slot { what, of, at }));
        }
    }
    slots.extend((0..8).map(|at| Slot { what: What::Grant, of: 0, at }));
    slots
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }
}
