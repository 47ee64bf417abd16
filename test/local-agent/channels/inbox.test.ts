import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedJob } from '../../../local-agent/channels/accept-job.ts';
import { type Inbox, createInbox } from '../../../local-agent/channels/inbox.ts';
import type { Incoming } from '../../../local-agent/core/incoming.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { countQueues } from '../../../local-agent/store/queue-counts.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { edge } from '../../../local-agent/store/tables/identity.ts';
import { type InboxRow, inbox } from '../../../local-agent/store/tables/inbox.ts';
import { memoryDb } from '../../support/memory-db.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { type ScriptedChannel, createScriptedChannel } from '../../support/scripted-channel.ts';
import { type VirtualClock, createVirtualClock, settle } from '../../support/virtual-clock.ts';

const origin = 'https://edge.example';
let db: Db;
let clock: VirtualClock;
let channel: ScriptedChannel;
let handled: string[];
/** What the agent does with one message; a test replaces it. */
let handle: (row: InboxRow, incoming: Incoming) => Promise<void>;
let box: Inbox;

const open = (): Inbox =>
  createInbox({
    db,
    channels: new Map([['telegram', channel]]),
    handle: (row, incoming) => handle(row, incoming),
    clock,
    log: createKeptLog(),
  });

function message(chat: string, text: string): Incoming {
  return {
    type: 'message',
    address: { channel: 'telegram', key: chat, data: null },
    sender: { id: '1', name: 'Ada', bot: false },
    audience: 'private',
    addressed: true,
    at: 0,
    messageId: text,
    edited: false,
    text,
    attachments: [],
  };
}
function job(seq: number, content: unknown, id = `tg:1:${seq}`): ReceivedJob {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return {
    id,
    kind: 'telegram.update',
    seq,
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    body,
    madeAt: 0,
    receivedAt: 0,
  };
}
const finish = (row: InboxRow): void =>
  void db.update(inbox).set({ state: 'done', finishedAt: clock.now() }).where(eq(inbox.id, row.id)).run();
const textOf = (incoming: Incoming): string => (incoming.type === 'message' ? incoming.text : incoming.data);
const have = (): number | undefined => db.select().from(edge).get()?.have;

beforeEach(() => {
  db = memoryDb();
  db.insert(edge).values({ origin, deviceId: 'd', pinnedKeys: [], pinnedAt: 0 }).run();
  clock = createVirtualClock();
  channel = createScriptedChannel();
  handled = [];
  handle = async (row, incoming) => {
    handled.push(textOf(incoming));
    finish(row);
  };
  box = open();
});
afterEach(async () => {
  await box.stop();
  db.$client.close();
});

describe('taking jobs', () => {
  it('is durable before it is acknowledged', () => {
    expect(box.accept([job(7, message('a', 'one')), job(9, message('a', 'two'))], origin)).toEqual({
      have: 9,
      refused: [],
    });
    expect(db.select().from(inbox).all()).toMatchObject([
      { seq: 7, state: 'new' },
      { seq: 9, state: 'new' },
    ]);
    expect(have()).toBe(9);
  });

  it('does each idempotency key once, whatever repeats it', async () => {
    box.accept([job(1, message('a', 'one'), 'tg:1:5')], origin);
    box.accept([job(1, message('a', 'one'), 'tg:1:5')], origin);
    box.accept([job(2, message('a', 'one'), 'tg:1:5'), job(3, message('a', 'two'), 'tg:1:6')], origin);
    await settle();
    expect(handled).toEqual(['one', 'two']);
  });

  it('acknowledges a job it already has, so that the edge can forget it', () => {
    box.accept([job(4, message('a', 'one'))], origin);
    expect(box.accept([job(4, message('a', 'one'))], origin)).toEqual({ have: 4, refused: [] });
  });

  it('refuses an old sequence with an unknown key as a replay, and audits it', () => {
    box.accept([job(4, message('a', 'one'))], origin);
    expect(box.accept([job(3, message('a', 'forged'), 'tg:1:99')], origin)).toEqual({
      have: 4,
      refused: [{ seq: 3, code: 'replayed' }],
    });
    expect(db.select().from(inbox).all()).toHaveLength(1);
    expect(db.select().from(audit).all()).toMatchObject([
      { event: 'job.refused', detail: { seq: 3, code: 'replayed' } },
    ]);
  });

  it('keeps nothing of what nobody acts on, but acknowledges it', async () => {
    expect(box.accept([job(1, 'null'), job(2, 'not json')], origin).have).toBe(2);
    await settle();
    const rows = db.select().from(inbox).all();
    expect(rows.map(({ state, error, body }) => [state, error, body.length])).toEqual([
      ['ignored', null, 0],
      ['failed', 'bad_request', 0],
    ]);
    expect(handled).toEqual([]);
  });

  it('keeps what came for a channel that is not set up at this start, and does it once it is', async () => {
    const missing = createInbox({
      db,
      channels: new Map(),
      handle: (row, incoming) => handle(row, incoming),
      clock,
      log: createKeptLog(),
    });
    expect(missing.accept([job(1, message('a', 'one'))], origin).have).toBe(1);
    missing.resume();
    await settle();
    expect(handled).toEqual([]);
    box.resume();
    await settle();
    expect(handled).toEqual(['one']);
  });

  it('takes all of a batch or nothing of it', () => {
    db.$client.exec(
      "create trigger full before insert on inbox when new.seq = 2 begin select raise(abort, 'disk full'); end",
    );
    expect(() => box.accept([job(1, message('a', 'one')), job(2, message('a', 'two'))], origin)).toThrow('disk full');
    expect(db.select().from(inbox).all()).toEqual([]);
    expect(have()).toBe(0);
    expect(handled).toEqual([]);
  });
});

describe('doing the work', () => {
  it('keeps order within a conversation and runs fifty conversations side by side', async () => {
    const release: (() => void)[] = [];
    handle = async (row, incoming) => {
      handled.push(textOf(incoming));
      await new Promise<void>((resolve) => release.push(resolve));
      finish(row);
    };
    const jobs = Array.from({ length: 100 }, (_, index) => job(index + 1, message(`chat ${index % 50}`, `${index}`)));
    box.accept(jobs, origin);
    await settle();
    expect(handled).toHaveLength(50);
    for (const go of release.splice(0)) go();
    await settle();
    expect(handled).toHaveLength(100);
    expect(handled.map(Number)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    for (const go of release.splice(0)) go();
    await settle();
  });

  it('lets more conversations than it works on at once wait their turn', async () => {
    const release: (() => void)[] = [];
    handle = async (row) => {
      await new Promise<void>((resolve) => release.push(resolve));
      finish(row);
    };
    box.accept(
      Array.from({ length: 130 }, (_, index) => job(index + 1, message(`chat ${index}`, 'x'))),
      origin,
    );
    await settle();
    expect(release).toHaveLength(100);
    for (const go of release.splice(0)) go();
    await settle();
    expect(release).toHaveLength(30);
    for (const go of release.splice(0)) go();
    await settle();
    expect(countQueues(db).inbox).toBe(0);
  });

  it('tries again what failed, before anything later in that conversation', async () => {
    let failures = 2;
    const good = handle;
    handle = async (row, incoming) => {
      if (failures-- > 0) throw new Error('database is locked');
      await good(row, incoming);
    };
    box.accept([job(1, message('a', 'one')), job(2, message('a', 'two'))], origin);
    await clock.advance(10_000);
    expect(handled).toEqual(['one', 'two']);
    expect(db.select().from(inbox).all()).toMatchObject([{ attempts: 2 }, { attempts: 0 }]);
  });

  it('goes on by itself when the disk was full for a while', async () => {
    db.$client.exec("create trigger full before update on inbox begin select raise(abort, 'disk full'); end");
    box.accept([job(1, message('a', 'one')), job(2, message('a', 'two'))], origin);
    await clock.advance(10_000);
    db.$client.exec('drop trigger full');
    handled = [];
    await clock.advance(60_000);
    expect(handled).toEqual(['one', 'two']);
    expect(countQueues(db).inbox).toBe(0);
  });

  it('takes up after a crash what was not done, in order', async () => {
    handle = () => new Promise(() => undefined);
    box.accept([job(1, message('a', 'one')), job(2, message('b', 'two')), job(3, message('a', 'three'))], origin);
    await settle();
    handle = async (row, incoming) => {
      handled.push(textOf(incoming));
      finish(row);
    };
    box = open();
    box.resume();
    await settle();
    expect(handled.sort()).toEqual(['one', 'three', 'two']);
  });

  it('confirms a pressed button once it was acted on, and not a stranger’s', async () => {
    const press = (pressId: string): Incoming => ({
      ...message('a', ''),
      type: 'button',
      pressId,
      messageId: '1',
      data: 'yes',
    });
    handle = async (row, incoming) => {
      const state = incoming.type === 'button' && incoming.pressId === 'stranger' ? 'ignored' : 'done';
      db.update(inbox).set({ state }).where(eq(inbox.id, row.id)).run();
    };
    box.accept([job(1, press('owner')), job(2, press('stranger'))], origin);
    await settle();
    expect(channel.confirmed).toEqual(['owner']);
  });
});
