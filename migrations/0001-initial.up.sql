-- The device's own keys and the edge it is paired with.
create table device_key (
  id integer primary key check (id = 1),
  identity text not null,
  sealing text not null,
  created_at real not null
) strict;

create table edge (
  origin text primary key,
  device_id text not null,
  -- JSON array of public JWKs: only these may sign jobs.
  pinned_keys text not null,
  -- Highest sequence that is durable here, and so acknowledged.
  have integer not null default 0,
  pinned_at real not null
) strict;

-- Small facts that have no table of their own, by name.
create table setting (
  name text primary key,
  value text not null,
  updated_at real not null
) strict;

-- Who may speak to Pryx.
create table principal (
  id integer primary key,
  channel text not null,
  user_id text not null,
  name text not null,
  role text not null check (role in ('owner')),
  created_at real not null,
  unique (channel, user_id)
) strict;

-- Every job that was acknowledged. `body` is emptied once nothing needs it.
create table inbox (
  id integer primary key autoincrement,
  job_id text not null unique,
  channel text not null,
  lane text not null,
  seq integer,
  traceparent text not null,
  body blob not null,
  -- When the edge made the job, when the device had it, when it was durable.
  made_at real not null,
  received_at real not null,
  stored_at real not null,
  state text not null check (state in ('new', 'done', 'ignored', 'failed')),
  attempts integer not null default 0,
  finished_at real,
  error text
) strict;
create index inbox_open on inbox (id) where state = 'new';
create index inbox_by_age on inbox (finished_at) where state <> 'new';

create table conversation (
  id integer primary key,
  channel text not null,
  key text not null,
  audience text not null check (audience in ('private', 'group')),
  created_at real not null,
  unique (channel, key)
) strict;

create table turn (
  id integer primary key,
  conversation_id integer not null references conversation (id),
  inbox_id integer not null unique,
  state text not null check (state in ('running', 'done', 'failed')),
  attempts integer not null default 1,
  provider text,
  model text,
  input_tokens integer,
  output_tokens integer,
  started_at real not null,
  first_token_at real,
  finished_at real,
  error text
) strict;
create index turn_by_age on turn (started_at);

create table message (
  id integer primary key,
  conversation_id integer not null references conversation (id),
  turn_id integer,
  role text not null check (role in ('user', 'assistant')),
  text text not null,
  sender_id text,
  sender_name text,
  -- The channel's own id of it, when it has one.
  channel_message_id text,
  -- JSON array of attachments as described by the channel.
  attachments text not null default '[]',
  at real not null,
  edited_at real,
  unique (turn_id, role)
) strict;
create index message_in_conversation on message (conversation_id, id);
create index message_by_channel_id on message (conversation_id, channel_message_id);

-- What Pryx was told to remember.
create table memory (
  id integer primary key,
  text text not null,
  created_at real not null
) strict;
create virtual table memory_text using fts5 (text, content = 'memory', content_rowid = 'id', tokenize = 'porter unicode61');
create trigger memory_insert after insert on memory begin
  insert into memory_text (rowid, text) values (new.id, new.text);
end;
create trigger memory_delete after delete on memory begin
  insert into memory_text (memory_text, rowid, text) values ('delete', old.id, old.text);
end;

-- One answer each. `text` is null until the turn has it.
create table outbox (
  id integer primary key autoincrement,
  dedupe_key text not null unique,
  lane text not null,
  -- JSON of the Address.
  address text not null,
  turn_id integer,
  reply_to text,
  text text,
  -- JSON array of buttons.
  buttons text not null default '[]',
  stored_at real not null,
  finished_at real,
  state text not null check (state in ('open', 'sent', 'failed'))
) strict;
create index outbox_open on outbox (id) where state = 'open';
create index outbox_by_age on outbox (finished_at) where state <> 'open';

-- One message in the channel each. `placing` means: the request may have left, and no answer is recorded.
create table outbox_part (
  outbox_id integer not null references outbox (id) on delete cascade,
  part integer not null,
  -- JSON of the Content; null while only the placeholder stands.
  content text,
  state text not null check (state in ('new', 'placing', 'placed', 'sent', 'failed')),
  message_id text,
  -- How often a placeholder may have been sent without our knowing its id.
  in_doubt integer not null default 0,
  placed_at real,
  sent_at real,
  error text,
  primary key (outbox_id, part)
) strict, without rowid;

-- What happened that its owner may want to know. Ids and codes only: no secret, nothing that was said.
create table audit (
  id integer primary key autoincrement,
  at real not null,
  event text not null,
  -- JSON object.
  detail text not null
) strict;
