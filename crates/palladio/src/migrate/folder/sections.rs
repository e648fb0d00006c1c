//! Tools that apply one file for each migration: with sections for both ways, with a file for each, or with one way.

use model::step::Layout;

use super::{Around, Down, Place, Unit, Written};

pub(super) fn write(units: &[Unit], place: &mut Place, written: &mut Written) {
    for unit in units {
        let path = place.next(&unit.slug);
        let down = place.down(&path);
        let setting = setting(place.layout(), unit.around, &path);
        written.files.push((path, text(place.layout(), unit)));
        written.files.extend(setting);
        if let Some(down) = down {
            let around = match &unit.down {
                Down::Statements { around, .. } => *around,
                _ => Around::Transaction,
            };
            let head =
                if place.layout() == Layout::Sqlx && around == Around::Nothing { "-- no-transaction\n" } else { "" };
            written.files.push((down, format!("{head}{}", unit.down_text())));
        }
    }
    if place.layout() == Layout::Flyway && units.iter().any(|unit| unit.around == Around::Nothing) {
        written.remarks.push(
            "Flyway waits for its own lock while an index is built CONCURRENTLY: set \
             flyway.postgresql.transactional.lock=false"
                .to_owned(),
        );
    }
}

/// A file that says how the one beside it is run.
fn setting(layout: Layout, around: Around, path: &str) -> Option<(String, String)> {
    if around == Around::Transaction {
        return None;
    }
    match layout {
        Layout::Flyway => Some((format!("{path}.conf"), "executeInTransaction=false\n".to_owned())),
        Layout::Diesel => {
            let folder = path.strip_suffix("up.sql")?;
            Some((format!("{folder}metadata.toml"), "run_in_transaction = false\n".to_owned()))
        }
        _ => None,
    }
}

fn text(layout: Layout, unit: &Unit) -> String {
    let up = unit.up_text();
    match (layout, unit.around) {
        (Layout::Dbmate, around) => {
            let option = if around == Around::Nothing { " transaction:false" } else { "" };
            let down_option = match &unit.down {
                Down::Statements { around: Around::Nothing, .. } => " transaction:false",
                _ => "",
            };
            format!("-- migrate:up{option}\n{up}\n-- migrate:down{down_option}\n{}", unit.down_text())
        }
        (Layout::Goose, around) => {
            let (down, down_around) = match &unit.down {
                Down::Statements { statements, around } => (kept_whole(statements), *around),
                _ => (unit.down_text(), Around::Transaction),
            };
            let alone = [around, down_around].contains(&Around::Nothing);
            let head = if alone { "-- +goose NO TRANSACTION\n" } else { "" };
            let up = format!("{}{}", unit.commented("--"), kept_whole(&unit.up));
            format!("{head}-- +goose Up\n{up}\n-- +goose Down\n{down}")
        }
        (Layout::Sqlx, Around::Nothing) => format!("-- no-transaction\n{up}"),
        // Nobody puts a transaction around these.
        (Layout::Numbered, Around::Transaction) => {
            let comments = unit.commented("--");
            let statements: String = unit.up.iter().map(|statement| format!("{statement}\n")).collect();
            format!("{comments}BEGIN;\n{statements}COMMIT;\n")
        }
        _ => up,
    }
}

/// goose cuts its files at semicolons: a statement with some inside is marked.
fn kept_whole(statements: &[String]) -> String {
    let one = |statement: &String| match statement.trim_end().trim_end_matches(';').contains(';') {
        true => format!("-- +goose StatementBegin\n{statement}\n-- +goose StatementEnd\n"),
        false => format!("{statement}\n"),
    };
    statements.iter().map(one).collect()
}
