use model::{Change, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, own_tables};

rule! {
    /// An age is stored, and wrong after the next birthday; compute it from the date of birth.
    ///
    /// Nothing tells when the number was true. With the date beside it, `age(birth_date)` in a view is right every day.
    ///
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, birth_date date, age integer);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE patients (id bigint PRIMARY KEY, date_of_birth date NOT NULL, age smallint NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE people (id bigint PRIMARY KEY, birth_date date, min_age integer);
    /// CREATE TABLE samples (id bigint PRIMARY KEY, age integer);
    /// ```
    "D010", fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    const BIRTHS: &[&str] = &["birth_date", "birthdate", "birthday", "born_on", "date_of_birth", "dob"];
    for table in own_tables(schema) {
        let Some(age) = table.column("age").filter(|age| age.ty.is_integer() && age.generated.is_none()) else { continue };
        let Some(birth) = BIRTHS.iter().find(|name| table.column(name).is_some()) else { continue };
        let path = column_path(table, age);
        findings
            .at(&path, format!("{}.age is wrong after the next birthday", table.name))
            .why(format!("it follows from {birth} and the day on which one asks"))
            .unsafe_fix(format!("drop it and compute it from {birth}"), vec![Change::drop(path)]);
    }
}
