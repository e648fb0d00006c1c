use std::collections::BTreeSet;

use crate::name::Name;
use crate::path::Kind;

/// What one role may do with one object. Columns, routines and schemas carry grants like tables do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub grantee: Grantee,
    /// `SELECT`, `INSERT`, …, in capitals; `ALL` stays `ALL`.
    pub privileges: BTreeSet<Name>,
    /// `WITH GRANT OPTION`
    pub grantable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    Public,
    /// A role; `current_user` and its like are kept as written, in capitals.
    Role(Name),
}

/// `ALTER DEFAULT PRIVILEGES`: grants and revocations for objects that do not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultPrivileges {
    /// `FOR ROLE`; without it, the role that ran the statement.
    pub role: Option<Name>,
    /// `IN SCHEMA`; without it, the whole database.
    pub schema: Option<Name>,
    /// Tables, sequences, functions, types or schemas.
    pub objects: Kind,
    pub granted: Vec<Grant>,
    pub revoked: Vec<Grant>,
}
