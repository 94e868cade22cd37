-- Templates that were deleted but decide on, whom templates are offered to, and whom the authority believes.
-- NULL: the template is in use.
ALTER TABLE templates ADD COLUMN retired TEXT CHECK (retired IN ('frozen', 'revoked'));

CREATE TABLE template_scopes (
    template INTEGER NOT NULL REFERENCES templates (position) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    user_kind TEXT NOT NULL CHECK (user_kind IN ('email', 'anyone', 'owner', 'null')),
    user_address TEXT NOT NULL,
    PRIMARY KEY (template, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE token_issuers (
    name TEXT PRIMARY KEY NOT NULL,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    vouches INTEGER NOT NULL,
    sealed_keys BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token_domains (
    name TEXT NOT NULL REFERENCES token_issuers (name) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    domain TEXT NOT NULL,
    PRIMARY KEY (name, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE service_principals (
    id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    key_digest BLOB NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (id, tenant)
) STRICT, WITHOUT ROWID;
