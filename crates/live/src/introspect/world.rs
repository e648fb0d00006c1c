//! What has been found so far, and how to ask for more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use model::apply::Parts;
use model::name::PG_CATALOG;
use model::object::{Object, Table, View};
use model::{Kind, Name, Path, Problem, ProblemKind, QName, Schema, Type};
use postgres::{Row, Transaction};
use read::sql::postgres::Printed;

use crate::Error;

/// The first object that a user makes has this number (`FirstNormalObjectId`).
pub(super) const FIRST: u32 = 16384;

/// The catalogs by their own numbers in pg_class, which have not changed since they were made.
pub(super) mod catalog {
    pub(in super::super) const TYPE: u32 = 1247;
    pub(in super::super) const PROC: u32 = 1255;
    pub(in super::super) const CLASS: u32 = 1259;
    pub(in super::super) const AUTHID: u32 = 1260;
    pub(in super::super) const FOREIGN_SERVER: u32 = 1417;
    pub(in super::super) const USER_MAPPING: u32 = 1418;
    pub(in super::super) const FOREIGN_DATA_WRAPPER: u32 = 2328;
    pub(in super::super) const AM: u32 = 2601;
    pub(in super::super) const CAST: u32 = 2605;
    pub(in super::super) const CONSTRAINT: u32 = 2606;
    pub(in super::super) const CONVERSION: u32 = 2607;
    pub(in super::super) const LANGUAGE: u32 = 2612;
    pub(in super::super) const NAMESPACE: u32 = 2615;
    pub(in super::super) const OPCLASS: u32 = 2616;
    pub(in super::super) const OPERATOR: u32 = 2617;
    pub(in super::super) const REWRITE: u32 = 2618;
    pub(in super::super) const TRIGGER: u32 = 2620;
    pub(in super::super) const OPFAMILY: u32 = 2753;
    pub(in super::super) const EXTENSION: u32 = 3079;
    pub(in super::super) const POLICY: u32 = 3256;
    pub(in super::super) const STATISTIC_EXT: u32 = 3381;
    pub(in super::super) const COLLATION: u32 = 3456;
    pub(in super::super) const EVENT_TRIGGER: u32 = 3466;
    pub(in super::super) const TRANSFORM: u32 = 3576;
    pub(in super::super) const TS_DICT: u32 = 3600;
    pub(in super::super) const TS_PARSER: u32 = 3601;
    pub(in super::super) const TS_CONFIG: u32 = 3602;
    pub(in super::super) const TS_TEMPLATE: u32 = 3764;
    pub(in super::super) const SUBSCRIPTION: u32 = 6100;
    pub(in super::super) const PUBLICATION: u32 = 6104;
}

pub(super) struct World<'c> {
    transaction: Transaction<'c>,
    pub(super) version: u16,
    pub(super) queries: usize,
    pub(super) problems: Vec<Problem>,
    /// The role that the database belongs to. What it owns has no owner worth telling.
    pub(super) database_owner: u32,
    pub(super) roles: HashMap<u32, Name>,
    pub(super) namespaces: HashMap<u32, Name>,
    /// What belongs to an extension: its catalog and number.
    members: HashSet<(u32, u32)>,
    /// The path of everything that can have a comment or privileges.
    paths: HashMap<(u32, u32), Path>,
    /// The same for parts of relations, by the number of the column.
    pub(super) columns: HashMap<u32, Vec<(i16, Name)>>,
    /// Every table, view, index and sequence of a user or extension, by number.
    pub(super) relations: HashMap<u32, QName>,
    /// Composite types by their number as types.
    pub(super) composites: HashMap<u32, QName>,
    pub(super) functions: HashMap<u32, QName>,
    pub(super) collations: HashMap<u32, QName>,
    pub(super) opclasses: HashMap<u32, OpClass>,
    pub(super) tables: BTreeMap<u32, Table>,
    pub(super) views: BTreeMap<u32, View>,
    pub(super) objects: Vec<(Path, Object)>,
    pub(super) owners: Vec<(Path, Name)>,
    pub(super) comments: Vec<(Path, Name)>,
    types: HashMap<String, Type>,
    known: Arc<Schema>,
}

pub(super) struct OpClass {
    pub(super) name: QName,
    pub(super) is_default: bool,
}

impl<'c> World<'c> {
    pub(super) fn new(transaction: Transaction<'c>) -> Result<World<'c>, Error> {
        let mut world = World {
            transaction,
            version: 0,
            queries: 0,
            problems: Vec::new(),
            database_owner: 0,
            roles: HashMap::new(),
            namespaces: HashMap::new(),
            members: HashSet::new(),
            paths: HashMap::new(),
            columns: HashMap::new(),
            relations: HashMap::new(),
            composites: HashMap::new(),
            functions: HashMap::new(),
            collations: HashMap::new(),
            opclasses: HashMap::new(),
            tables: BTreeMap::new(),
            views: BTreeMap::new(),
            objects: Vec::new(),
            owners: Vec::new(),
            comments: Vec::new(),
            types: HashMap::new(),
            known: Arc::default(),
        };
        // With an empty search path every name outside the catalog is printed with its schema.
        world.queries += 1;
        world.transaction.batch_execute(
            "SET LOCAL search_path = ''; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = postgres; \
             SET LOCAL quote_all_identifiers = off; SET LOCAL extra_float_digits = 1; \
             SET LOCAL standard_conforming_strings = on; SET LOCAL bytea_output = hex",
        )?;
        let rows = world.rows(
            "SELECT current_setting('server_version_num')::int4 / 10000 AS version, datdba
             FROM pg_database WHERE datname = current_database()",
        )?;
        if let Some(row) = rows.first() {
            world.version = u16::try_from(row.get::<_, i32>("version")).unwrap_or(u16::MAX);
            world.database_owner = row.get("datdba");
        }
        if world.version < 14 {
            return Err(Error::TooOld(world.version));
        }
        for row in world.rows("SELECT classid, objid FROM pg_depend WHERE deptype = 'e'")? {
            world.members.insert((row.get("classid"), row.get("objid")));
        }
        Ok(world)
    }

    /// One question to the database.
    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        self.queries += 1;
        Ok(self.transaction.query(sql, &[])?)
    }

    /// The same for a question that the database may fail to answer; nothing else suffers from that.
    pub(super) fn rows_if_possible(&mut self, settings: &str, sql: &str) -> Result<Option<Vec<Row>>, Error> {
        self.queries += 2;
        let mut inner = self.transaction.transaction()?;
        inner.batch_execute(settings)?;
        match inner.query(sql, &[]) {
            Ok(rows) => {
                inner.commit()?;
                Ok(Some(rows))
            }
            Err(error) if error.as_db_error().is_some() => {
                inner.rollback()?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// An expression of SQL that is there from a version on, else a constant.
    pub(super) fn since(&self, version: u16, column: &'static str, before: &'static str) -> &'static str {
        if self.version >= version { column } else { before }
    }

    pub(super) fn is_member(&self, catalog: u32, oid: u32) -> bool {
        self.members.contains(&(catalog, oid))
    }

    pub(super) fn namespace(&self, oid: u32) -> Name {
        self.namespaces.get(&oid).cloned().unwrap_or(PG_CATALOG)
    }

    pub(super) fn role(&self, oid: u32) -> Name {
        self.roles.get(&oid).cloned().unwrap_or_else(|| oid.to_string().into())
    }

    pub(super) fn relation(&self, oid: u32) -> Option<QName> {
        self.relations.get(&oid).cloned()
    }

    /// A function by number. Those of the catalog have no schema.
    pub(super) fn function(&self, oid: u32) -> QName {
        self.functions.get(&oid).cloned().unwrap_or_else(|| QName::new("", oid.to_string()))
    }

    pub(super) fn column(&self, relation: u32, number: i16) -> Option<&Name> {
        let columns = self.columns.get(&relation)?;
        let position = columns.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(&columns[position].1)
    }

    pub(super) fn column_names(&self, relation: u32, numbers: &[i16]) -> Vec<Name> {
        numbers.iter().filter_map(|number| self.column(relation, *number).cloned()).collect()
    }

    /// An operator class, unless it is the one that would be taken anyway.
    pub(super) fn opclass(&self, oid: u32) -> Option<QName> {
        self.opclasses.get(&oid).filter(|class| !class.is_default).map(|class| class.name.clone())
    }

    /// The composite type with that number.
    pub(super) fn relations_by_type(&self, oid: u32) -> Option<QName> {
        self.composites.get(&oid).cloned()
    }

    /// Notes the path of an object, and who owns it.
    pub(super) fn note(&mut self, catalog: u32, oid: u32, path: &Path, owner: Option<u32>) {
        self.paths.insert((catalog, oid), path.clone());
        if let Some(owner) = owner.filter(|owner| *owner != self.database_owner) {
            let owner = self.role(owner);
            self.owners.push((path.clone(), owner));
        }
    }

    pub(super) fn path(&self, catalog: u32, oid: u32) -> Option<&Path> {
        self.paths.get(&(catalog, oid))
    }

    /// A type, as `format_type` prints it.
    pub(super) fn data_type(&mut self, text: &str) -> Type {
        if let Some(known) = self.types.get(text) {
            return known.clone();
        }
        let read = Printed { schema: &self.known }.data_type(text);
        let ty = self.or_problem(read, text).unwrap_or_else(|| Type::builtin("unknown"));
        self.types.insert(text.to_owned(), ty.clone());
        ty
    }

    /// The schema that printed texts are read against.
    pub(super) fn known(&self) -> Arc<Schema> {
        self.known.clone()
    }

    /// Lets the texts that come see what has been found until now.
    pub(super) fn know(&mut self) {
        let mut objects = self.objects.clone();
        objects.extend(self.relations_found());
        self.known = Arc::new(Schema::assemble(Parts { objects, ..Parts::default() }));
    }

    /// What was read of a printed text; a text that was not understood is a problem.
    pub(super) fn or_problem<T>(&mut self, read: Option<T>, text: &str) -> Option<T> {
        if read.is_none() {
            let message = format!("what the database prints was not understood: {text}");
            self.problems.push(Problem { kind: ProblemKind::NotUnderstood, place: None, message });
        }
        read
    }

    /// An object that the model keeps as its CREATE statement.
    pub(super) fn add_named(&mut self, catalog: u32, oid: u32, owner: Option<u32>, create: &str) {
        let known = self.known();
        let read = Printed { schema: &known }.named(create);
        if let Some((path, named)) = self.or_problem(read, create) {
            self.note(catalog, oid, &path, owner);
            self.objects.push((path, Object::Named(named)));
        }
    }

    fn relations_found(&self) -> impl Iterator<Item = (Path, Object)> {
        let tables =
            self.tables.values().map(|table| (Path::table(&table.name), Object::Table(Arc::new(table.clone()))));
        let views = self.views.values().map(|view| {
            let kind = if view.materialized { Kind::MaterializedView } else { Kind::View };
            (Path::object(kind, &view.name), Object::View(Arc::new(view.clone())))
        });
        tables.chain(views)
    }

    /// The whole schema, in which the parts of each table stand in their order.
    pub(super) fn assemble(&mut self) -> Schema {
        for table in self.tables.values_mut() {
            table.constraints.sort_by(|one, other| (rank(one), &one.name).cmp(&(rank(other), &other.name)));
            table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            table.triggers.sort_by(|one, other| one.name.cmp(&other.name));
            table.rules.sort_by(|one, other| one.name.cmp(&other.name));
            table.policies.sort_by(|one, other| one.name.cmp(&other.name));
        }
        for view in self.views.values_mut() {
            view.indexes.sort_by(|one, other| one.name.cmp(&other.name));
            view.triggers.sort_by(|one, other| one.name.cmp(&other.name));
            view.rules.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let mut objects = std::mem::take(&mut self.objects);
        objects.extend(self.relations_found());
        let (comments, owners) = (std::mem::take(&mut self.comments), std::mem::take(&mut self.owners));
        Schema::assemble(Parts { objects, comments, owners })
    }
}

/// Keys first, then what is checked, then what points elsewhere.
fn rank(constraint: &model::object::Constraint) -> u8 {
    use model::object::ConstraintKind as K;
    match constraint.kind {
        K::PrimaryKey(_) => 0,
        K::Unique(_) => 1,
        K::Exclude(_) => 2,
        K::Check(_) => 3,
        K::ForeignKey(_) => 4,
    }
}
