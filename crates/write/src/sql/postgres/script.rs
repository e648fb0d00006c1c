//! The whole script: every object after what it needs, its indexes and comments below it, and behind the objects
//! whatever ties them together: foreign keys, triggers, policies, privileges.

use std::collections::{BTreeMap, BTreeSet};

use model::name::PUBLIC;
use model::object::{Constraint, ConstraintKind, Index, Object, ReplicaIdentity, Role, Table, View};
use model::path::Kind;
use model::{Path, QName, Schema};

use super::depend::{Objects, Uses};
use super::order::Graph;
use super::serial::{self, Serials};
use super::{
    aggregate, comment, constraint, grant, index, named, partition, policy, publication, role, routine, rule, sequence,
    statistics, table, trigger, types, view,
};

/// Statements that belong together: no blank line between them.
pub(super) type Block = Vec<String>;

pub(super) fn write(schema: &Schema) -> String {
    let blocks = blocks(schema);
    let blocks: Vec<String> =
        blocks.iter().filter(|block| !block.is_empty()).map(|block| block.join("\n") + "\n").collect();
    blocks.join("\n")
}

pub(super) fn blocks(schema: &Schema) -> Vec<Block> {
    let serials = serial::find(schema);
    let objects = Objects::new(schema, &serials);
    let mut script = Script {
        schema,
        serials: &serials,
        objects: &objects,
        late: BTreeSet::new(),
        said: BTreeSet::new(),
        position: Vec::new(),
    };
    script.late = script.find_late();
    let order = script.graph().order();
    script.position = vec![0; order.len()];
    for (place, number) in order.iter().enumerate() {
        script.position[*number] = place;
    }
    let mut blocks = vec![script.preamble()];
    blocks.extend(script.body(&order));
    blocks.extend(script.ties());
    blocks.extend(script.closing());
    blocks
}

struct Script<'a, 'o> {
    schema: &'a Schema,
    serials: &'o Serials<'a>,
    objects: &'o Objects<'a>,
    /// Defaults, checks and other parts that are said after the objects, because they need what needs their owner.
    late: BTreeSet<Path>,
    /// Things whose comments and owners have been printed.
    said: BTreeSet<Path>,
    /// Where each object stands in the script, by number.
    position: Vec<usize>,
}

/// A statement that stands as near below its owner as what it needs allows.
struct Follower {
    owner: usize,
    needs: BTreeSet<usize>,
    statements: Vec<String>,
}

impl<'a> Script<'a, '_> {
    /// Settings, roles, and the schemas that nobody can do without.
    fn preamble(&mut self) -> Block {
        let mut block = Vec::new();
        if self.schema.routines().next().is_some() {
            // Bodies may speak of what comes later.
            block.push("SET check_function_bodies = false;".to_owned());
        }
        if self.schema.object(&Path::global(Kind::Namespace, PUBLIC)).is_none() {
            block.push("DROP SCHEMA public;".to_owned());
        }
        let named = role::only_named(self.schema);
        let named = named.into_iter().map(|name| Role { name, options: Vec::new(), member_of: Vec::new() });
        let made: Vec<&Role> = self
            .schema
            .of_kind(Kind::Role)
            .filter_map(|object| match object {
                Object::Role(role) => Some(role),
                _ => None,
            })
            .collect();
        block.extend(named.map(|role| role::create_if_missing(&role)));
        block.extend(made.iter().map(|role| role::create_if_missing(role)));
        block.extend(made.iter().flat_map(|role| role::memberships(role)));
        block
    }

    /// Tables and domains that are in a circle with a function say the default or check that closes it later.
    fn find_late(&self) -> BTreeSet<Path> {
        let mut late = BTreeSet::new();
        for circle in self.graph().circles() {
            for number in &circle {
                let (_, object) = self.objects.all[*number];
                for (part, uses) in self.separable(object) {
                    if uses.iter().any(|used| circle.binary_search(used).is_ok()) {
                        late.insert(part);
                    }
                }
            }
        }
        late
    }

    /// The parts of a table or domain that can be said by themselves, with what each needs.
    fn separable(&self, object: &Object) -> Vec<(Path, BTreeSet<usize>)> {
        let mut parts = Vec::new();
        let mut add = |path: Path, gather: &dyn Fn(&mut Uses)| {
            let mut uses = Uses::new(self.objects);
            gather(&mut uses);
            parts.push((path, uses.found));
        };
        match object {
            Object::Table(table) => {
                for column in &table.columns {
                    if let Some(default) = &column.default {
                        add(Path::column(&table.name, column.name.clone()), &|uses| uses.expr(default));
                    }
                }
                for constraint in &table.constraints {
                    let path = Path::constraint(&table.name, constraint.name.clone());
                    add(path, &|uses| constraint_uses(uses, constraint));
                }
            }
            Object::Domain(domain) => {
                if let Some(default) = &domain.default {
                    add(Path::object(Kind::Domain, &domain.name), &|uses| uses.expr(default));
                }
                for check in &domain.checks {
                    let path = Path::part(Kind::Domain, &domain.name, check.name.clone());
                    add(path, &|uses| uses.expr(&check.expr));
                }
            }
            _ => {}
        }
        parts
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for (number, (path, object)) in self.objects.all.iter().enumerate() {
            let mut needs = self.needs(path, object);
            let mut wants = self.wants(object);
            needs.remove(&number);
            wants.remove(&number);
            graph.needs.push(needs.into_iter().collect());
            graph.wants.push(wants.into_iter().collect());
        }
        graph
    }

    /// What has to be there before the object's own statement.
    fn needs(&self, path: &Path, object: &Object) -> BTreeSet<usize> {
        let mut uses = Uses::new(self.objects);
        uses.global(Kind::Namespace, &path.schema);
        match object {
            Object::Namespace(_) | Object::Role(_) | Object::Enum(_) | Object::DefaultPrivileges(_) => {}
            Object::Extension(extension) => {
                extension.schema.iter().for_each(|schema| uses.global(Kind::Namespace, schema));
            }
            Object::Table(table) => uses.table_shell(table),
            Object::View(view) => {
                uses.query(&view.query);
                view.access_method.iter().for_each(|method| uses.global(Kind::AccessMethod, method));
            }
            Object::Sequence(sequence) => uses.ty(&sequence.ty),
            Object::Domain(domain) => uses.ty(&domain.base),
            Object::Composite(composite) => composite.attributes.iter().for_each(|attribute| uses.ty(&attribute.ty)),
            Object::Range(range) => {
                uses.ty(&range.subtype);
                for value in range.options.values() {
                    uses.routine(&QName::new("", value.clone()));
                }
            }
            Object::Routine(routine) => uses.routine_head(routine),
            Object::Aggregate(aggregate) => {
                uses.sql(&aggregate.arguments);
                aggregate.options.iter().for_each(|(_, value)| uses.sql(value));
                // State functions are often named by a bare word that is not resolved.
                for (_, value) in &aggregate.options {
                    uses.routine(&QName::new("", value.to_string()));
                }
            }
            Object::EventTrigger(trigger) => uses.routine(&trigger.function),
            Object::Statistics(statistics) => {
                uses.relation(&statistics.table);
                statistics.keys.iter().for_each(|key| uses.expr(key));
            }
            Object::Publication(publication) => {
                publication.tables.iter().for_each(|table| uses.relation(&table.table));
            }
            Object::Named(named) => {
                for sql in std::iter::once(&named.create).chain(&named.alters) {
                    uses.sql(sql);
                    uses.text(&sql.to_string());
                }
            }
            // Parts never stand by themselves.
            Object::Column(_)
            | Object::Constraint(_)
            | Object::Index(_)
            | Object::Trigger(_)
            | Object::Rule(_)
            | Object::Policy(_) => {}
        }
        for (part, needs) in self.separable(object) {
            if !self.late.contains(&part) {
                uses.found.extend(needs);
            }
        }
        uses.found
    }

    /// What had better be there: tables that a foreign key points at read better first, and what a body speaks of
    /// must be there should the database call it (a materialized view, the expression of an index).
    fn wants(&self, object: &Object) -> BTreeSet<usize> {
        let mut uses = Uses::new(self.objects);
        match object {
            Object::Routine(routine) => routine.queries.iter().for_each(|query| uses.query(query)),
            Object::Table(table) => table.foreign_keys().for_each(|(_, key)| uses.relation(&key.table)),
            _ => {}
        }
        uses.found
    }

    /// The objects in order, each with what follows it.
    fn body(&mut self, order: &[usize]) -> Vec<Block> {
        let mut behind: BTreeMap<usize, Vec<Follower>> = BTreeMap::new();
        for number in order {
            for follower in self.followers(*number) {
                let needed = follower.needs.iter().chain([&follower.owner]).map(|needed| self.position[*needed]);
                let place = needed.max().expect("the owner at least");
                behind.entry(place).or_default().push(follower);
            }
        }
        let mut blocks = Vec::new();
        for (place, number) in order.iter().enumerate() {
            let mut block = self.object(*number);
            let (own, others): (Vec<Follower>, Vec<Follower>) =
                behind.remove(&place).unwrap_or_default().into_iter().partition(|follower| follower.owner == *number);
            block.extend(own.into_iter().flat_map(|follower| follower.statements));
            blocks.push(block);
            blocks.extend(others.into_iter().map(|follower| follower.statements));
        }
        blocks
    }

    /// The statements that make the object and say who owns it and what it is.
    fn object(&mut self, number: usize) -> Block {
        let (path, object) = self.objects.all[number];
        let mut block = match object {
            Object::Namespace(namespace) if namespace.name == PUBLIC => Vec::new(),
            Object::Namespace(_) => vec![format!("CREATE SCHEMA {path};")],
            Object::Extension(extension) => vec![named::extension(extension)],
            Object::Table(table) => self.table(table),
            Object::View(view) => vec![view::create(view, "CREATE")],
            Object::Sequence(_) if self.objects.is_serial_sequence(path) => Vec::new(),
            Object::Sequence(sequence) => vec![sequence::create(sequence)],
            Object::Enum(ty) => vec![types::enumeration(ty)],
            Object::Domain(domain) => {
                let default = !self.late.contains(path);
                let check =
                    |name: &model::Name| self.late.contains(&Path::part(Kind::Domain, &domain.name, name.clone()));
                vec![types::domain(domain, default, |part| !check(&part.name))]
            }
            Object::Composite(ty) => vec![types::composite(ty)],
            Object::Range(ty) => vec![types::range(ty)],
            Object::Routine(routine) => vec![routine::create(routine, "CREATE")],
            Object::Aggregate(aggregate) => vec![aggregate::create(aggregate, "CREATE")],
            Object::Statistics(statistics) => statistics::create(statistics),
            Object::Named(named) => named::create(named),
            _ => return Vec::new(),
        };
        block.extend(self.about(path));
        block
    }

    /// Owner and comment.
    fn about(&mut self, path: &Path) -> Block {
        if !self.said.insert(path.clone()) {
            return Vec::new();
        }
        let owner = self.schema.owner(path).map(|owner| comment::owner(self.schema, path, owner));
        let comment = self.schema.comment(path).map(|text| comment::comment(self.schema, path, Some(text)));
        owner.into_iter().chain(comment).collect()
    }

    fn table(&self, table: &'a Table) -> Block {
        let mut late = self.late.clone();
        late.extend(
            table
                .foreign_keys()
                .filter(|(constraint, _)| !self.is_foreign_key_inline(table, constraint))
                .map(|(constraint, _)| Path::constraint(&table.name, constraint.name.clone())),
        );
        let plan = table::Plan { serials: self.serials, late: &late };
        let mut block = table::create(self.schema, table, &plan);
        block.extend(table::afterwards(self.schema, table));
        block
    }

    /// A foreign key can stand in its table when what it points at is there already.
    fn is_foreign_key_inline(&self, table: &Table, constraint: &Constraint) -> bool {
        let Some(key) = constraint.as_foreign_key() else { return true };
        let Some(target) = self.schema.table(&key.table) else { return false };
        let is_key = target.constraints.iter().any(|other| {
            other.as_key().is_some_and(|other| other.columns == key.targets)
                && !self.late.contains(&Path::constraint(&target.name, other.name.clone()))
        });
        let place = |table: &QName| self.objects.number(&Path::table(table)).map(|number| self.position[number]);
        let there = place(&key.table) <= place(&table.name);
        there && is_key && table.partition_of.is_none() && target.partition_of.is_none()
    }

    /// Indexes, late defaults and checks, comments on columns and constraints.
    fn followers(&mut self, number: usize) -> Vec<Follower> {
        let (path, object) = self.objects.all[number];
        let mut followers = Vec::new();
        let mut follow = |needs: BTreeSet<usize>, statements: Vec<String>| {
            if !statements.is_empty() {
                followers.push(Follower { owner: number, needs, statements });
            }
        };
        match object {
            Object::Table(table) => {
                for index in table
                    .indexes
                    .iter()
                    .filter(|index| !partition::is_made_by_parent(self.schema, index) && index.valid)
                {
                    follow(self.index_needs(index), self.index(&table.name, index));
                }
                for (part, needs) in self.separable(object) {
                    if self.late.contains(&part) {
                        follow(needs, late_part(table, &part));
                    }
                }
                let columns = table.columns.iter().map(|column| Path::column(&table.name, column.name.clone()));
                for path in columns {
                    follow(BTreeSet::new(), self.about(&path));
                }
                for constraint in table.constraints.iter().filter(|constraint| constraint.as_foreign_key().is_none()) {
                    let path = Path::constraint(&table.name, constraint.name.clone());
                    if !self.late.contains(&path) && !constraint::is_added_unproven(constraint) {
                        follow(BTreeSet::new(), self.about(&path));
                    }
                }
            }
            Object::View(view) => {
                for index in &view.indexes {
                    follow(self.index_needs(index), self.index(&view.name, index));
                }
                follow(BTreeSet::new(), view_defaults(view));
                let columns: Vec<Path> =
                    view.columns.iter().map(|column| Path::column(&view.name, column.clone())).collect();
                for path in columns {
                    follow(BTreeSet::new(), self.about(&path));
                }
            }
            Object::Sequence(sequence) if !self.objects.is_serial_sequence(path) => {
                if let Some((table, _)) = &sequence.owned_by {
                    let mut uses = Uses::new(self.objects);
                    uses.relation(table);
                    follow(uses.found, vec![sequence::owned_by(sequence)]);
                }
            }
            Object::Sequence(_) => {
                // It comes with its table: what there is to say of it waits for that.
                let statements = self.about(path);
                follow(self.objects.number(path).into_iter().collect(), statements);
            }
            Object::Domain(domain) => {
                for (part, needs) in self.separable(object).into_iter().filter(|(part, _)| self.late.contains(part)) {
                    let statement = match domain.checks.iter().find(|check| check.name == part.part) {
                        Some(check) => types::add_check(domain, check),
                        None => {
                            let default = domain.default.as_ref().expect("a late default is there");
                            format!("ALTER DOMAIN {} SET DEFAULT {default};", domain.name)
                        }
                    };
                    follow(needs, vec![statement]);
                }
                for check in domain.checks.iter().filter(|check| !check.valid) {
                    follow(BTreeSet::new(), vec![types::add_check(domain, check)]);
                }
                let checks: Vec<Path> =
                    domain.checks.iter().map(|check| Path::constraint(&domain.name, check.name.clone())).collect();
                for path in checks {
                    follow(BTreeSet::new(), self.about(&path));
                }
            }
            _ => {}
        }
        followers
    }

    fn index(&mut self, table: &QName, index: &Index) -> Block {
        let mut block = vec![index::create(table, index, index::Reach::Partitions)];
        block.extend(index::afterwards(table, index));
        block.extend(self.about(&Path::index(table, index.name.clone())));
        block
    }

    fn index_needs(&self, index: &Index) -> BTreeSet<usize> {
        let mut uses = Uses::new(self.objects);
        for key in &index.keys {
            uses.expr(&key.expr);
            key.opclass
                .iter()
                .for_each(|opclass| uses.path(&Path::part(Kind::OperatorClass, opclass, index.method.clone())));
        }
        index.predicate.iter().for_each(|predicate| uses.expr(predicate));
        uses.found
    }

    /// What ties tables together or needs everything else to be there, table by table.
    fn ties(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        blocks.push(self.constraints_behind());
        blocks.extend(self.partitioned_indexes());
        for table in self.schema.tables() {
            blocks.push(self.replica_identity(table));
        }
        for table in self.schema.tables() {
            blocks.extend(table.triggers.iter().map(|one| self.trigger(&table.name, one)));
        }
        for view in self.schema.views() {
            blocks.extend(view.triggers.iter().map(|one| self.trigger(&view.name, one)));
        }
        let rules = self.schema.tables().map(|table| (&table.name, &table.rules));
        let rules = rules.chain(self.schema.views().map(|view| (&view.name, &view.rules)));
        for (owner, rules) in rules {
            for one in rules {
                let mut block = vec![rule::create(owner, one, "CREATE")];
                block.extend(rule::enable(owner, one));
                block.extend(self.about(&Path::part(Kind::Rule, owner, one.name.clone())));
                blocks.push(block);
            }
        }
        for table in self.schema.tables() {
            for one in &table.policies {
                let mut block = vec![policy::create(&table.name, one)];
                block.extend(self.about(&Path::part(Kind::Policy, &table.name, one.name.clone())));
                blocks.push(block);
            }
        }
        blocks
    }

    /// Foreign keys whose target comes later, and constraints that existing rows were never held against.
    fn constraints_behind(&mut self) -> Block {
        let mut block = Vec::new();
        for table in self.schema.tables() {
            for constraint in table.constraints.iter().filter(|constraint| !constraint.inherited) {
                let path = Path::constraint(&table.name, constraint.name.clone());
                let behind =
                    constraint::is_added_unproven(constraint) || !self.is_foreign_key_inline(table, constraint);
                if behind {
                    block.push(constraint::add(&table.name, constraint));
                }
                block.extend(self.about(&path));
            }
        }
        block
    }

    /// Indexes of partitioned tables that do not reach every partition, and the parts that were attached to them.
    fn partitioned_indexes(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for table in self.schema.tables() {
            for index in
                table.indexes.iter().filter(|index| !index.valid && !partition::is_made_by_parent(self.schema, index))
            {
                let reach = if table.is_partitioned() { index::Reach::Only } else { index::Reach::Partitions };
                let mut block = vec![index::create(&table.name, index, reach)];
                block.extend(index::afterwards(&table.name, index));
                block.extend(self.about(&Path::index(&table.name, index.name.clone())));
                blocks.push(block);
            }
        }
        for table in self.schema.tables() {
            for index in &table.indexes {
                let unfinished = index
                    .attached_to
                    .as_ref()
                    .filter(|above| self.schema.index(above).is_some_and(|(_, above)| !above.valid));
                if let Some(above) = unfinished {
                    let name = QName::new(table.name.schema.clone(), index.name.clone());
                    blocks.push(vec![format!("ALTER INDEX {above} ATTACH PARTITION {name};")]);
                }
                blocks.push(self.about(&Path::index(&table.name, index.name.clone())));
            }
        }
        blocks
    }

    fn replica_identity(&self, table: &Table) -> Block {
        match &table.replica_identity {
            ReplicaIdentity::Default => Vec::new(),
            identity => vec![table::replica_identity(&table.name, identity)],
        }
    }

    fn trigger(&mut self, owner: &QName, one: &model::object::Trigger) -> Block {
        let mut block = Vec::new();
        if !one.inherited {
            block.push(trigger::create(owner, one, "CREATE"));
        }
        block.extend(trigger::enable(owner, one));
        block.extend(self.about(&Path::part(Kind::Trigger, owner, one.name.clone())));
        block
    }

    /// Publications, privileges, and what would act on the statements above if it came before them.
    fn closing(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for object in self.schema.of_kind(Kind::Publication) {
            if let Object::Publication(publication) = object {
                let mut block = vec![publication::create(self.schema, publication)];
                block.extend(self.about(&Path::global(Kind::Publication, publication.name.clone())));
                blocks.push(block);
            }
        }
        blocks.push(self.loose_ends());
        blocks.push(self.schema.grants().flat_map(|(path, grants)| grant::statements(path, grants)).collect());
        for object in self.schema.of_kind(Kind::DefaultPrivileges) {
            if let Object::DefaultPrivileges(defaults) = object {
                blocks.push(grant::default_privileges(defaults));
            }
        }
        for object in self.schema.of_kind(Kind::EventTrigger) {
            if let Object::EventTrigger(event_trigger) = object {
                let mut block = trigger::event_trigger(event_trigger);
                block.extend(self.about(&Path::global(Kind::EventTrigger, event_trigger.name.clone())));
                blocks.push(block);
            }
        }
        blocks
    }

    /// Owners and comments of what was not printed above: objects that the database has from the start.
    fn loose_ends(&mut self) -> Block {
        let later = |path: &Path| path.kind == Kind::EventTrigger || path.kind == Kind::Database;
        let owned = self.schema.owners().map(|(path, _)| path);
        let commented = self.schema.comments().map(|(path, _)| path);
        let rest: BTreeSet<&Path> = owned.chain(commented).filter(|path| !later(path)).collect();
        rest.into_iter().flat_map(|path| self.about(path)).collect()
    }
}

fn constraint_uses(uses: &mut Uses, constraint: &Constraint) {
    match &constraint.kind {
        ConstraintKind::Check(expr) => uses.expr(expr),
        ConstraintKind::Exclude(exclude) => {
            exclude.elements.iter().for_each(|element| uses.expr(&element.key.expr));
            exclude.predicate.iter().for_each(|predicate| uses.expr(predicate));
        }
        ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_) => {}
    }
}

/// The default or constraint that the table's own statement left out.
fn late_part(table: &Table, part: &Path) -> Vec<String> {
    if part.kind == Kind::Column {
        let default = table.column(&part.part).and_then(|column| column.default.as_ref());
        return default.map(|default| table::set_default(&table.name, &part.part, default)).into_iter().collect();
    }
    let constraint = table.constraint(&part.part).filter(|constraint| !constraint.inherited);
    let in_time = constraint.filter(|constraint| !constraint::is_added_unproven(constraint));
    in_time.map(|constraint| constraint::add(&table.name, constraint)).into_iter().collect()
}

fn view_defaults(view: &View) -> Vec<String> {
    let defaults = view.defaults.iter().map(|(column, default)| {
        let column = model::name::quoted(column);
        format!("ALTER VIEW {} ALTER COLUMN {column} SET DEFAULT {default};", view.name)
    });
    defaults.collect()
}
