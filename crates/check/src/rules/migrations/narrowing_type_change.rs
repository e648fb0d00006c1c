use model::stored::behind_domains;
use model::{Aspect, Change, Expr, Kind, Step, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A column changes to a type that holds less, so the migration fails on a row that does not fit, or loses digits; look at the rows first.
    ///
    /// What is too long or too large stops the migration, in production only, where such rows are. Digits behind the point,
    /// the time of a day and an offset are dropped without a word, and no way leads back.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, quantity bigint);
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN quantity TYPE integer;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN name TYPE varchar(50);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,4));
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50), total numeric(8,2));
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN name TYPE text, ALTER COLUMN total TYPE numeric(12,4);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN name TYPE varchar(50) USING left(name, 50);
    /// ```
    "M035", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::Type { ty, .. } } = change else { continue };
        let table = path.qname();
        if path.kind != Kind::Column || !step.table_existed(&table) || !step.existed(path) {
            continue;
        }
        let Some(column) = step.before.column(&table, &path.part) else { continue };
        // An expression of its own says what becomes of the rows.
        let using = step.how.using.iter().find(|(name, _)| *name == path.part).map(|(_, using)| using.without_casts());
        if using.is_some_and(|using| !matches!(using, Expr::Column(_))) {
            continue;
        }
        let (from, to) = (behind_domains(&step.before, &column.ty), behind_domains(&step.before, ty));
        let Some(harm) = harm(&from, &to) else { continue };
        findings.here(place, format!("{path} holds less as {ty}")).about(path.clone()).words("TYPE").why(match harm {
            Harm::Fails => format!("a {} that does not fit stops the migration", column.ty),
            Harm::Loses(what) => format!("{what} is dropped, and the way back cannot bring it"),
        });
    }
}

enum Harm {
    Fails,
    Loses(&'static str),
}

/// What the change does to a value that the new type cannot hold.
fn harm(from: &Type, to: &Type) -> Option<Harm> {
    const FRACTION: Harm = Harm::Loses("what stands behind the point");
    match (from, to) {
        (Type::BigInt, Type::Integer | Type::SmallInt) | (Type::Integer, Type::SmallInt) => Some(Harm::Fails),
        (Type::Text | Type::Varchar(None), Type::Varchar(Some(_)) | Type::Char(Some(_))) => Some(Harm::Fails),
        (Type::Varchar(Some(from)) | Type::Char(Some(from)), Type::Varchar(Some(to)) | Type::Char(Some(to))) => {
            (to < from).then_some(Harm::Fails)
        }
        (Type::Numeric(_) | Type::Double | Type::Real, Type::SmallInt | Type::Integer | Type::BigInt) => Some(FRACTION),
        (Type::Double, Type::Real) => Some(Harm::Loses("every digit behind the sixth")),
        (Type::Numeric(_), Type::Real | Type::Double) => Some(Harm::Loses("exactness")),
        (Type::Numeric(None), Type::Numeric(Some(_))) => Some(Harm::Fails),
        (Type::Numeric(Some((digits, scale))), Type::Numeric(Some((fewer, less)))) => {
            let whole = digits - scale;
            match less < scale {
                true => Some(FRACTION),
                false => (fewer - less < whole).then_some(Harm::Fails),
            }
        }
        (Type::Timestamp { .. }, Type::Date) => Some(Harm::Loses("the time of the day")),
        (Type::Timestamp { .. }, Type::Time { .. }) => Some(Harm::Loses("the day")),
        _ => None,
    }
}
