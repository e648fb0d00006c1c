//! What B-trees really hold, where `pgstattuple` is installed and the role may use it: it reads an index as a whole.
//!
//! <https://www.postgresql.org/docs/current/pgstattuple.html>

use model::QName;
use model::activity::Needed;
use model::name::quoted;
use postgres::Client;

use crate::Error;

/// How large these B-trees would be if they were built now. Nothing where the server does not measure; an index that
/// cannot be read in the time of a statement is passed over.
pub fn measured(client: &mut Client, indexes: &[QName]) -> Result<Vec<(QName, Needed)>, Error> {
    let home = client.query_opt(
        "SELECT n.nspname::text FROM pg_catalog.pg_extension e
         JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
         JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid AND p.proname = 'pgstatindex'
         WHERE e.extname = 'pgstattuple' AND p.proargtypes[0] = 'regclass'::regtype
           AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')",
        &[],
    )?;
    let Some(home) = home.map(|row| row.get::<_, String>(0)) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT s.leaf_pages::float8, s.internal_pages::float8, s.avg_leaf_density::float8,
                coalesce((SELECT substr(o, 12)::float8 FROM pg_catalog.pg_class c, unnest(c.reloptions) o
                          WHERE c.oid = $1::text::regclass AND o LIKE 'fillfactor=%'), 90),
                current_setting('block_size')::float8
         FROM {}.pgstatindex($1::text::regclass) s",
        quoted(&home)
    );
    let mut found = Vec::new();
    for index in indexes {
        let named = format!("{}.{}", quoted(&index.schema), quoted(&index.name));
        let Ok(row) = client.query_one(&sql, &[&named]) else { continue };
        let [leaves, inner, density, fill, page] = [0, 1, 2, 3, 4].map(|at| row.get::<_, f64>(at));
        // An index without a leaf has a density that is no number.
        let held = if leaves > 0.0 && density.is_finite() { (leaves * density / fill).ceil() } else { 0.0 };
        let above = if leaves > 0.0 { (inner * held / leaves).ceil() } else { 0.0 };
        found.push((index.clone(), Needed { bytes: ((1.0 + held + above) * page) as u64, is_measured: true }));
    }
    Ok(found)
}
