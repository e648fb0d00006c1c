//! Row security and replica identity.

use model::change::Aspect;
use model::object::{ReplicaIdentity, RowSecurity};
use squawk_syntax::ast::{self, AstNode};

use super::super::super::Context;
use super::super::super::name::path;
use super::Altering;

impl Altering {
    pub(super) fn row_security(&mut self, cx: Context<'_>, action: &ast::AlterTableAction) -> Option<()> {
        use ast::AlterTableAction as A;
        let now = cx.schema().table(&self.table()).map(|table| table.row_security).unwrap_or_default();
        let next = match action {
            A::EnableRls(_) => RowSecurity { enabled: true, ..now },
            A::DisableRls(_) => RowSecurity { enabled: false, ..now },
            A::ForceRls(_) => RowSecurity { forced: true, ..now },
            _ => RowSecurity { forced: false, ..now },
        };
        self.alter(cx, action.syntax(), Aspect::RowSecurity(next));
        Some(())
    }

    pub(super) fn replica_identity(&mut self, cx: Context<'_>, node: &ast::ReplicaIdentity) -> Option<()> {
        let identity = match node.replica_identity_option()? {
            ast::ReplicaIdentityOption::ReplicaIdentityDefault(_) => ReplicaIdentity::Default,
            ast::ReplicaIdentityOption::ReplicaIdentityFull(_) => ReplicaIdentity::Full,
            ast::ReplicaIdentityOption::ReplicaIdentityNothing(_) => ReplicaIdentity::Nothing,
            ast::ReplicaIdentityOption::UsingIndexName(using) => ReplicaIdentity::Index(path(&using.index_ref()?).1),
        };
        self.alter(cx, node.syntax(), Aspect::ReplicaIdentity(identity));
        Some(())
    }
}
