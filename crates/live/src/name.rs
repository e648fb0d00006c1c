//! Names as a statement of ours has them: with their schema, whatever the search path is.

use model::QName;
use model::name::quoted;

pub(crate) fn qualified(name: &QName) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}
