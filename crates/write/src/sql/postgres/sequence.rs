//! Sequences: by themselves, and behind identity columns.

use model::name::quoted;
use model::object::Sequence;
use model::{Name, QName, Type, name};

use super::words;

pub(super) fn create(sequence: &Sequence) -> String {
    let ty = if sequence.ty == Type::BigInt { String::new() } else { format!(" AS {}", sequence.ty) };
    let options: String = options(sequence, Some(&sequence.ty)).iter().map(|option| format!(" {option}")).collect();
    let name = words::created(&sequence.name, sequence.persistence);
    format!("CREATE {}SEQUENCE {name}{ty}{options};", words::persistence(sequence.persistence))
}

/// The table and column that the sequence goes away with.
pub(super) fn owned_by(sequence: &Sequence) -> String {
    match &sequence.owned_by {
        Some((table, column)) => format!("ALTER SEQUENCE {} OWNED BY {table}.{};", sequence.name, quoted(column)),
        None => format!("ALTER SEQUENCE {} OWNED BY NONE;", sequence.name),
    }
}

/// The parameters that differ from those of a new sequence of type `ty`; every parameter when there is no type.
pub(super) fn options(sequence: &Sequence, ty: Option<&Type>) -> Vec<String> {
    let usual = ty.map(|ty| usual(sequence, ty));
    let differs = |part: fn(&Sequence) -> i64| usual.as_ref().is_none_or(|usual| part(usual) != part(sequence));
    let mut options = Vec::new();
    if differs(|sequence| sequence.start) {
        options.push(format!("START WITH {}", sequence.start));
    }
    if differs(|sequence| sequence.increment) {
        options.push(format!("INCREMENT BY {}", sequence.increment));
    }
    if differs(|sequence| sequence.min) {
        options.push(format!("MINVALUE {}", sequence.min));
    }
    if differs(|sequence| sequence.max) {
        options.push(format!("MAXVALUE {}", sequence.max));
    }
    if differs(|sequence| sequence.cache) {
        options.push(format!("CACHE {}", sequence.cache));
    }
    if sequence.cycle {
        options.push("CYCLE".to_owned());
    } else if ty.is_none() {
        options.push("NO CYCLE".to_owned());
    }
    options
}

/// What the database fills in for a sequence with this increment (and, descending, these bounds) when nothing else
/// is said (CREATE SEQUENCE: a descending one counts from −1 down to the least value of its type).
fn usual(sequence: &Sequence, ty: &Type) -> Sequence {
    let mut usual = Sequence::new(sequence.name.clone(), ty.clone());
    if sequence.increment < 0 {
        (usual.min, usual.max) = match ty {
            Type::SmallInt => (i64::from(i16::MIN), -1),
            Type::Integer => (i64::from(i32::MIN), -1),
            _ => (i64::MIN, -1),
        };
        usual.start = sequence.max;
    } else {
        usual.start = sequence.min;
    }
    usual
}

/// The name that the database gives to the sequence of a serial or identity column while nothing else has it.
pub(super) fn default_name(table: &QName, column: &Name) -> QName {
    QName::new(table.schema.clone(), chosen(&table.name, column, "seq"))
}

/// `makeObjectName`: the longer of the two words is shortened until the name fits.
pub(super) fn chosen(first: &str, second: &str, label: &str) -> Name {
    let room = name::LONGEST - label.len() - 2;
    let (mut first_length, mut second_length) = (first.len(), second.len());
    while first_length + second_length > room {
        if first_length > second_length { first_length -= 1 } else { second_length -= 1 }
    }
    format!("{}_{}_{label}", clipped(first, first_length), clipped(second, second_length)).into()
}

fn clipped(text: &str, mut length: usize) -> &str {
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}
