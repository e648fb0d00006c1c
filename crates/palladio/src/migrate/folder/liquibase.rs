//! Liquibase formatted SQL: one file for a release, a change set for each step.

use super::{Around, Down, Place, Unit, Written};

pub(super) fn write(units: &[Unit], release: u32, place: &mut Place, written: &mut Written) {
    let path = place.next(&format!("release_{release}_{}", units[0].slug));
    let mut text = "--liquibase formatted sql\n".to_owned();
    for (at, unit) in units.iter().enumerate() {
        let alone = if unit.around == Around::Nothing { " runInTransaction:false" } else { "" };
        // Statements with semicolons inside stay whole: the driver knows where they end.
        text += &format!(
            "\n--changeset palladio:{}_{}{alone} splitStatements:false stripComments:false\n",
            at + 1,
            unit.slug
        );
        text += &unit.up_text();
        match &unit.down {
            Down::Statements { statements, .. } => {
                let lines = statements.iter().flat_map(|statement| statement.lines());
                lines.for_each(|line| text += &format!("--rollback {line}\n"));
            }
            Down::Nothing => text += "--rollback empty\n",
            // Without a word about it, Liquibase says itself that there is no way back.
            Down::Lost(why) => text += &format!("-- It cannot be taken back: {why}\n"),
        }
    }
    written.files.push((path, text));
    written.remarks.push("A change log that names its files one by one has to name the new one".to_owned());
}
