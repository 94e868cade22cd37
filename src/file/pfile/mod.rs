//! The pfile container, which holds content of any kind.
