//! Partitions and inheritance.

use model::change::Aspect;
use squawk_syntax::ast::{self, AstNode};

use super::super::super::sql_text::sql;
use super::super::super::{Context, Scope};
use super::Altering;

impl Altering {
    pub(super) fn attach_partition(&mut self, cx: Context<'_>, node: &ast::AttachPartition) -> Option<()> {
        let partition = cx.relation(&node.table_name_ref()?);
        let bound = sql(cx, &Scope::default(), node.partition_type()?.syntax());
        self.alter(cx, node.syntax(), Aspect::AttachPartition { partition, bound });
        Some(())
    }

    pub(super) fn detach_partition(&mut self, cx: Context<'_>, node: &ast::DetachPartition) -> Option<()> {
        match node.detach_partition_option() {
            // Ends a concurrent detach that was interrupted; the model knows only its end.
            Some(ast::DetachPartitionOption::DetachFinalize(_)) => return Some(()),
            Some(ast::DetachPartitionOption::DetachConcurrently(_)) => self.how.concurrently = true,
            None => {}
        }
        let partition = cx.relation(&node.table_name_ref()?);
        self.alter(cx, node.syntax(), Aspect::DetachPartition { partition });
        Some(())
    }

    pub(super) fn inherit(&mut self, cx: Context<'_>, node: &ast::InheritTable) -> Option<()> {
        let parent = cx.relation(&node.table_name_ref()?);
        self.alter(cx, node.syntax(), Aspect::Inherit(parent));
        Some(())
    }

    pub(super) fn no_inherit(&mut self, cx: Context<'_>, node: &ast::NoInheritTable) -> Option<()> {
        let parent = cx.relation(&node.table_name_ref()?);
        self.alter(cx, node.syntax(), Aspect::NoInheritFrom(parent));
        Some(())
    }
}
