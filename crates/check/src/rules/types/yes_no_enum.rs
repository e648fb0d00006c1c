use model::object::Enum;
use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// An enum of yes and no is a `boolean` with more letters.
    ///
    /// It needs a cast in every query of every driver, cannot stand in a WHERE by itself, and `NOT` does not turn it around.
    ///
    /// ```sql,bad
    /// CREATE TYPE yes_no AS ENUM ('yes', 'no');
    /// CREATE TABLE users (id bigint PRIMARY KEY, subscribed yes_no NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TYPE answer AS ENUM ('yes', 'no', 'unsure');
    /// CREATE TABLE polls (id bigint PRIMARY KEY, answer answer NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TYPE side AS ENUM ('left', 'right');
    /// CREATE TABLE gloves (id bigint PRIMARY KEY, side side NOT NULL);
    /// ```
    "T023", note, Check::Schema(check)
}

const PAIRS: &[[&str; 2]] = &[["f", "t"], ["false", "true"], ["n", "y"], ["no", "yes"], ["off", "on"]];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for ty in schema.enums().filter(|ty| is_boolean(ty)) {
        findings
            .at(&Path::object(Kind::Enum, &ty.name), format!("{} is {} and nothing else", ty.name, listed(&ty.values)))
            .why("boolean stands in a condition by itself; this needs a comparison and often a cast");
    }
}

fn is_boolean(ty: &Enum) -> bool {
    let mut values: Vec<String> = ty.values.iter().map(|value| value.to_lowercase()).collect();
    values.sort();
    PAIRS.iter().any(|pair| values == pair)
}
