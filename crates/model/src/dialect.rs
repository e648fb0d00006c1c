//! What a database can do: facts by version, each with its source. Code asks the fact, never the database's name.

/// A major version, and for databases that count so, a minor one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16, pub u16);

/// Whether a database can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Can {
    Always,
    Since(Version),
    Never,
}

impl Can {
    pub fn at(self, version: Version) -> bool {
        match self {
            Can::Always => true,
            Can::Since(first) => version >= first,
            Can::Never => false,
        }
    }
}

/// The facts about one database.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub name: &'static str,
    /// The versions that Palladio speaks of.
    pub versions: &'static [Version],
    pub longest_identifier: usize,
    pub alter: Alter,
    pub index: IndexFacts,
    pub types: TypeFacts,
}

/// What ALTER can do, and what it costs.
#[derive(Clone, Copy, Debug)]
pub struct Alter {
    pub ddl_rolls_back: bool,
    /// A constant default of a new column is kept in the catalog; no row is touched.
    pub add_column_default_without_rewrite: Can,
    /// SET NOT NULL believes a valid CHECK (column IS NOT NULL) and does not scan.
    pub not_null_from_check: Can,
    /// NOT NULL constraints have names and can be NOT VALID.
    pub not_null_not_valid: Can,
    /// A new enum value can be added inside a transaction (and not used before it commits).
    pub enum_value_in_transaction: Can,
    /// What is added to an enum of the same transaction can be used before it commits.
    pub enum_value_of_new_type_usable: Can,
    pub detach_partition_concurrently: Can,
    pub virtual_generated_column: Can,
    pub not_enforced: Can,
}

#[derive(Clone, Copy, Debug)]
pub struct IndexFacts {
    pub builds_concurrently: Can,
    pub reindex_concurrently: Can,
    pub nulls_not_distinct: Can,
    pub include: Can,
}

#[derive(Clone, Copy, Debug)]
pub struct TypeFacts {
    pub uuid_v4_builtin: Can,
    pub uuid_v7_builtin: Can,
    pub identity: Can,
}

const fn since(major: u16) -> Can {
    Can::Since(Version(major, 0))
}

/// PostgreSQL: DDL in transactions, online index builds, many locks.
pub const POSTGRES: Dialect = Dialect {
    name: "postgresql",
    versions: &[Version(14, 0), Version(15, 0), Version(16, 0), Version(17, 0), Version(18, 0)],
    // Lexical structure, 4.1.1: NAMEDATALEN − 1.
    longest_identifier: 63,
    alter: Alter {
        ddl_rolls_back: true,
        // Release notes 11, ALTER TABLE notes.
        add_column_default_without_rewrite: since(11),
        // Release notes 12, ALTER TABLE: SET NOT NULL.
        not_null_from_check: since(12),
        // Release notes 18.
        not_null_not_valid: since(18),
        // Release notes 12, ALTER TYPE notes.
        enum_value_in_transaction: since(12),
        // Release notes 17, ALTER TYPE notes.
        enum_value_of_new_type_usable: since(17),
        // Release notes 14, ALTER TABLE: DETACH PARTITION.
        detach_partition_concurrently: since(14),
        // Release notes 18.
        virtual_generated_column: since(18),
        not_enforced: since(18),
    },
    index: IndexFacts {
        builds_concurrently: Can::Always,
        // Release notes 12.
        reindex_concurrently: since(12),
        // Release notes 15.
        nulls_not_distinct: since(15),
        // Release notes 11.
        include: since(11),
    },
    types: TypeFacts {
        // gen_random_uuid(): release notes 13.
        uuid_v4_builtin: since(13),
        // uuidv7(): release notes 18.
        uuid_v7_builtin: since(18),
        // Release notes 10.
        identity: since(10),
    },
};
