//! xrml
