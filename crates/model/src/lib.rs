//! The model: values only. Everything that Palladio reads becomes these types, and everything it says is made of them.
//!
//! No I/O, no parser, no rule lives here. The one algorithm is [`apply`]: what a [`Change`] does to a [`Schema`].

pub mod activity;
pub mod advice;
pub mod apply;
pub mod change;
pub mod dialect;
pub mod evidence;
pub mod expr;
pub mod finding;
pub mod fingerprint;
pub mod hash;
pub mod lock;
pub mod name;
pub mod object;
pub mod path;
pub mod place;
pub mod placed;
pub mod plan;
pub mod planned;
pub mod proven;
pub mod query;
pub mod reading;
pub mod rewrite;
pub mod schema;
pub mod served;
pub mod stats;
pub mod step;
pub mod stored;
pub mod ty;
pub mod usage;
pub mod view_advice;
pub mod workload;

pub use apply::{Effects, Refusal, apply};
pub use change::{Aspect, Change};
pub use evidence::{Evidence, Verdict};
pub use expr::{Expr, Sql};
pub use finding::{Claim, Edit, Finding, Fix, Proof, Saving, Severity};
pub use lock::LockMode;
pub use name::{Name, QName};
pub use path::{Kind, Path};
pub use place::{FileId, Mark, Place, Places, Problem, ProblemKind, Sources, Span};
pub use placed::Placed;
pub use planned::{Fingerprint, Planned, PlannedStep};
pub use query::Query;
pub use reading::Reading;
pub use schema::Schema;
pub use step::{Migration, Step};
pub use ty::Type;
