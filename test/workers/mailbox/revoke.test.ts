/** A device is shut out: at once, whatever is under way, and whatever breaks in between. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type SimulatedMailbox,
  type SimulatedSocket,
  ids,
  jobs,
  legibleJws,
  simulateMailbox,
} from '../support/simulated-mailbox.ts';

let box: SimulatedMailbox;

beforeEach(async () => {
  box = simulateMailbox();
  await box.setUp();
});

async function connect(have = 0): Promise<SimulatedSocket> {
  const socket = box.connect();
  await box.say(socket, { type: 'hello', have });
  return socket;
}
const update = (id: number) => ({ update_id: id });
const message = (id: number, owner: number) => ({
  update_id: id,
  message: { from: { id: owner }, chat: { id: owner, type: 'private' } },
});
const farewell = { type: 'bye', code: 'revoked' };
const heldTables = ['job', 'settled', 'telegram_hook', 'told', 'checkpoint'];
const held = () => heldTables.filter((table) => box.count(table) > 0);
const revoke = (empty: boolean) => box.core().revoke({ empty });

/** A promise that a test lets go when it likes, and the moment at which somebody waits for it. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = false;
  return {
    open: resolve,
    isWaited: () => waiting,
    wait(): Promise<void> {
      waiting = true;
      return promise;
    },
  };
}

describe('a device that is revoked', () => {
  test.each([true, false])('is told so and hung up on at once, emptied: %s', async (empty) => {
    const link = await connect();
    revoke(empty);
    expect(link.frames).toEqual([farewell]);
    expect(link.closedWith).toBe(4403);
    expect(box.core().contact().connected).toBe(false);
  });

  test('is hung up on before it has greeted, too', () => {
    const knocking = box.connect();
    revoke(false);
    expect(knocking).toMatchObject({ frames: [farewell], closedWith: 4403 });
  });

  test.each([true, false])('may ask for nothing, emptied: %s', async (empty) => {
    revoke(empty);
    const refused = expect.objectContaining({ code: 'revoked', hint: expect.stringContaining('pryx pair') });
    expect(() => box.status()).toThrow(refused);
    expect(() => box.connect()).toThrow(refused);
    expect(() => box.core().takeProof(box.caller())).toThrow(refused);
    await expect(box.registerHook()).rejects.toThrow(refused);
    box.crash();
    expect(() => box.connect()).toThrow(refused);
  });

  test('keeps nothing at the edge when it is emptied, but that it was revoked', async () => {
    await box.setUp([5]);
    await box.post(message(1, 5));
    await box.post(update(2));
    const link = await connect();
    await box.say(link, { type: 'checkpoint', size: 1, root: 'root' });
    await box.say(link, { type: 'ack', seq: jobs(link)[0]?.seq });
    box.drop(link);
    await box.post(message(3, 5));
    await box.clock.advance(1000);
    expect(held()).toEqual(heldTables);
    revoke(true);
    expect(held()).toEqual([]);
    await expect(box.post(update(4))).rejects.toMatchObject({ code: 'not_found' });
    box.crash();
    expect(held()).toEqual([]);
    await expect(box.post(update(4))).rejects.toMatchObject({ code: 'not_found' });
    await box.clock.advance(1000);
    box.ring();
    expect(held()).toEqual([]);
  });

  test('loses nothing when it is not emptied: what comes goes on being kept, and told of, until it is let in again', async () => {
    await box.setUp([5]);
    await box.post(update(1));
    await connect();
    revoke(false);
    expect(await box.post(message(2, 5))).toMatchObject({ method: 'sendMessage' });
    box.crash();
    await box.post(update(3));
    await box.admit();
    expect(ids(await connect())).toEqual(['tg:123456:1', 'tg:123456:2', 'tg:123456:3']);
  });

  test('may come in again once it is admitted, with a token from then on and no older one', async () => {
    const old = box.caller();
    const older = box.caller();
    revoke(false);
    await box.clock.advance(1000);
    await box.admit();
    expect(() => box.core().takeProof(old)).toThrow(expect.objectContaining({ code: 'not_paired' }));
    expect(() => box.core().status(older)).toThrow(expect.objectContaining({ code: 'not_paired' }));
    box.crash();
    expect(() => box.core().takeProof(old)).toThrow(expect.objectContaining({ code: 'not_paired' }));
    expect(() => box.core().takeProof({ ...box.caller(), issuedAt: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'not_paired' }),
    );
    expect((await connect()).closedWith).toBeNull();
  });

  test('and let in again after it was emptied gets no sequence twice, and a job of before only as a new one', async () => {
    await box.post(update(1));
    const before = jobs(await connect())[0]?.seq ?? 0;
    revoke(true);
    box.crash();
    await box.setUp();
    await box.post(update(1));
    const [again] = jobs(await connect(before));
    expect(again?.seq).toBeGreaterThan(before);
  });

  test('may be revoked again, emptied later, and none is revoked that was never there', async () => {
    await box.post(update(1));
    revoke(false);
    revoke(false);
    expect(held()).toEqual(['job', 'telegram_hook']);
    revoke(true);
    revoke(true);
    expect(held()).toEqual([]);
    const nobody = simulateMailbox();
    nobody.core().revoke({ empty: true });
    expect(nobody.count('device')).toBe(0);
    expect(nobody.core().contact()).toEqual({ connected: false, last_contact: null });
  });
});

describe('revoked in the middle of', () => {
  test('a job being sealed: it does not land in the emptied mailbox, and its sender is told what a stranger is told', async () => {
    const sealing = gate();
    box = simulateMailbox({
      sealer: {
        async seal() {
          await sealing.wait();
          return 'sealed';
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1)).catch((error: unknown) => error);
    while (!sealing.isWaited()) await box.clock.advance(0);
    revoke(true);
    sealing.open();
    expect(await posted).toMatchObject({ code: 'not_found' });
    expect(held()).toEqual([]);
  });

  test('a job being sealed, and let in again before it is done: it is not stored either', async () => {
    const sealing = gate();
    let held = true;
    box = simulateMailbox({
      sealer: {
        async seal() {
          if (held) await sealing.wait();
          return 'sealed';
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1)).catch((error: unknown) => error);
    while (!sealing.isWaited()) await box.clock.advance(0);
    held = false;
    revoke(true);
    await box.setUp();
    const later = box.post(update(2));
    sealing.open();
    await later;
    expect(await posted).toMatchObject({ code: 'not_found' });
    expect(ids(await connect())).toEqual(['tg:123456:2']);
  });

  test('a body being received: the same', async () => {
    const reading = gate();
    const posted = box
      .core()
      .receiveTelegram({
        bot: '123456',
        secret: 'a-secret-of-the-bot',
        traceparent: null,
        async readBody() {
          await reading.wait();
          return new TextEncoder().encode('{"update_id":1}');
        },
      })
      .catch((error: unknown) => error);
    while (!reading.isWaited()) await box.clock.advance(0);
    revoke(true);
    reading.open();
    expect(await posted).toMatchObject({ code: 'not_found' });
    expect(held()).toEqual([]);
  });

  test('a job being sealed, without emptying: it is kept', async () => {
    const sealing = gate();
    box = simulateMailbox({
      sealer: {
        async seal() {
          await sealing.wait();
          return 'sealed';
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1));
    while (!sealing.isWaited()) await box.clock.advance(0);
    revoke(false);
    sealing.open();
    await posted;
    expect(box.count('job')).toBe(1);
  });

  test('a hook being registered: it is not', async () => {
    const marking = gate();
    box = simulateMailbox({
      sealer: {
        async mark() {
          await marking.wait();
          return 'mark';
        },
      },
    });
    await box.setUp();
    const registered = box.registerHook([5]).catch((error: unknown) => error);
    while (!marking.isWaited()) await box.clock.advance(0);
    revoke(true);
    marking.open();
    expect(await registered).toMatchObject({ code: 'revoked' });
    expect(held()).toEqual([]);
  });

  test('a chat being told of an outage: nothing of it is kept', async () => {
    const marking = gate();
    let holds = false;
    box = simulateMailbox({
      sealer: {
        async mark(label) {
          if (holds && label === 'chat') await marking.wait();
          return 'mark';
        },
      },
    });
    await box.setUp([5]);
    holds = true;
    const posted = box.post(message(1, 5)).catch((error: unknown) => error);
    while (!marking.isWaited()) await box.clock.advance(0);
    revoke(true);
    marking.open();
    expect(await posted).toMatchObject({ code: 'not_found' });
    expect(held()).toEqual([]);
  });

  test('a greeting: no job goes out, and none comes back', async () => {
    const signing = gate();
    let holds = false;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          if (holds) await signing.wait();
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    await box.post(update(1));
    holds = true;
    const socket = box.connect();
    const greeted = box.say(socket, { type: 'hello', have: box.clock.now() + 60_000 });
    while (!signing.isWaited()) await box.clock.advance(0);
    revoke(true);
    signing.open();
    await greeted;
    expect(socket.frames).toEqual([farewell]);
    expect(box.wrap(socket).state().phase).toBe('gone');
    expect(held()).toEqual([]);
  });

  test('frames: none of them is obeyed that comes behind it', async () => {
    await box.post(update(1));
    const link = await connect();
    revoke(false);
    const shown = [...link.frames];
    await box.say(link, { type: 'ack', seq: jobs(link)[0]?.seq });
    await box.say(link, { type: 'checkpoint', size: 1, root: 'root' });
    await box.clock.advance(1000);
    expect(held()).toEqual(['job', 'telegram_hook']);
    expect(link.frames).toEqual(shown);
  });
});

describe('an end right behind the word that revokes', () => {
  /** What is durable when the object dies after the write and before it hung up. */
  const write = () => box.sqlite.exec('update device set revoked_at = 1');

  test('leaves no socket open: the object hangs up as soon as it is awake', async () => {
    const link = await connect();
    write();
    box.sleep();
    expect(link.frames.at(-1)).toEqual(farewell);
    expect(link.closedWith).toBe(4403);
  });

  test('wakes the object for it', () => {
    box.ring();
    revoke(false);
    expect(box.alarmAt()).toBeLessThanOrEqual(box.clock.now() + 1000);
  });

  test('is not needed for frames to be refused: each one is looked at, whoever was to hang up', async () => {
    await box.post(update(1));
    const link = await connect();
    box.hideSockets(true);
    revoke(false);
    expect(link.closedWith).toBeNull();
    await box.say(link, { type: 'ack', seq: jobs(link)[0]?.seq });
    expect(link.frames.at(-1)).toEqual(farewell);
    expect(link.closedWith).toBe(4403);
    await box.clock.advance(1000);
    expect(box.count('job')).toBe(1);
  });

  test('by a broken disk leaves the device in, says so, and the next try does it', async () => {
    await box.post(update(1));
    const link = await connect();
    box.breakDisk(true);
    expect(() => revoke(true)).toThrow('disk');
    box.breakDisk(false);
    expect(box.status().queued.jobs).toBe(1);
    expect(link.closedWith).toBeNull();
    revoke(true);
    expect(link.closedWith).toBe(4403);
    expect(held()).toEqual([]);
  });

  test('in the middle of the transaction leaves all of it or nothing', async () => {
    await box.post(update(1));
    box.sqlite.exec("create trigger trouble before update on device begin select raise(abort, 'no'); end");
    expect(() => revoke(true)).toThrow('no');
    expect(held()).toEqual(['job', 'telegram_hook']);
    expect(await box.post(update(1))).toBeUndefined();
    box.sqlite.exec('drop trigger trouble');
    expect(ids(await connect())).toEqual(['tg:123456:1']);
  });
});

describe('a mailbox of the version before', () => {
  /** As version 1 had it: a device that enrolled by itself, and that no owner has ever seen. */
  function goBack(): void {
    box.sqlite.exec(`drop table signer; update schema_version set version = 1;
      alter table device drop column revoked_at; alter table device drop column tokens_from;
      alter table device drop column emptied;`);
    box.crash();
  }

  test('keeps its hooks and its jobs for its device', async () => {
    await box.post(update(1));
    goBack();
    await box.post(update(2));
    await box.admit();
    expect(ids(await connect())).toEqual(['tg:123456:1', 'tg:123456:2']);
  });

  test('takes no token of its device until the owner has paired it', async () => {
    goBack();
    const notPaired = expect.objectContaining({ code: 'not_paired' });
    expect(() => box.status()).toThrow(notPaired);
    expect(() => box.connect()).toThrow(notPaired);
    await expect(box.registerHook()).rejects.toThrow(notPaired);
    box.crash();
    expect(() => box.connect()).toThrow(notPaired);
    await box.admit();
    expect((await connect()).closedWith).toBeNull();
  });
});
