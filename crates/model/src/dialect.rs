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
    pub spread: Spread,
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

/// How rows lie on machines, and what that forbids.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub ascending_keys: AscendingKeys,
    pub foreign_keys: ForeignKeys,
    /// Columns number themselves: sequences, identity, `AUTO_INCREMENT`.
    pub numbers: bool,
    pub views: bool,
    /// A primary key may be added to a table that is there.
    pub primary_key_later: bool,
    /// Functions that spread a table by one of its columns; that column then belongs into every unique key.
    pub spreading: &'static [Spreading],
}

/// A function that spreads a table over machines or chunks by a column.
#[derive(Clone, Copy, Debug)]
pub struct Spreading {
    pub function: &'static str,
    /// Whose function it is.
    pub of: &'static str,
    /// The column is the second argument, the table the first.
    pub names_column: bool,
}

/// Where the next key goes when keys rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AscendingKeys {
    /// To the end of one B-tree, where the last page is in memory.
    OneTree,
    /// To a machine by the hash of the key; only an index that is declared in order gathers them.
    HashedFirst,
    /// To the machine that holds the end of the range: every insert to the same one.
    LastRange,
}

impl AscendingKeys {
    /// Rising primary keys send every insert to one machine.
    pub fn gather(self) -> bool {
        self == AscendingKeys::LastRange
    }
}

/// Whether foreign keys hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeys {
    Enforced,
    /// Only between tables that are spread by the same column, or to a table that every machine holds.
    Colocated,
    /// Off unless they are switched on, and never from one shard to another.
    WithinShard,
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
    spread: Spread {
        ascending_keys: AscendingKeys::OneTree,
        foreign_keys: ForeignKeys::Enforced,
        numbers: true,
        views: true,
        primary_key_later: true,
        // Extensions. Citus: Distributed tables; TimescaleDB: Unique indexes with hypertables, seen on 2.19.
        spreading: &[
            Spreading { function: "create_distributed_table", of: "Citus", names_column: true },
            Spreading { function: "create_hypertable", of: "TimescaleDB", names_column: true },
        ],
    },
};

/// The databases that speak the SQL of PostgreSQL, or something near it, and spread their rows.
pub const TARGETS: &[&Dialect] = &[&POSTGRES, &CITUS, &COCKROACHDB, &YUGABYTEDB, &SPANNER, &VITESS];

impl Dialect {
    /// The dialect of that name.
    pub fn named(name: &str) -> Option<&'static Dialect> {
        TARGETS.iter().copied().find(|dialect| dialect.name == name)
    }
}

/// Citus: PostgreSQL, spread by a distribution column (Citus, Choosing distribution column; Table management).
pub const CITUS: Dialect =
    Dialect { name: "citus", spread: Spread { foreign_keys: ForeignKeys::Colocated, ..POSTGRES.spread }, ..POSTGRES };

/// CockroachDB: every table and index is a range of keys (SQL performance best practices: unique ids; Hash-sharded
/// indexes).
pub const COCKROACHDB: Dialect = Dialect {
    name: "cockroachdb",
    types: TypeFacts { uuid_v7_builtin: Can::Never, ..POSTGRES.types },
    spread: Spread { ascending_keys: AscendingKeys::LastRange, spreading: &[], ..POSTGRES.spread },
    ..POSTGRES
};

/// YugabyteDB: the first column of a key is hashed unless it is declared ASC or DESC, and a primary key belongs into
/// CREATE TABLE (YSQL, CREATE TABLE: primary key; Data modeling: hot shards).
pub const YUGABYTEDB: Dialect = Dialect {
    name: "yugabytedb",
    types: TypeFacts { uuid_v7_builtin: Can::Never, ..POSTGRES.types },
    spread: Spread {
        ascending_keys: AscendingKeys::HashedFirst,
        primary_key_later: false,
        spreading: &[],
        ..POSTGRES.spread
    },
    ..POSTGRES
};

/// Spanner with its PostgreSQL interface: tables are split by ranges of the primary key (Schema design best practices:
/// hotspots).
pub const SPANNER: Dialect = Dialect {
    name: "spanner",
    types: TypeFacts { uuid_v7_builtin: Can::Never, ..POSTGRES.types },
    spread: Spread {
        ascending_keys: AscendingKeys::LastRange,
        primary_key_later: false,
        spreading: &[],
        ..POSTGRES.spread
    },
    ..POSTGRES
};

/// Vitess and PlanetScale: MySQL in shards (Vitess, MySQL compatibility: sequences, views, foreign keys).
pub const VITESS: Dialect = Dialect {
    name: "vitess",
    spread: Spread {
        foreign_keys: ForeignKeys::WithinShard,
        numbers: false,
        views: false,
        spreading: &[],
        ..POSTGRES.spread
    },
    ..POSTGRES
};
