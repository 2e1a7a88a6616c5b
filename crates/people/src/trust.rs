//! Whom we believe, for what, and how far.

mod pem;
mod registry;

pub use crate::evidence::Claim;
pub use pem::certificates;
pub use registry::{BadRegistry, Issuer, IssuerKind, Registry};
