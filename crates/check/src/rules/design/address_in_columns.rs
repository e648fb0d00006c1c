use model::object::Table;
use model::{Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::words_of;

rule! {
    /// City and state follow from the postal code beside them; know that they may disagree.
    ///
    /// The code decides the town in most countries, so the row says it twice, and a correction of one leaves the other. For the
    /// address on a letter that is right; where towns are counted or taxed, a table of postal codes keeps one truth.
    ///
    /// ```sql,bad
    /// CREATE TABLE stores (id bigint PRIMARY KEY, street text, zip text, city text, state text);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, home_postal_code text, home_city text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE stores (id bigint PRIMARY KEY, street text, zip text, zip_file text, home_city text);
    /// ```
    "D008", note, opt_in, Check::Table(check)
}

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    for column in table.columns.iter().filter(|column| column.ty.is_text() && !column.inherited) {
        let words = words_of(&column.name);
        let stem = match words.iter().map(Name::as_str).collect::<Vec<_>>()[..] {
            [.., "zip" | "zipcode" | "postcode"] => words.len() - 1,
            [.., "zip" | "postal", "code"] => words.len() - 2,
            _ => continue,
        };
        let city = table.columns.iter().find(|other| {
            let other = words_of(&other.name);
            other.len() == stem + 1 && other[..stem] == words[..stem] && matches!(other[stem].as_str(), "city" | "town")
        });
        let Some(city) = city else { continue };
        findings
            .at(
                &Path::column(&table.name, city.name.clone()),
                format!("{} follows from {} and may disagree with it", city.name, column.name),
            )
            .why("the row says twice where it is");
    }
}
