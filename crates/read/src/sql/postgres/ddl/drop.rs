//! DROP of every kind of object, several at once.

use model::step::How;
use model::{Change, Kind, Name, Path, QName};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::Context;
use super::super::name::name;
use super::super::statement::{Placed, Read, Statement};
use super::object::{ROUTINES, method, user_mapping};
use super::options::{cascades, role};

/// What a DROP names: the object, and where.
type Named = (Option<Path>, SyntaxNode);

fn drops(cx: Context<'_>, stmt: &SyntaxNode, objects: impl IntoIterator<Item = Named>) -> Read {
    let behavior = stmt.children().find_map(ast::DropBehavior::cast);
    let how = How {
        if_exists: stmt.children().any(|child| ast::IfExists::can_cast(child.kind())),
        cascade: cascades(behavior.as_ref()),
        ..How::default()
    };
    let changes = objects.into_iter().filter_map(|(path, node)| {
        let change = Change::Drop { path: path?, cascade: how.cascade };
        let mut placed = Placed::new(cx, stmt, change);
        placed.name = Some(super::super::query::span(cx, &node));
        Some(placed)
    });
    let changes: Vec<Placed> = changes.collect();
    (!changes.is_empty()).then(|| Statement::define(changes).how(how))
}

fn each<N: AstNode>(nodes: impl Iterator<Item = N>, path: impl Fn(&N) -> Option<Path>) -> Vec<Named> {
    nodes.map(|node| (path(&node), node.syntax().clone())).collect()
}

fn globals<N: AstNode>(kind: Kind, nodes: impl Iterator<Item = N>) -> Vec<Named> {
    each(nodes, |node| Some(Path::global(kind, name(node))))
}

/// `DROP …`; `None` when the statement is no DROP or names nothing.
pub(crate) fn drop(cx: Context<'_>, stmt: &ast::Stmt) -> Read {
    use ast::Stmt as S;
    let relations = |kind: Kind| move |node: &ast::TableNameRef| Some(of_kind(cx.relation_path(kind, node), kind));
    let views = |kind: Kind| move |node: &ast::ViewRef| Some(of_kind(cx.relation_path(kind, node), kind));
    let objects = match stmt {
        S::DropTable(it) => each(it.table_name_refs(), relations(Kind::Table)),
        S::DropForeignTable(it) => each(it.table_name_refs(), relations(Kind::Table)),
        S::DropView(it) => each(it.view_refs(), views(Kind::View)),
        S::DropMaterializedView(it) => each(it.view_refs(), views(Kind::MaterializedView)),
        S::DropSequence(it) => {
            each(it.sequence_refs(), |node| Some(of_kind(cx.relation_path(Kind::Sequence, node), Kind::Sequence)))
        }
        S::DropIndex(it) => {
            let mut statement = drops(cx, it.syntax(), each(it.index_refs(), |node| Some(cx.index_path(node))))?;
            statement.how.concurrently = it.concurrently_token().is_some();
            return Some(statement);
        }
        S::DropType(it) => each(it.type_name_refs(), |node| Some(cx.user_type_path(Kind::BaseType, node))),
        S::DropDomain(it) => each(it.domain_refs(), |node| Some(cx.user_type_path(Kind::Domain, node))),
        S::DropFunction(it) => each(it.function_sig_list()?.function_sigs(), |sig| {
            Some(cx.routine_path(&[Kind::Function], &sig.function_name_ref()?, sig.param_list()))
        }),
        S::DropProcedure(it) => each(it.procedure_sig_list()?.procedure_sigs(), |sig| cx.procedure_sig(sig)),
        S::DropRoutine(it) => each(it.routine_sig_list()?.routine_sigs(), |sig| {
            Some(cx.routine_path(ROUTINES, &sig.routine_name_ref()?, sig.param_list()))
        }),
        S::DropAggregate(it) => each(it.aggregates(), |sig| cx.aggregate_sig(sig)),
        S::DropTrigger(it) => part(cx, Kind::Trigger, it.trigger_ref(), it.on_relation()),
        S::DropRule(it) => part(cx, Kind::Rule, it.rule_ref(), it.on_relation()),
        S::DropPolicy(it) => {
            let (policy, table) = (it.policy_ref()?, it.on_table()?.table_name_ref()?);
            let owner = cx.relation(&table);
            vec![(Some(Path::part(Kind::Policy, &owner, name(&policy))), policy.syntax().clone())]
        }
        S::DropSchema(it) => globals(Kind::Namespace, it.schema_refs()),
        S::DropExtension(it) => globals(Kind::Extension, it.extension_refs()),
        S::DropRole(it) => roles(it.role_refs()),
        S::DropUser(it) => roles(it.role_refs()),
        S::DropGroup(it) => roles(it.role_refs()),
        S::DropPublication(it) => globals(Kind::Publication, it.publication_refs()),
        S::DropSubscription(it) => globals(Kind::Subscription, it.subscription_ref().into_iter()),
        S::DropServer(it) => globals(Kind::Server, it.server_refs()),
        S::DropForeignDataWrapper(it) => globals(Kind::ForeignDataWrapper, it.foreign_data_wrapper_refs()),
        S::DropEventTrigger(it) => globals(Kind::EventTrigger, it.event_trigger_ref().into_iter()),
        S::DropLanguage(it) => globals(Kind::Language, it.language_ref().into_iter()),
        S::DropAccessMethod(it) => globals(Kind::AccessMethod, it.access_method_ref().into_iter()),
        S::DropDatabase(it) => globals(Kind::Database, it.database_ref().into_iter()),
        S::DropTablespace(it) => globals(Kind::Tablespace, it.tablespace_ref().into_iter()),
        S::DropUserMapping(it) => vec![(user_mapping(it.user_mapping_role(), it.server_clause()), it.syntax().clone())],
        S::DropCollation(it) => each(it.collation_refs(), |node| Some(cx.object_path(Kind::Collation, node))),
        S::DropConversion(it) => one(cx, Kind::Conversion, it.conversion_ref()),
        S::DropStatistics(it) => each(it.statistics_refs(), |node| Some(cx.object_path(Kind::Statistics, node))),
        S::DropTextSearchConfig(it) => one(cx, Kind::TextSearchConfiguration, it.text_search_configuration_ref()),
        S::DropTextSearchDict(it) => one(cx, Kind::TextSearchDictionary, it.text_search_dictionary_ref()),
        S::DropTextSearchParser(it) => one(cx, Kind::TextSearchParser, it.text_search_parser_ref()),
        S::DropTextSearchTemplate(it) => one(cx, Kind::TextSearchTemplate, it.text_search_template_ref()),
        S::DropOperator(it) => each(it.op_sig_list()?.op_sigs(), |sig| {
            let (left, right) = operands(sig);
            Some(cx.operator_path(&sig.op()?, left, right))
        }),
        S::DropOperatorClass(it) => {
            let class = it.op_class_ref()?;
            let path = cx.object_part_path(Kind::OperatorClass, &class, method(it.using_method()));
            vec![(Some(path), class.syntax().clone())]
        }
        S::DropOperatorFamily(it) => {
            let family = it.op_family_ref()?;
            let path = cx.object_part_path(Kind::OperatorFamily, &family, method(it.using_method()));
            vec![(Some(path), family.syntax().clone())]
        }
        S::DropCast(it) => each(it.cast_sig().into_iter(), |sig| cx.cast_path(sig)),
        S::DropTransform(it) => {
            vec![(Some(cx.transform_path(&it.ty()?, &it.language_ref()?)), it.syntax().clone())]
        }
        _ => return None,
    };
    drops(cx, stmt.syntax(), objects)
}

/// The sides of an operator's signature: with `NONE` on the left, the only type is the right one.
pub(super) fn operands(sig: &ast::OpSig) -> (Option<ast::Type>, Option<ast::Type>) {
    match sig.none_token() {
        Some(_) => (None, sig.lhs()),
        None => (sig.lhs(), sig.rhs()),
    }
}

/// A statement for one kind of relation does not reach what has the name and is of another kind.
fn of_kind(path: Path, kind: Kind) -> Path {
    match path.kind == kind || path.kind.is_part() {
        true if path.kind == kind => path,
        _ => Path::object(kind, &QName::new(path.schema.clone(), path.last().clone())),
    }
}

fn one<N: AstNode>(cx: Context<'_>, kind: Kind, node: Option<N>) -> Vec<Named> {
    each(node.into_iter(), |node| Some(cx.object_path(kind, node)))
}

fn roles(refs: impl Iterator<Item = ast::RoleRef>) -> Vec<Named> {
    each(refs, |one| Some(Path::global(Kind::Role, role(one))))
}

fn part<N: AstNode>(cx: Context<'_>, kind: Kind, own: Option<N>, on: Option<ast::OnRelation>) -> Vec<Named> {
    let owner = on.and_then(|on| on.relation_name_ref()).map(|owner| cx.relation(&owner));
    own.into_iter()
        .map(|own| {
            let name: Name = name(&own);
            (owner.as_ref().map(|owner| Path::part(kind, owner, name)), own.syntax().clone())
        })
        .collect()
}
