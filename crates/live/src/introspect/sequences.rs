//! Sequences: those that stand by themselves, and those behind identity columns.

use model::object::{Identity, Object, Persistence, Sequence};
use model::{Kind, Path};

use super::row::letter;
use super::world::{World, catalog};
use crate::Error;

pub(super) fn read(world: &mut World<'_>) -> Result<(), Error> {
    let rows = world.rows(
        "SELECT s.seqrelid, c.relowner, c.relpersistence::text, format_type(s.seqtypid, NULL) AS type, s.seqstart,
                s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, d.refobjid, d.refobjsubid,
                coalesce(a.attidentity, ' ')::text AS identity, coalesce(d.deptype, ' ')::text AS dependency
         FROM pg_sequence s
         JOIN pg_class c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
         LEFT JOIN pg_depend d ON d.classid = 1259 AND d.objid = s.seqrelid AND d.objsubid = 0
           AND d.refclassid = 1259 AND d.refobjsubid <> 0 AND d.deptype IN ('a', 'i')
         LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE s.seqrelid >= 16384 ORDER BY s.seqrelid",
    )?;
    for row in &rows {
        let oid: u32 = row.get("seqrelid");
        let Some(own) = world.relation(oid).filter(|_| !world.is_member(catalog::CLASS, oid)) else { continue };
        let owner: Option<(u32, i32)> = row.get::<_, Option<u32>>("refobjid").zip(row.get("refobjsubid"));
        let owned_by = owner.and_then(|(table, number)| {
            Some((world.relation(table)?, world.column(table, i16::try_from(number).ok()?)?.clone()))
        });
        let ty = world.data_type(row.get("type"));
        let sequence = Sequence {
            start: row.get("seqstart"),
            increment: row.get("seqincrement"),
            min: row.get("seqmin"),
            max: row.get("seqmax"),
            cache: row.get("seqcache"),
            cycle: row.get("seqcycle"),
            owned_by: owned_by.clone(),
            persistence: match letter(row, "relpersistence") {
                'u' => Persistence::Unlogged,
                _ => Persistence::Permanent,
            },
            ..Sequence::new(own.clone(), ty)
        };
        let path = Path::object(Kind::Sequence, &own);
        if letter(row, "dependency") != 'i' {
            world.note(catalog::CLASS, oid, &path, Some(row.get("relowner")));
            world.objects.push((path, Object::Sequence(sequence)));
            continue;
        }
        world.note(catalog::CLASS, oid, &path, None);
        let column = owner.zip(owned_by).and_then(|((table, _), (_, column))| {
            world.tables.get_mut(&table).and_then(|table| table.column_mut(&column))
        });
        if let Some(column) = column {
            // How the sequence is kept follows its table.
            let sequence = Sequence { persistence: Persistence::Permanent, ..sequence };
            column.identity = Some(Box::new(Identity { always: letter(row, "identity") == 'a', sequence }));
        }
    }
    Ok(())
}
