//! Office documents and protected mail as rights-managed containers ([MS-OFFCRYPTO] 2.2, [MS-OXORMMS]).
