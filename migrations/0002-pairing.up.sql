-- The number of the last statement by which the edge's keys introduced others (docs/decisions/052).
alter table edge add column statement integer not null default 0;

-- What a pairing gave us to ask the edge with: one row an edge that this device was ever paired with.
create table edge_session (
  origin text primary key references edge (origin) on delete cascade,
  -- Where the edge renews tokens, as it said when we were paired.
  token_endpoint text not null,
  -- Null once the device was revoked; then it must be paired again.
  refresh_token text,
  -- Null when there is none that the edge would take.
  access_token text,
  access_expires_at real,
  paired_at real not null,
  -- When one of the tokens changed, or was deleted.
  changed_at real not null
) strict;
