//! Which reader reads which statement.

use model::step::Action;
use model::{Kind, Path};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{AstNode, Stmt};

use super::super::Context;
use super::super::ddl::*;
use super::{Read, Statement};

pub(super) fn read(cx: Context<'_>, stmt: &Stmt) -> Read {
    definition(cx, stmt)
        .or_else(|| object_by_name(cx, stmt))
        .or_else(|| rest(cx, stmt))
        .or_else(|| drop::drop(cx, stmt))
}

/// CREATE and ALTER of what the model knows in full.
fn definition(cx: Context<'_>, stmt: &Stmt) -> Read {
    match stmt {
        Stmt::CreateTable(it) => table::create(cx, it),
        Stmt::CreateForeignTable(it) => table::create_foreign(cx, it),
        Stmt::CreateTableAs(it) => table_as::create(cx, it),
        Stmt::SelectInto(it) => table_as::select_into(cx, it),
        Stmt::AlterTable(it) => alter_table::alter(cx, it),
        Stmt::AlterForeignTable(it) => alter_table::alter_foreign(cx, it),
        Stmt::AlterMaterializedView(it) => alter_table::alter_materialized_view(cx, it),
        Stmt::CreateIndex(it) => index::create(cx, it),
        Stmt::AlterIndex(it) => index::alter(cx, it),
        Stmt::CreateView(it) => view::create(cx, it),
        Stmt::CreateMaterializedView(it) => view::create_materialized(cx, it),
        Stmt::AlterView(it) => view::alter(cx, it),
        Stmt::CreateSequence(it) => sequence::create(cx, it),
        Stmt::AlterSequence(it) => sequence::alter(cx, it),
        Stmt::CreateType(it) => types::create(cx, it),
        Stmt::AlterType(it) => types::alter(cx, it),
        Stmt::CreateDomain(it) => types::create_domain(cx, it),
        Stmt::AlterDomain(it) => types::alter_domain(cx, it),
        Stmt::CreateFunction(it) => routine::create_function(cx, it),
        Stmt::CreateProcedure(it) => routine::create_procedure(cx, it),
        Stmt::AlterFunction(it) => routine::alter_function(cx, it),
        Stmt::AlterProcedure(it) => routine::alter_procedure(cx, it),
        Stmt::AlterRoutine(it) => routine::alter_routine(cx, it),
        Stmt::CreateAggregate(it) => aggregate::create(cx, it),
        Stmt::AlterAggregate(it) => aggregate::alter(cx, it),
        Stmt::CreateTrigger(it) => trigger::create(cx, it),
        Stmt::AlterTrigger(it) => trigger::alter(cx, it),
        Stmt::CreateEventTrigger(it) => trigger::create_event(cx, it),
        Stmt::AlterEventTrigger(it) => trigger::alter_event(cx, it),
        Stmt::CreateRule(it) => trigger::create_rule(cx, it),
        Stmt::AlterRule(it) => trigger::alter_rule(cx, it),
        Stmt::CreatePolicy(it) => policy::create(cx, it),
        Stmt::AlterPolicy(it) => policy::alter(cx, it),
        Stmt::CreateSchema(it) => schema::create(cx, it),
        Stmt::AlterSchema(it) => schema::alter(cx, it),
        Stmt::CreateExtension(it) => extension::create(cx, it),
        Stmt::AlterExtension(it) => extension::alter(cx, it),
        Stmt::CreateStatistics(it) => statistics::create(cx, it),
        Stmt::AlterStatistics(it) => statistics::alter(cx, it),
        Stmt::CreatePublication(it) => publication::create(cx, it),
        Stmt::AlterPublication(it) => publication::alter(cx, it),
        Stmt::CreateRole(it) => role::create(cx, it),
        Stmt::CreateUser(it) => role::create_user(cx, it),
        Stmt::CreateGroup(it) => role::create_group(cx, it),
        Stmt::AlterRole(it) => role::alter(cx, it),
        Stmt::AlterUser(it) => role::alter_user(cx, it),
        Stmt::AlterGroup(it) => role::alter_group(cx, it),
        Stmt::Reassign(it) => role::reassign(cx, it),
        Stmt::DropOwned(it) => role::drop_owned(cx, it),
        Stmt::Grant(it) => grant::grant(cx, it),
        Stmt::Revoke(it) => grant::revoke(cx, it),
        Stmt::AlterDefaultPrivileges(it) => default_privileges::alter(cx, it),
        Stmt::CommentOn(it) => comment::on(cx, it),
        _ => None,
    }
}

/// CREATE and ALTER of what the model knows by its name and text.
fn object_by_name(cx: Context<'_>, stmt: &Stmt) -> Read {
    let node = stmt.syntax();
    let create = |path: Option<Path>, name: Option<SyntaxNode>| named::create(cx, node, path, name);
    let alter = |path: Option<Path>, action: Option<SyntaxNode>| alter::object(cx, node, path, action);
    match stmt {
        Stmt::CreateCast(it) => create(cx.cast_path(&it.cast_sig()?), None),
        Stmt::CreateTransform(it) => create(Some(cx.transform_path(&it.ty()?, &it.language_ref()?)), None),
        Stmt::CreateOperator(it) => create(operator::created(cx, it), None),
        Stmt::AlterOperator(it) => alter(operator::altered(cx, it), child(it.action())),
        Stmt::CreateOperatorClass(it) => {
            let part = object::method(it.using_method());
            create(new_part(cx, Kind::OperatorClass, it.op_class_name(), part), child(it.op_class_name()))
        }
        Stmt::AlterOperatorClass(it) => {
            let part = object::method(it.using_method());
            alter(Some(cx.object_part_path(Kind::OperatorClass, &it.op_class_ref()?, part)), child(it.action()))
        }
        Stmt::CreateOperatorFamily(it) => {
            let part = object::method(it.using_method());
            create(new_part(cx, Kind::OperatorFamily, it.op_family_name(), part), child(it.op_family_name()))
        }
        Stmt::AlterOperatorFamily(it) => {
            let part = object::method(it.using_method());
            alter(Some(cx.object_part_path(Kind::OperatorFamily, &it.op_family_ref()?, part)), child(it.action()))
        }
        Stmt::CreateCollation(it) => create(new(cx, Kind::Collation, it.collation()), child(it.collation())),
        Stmt::AlterCollation(it) => {
            alter(Some(cx.object_path(Kind::Collation, &it.collation_ref()?)), child(it.action()))
        }
        Stmt::CreateConversion(it) => create(new(cx, Kind::Conversion, it.conversion()), child(it.conversion())),
        Stmt::AlterConversion(it) => {
            alter(Some(cx.object_path(Kind::Conversion, &it.conversion_ref()?)), child(it.action()))
        }
        Stmt::CreateTextSearchConfiguration(it) => {
            let own = it.text_search_configuration();
            create(new(cx, Kind::TextSearchConfiguration, own.clone()), child(own))
        }
        Stmt::AlterTextSearchConfiguration(it) => {
            let own = it.text_search_configuration_ref()?;
            alter(Some(cx.object_path(Kind::TextSearchConfiguration, &own)), child(it.action()))
        }
        Stmt::CreateTextSearchDictionary(it) => {
            let own = it.text_search_dictionary();
            create(new(cx, Kind::TextSearchDictionary, own.clone()), child(own))
        }
        Stmt::AlterTextSearchDictionary(it) => {
            let own = it.text_search_dictionary_ref()?;
            alter(Some(cx.object_path(Kind::TextSearchDictionary, &own)), child(it.action()))
        }
        Stmt::CreateTextSearchParser(it) => {
            let own = it.text_search_parser();
            create(new(cx, Kind::TextSearchParser, own.clone()), child(own))
        }
        Stmt::AlterTextSearchParser(it) => {
            alter(Some(cx.object_path(Kind::TextSearchParser, &it.text_search_parser_ref()?)), child(it.action()))
        }
        Stmt::CreateTextSearchTemplate(it) => {
            let own = it.text_search_template();
            create(new(cx, Kind::TextSearchTemplate, own.clone()), child(own))
        }
        Stmt::AlterTextSearchTemplate(it) => {
            alter(Some(cx.object_path(Kind::TextSearchTemplate, &it.text_search_template_ref()?)), child(it.action()))
        }
        Stmt::CreateServer(it) => create(object::global(Kind::Server, it.server().as_ref()), child(it.server())),
        Stmt::AlterServer(it) => {
            alter(object::global(Kind::Server, it.server_ref().as_ref()), child(it.actions().next()))
        }
        Stmt::CreateForeignDataWrapper(it) => {
            let own = it.foreign_data_wrapper();
            create(object::global(Kind::ForeignDataWrapper, own.as_ref()), child(own))
        }
        Stmt::AlterForeignDataWrapper(it) => {
            alter(object::global(Kind::ForeignDataWrapper, it.foreign_data_wrapper_ref().as_ref()), child(it.action()))
        }
        Stmt::CreateUserMapping(it) => create(object::user_mapping(it.user_mapping_role(), it.server_clause()), None),
        Stmt::AlterUserMapping(it) => {
            let role = options::role(&it.role_ref()?);
            alter(object::user_mapping_of(role, it.server_clause()), None)
        }
        Stmt::CreateLanguage(it) => {
            create(object::global(Kind::Language, it.language().as_ref()), child(it.language()))
        }
        Stmt::AlterLanguage(it) => {
            alter(object::global(Kind::Language, it.language_ref().as_ref()), child(it.action()))
        }
        Stmt::CreateAccessMethod(it) => {
            create(object::global(Kind::AccessMethod, it.access_method().as_ref()), child(it.access_method()))
        }
        Stmt::CreateSubscription(it) => {
            create(object::global(Kind::Subscription, it.subscription().as_ref()), child(it.subscription()))
        }
        Stmt::AlterSubscription(it) => {
            alter(object::global(Kind::Subscription, it.subscription_ref().as_ref()), child(it.action()))
        }
        _ => None,
    }
}

/// Everything that makes or changes no object of the model.
fn rest(cx: Context<'_>, stmt: &Stmt) -> Read {
    match stmt {
        Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::ParenSelect(_)
        | Stmt::Values(_)
        | Stmt::Table(_)
        | Stmt::Insert(_)
        | Stmt::Update(_)
        | Stmt::Delete(_)
        | Stmt::Merge(_) => dml::query(cx, stmt.syntax()),
        Stmt::Declare(it) => dml::declare(cx, it),
        Stmt::Prepare(it) => dml::prepare(cx, it),
        Stmt::Explain(it) => dml::explain(cx, it),
        Stmt::Call(it) => dml::call(cx, it),
        // What the block does is for its own reader, which sees the text.
        Stmt::Do(_) => Some(Statement::new(Action::Do { opaque: false })),
        Stmt::Vacuum(it) => maintenance::vacuum(cx, it),
        Stmt::Analyze(it) => maintenance::analyze(cx, it),
        Stmt::Cluster(it) => maintenance::cluster(cx, it),
        Stmt::Repack(it) => maintenance::repack(cx, it),
        Stmt::Reindex(it) => maintenance::reindex(cx, it),
        Stmt::Refresh(it) => maintenance::refresh(cx, it),
        Stmt::Lock(it) => maintenance::lock(cx, it),
        Stmt::Truncate(it) => maintenance::truncate(cx, it),
        Stmt::Copy(it) => maintenance::copy(cx, it),
        Stmt::Begin(_) => Some(Statement::new(Action::Begin)),
        Stmt::Commit(it) => session::commit(it),
        Stmt::Rollback(it) => session::rollback(it),
        Stmt::SavepointCreate(_) | Stmt::ReleaseSavepoint(_) => Some(Statement::new(Action::Savepoint)),
        // The work is put aside under a name, and the transaction is over for this session.
        Stmt::PrepareTransaction(_) => Some(Statement::new(Action::Commit)),
        Stmt::Set(it) => session::set_parameter(cx, it),
        Stmt::Reset(it) => session::reset(it),
        Stmt::SetRole(it) => session::set_role(it),
        Stmt::ResetRole(_) => session::reset_role(),
        Stmt::SetSessionAuth(it) => session::set_session_authorization(it),
        Stmt::ResetSessionAuth(_) => session::reset_session_authorization(),
        Stmt::Discard(it) => session::discard(it),
        other => without_consequence(other).map(Statement::other),
    }
}

/// Understood, and of no consequence for the model; the words that name the statement.
fn without_consequence(stmt: &Stmt) -> Option<&'static str> {
    Some(match stmt {
        Stmt::AlterDatabase(_) => "ALTER DATABASE",
        Stmt::AlterLargeObject(_) => "ALTER LARGE OBJECT",
        Stmt::AlterSystem(_) => "ALTER SYSTEM",
        Stmt::AlterTablespace(_) => "ALTER TABLESPACE",
        Stmt::CreateDatabase(_) => "CREATE DATABASE",
        Stmt::CreateTablespace(_) => "CREATE TABLESPACE",
        Stmt::DropDatabase(_) => "DROP DATABASE",
        Stmt::DropTablespace(_) => "DROP TABLESPACE",
        Stmt::CreatePropertyGraph(_) => "CREATE PROPERTY GRAPH",
        Stmt::AlterPropertyGraph(_) => "ALTER PROPERTY GRAPH",
        Stmt::DropPropertyGraph(_) => "DROP PROPERTY GRAPH",
        Stmt::ImportForeignSchema(_) => "IMPORT FOREIGN SCHEMA",
        Stmt::SecurityLabel(_) => "SECURITY LABEL",
        Stmt::SetConstraints(_) => "SET CONSTRAINTS",
        Stmt::SetTransaction(_) => "SET TRANSACTION",
        Stmt::Checkpoint(_) => "CHECKPOINT",
        Stmt::Close(_) => "CLOSE",
        Stmt::Deallocate(_) => "DEALLOCATE",
        Stmt::Execute(_) => "EXECUTE",
        Stmt::Fetch(_) => "FETCH",
        Stmt::Listen(_) => "LISTEN",
        Stmt::Load(_) => "LOAD",
        Stmt::Move(_) => "MOVE",
        Stmt::Notify(_) => "NOTIFY",
        Stmt::Show(_) => "SHOW",
        Stmt::Unlisten(_) => "UNLISTEN",
        Stmt::EmptyStmt(_) => "",
        _ => return None,
    })
}

fn child(node: Option<impl AstNode>) -> Option<SyntaxNode> {
    node.map(|node| node.syntax().clone())
}

/// A new object of the kind in a schema.
fn new(cx: Context<'_>, kind: Kind, name: Option<impl AstNode>) -> Option<Path> {
    Some(Path::object(kind, &cx.new_object(&name?)))
}

fn new_part(cx: Context<'_>, kind: Kind, name: Option<impl AstNode>, part: model::Name) -> Option<Path> {
    Some(Path::part(kind, &cx.new_object(&name?), part))
}
