//! What the operating system knows: the account, folders, file modes.
