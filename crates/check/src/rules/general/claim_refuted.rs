use crate::define::rule;
use crate::rule::Check;

rule! {
    /// A finding says what the server did not do: Palladio is wrong; report it.
    ///
    /// `palladio check --prove` tries what a finding claims: the lock is looked at while it is held, the file of the table
    /// is compared, the rows that were read are counted. Where the server does otherwise, the finding is taken back and
    /// this one stands in its place, so that a mistake of the tool cannot pass for one of yours.
    "G003", error, proven, Check::Engine
}
