//! Who may do what, and when. No bytes, no keys, no storage: values and one decision.

pub mod descriptor;
pub mod evaluate;
pub mod levels;
pub mod mappings;
pub mod revocation;
pub mod right;
pub mod template;
pub mod user;
pub mod user_rights;

pub use descriptor::Descriptor;
pub use evaluate::{Decision, GrantedRights, Policy, Refusal, Revoked, Rule, evaluate};
pub use revocation::{Revocation, RevocationSubject, RevocationTarget};
pub use right::{Right, RightSet};
pub use template::RightsPolicyTemplate;
pub use user::{Identity, User};
pub use user_rights::{Grant, UserRights, UserRightsList};
