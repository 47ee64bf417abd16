/** The tables of the account, as ordered migrations (workers/durable/migrate.ts). */
import { ownerTables } from './owner-schema.ts';

export const accountMigrations: readonly string[][] = [
  [
    // A device that was let in once. `mailbox_pending`: its mailbox is still to be told of the revocation; emptied, or kept for the device's return.
    `create table device (
      id text primary key,
      name text not null,
      platform text not null,
      state text not null check (state in ('paired', 'revoked')),
      revoked_because text check (revoked_because in ('owner', 'device', 'token_reuse', 'token_revoked')),
      paired_at real not null,
      revoked_at real,
      mailbox_pending text check (mailbox_pending in ('empty', 'keep'))
    ) strict, without rowid`,
    // What a device's tokens come from. `previous`: SHA-256 of the refresh token that was used last.
    `create table token_family (
      id text primary key,
      device text not null unique references device (id) on delete cascade,
      previous blob,
      used_at real not null
    ) strict, without rowid`,
    // SHA-256 of the tokens that were given for it, of which none was used yet: one, or several when answers were lost.
    `create table unused_token (
      id integer primary key,
      family text not null references token_family (id) on delete cascade,
      hash blob not null
    ) strict`,
    // Pairings that were redeemed: each once.
    'create table redeemed (pairing text primary key, expires_at real not null) strict, without rowid',
    // Proofs that were taken at the token endpoint (RFC 9449, section 11.1).
    `create table proof (
      device text not null,
      id text not null,
      expires_at real not null,
      primary key (device, id)
    ) strict, without rowid`,
    // What the owner is told: ids, names and codes only. `by_device` is null when the owner did it.
    `create table event (
      id integer primary key,
      at real not null,
      kind text not null,
      device text,
      device_name text,
      by_device text,
      passkey_name text
    ) strict`,
    ...ownerTables,
  ],
];
