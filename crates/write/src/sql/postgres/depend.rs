//! What an object needs to be there before its statement can run.

use std::collections::{BTreeMap, BTreeSet};

use model::expr::{Call, Piece};
use model::name::PUBLIC;
use model::object::{Body, Object, Returns, Routine, Table};
use model::path::Kind;
use model::query::{Query, Source};
use model::{Expr, Name, Path, QName, Schema, Sql, Type};

use super::serial::Serials;

/// The objects of a schema by number, in the order of printing, with what is needed to look names up.
pub(super) struct Objects<'a> {
    pub schema: &'a Schema,
    pub all: Vec<(&'a Path, &'a Object)>,
    by_path: BTreeMap<&'a Path, usize>,
    operators: BTreeMap<&'a Name, Vec<usize>>,
    /// What the text of another object may name without the reader having resolved it: routines, and objects that
    /// are known by their text.
    words: BTreeMap<&'a Name, Vec<usize>>,
    /// Sequences that come with their table.
    serial_tables: BTreeMap<&'a QName, usize>,
}

impl<'a> Objects<'a> {
    pub(super) fn new(schema: &'a Schema, serials: &Serials<'a>) -> Objects<'a> {
        let all: Vec<(&Path, &Object)> = schema.objects().collect();
        let by_path: BTreeMap<&Path, usize> = all.iter().enumerate().map(|(index, (path, _))| (*path, index)).collect();
        let mut operators: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        for (index, (path, _)) in all.iter().enumerate().filter(|(_, (path, _))| path.kind == Kind::Operator) {
            operators.entry(&path.name).or_default().push(index);
        }
        let mut words: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        for (index, (path, object)) in all.iter().enumerate() {
            if matches!(object, Object::Named(_) | Object::Routine(_) | Object::Composite(_) | Object::Enum(_)) {
                words.entry(&path.name).or_default().push(index);
            }
        }
        let serial_tables = serials
            .iter()
            .filter_map(|((table, _), sequence)| Some((&sequence.name, *by_path.get(&Path::table(table))?)))
            .collect();
        Objects { schema, all, by_path, operators, words, serial_tables }
    }

    pub(super) fn number(&self, path: &Path) -> Option<usize> {
        let number = *self.by_path.get(path)?;
        if path.kind == Kind::Sequence {
            return Some(self.serial_tables.get(&path.qname()).copied().unwrap_or(number));
        }
        Some(number)
    }

    pub(super) fn is_serial_sequence(&self, path: &Path) -> bool {
        path.kind == Kind::Sequence && self.serial_tables.contains_key(&path.qname())
    }
}

/// Gathers the numbers of the objects that something uses.
pub(super) struct Uses<'a, 'o> {
    objects: &'o Objects<'a>,
    pub found: BTreeSet<usize>,
}

impl<'a, 'o> Uses<'a, 'o> {
    pub(super) fn new(objects: &'o Objects<'a>) -> Uses<'a, 'o> {
        Uses { objects, found: BTreeSet::new() }
    }

    pub(super) fn path(&mut self, path: &Path) {
        if let Some(number) = self.objects.number(path) {
            self.found.insert(number);
        } else if path.kind.has_signature() {
            self.routine(&path.qname());
        } else {
            self.relation(&path.qname());
        }
    }

    pub(super) fn global(&mut self, kind: Kind, name: &Name) {
        self.found.extend(self.objects.number(&Path::global(kind, name.clone())));
    }

    pub(super) fn relation(&mut self, name: &QName) {
        let Some(holder) = self.objects.schema.relation(name) else { return };
        let owner = Path { part: Name::default(), ..holder.clone() };
        let kinds = [holder.kind, Kind::Table, Kind::View, Kind::MaterializedView];
        let number = kinds.into_iter().find_map(|kind| self.objects.number(&Path { kind, ..owner.clone() }));
        self.found.extend(number);
    }

    pub(super) fn ty(&mut self, ty: &Type) {
        if let Some(name) = ty.user_defined() {
            let path = self.objects.schema.type_source(name);
            self.found.extend(path.and_then(|path| self.objects.number(&path)));
        }
    }

    /// Which of the overloads is meant is the database's business: all of them are taken.
    pub(super) fn routine(&mut self, name: &QName) {
        // Functions that nobody had made when they were named have no schema.
        let name = if name.schema.is_empty() { QName::new(PUBLIC, name.name.clone()) } else { name.clone() };
        let numbers: Vec<usize> =
            self.objects.schema.overloads(&name).filter_map(|path| self.objects.number(path)).collect();
        self.found.extend(numbers);
    }

    pub(super) fn sql(&mut self, sql: &Sql) {
        for piece in &sql.pieces {
            if let Piece::Ref(path) = piece {
                self.path(path);
            }
        }
    }

    /// The text of an object that is known by its text: every word and symbol in it may be another object's name.
    pub(super) fn text(&mut self, text: &str) {
        let is_symbol = |letter: char| "+-*/<>=~!@#%^&|`?".contains(letter);
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let kind: &dyn Fn(char) -> bool = if is_symbol(first) { &is_symbol } else { &is_word };
            let end = rest.find(|letter| !kind(letter)).unwrap_or(rest.len()).max(first.len_utf8());
            let word = &rest[..end];
            rest = &rest[end..];
            self.found.extend(self.objects.words.get(&Name::new(word)).into_iter().flatten());
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        expr.walk(&mut |expr| self.one(expr));
    }

    fn one(&mut self, expr: &Expr) {
        match expr {
            Expr::Call(call) => self.call(call),
            Expr::Cast { operand, ty } => {
                self.ty(ty);
                if let (Expr::String(text), Type::Named(named)) = (&**operand, ty)
                    && named.name.name == "regclass"
                {
                    self.relation(&split(text));
                }
            }
            Expr::Collate { collation, .. } => self.path(&Path::object(Kind::Collation, collation)),
            Expr::Unary { op, .. } | Expr::Binary { op, .. } | Expr::Quantified { op, .. } => {
                self.found.extend(self.objects.operators.get(op).into_iter().flatten());
            }
            Expr::Subquery(subquery) => self.query(&subquery.query),
            Expr::Text(sql) => self.sql(sql),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        self.routine(&call.function);
        if let Some(over) = &call.over {
            self.sql(over);
        }
        if let [Expr::String(text)] = call.args.as_slice()
            && matches!(call.function.name.as_str(), "nextval" | "currval" | "setval")
        {
            self.relation(&split(text));
        }
    }

    pub(super) fn query(&mut self, query: &Query) {
        self.sql(&query.sql);
        query.walk(&mut |query| {
            for table in query.tables().into_iter().filter(|table| !table.cte) {
                self.relation(&table.name);
            }
            if let Some(write) = &query.write {
                self.relation(&write.table);
            }
            for source in &query.from {
                if let Source::Other(sql) = source {
                    self.sql(sql);
                }
            }
            for expr in query.expressions() {
                // Subqueries are visited by the walk over queries.
                expr.walk(&mut |expr| match expr {
                    Expr::Subquery(_) => {}
                    expr => self.one(expr),
                });
            }
        });
    }

    /// Types, defaults and a body that the database parses at once.
    pub(super) fn routine_head(&mut self, routine: &Routine) {
        for argument in &routine.arguments {
            self.ty(&argument.ty);
            argument.default.iter().for_each(|default| self.expr(default));
        }
        match &routine.returns {
            Returns::Nothing => {}
            Returns::Type(ty) | Returns::SetOf(ty) => self.ty(ty),
            Returns::Table(columns) => columns.iter().for_each(|(_, ty)| self.ty(ty)),
        }
        routine.transforms.iter().for_each(|ty| self.ty(ty));
        self.global(Kind::Language, &routine.language);
        if let Body::Parsed(sql) = &routine.body {
            self.sql(sql);
            routine.queries.iter().for_each(|query| self.query(query));
        }
    }

    pub(super) fn table_shell(&mut self, table: &Table) {
        if let Some(partition) = &table.partition_of {
            self.relation(&partition.parent);
            self.sql(&partition.bound);
        }
        table.inherits.iter().for_each(|parent| self.relation(parent));
        if let Some(ty) = &table.of_type {
            self.ty(&Type::named(ty.clone()));
        }
        for key in table.partition_by.iter().flat_map(|partition_by| &partition_by.keys) {
            self.expr(&key.expr);
        }
        if let Some(foreign) = &table.foreign {
            self.global(Kind::Server, &foreign.server);
        }
        if let Some(method) = &table.access_method {
            self.global(Kind::AccessMethod, method);
        }
        for column in &table.columns {
            self.ty(&column.ty);
            column.generated.iter().for_each(|generated| self.expr(&generated.expr));
            if let Some(collation) = &column.collation {
                self.path(&Path::object(Kind::Collation, collation));
            }
        }
    }
}

/// The name inside a string such as `'app."Orders_id_seq"'`.
fn split(text: &str) -> QName {
    let mut words: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => words.push(String::new()),
            other => {
                let word = words.last_mut().expect("a first word is there from the start");
                if quoted { word.push(other) } else { word.extend(other.to_lowercase()) }
            }
        }
    }
    let name = words.pop().unwrap_or_default();
    let schema = words.pop().unwrap_or_else(|| PUBLIC.to_string());
    QName::new(schema, name)
}
