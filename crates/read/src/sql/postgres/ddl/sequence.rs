//! Sequences: every parameter as PostgreSQL fills it in.

use model::change::Aspect;
use model::object::{Object, Persistence, Sequence, bounds};
use model::{Change, Kind, Name, Path, QName, Type};
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::words;
use super::super::statement::{Placed, Read, Statement};
use super::super::ty::ty;
use super::alter;
use super::options::{if_exists, if_not_exists, integer};
use super::table::persistence;

/// `CREATE SEQUENCE`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateSequence) -> Read {
    let persistence = persistence(node.persistence());
    let name = cx.new_relation(persistence, &node.sequence()?);
    let mut sequence = with_options(cx, Sequence::new(name.clone(), Type::BigInt), node.sequence_options(), true);
    sequence.persistence = persistence;
    let change = Change::Create { path: Path::object(Kind::Sequence, &name), object: Object::Sequence(sequence) };
    let placed = Placed::new(cx, node.syntax(), change).named(cx, node.sequence().as_ref());
    Some(Statement::define([placed]).how(if_not_exists(node.if_not_exists())))
}

/// `ALTER SEQUENCE`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterSequence) -> Read {
    let path = cx.relation_path(Kind::Sequence, &node.sequence_ref()?);
    let mut changes = Vec::new();
    let mut options = Vec::new();
    let mut logged = None;
    for action in node.actions() {
        match action {
            // Where it goes on counting is data, not definition.
            ast::AlterSequenceAction::SequenceOption(ast::SequenceOption::OptionRestart(_)) => {}
            ast::AlterSequenceAction::SequenceOption(option) => options.push(option),
            ast::AlterSequenceAction::SetLogged(_) => logged = Some(Persistence::Permanent),
            ast::AlterSequenceAction::SetUnlogged(_) => logged = Some(Persistence::Unlogged),
            other => changes.extend(alter::any(cx, &path, other.syntax())),
        }
    }
    if !options.is_empty() || logged.is_some() {
        let mut sequence = with_options(cx, known(cx, &path), options.into_iter(), false);
        sequence.persistence = logged.unwrap_or(sequence.persistence);
        changes.insert(0, Change::alter(path, Aspect::Sequence(Box::new(sequence))));
    }
    let changes = changes.into_iter().map(|change| Placed::new(cx, node.syntax(), change));
    Some(Statement::define(changes).how(if_exists(node.if_exists())))
}

/// The sequence as it is; one that was never seen being made is like a new one.
fn known(cx: Context<'_>, path: &Path) -> Sequence {
    let name = path.qname();
    let identity = cx.schema().relation(&name).filter(|holder| holder.kind == Kind::Column).and_then(|column| {
        let column = cx.schema().column(&column.qname(), &column.part)?;
        column.identity.as_ref().map(|identity| identity.sequence.clone())
    });
    let known = identity.or_else(|| cx.schema().sequence(&name).cloned());
    known.unwrap_or_else(|| Sequence::new(name, Type::BigInt))
}

/// The sequence with the options; a new one gets the rest from its type and direction (`init_params` of PostgreSQL's
/// sequence code is the order followed here).
pub(super) fn with_options(
    cx: Context<'_>,
    mut sequence: Sequence,
    options: impl Iterator<Item = ast::SequenceOption>,
    new: bool,
) -> Sequence {
    let before = sequence.ty.clone();
    let (mut min, mut max, mut start) = (None, None, None);
    let (mut no_min, mut no_max) = (new, new);
    for option in options {
        match option {
            ast::SequenceOption::OptionAsType(it) => {
                sequence.ty = it.ty().map_or_else(|| sequence.ty.clone(), |written| ty(cx, &written));
            }
            ast::SequenceOption::OptionIncrement(it) => {
                sequence.increment = number(it.expr()).filter(|step| *step != 0).unwrap_or(1);
            }
            ast::SequenceOption::OptionMinValue(it) => min = number(it.expr()),
            ast::SequenceOption::OptionMaxValue(it) => max = number(it.expr()),
            ast::SequenceOption::OptionNoMinValue(_) => no_min = true,
            ast::SequenceOption::OptionNoMaxValue(_) => no_max = true,
            ast::SequenceOption::OptionStart(it) => start = number(it.expr()),
            ast::SequenceOption::OptionCache(it) => sequence.cache = number(it.expr()).unwrap_or(1),
            ast::SequenceOption::OptionCycle(_) => sequence.cycle = true,
            ast::SequenceOption::OptionNoCycle(_) => sequence.cycle = false,
            ast::SequenceOption::OptionOwnedBy(it) => {
                sequence.owned_by = it.owned_by_target().and_then(|target| owner(cx, &target));
            }
            ast::SequenceOption::OptionSequenceName(it) => {
                sequence.name = it.sequence().map_or_else(|| sequence.name.clone(), |own| cx.new_object(&own));
            }
            ast::SequenceOption::OptionLogged(_) => sequence.persistence = Persistence::Permanent,
            ast::SequenceOption::OptionUnlogged(_) => sequence.persistence = Persistence::Unlogged,
            ast::SequenceOption::OptionRestart(_) => {}
        }
    }
    // A bound that is only the old type's goes with the type.
    no_max |= sequence.ty != before && sequence.max == bounds(&before).1;
    no_min |= sequence.ty != before && sequence.min == bounds(&before).0;
    let ascending = sequence.increment > 0;
    let (lowest, highest) = bounds(&sequence.ty);
    sequence.max = match max {
        Some(max) => max,
        None if no_max => {
            if ascending {
                highest
            } else {
                -1
            }
        }
        None => sequence.max,
    };
    sequence.min = match min {
        Some(min) => min,
        None if no_min => {
            if ascending {
                1
            } else {
                lowest
            }
        }
        None => sequence.min,
    };
    sequence.start = match start {
        Some(start) => start,
        None if new => {
            if ascending {
                sequence.min
            } else {
                sequence.max
            }
        }
        None => sequence.start,
    };
    sequence
}

fn number(value: Option<ast::Expr>) -> Option<i64> {
    integer(value?.syntax())
}

fn owner(cx: Context<'_>, target: &ast::OwnedByTarget) -> Option<(QName, Name)> {
    let ast::OwnedByTarget::QualifiedColumnNameRef(column) = target else { return None };
    let mut words = words(column);
    let (column, table) = (words.pop()?, words.pop()?);
    Some((cx.relation_name(words.pop(), table), column))
}
