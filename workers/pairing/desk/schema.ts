/** The tables of the desk, as ordered migrations (workers/durable/migrate.ts). */
export const deskMigrations: readonly string[][] = [
  [
    // A pairing under way: what the device asked with, and where from. `code` is the SHA-256 of its device code; `polled_at` is null until it polls.
    `create table pairing (
      id text primary key,
      code blob not null unique,
      user_code text not null unique,
      client text not null,
      device text not null,
      sealing_key text not null,
      name text not null,
      platform text not null,
      network text,
      city text,
      region text,
      country text,
      state text not null check (state in ('pending', 'approved', 'denied')),
      requested_at real not null,
      expires_at real not null,
      polled_at real,
      interval integer not null
    ) strict, without rowid`,
    'create index pairing_expiry on pairing (expires_at)',
  ],
];
