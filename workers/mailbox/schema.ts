/** The tables of a mailbox, as ordered migrations (workers/durable/migrate.ts). */
export const mailboxMigrations: readonly string[][] = [
  [
    // Whose mailbox this is. Public keys only; `origin` is the issuer of its jobs.
    `create table device (
      one integer primary key check (one = 1),
      id text not null,
      sealing_key text not null,
      origin text not null,
      enrolled_at real not null,
      last_contact real
    ) strict`,
    // `answered`: JSON array of hashed user ids.
    `create table telegram_hook (
      bot text primary key,
      secret_sha256 blob not null,
      answered text not null,
      changed_at real not null
    ) strict, without rowid`,
    // No sequence up to `floor` is given out: what was settled and swept had them.
    `create table sequence (one integer primary key check (one = 1), floor integer not null) strict`,
    // Sealed jobs that are not acknowledged. `jws` comes last, so that the rest is read without it.
    `create table job (
      seq integer primary key,
      id text not null,
      expires_at real not null,
      bytes integer not null,
      jws text not null
    ) strict`,
    // Ids of the last jobs that are done with, so that a late repetition is recognised.
    `create table settled (seq integer primary key, id text not null unique, expires_at real not null) strict`,
    // Whatever leaves the queue is remembered; in the database, because a statement less a job is worth it.
    `create trigger job_settled after delete on job begin
      insert or ignore into settled values (old.seq, old.id, old.expires_at);
    end`,
    // Jobs that were given up, by code.
    `create table refusal (code text primary key, count integer not null) strict, without rowid`,
    // Proofs that were taken (RFC 9449, section 11.1).
    `create table proof (id text primary key, expires_at real not null) strict, without rowid`,
    // Chats, hashed, that were told of the present outage.
    `create table told (chat text primary key) strict, without rowid`,
    // The device's latest audit checkpoint: the edge is its witness.
    `create table checkpoint (one integer primary key check (one = 1), size integer not null, root text not null, at real not null) strict`,
  ],
  [
    // Of a revoked device: since when, in milliseconds. Null for one that may come in.
    'alter table device add column revoked_at real',
    // Access tokens that were issued earlier (seconds) are dead: they are from before the device was let in last.
    'alter table device add column tokens_from integer not null default 0',
    // A device of before enrolled by itself: none of its tokens counts until its owner has paired it.
    `update device set tokens_from = ${Number.MAX_SAFE_INTEGER}`,
    // How often the mailbox was emptied: what was received before belongs to none that is there now.
    'alter table device add column emptied integer not null default 0',
    // The key that signed every queued job; null when several did. No row: not known.
    'create table signer (one integer primary key check (one = 1), kid text) strict',
  ],
];
