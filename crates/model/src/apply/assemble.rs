//! A schema put together from finished objects: those of a running database, where every name is chosen already.

use super::registry::relation_names;
use crate::name::Name;
use crate::object::Object;
use crate::path::Path;
use crate::schema::Schema;

/// The finished objects, with what is said about them.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// In any order. The schema `public` is only there when it is among them.
    pub objects: Vec<(Path, Object)>,
    pub comments: Vec<(Path, Name)>,
    pub owners: Vec<(Path, Name)>,
}

impl Schema {
    /// The schema of these objects. Nothing is named, inherited or checked: a database has done that.
    pub fn assemble(parts: Parts) -> Schema {
        let mut schema = Schema { objects: rpds::RedBlackTreeMapSync::new_sync(), ..Schema::default() };
        for (path, object) in parts.objects {
            for (name, holder) in relation_names(&path, &object) {
                schema.relations.insert_mut(name, holder);
            }
            schema.note_facts(&path, &object);
            schema.objects.insert_mut(path, object);
        }
        for (path, comment) in parts.comments {
            schema.comments.insert_mut(path, comment);
        }
        for (path, owner) in parts.owners {
            schema.owners.insert_mut(path, owner);
        }
        schema
    }
}
