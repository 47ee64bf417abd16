import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outbox, createOutbox } from '../../../local-agent/channels/outbox.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { countQueues } from '../../../local-agent/store/queue-counts.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { createGroupCommit } from '../../../local-agent/store/group-commit.ts';
import { outbox, outboxPart } from '../../../local-agent/store/tables/outbox.ts';
import { memoryDb } from '../../support/memory-db.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { type ScriptedChannel, createScriptedChannel } from '../../support/scripted-channel.ts';
import { type VirtualClock, createVirtualClock, settle } from '../../support/virtual-clock.ts';

let db: Db;
let clock: VirtualClock;
let channel: ScriptedChannel;
let box: Outbox;

const open = (): Outbox =>
  createOutbox({
    db,
    commit: createGroupCommit(db, (work) => void setImmediate(work)),
    channels: new Map([['telegram', channel]]),
    clock,
    random: { bytes: (length) => new Uint8Array(length), fraction: () => 0 },
    log: createKeptLog(),
  });

/** As the agent does it: the row first, its text when the turn has it. */
function begin(key: string, text: string | null = null): number {
  const { id } = db
    .insert(outbox)
    .values({
      dedupeKey: `turn:${key}:${Math.random()}`,
      lane: `telegram:${key}`,
      address: { channel: 'telegram', key, data: null },
      text,
      storedAt: clock.now(),
      state: 'open',
    })
    .returning({ id: outbox.id })
    .get();
  db.insert(outboxPart).values({ outboxId: id, part: 0, state: 'new' }).run();
  return id;
}
const setText = (id: number, text: string): void => void db.update(outbox).set({ text }).where(eq(outbox.id, id)).run();
const seen = (key: string): string[] => (channel.chats.get(key) ?? []).map(({ text }) => text);
const doubts = (): number =>
  db
    .select()
    .from(outboxPart)
    .all()
    .reduce((sum, part) => sum + part.inDoubt, 0);
const stateOf = (id: number): string | undefined => db.select().from(outbox).where(eq(outbox.id, id)).get()?.state;

beforeEach(() => {
  db = memoryDb();
  clock = createVirtualClock();
  channel = createScriptedChannel();
  box = open();
});
afterEach(async () => {
  await box.stop();
  db.$client.close();
});

describe('an answer', () => {
  it('stands as a placeholder while it is made and is edited into its text', async () => {
    const id = begin('a');
    box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['…']);
    setText(id, 'Hello.');
    box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['Hello.']);
    expect(stateOf(id)).toBe('sent');
  });

  it('grows in sight of the user while the model speaks', async () => {
    const id = begin('a');
    box.replies.wake(id);
    await clock.advance(1_500);
    box.replies.preview(id, 'Once upon');
    await settle();
    expect(seen('a')).toEqual(['Once upon']);
  });

  it('that is quick is not held back by a preview', async () => {
    const id = begin('a');
    box.replies.wake(id);
    await settle();
    box.replies.preview(id, 'He');
    await settle();
    setText(id, 'Hello.');
    box.replies.wake(id);
    await settle();
    expect(channel.calls).toEqual(['send a …', 'edit a 1 Hello.']);
  });

  it('shows typing while there is nothing to show', async () => {
    box.replies.wake(begin('a'));
    await clock.advance(10_000);
    expect(channel.calls.filter((call) => call === 'typing a')).toHaveLength(2);
  });

  it('that is long arrives as several messages in order', async () => {
    channel = createScriptedChannel({ split: 4 });
    box = open();
    const id = begin('a', 'onetwothr');
    box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['onet', 'woth', 'r']);
  });

  it('arrives once, and before what follows it, when the disk was full for a while', async () => {
    const first = begin('a', 'first');
    db.$client.exec("create trigger full before update on outbox_part begin select raise(abort, 'disk full'); end");
    box.replies.wake(first);
    await clock.advance(3_000);
    db.$client.exec('drop trigger full');
    box.replies.wake(begin('a', 'second'));
    await clock.advance(60_000);
    expect(seen('a')).toEqual(['first', 'second']);
  });

  it('waits for the one before it in the same conversation, and for no other', async () => {
    const first = begin('a');
    const second = begin('a', 'second');
    const other = begin('b', 'other');
    for (const id of [first, second, other]) box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['…']);
    expect(seen('b')).toEqual(['other']);
    setText(first, 'first');
    box.replies.wake(first);
    await settle();
    expect(seen('a')).toEqual(['first', 'second']);
  });

  it('keeps to the pace of the channel', async () => {
    let free = 0;
    channel = createScriptedChannel({
      pace: (_, what) => {
        if (what === 'edit') return 0;
        if (clock.now() < free) return free - clock.now();
        free = clock.now() + 1_000;
        return 0;
      },
    });
    box = open();
    for (const text of ['one', 'two', 'three']) box.replies.wake(begin('a', text));
    await settle();
    expect(seen('a')).toEqual(['one']);
    await clock.advance(1_000);
    expect(seen('a')).toEqual(['one', 'two']);
    await clock.advance(1_000);
    expect(seen('a')).toEqual(['one', 'two', 'three']);
  });
});

describe('trouble on the way', () => {
  it('a refused connection is tried again and leaves no doubt', async () => {
    channel.faults.send.push({ kind: 'unreachable', message: 'refused' }, { kind: 'unreachable', message: 'refused' });
    box.replies.wake(begin('a', 'Hello.'));
    await clock.advance(10_000);
    expect(seen('a')).toEqual(['Hello.']);
    expect(doubts()).toBe(0);
  });

  it('a flood limit is waited out as long as it says', async () => {
    channel.faults.edit.push({ kind: 'wait', ms: 7_000 });
    box.replies.wake(begin('a', 'Hello.'));
    await clock.advance(6_999);
    expect(seen('a')).toEqual(['…']);
    await clock.advance(1);
    expect(seen('a')).toEqual(['Hello.']);
  });

  it('a lost answer to the placeholder leaves one stray placeholder and one answer', async () => {
    channel.faults.send.push('lost');
    box.replies.wake(begin('a', 'Hello.'));
    await settle();
    expect(seen('a')).toEqual(['…', 'Hello.']);
    expect(doubts()).toBe(1);
    expect(db.select().from(audit).all()).toMatchObject([{ event: 'send.in_doubt' }]);
  });

  it('an outage after a lost answer leaves no further placeholder until the channel answers', async () => {
    channel.faults.send.push('lost');
    channel.faults.typing.push(...Array.from({ length: 8 }, () => 'never' as const));
    box.replies.wake(begin('a', 'Hello.'));
    await clock.advance(600_000);
    expect(seen('a')).toEqual(['…', 'Hello.']);
  });

  it('a channel that loses every answer is given up after five doubts', async () => {
    channel.faults.send.push(...Array.from({ length: 9 }, () => 'lost' as const));
    const id = begin('a', 'Hello.');
    box.replies.wake(id);
    await clock.advance(60_000);
    expect(seen('a')).toEqual(Array.from({ length: 6 }, () => '…'));
    expect(stateOf(id)).toBe('failed');
    expect(db.select().from(audit).all().at(-1)).toMatchObject({
      event: 'send.failed',
      detail: { reason: 'in_doubt' },
    });
  });

  it('a lost answer to the edit is repeated and changes nothing', async () => {
    channel.faults.edit.push('lost', 'lost');
    box.replies.wake(begin('a', 'Hello.'));
    await clock.advance(10_000);
    expect(seen('a')).toEqual(['Hello.']);
    expect(doubts()).toBe(0);
  });

  it('formatting that is refused is sent as plain text', async () => {
    channel.faults.edit.push({ kind: 'rejected', reason: 'formatting', message: "can't parse entities" });
    const id = begin('a', 'Hello.');
    box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['Hello.']);
    expect(db.select().from(outboxPart).where(eq(outboxPart.outboxId, id)).get()?.content).toEqual({ text: 'Hello.' });
  });

  it('formatting that is refused even as plain text is given up', async () => {
    const refused = { kind: 'rejected', reason: 'formatting', message: 'no' } as const;
    channel.faults.edit.push(refused, refused);
    const id = begin('a', 'Hello.');
    box.replies.wake(id);
    await settle();
    expect(stateOf(id)).toBe('failed');
  });

  it('a placeholder that somebody deleted is sent anew', async () => {
    const id = begin('a');
    box.replies.wake(id);
    await settle();
    channel.chats.set('a', []);
    setText(id, 'Hello.');
    box.replies.wake(id);
    await settle();
    expect(seen('a')).toEqual(['Hello.']);
  });

  it('a user who blocked the bot ends his answers and holds up nobody', async () => {
    channel.faults.send.push({ kind: 'rejected', reason: 'blocked', message: 'Forbidden' });
    const id = begin('a', 'Hello.');
    box.replies.wake(id);
    box.replies.wake(begin('b', 'There.'));
    await settle();
    expect(stateOf(id)).toBe('failed');
    expect(seen('b')).toEqual(['There.']);
  });

  it('a token that is refused loses nothing: the answer waits until the token is mended', async () => {
    channel.faults.send.push(
      ...Array.from({ length: 4 }, () => ({ kind: 'rejected', reason: 'unauthorized', message: '401' }) as const),
    );
    box.replies.wake(begin('a', 'Hello.'));
    await clock.advance(60_000);
    expect(seen('a')).toEqual(['Hello.']);
  });

  it('what cannot be delivered for a day is given up', async () => {
    channel.faults.send.push(
      ...Array.from({ length: 2_000 }, () => ({ kind: 'unreachable', message: 'refused' }) as const),
    );
    const id = begin('a', 'Hello.');
    box.replies.wake(id);
    await clock.advance(25 * 3_600_000);
    expect(stateOf(id)).toBe('failed');
  });
});

describe('a crash', () => {
  /** Stops the daemon for good at the n-th request, before or after the other side carried it out. */
  async function crashAt(request: number, happened: boolean): Promise<void> {
    let count = 0;
    const died = new Promise<void>((resolve) => {
      channel.before = () => {
        count += 1;
        if (count !== request) return undefined;
        if (happened) {
          const call = channel.calls.at(-1) ?? '';
          const [name, key = '', id = ''] = call.split(' ');
          if (name === 'send')
            channel.chats.set(key, [...(channel.chats.get(key) ?? []), { id: '900', text: '…', edits: 0 }]);
          else for (const message of channel.chats.get(key) ?? []) if (message.id === id) message.text = 'Hello.';
        }
        resolve();
        return new Promise(() => undefined);
      };
    });
    box.replies.wake(begin('a', 'Hello.'));
    await died;
    channel.before = () => undefined;
    await clock.advance(50);
    box = open();
    box.resume();
    await clock.advance(1_000);
  }

  it.each([
    ['before the placeholder counted', 1, false, ['Hello.']],
    ['after the placeholder counted', 1, true, ['…', 'Hello.']],
    ['before the edit counted', 2, false, ['Hello.']],
    ['after the edit counted', 2, true, ['Hello.']],
  ] as const)('%s: the answer stands once', async (_, request, happened, expected) => {
    await crashAt(request, happened);
    expect(seen('a')).toEqual(expected);
    expect(countQueues(db)).toMatchObject({ outbox: 0, failed: 0 });
  });

  it.each(['typing', 'edit'] as const)(
    'waits for no %s when it is stopped: doing that again changes nothing',
    async (what) => {
      const id = begin('a', what === 'edit' ? 'Hello.' : null);
      channel[what] = (...given: unknown[]) =>
        new Promise((resolve) => {
          const { signal } = given.at(-1) as { signal: AbortSignal };
          signal.addEventListener('abort', () => resolve({ kind: 'unknown', message: 'given up' }));
        });
      box.replies.wake(id);
      await clock.advance(5_000);
      await box.stop();
      expect(stateOf(id)).toBe('open');
    },
  );

  it('is avoided by waiting for a placeholder that has left, for some seconds and no longer', async () => {
    const id = begin('a', 'Hello.');
    const send = channel.send;
    channel.send = (_address, _content, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'unknown', message: 'given up' }));
      });
    box.replies.wake(id);
    await settle();
    let stopped = false;
    const stopping = box.stop().then(() => (stopped = true));
    await clock.advance(4_999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stopping;

    channel.send = send;
    box = open();
    box.resume();
    await clock.advance(2_000);
    expect(seen('a')).toEqual(['Hello.']);
    expect(doubts()).toBeGreaterThan(0);
  });

  it('while the text was still being made leaves the placeholder for the turn that goes on', async () => {
    const id = begin('a');
    box.replies.wake(id);
    await settle();
    await box.stop();
    await clock.advance(50);
    box = open();
    box.resume();
    setText(id, 'Hello.');
    box.replies.wake(id);
    await clock.advance(1_000);
    expect(seen('a')).toEqual(['Hello.']);
  });

  it('with a channel that is not set up at the next start leaves the answer for when it is', async () => {
    const id = begin('a', 'Hello.');
    const missing = createOutbox({
      db,
      commit: createGroupCommit(db, (work) => void setImmediate(work)),
      channels: new Map(),
      clock,
      random: { bytes: (length) => new Uint8Array(length), fraction: () => 0 },
      log: createKeptLog(),
    });
    missing.resume();
    await settle();
    await missing.stop();
    expect(stateOf(id)).toBe('open');
    box.resume();
    await clock.advance(1_000);
    expect(seen('a')).toEqual(['Hello.']);
  });

  it('lets a second pass before it sends again: what left just before is not known', async () => {
    const sent = channel.calls.length;
    const id = begin('a', 'Hello.');
    await clock.advance(50);
    box = open();
    box.resume();
    box.replies.wake(id);
    await clock.advance(999);
    expect(channel.calls).toHaveLength(sent);
    await clock.advance(1);
    expect(seen('a')).toEqual(['Hello.']);
  });
});
