-- Certificates that applications prove themselves with, by SHA-256 of the whole certificate.
CREATE TABLE certificates (
    thumbprint BLOB PRIMARY KEY NOT NULL,
    account TEXT NOT NULL
) STRICT, WITHOUT ROWID;
