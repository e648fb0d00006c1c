//! One row for an empty table, so that a statement can fail as it would in production.

use model::QName;
use postgres::Client;

use crate::name::qualified;

/// The columns that must be given a value, each with a value of its type.
const COLUMNS: &str = "
    SELECT quote_ident(a.attname),
           CASE
             WHEN t.typtype = 'e' THEN format('(enum_first(NULL::%s))', format_type(a.atttypid, NULL))
             WHEN t.typtype = 'r' THEN format('''empty''::%s', format_type(a.atttypid, a.atttypmod))
             WHEN t.typtype = 'm' OR t.typcategory = 'A' THEN format('''{}''::%s', format_type(a.atttypid, a.atttypmod))
             ELSE CASE b.typcategory
               WHEN 'N' THEN format('1::%s', format_type(b.oid, NULL))
               WHEN 'B' THEN 'true'
               WHEN 'D' THEN CASE WHEN b.oid IN ('time'::regtype, 'timetz'::regtype) THEN 'localtime' ELSE 'now()' END
               WHEN 'T' THEN '''1 day''::interval'
               WHEN 'I' THEN format('''127.0.0.1''::%s', format_type(b.oid, NULL))
               WHEN 'G' THEN '''(0,0)'''
               WHEN 'V' THEN 'repeat(''0'', greatest(a.atttypmod, 1))'
               WHEN 'S' THEN '''a'''
               ELSE CASE b.typname WHEN 'uuid' THEN 'gen_random_uuid()' WHEN 'bytea' THEN '''''::bytea'
                                   WHEN 'json' THEN '''{}''' WHEN 'jsonb' THEN '''{}''' WHEN 'xml' THEN '''<a/>'''
                                   WHEN 'tsvector' THEN '''a''' ELSE 'NULL' END
             END
           END
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
      AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
    ORDER BY a.attnum";

/// Puts a row into the table, in the open transaction; false where none of its constraints would let one in. Foreign
/// keys are not asked: the row they point at need not be there.
pub(super) fn add_one(client: &mut Client, table: &QName) -> Result<bool, postgres::Error> {
    let name = qualified(table);
    let columns = client.query(COLUMNS, &[&name])?;
    let (names, values): (Vec<String>, Vec<String>) = columns.iter().map(|row| (row.get(0), row.get(1))).unzip();
    let insert = match names.is_empty() {
        true => format!("INSERT INTO {name} DEFAULT VALUES"),
        false => format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), values.join(", ")),
    };
    client.batch_execute("SAVEPOINT one_row; SET LOCAL session_replication_role = replica")?;
    let added = client.execute(insert.as_str(), &[]).is_ok();
    match added {
        true => client.batch_execute("SET LOCAL session_replication_role = origin; RELEASE one_row")?,
        false => client.batch_execute("ROLLBACK TO one_row; RELEASE one_row")?,
    }
    Ok(added)
}
