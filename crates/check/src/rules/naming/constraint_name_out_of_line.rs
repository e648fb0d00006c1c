use model::object::{Constraint, ConstraintKind, Table};
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Affix, Outlier, Style, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A constraint is named otherwise than the others of its kind; name it as they are named.
    ///
    /// The application sees the name of a constraint when an INSERT fails, and decides by it what to tell the user. What most
    /// foreign keys, checks and unique constraints do is the project's style; `naming.constraint` of the configuration says
    /// which it should be. Names that are whole words (`email_is_taken`) are a style as well.
    ///
    /// ```sql,bad
    /// CREATE TABLE accounts (
    ///     id bigint PRIMARY KEY,
    ///     a integer CONSTRAINT chk_a CHECK (a > 0),
    ///     b integer CONSTRAINT chk_b CHECK (b > 0),
    ///     c integer CONSTRAINT chk_c CHECK (c > 0),
    ///     d integer CONSTRAINT chk_d CHECK (d > 0),
    ///     e integer CONSTRAINT e_check CHECK (e > 0)
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE accounts (
    ///     id bigint PRIMARY KEY,
    ///     a integer CONSTRAINT a_given CHECK (a > 0),
    ///     b integer CONSTRAINT b_given CHECK (b > 0),
    ///     c integer CONSTRAINT c_given CHECK (c > 0),
    ///     d integer CONSTRAINT d_given CHECK (d > 0),
    ///     e integer CHECK (e > 0)
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE accounts (
    ///     id bigint PRIMARY KEY,
    ///     a integer CONSTRAINT chk_a CHECK (a > 0),
    ///     b integer CONSTRAINT chk_b CHECK (b > 0),
    ///     c integer CONSTRAINT chk_c CHECK (c > 0),
    ///     d integer CONSTRAINT chk_d CHECK (d > 0),
    ///     e integer UNIQUE
    /// );
    /// ```
    "N009", note, fix, Check::Schema(check)
}

/// A kind of constraint: what it is called, the word for `{type}`, and the ways in which people mark its names.
struct Sort {
    things: &'static str,
    word: &'static str,
    ways: &'static [Affix<'static>],
    is: fn(&ConstraintKind) -> bool,
}

const SORTS: &[Sort] = &[
    Sort {
        things: "names of foreign keys",
        word: "fkey",
        ways: &[
            Affix::prefix("fk_"),
            Affix::prefix("fkey_"),
            Affix::suffix("_fkey"),
            Affix::suffix("_fk"),
            Affix::suffix("_foreign"),
        ],
        is: |kind| matches!(kind, ConstraintKind::ForeignKey(_)),
    },
    Sort {
        things: "names of checks",
        word: "check",
        ways: &[
            Affix::prefix("chk_"),
            Affix::prefix("ck_"),
            Affix::prefix("check_"),
            Affix::suffix("_check"),
            Affix::suffix("_chk"),
            Affix::suffix("_ck"),
        ],
        is: |kind| matches!(kind, ConstraintKind::Check(_)),
    },
    Sort {
        things: "names of unique constraints",
        word: "key",
        ways: &[
            Affix::prefix("uq_"),
            Affix::prefix("uk_"),
            Affix::prefix("unique_"),
            Affix::suffix("_key"),
            Affix::suffix("_unique"),
            Affix::suffix("_uq"),
            Affix::suffix("_uk"),
        ],
        is: |kind| matches!(kind, ConstraintKind::Unique(_)),
    },
];

/// No sign of its kind.
const NONE: Affix<'static> = Affix::prefix("");

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for sort in SORTS {
        let mut named: Vec<(&Table, &Constraint)> = Vec::new();
        for table in own_tables(schema) {
            let counts = |it: &&Constraint| (sort.is)(&it.kind) && !it.inherited && !is_default(table, it, sort);
            named.extend(table.constraints.iter().filter(counts).map(|constraint| (table, constraint)));
        }
        check_sort(schema, sort, &named, findings);
    }
}

fn check_sort(schema: &Schema, sort: &Sort, named: &[(&Table, &Constraint)], findings: &mut Findings<'_>) {
    let told = findings.house().constraint.as_ref().map(|pattern| pattern.replace("{type}", sort.word));
    let told = told.as_deref().map(Affix::of_pattern);
    let way_of = |it: &Constraint| {
        let fits = |way: &&Affix<'_>| way.fits(&it.name.to_ascii_lowercase());
        sort.ways.iter().find(fits).copied().unwrap_or(NONE)
    };
    let Some(style) = style(told, named.iter().map(|(_, it)| way_of(it)), NONE) else { return };
    let (Style::Told(way) | Style::Shown { way, .. }) = style else { return };
    if way == NONE {
        return;
    }
    // What was cut off at the end would fit as well.
    let is_cut = |it: &Constraint| it.name.len() + 3 > model::name::LONGEST;
    let is_off = |it: &Constraint| !is_cut(it) && !way.fits(&it.name.to_ascii_lowercase());
    let outliers = named.iter().filter(|(_, it)| is_off(it)).map(|(table, it)| {
        let path = Path::constraint(&table.name, it.name.clone());
        let better = format!("{}{}{}", way.before, way_of(it).strip(&it.name), way.behind);
        Outlier { changes: renames::part(schema, &path, &better), path, better }
    });
    let outliers = outliers.collect();
    let why = "the application knows by this name what went wrong";
    report(findings, style, outliers, &Wording { things: sort.things, way: way.words(), why });
}

/// The name that PostgreSQL gives a constraint which the statement does not name.
fn is_default(table: &Table, constraint: &Constraint, sort: &Sort) -> bool {
    let name = constraint.name.trim_end_matches(|char: char| char.is_ascii_digit());
    name.starts_with(table.name.name.as_str()) && name.ends_with(&format!("_{}", sort.word))
}
