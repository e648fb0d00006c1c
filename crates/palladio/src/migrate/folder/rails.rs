//! Rails: a migration in Ruby for each step, which runs the SQL as it is.

use std::collections::BTreeSet;

use super::{Around, Down, Place, Unit, Written};

pub(super) fn write(units: &[Unit], place: &mut Place, written: &mut Written) {
    let mut classes = BTreeSet::new();
    for unit in units {
        // Two classes of one name are one class.
        let mut slug = unit.slug.clone();
        while !classes.insert(slug.clone()) {
            slug += "_again";
        }
        let path = place.next(&slug);
        let version = version(place);
        written.files.push((path, text(unit, &slug, &version)));
    }
    written.remarks.push(
        "These are more than schema.rb can say: config.active_record.schema_format = :sql keeps them in structure.sql"
            .to_owned(),
    );
}

/// The version of Active Record that the other migrations are written for.
fn version(place: &Place) -> String {
    let texts = place.beside.iter().filter(|(path, _)| path.ends_with(".rb")).map(|(_, text)| text);
    let named = texts
        .filter_map(|text| text.split_once("ActiveRecord::Migration[")?.1.split_once(']').map(|(version, _)| version));
    named.max().unwrap_or("7.1").to_owned()
}

fn text(unit: &Unit, slug: &str, version: &str) -> String {
    let class: String = slug
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect();
    // A class begins with a letter.
    let class = if class.starts_with(|first: char| first.is_ascii_digit()) { format!("Step{class}") } else { class };
    let down_alone = matches!(&unit.down, Down::Statements { around: Around::Nothing, .. });
    let alone = if unit.around == Around::Nothing || down_alone { "  disable_ddl_transaction!\n\n" } else { "" };
    let comments = unit.commented("  #");
    let down = match &unit.down {
        Down::Statements { statements, .. } => execute(statements),
        Down::Nothing => "    # There is nothing to take back\n".to_owned(),
        Down::Lost(why) => format!("    raise ActiveRecord::IrreversibleMigration, {}\n", ruby(why)),
    };
    format!(
        "# frozen_string_literal: true

class {class} < ActiveRecord::Migration[{version}]
{alone}{comments}  def up
{}  end

  def down
{down}  end
end
",
        execute(&unit.up)
    )
}

/// The text stays as it is: nothing is replaced in it, and its lines begin where they began.
fn execute(statements: &[String]) -> String {
    let lines = statements.iter().flat_map(|statement| statement.lines());
    let lines: String = lines.map(|line| format!("{}\n", format!("      {line}").trim_end())).collect();
    format!("    execute <<~'SQL'\n{lines}    SQL\n")
}

fn ruby(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
