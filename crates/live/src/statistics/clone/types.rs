//! What ANALYZE needs to know of a type: how its values are compared, and what its elements are.

use std::collections::BTreeMap;

use crate::{Client, Error};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// Operators of the default class; 0 where there is none.
    pub(super) equal: u32,
    pub(super) less: u32,
    /// Of arrays; 0 of everything else.
    pub(super) element: u32,
}

/// The default class of B-trees, else that of hashes: `get_sort_group_operators` asks in this order (`parse_oper.c`).
/// The class may be of a type that this one is taken for: text for varchar, any array for an array.
const FACTS: &str = "
    WITH RECURSIVE domain (oid, at) AS (
        SELECT oid, oid FROM pg_catalog.pg_type
        UNION ALL
        SELECT d.oid, t.typbasetype FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.at WHERE t.typtype = 'd'
    ), base AS (
        SELECT d.oid, t.oid AS base, t.typelem, CASE
            WHEN t.typtype = 'e' THEN 3500 WHEN t.typtype = 'r' THEN 3831 WHEN t.typtype = 'm' THEN 4537
            WHEN t.typtype = 'c' THEN 2249 WHEN t.typcategory = 'A' THEN 2277 ELSE 0 END::oid AS pseudo,
            t.typcategory = 'A' AS is_array
        FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.at WHERE t.typtype <> 'd'
    ), class AS (
        SELECT DISTINCT ON (b.oid) b.oid, o.opcfamily, o.opcintype, o.opcmethod
        FROM base b JOIN pg_catalog.pg_opclass o ON o.opcdefault AND o.opcmethod IN (403, 405) AND (
            o.opcintype IN (b.base, b.pseudo) OR EXISTS (
                SELECT FROM pg_catalog.pg_cast WHERE castsource = b.base AND casttarget = o.opcintype
                AND castmethod = 'b' AND castcontext = 'i'))
        ORDER BY b.oid, o.opcmethod, o.opcintype = b.base DESC, o.opcintype = b.pseudo DESC, o.opcintype
    )
    SELECT b.oid, CASE WHEN b.is_array THEN b.typelem ELSE 0 END::oid,
        coalesce((SELECT amopopr FROM pg_catalog.pg_amop WHERE amopfamily = c.opcfamily
            AND amoplefttype = c.opcintype AND amoprighttype = c.opcintype AND amopmethod = c.opcmethod
            AND amopstrategy = CASE c.opcmethod WHEN 403 THEN 3 ELSE 1 END), 0)::oid,
        coalesce((SELECT amopopr FROM pg_catalog.pg_amop WHERE amopfamily = c.opcfamily
            AND amoplefttype = c.opcintype AND amoprighttype = c.opcintype AND amopmethod = c.opcmethod
            AND c.opcmethod = 403 AND amopstrategy = 1), 0)::oid
    FROM base b LEFT JOIN class c ON c.oid = b.oid";

pub(super) fn read(client: &mut Client) -> Result<BTreeMap<u32, Facts>, Error> {
    let rows = client.query(FACTS, &[])?;
    let facts = |row: &postgres::Row| Facts { element: row.get(1), equal: row.get(2), less: row.get(3) };
    Ok(rows.iter().map(|row| (row.get(0), facts(row))).collect())
}
