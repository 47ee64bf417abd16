/** The tables of the owner: who claimed this edge, with which passkeys, and who is signed in. Nothing in them signs anybody in. */
export const ownerTables: readonly string[] = [
  // The user handle names the account to authenticators (WebAuthn, section 5.4.3); it is random and says nothing.
  'create table owner (one integer primary key check (one = 1), user_handle text not null, claimed_at real not null) strict',
  // SHA-256 of every set-up code that claimed this edge: none of them ever works again.
  'create table used_setup_code (digest text primary key, used_at real not null) strict, without rowid',
  // The credential record of WebAuthn, section 4. `public_key` is COSE, in base64url. `copied`: a use of it was refused because its counter went back.
  `create table passkey (
    id text primary key,
    public_key text not null,
    counter real not null,
    transports text not null,
    backup_eligible integer not null,
    backed_up integer not null,
    name text not null,
    created_at real not null,
    last_used_at real,
    copied integer not null default 0
  ) strict, without rowid`,
  // SHA-256 of what the cookie holds. `passkey` began it, at `verified_at`; both are null when a recovery code did.
  `create table session (
    digest text primary key,
    agent text not null,
    passkey text,
    created_at real not null,
    verified_at real,
    expires_at real not null
  ) strict, without rowid`,
  // HMAC of the recovery codes that were not used yet.
  'create table recovery_code (mark text primary key) strict, without rowid',
  // Challenges that were answered, for as long as they would be good.
  'create table spent (challenge text primary key, expires_at real not null) strict, without rowid',
  // User codes that were entered and that nobody was waiting with.
  'create table code_entry (id integer primary key, at real not null) strict',
];
