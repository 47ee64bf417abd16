/** A new signing key at the edge: what waits is signed by it before it goes out, and the device is told of it first. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Signer } from '../../../workers/mailbox/ports.ts';
import { type SimulatedMailbox, type SimulatedSocket, readJob, simulateMailbox } from '../support/simulated-mailbox.ts';

let box: SimulatedMailbox;
let signer: Signer;
let signed: number;
let sign: (() => Promise<void>) | undefined;

beforeEach(async () => {
  signer = { kid: 'first', statements: [] };
  signed = 0;
  sign = undefined;
  box = simulateMailbox({
    sealer: {
      signer: async () => signer,
      async sign(claims) {
        const { kid } = signer;
        signed += 1;
        await sign?.();
        return [{ kid }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      },
    },
  });
  await box.setUp();
});

/** The secret is replaced: every object begins anew, with the new keys. */
function rotate(kid: string): void {
  signer = { kid, statements: [...signer.statements, `${kid} from now on`] };
  box.crash();
}
async function connect(have = 0): Promise<SimulatedSocket> {
  const socket = box.connect();
  await box.say(socket, { type: 'hello', have });
  return socket;
}
const post = async (...ids: number[]) => {
  for (const id of ids) await box.post({ update_id: id });
};
const kidOf = (jws: string) =>
  (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const jobs = (socket: SimulatedSocket) =>
  socket.frames.flatMap((frame) => {
    if (frame.type !== 'job') return [];
    const { claims } = readJob(frame);
    return [{ kid: kidOf(frame.jws), id: claims.jti, seq: frame.seq, claimed: claims.seq }];
  });
const kids = (socket: SimulatedSocket) => jobs(socket).map(({ kid }) => kid);
const told = (socket: SimulatedSocket) =>
  socket.frames.flatMap((frame) => (frame.type === 'keys' ? [frame.statement] : []));

describe('jobs that wait while the key changes', () => {
  test('are signed by the new one at the greeting, in order and with the sequences that they had', async () => {
    await post(1, 2);
    const before = jobs(await connect());
    rotate('second');
    await post(3);
    const after = jobs(await connect());
    expect(after.map(({ kid, id }) => [kid, id])).toEqual([
      ['second', 'tg:123456:1'],
      ['second', 'tg:123456:2'],
      ['second', 'tg:123456:3'],
    ]);
    expect(after.slice(0, 2).map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
    for (const { seq, claimed } of after) expect(claimed).toBe(seq);
  });

  test('cost nothing more once they are: another greeting signs none', async () => {
    await post(1, 2);
    rotate('second');
    await connect();
    const once = signed;
    box.crash();
    await connect();
    expect(signed).toBe(once);
    await post(3);
    await connect();
    expect(signed).toBe(once + 1);
  });

  test('are signed anew although a deploy went back to the old key and on again in between', async () => {
    rotate('second');
    await post(1);
    await connect();
    const again = signer;
    signer = { kid: 'first', statements: [] };
    box.crash();
    await post(2);
    signer = again;
    box.crash();
    expect(kids(await connect())).toEqual(['second', 'second']);
  });

  test('are signed anew in a mailbox that does not know who signed them', async () => {
    await post(1);
    box.sqlite.exec('delete from signer');
    rotate('second');
    expect(kids(await connect())).toEqual(['second']);
  });

  test('are signed a few at a time, since memory holds no full mailbox twice', async () => {
    const padding = 'x'.repeat(1024 * 1024 - 50);
    for (let id = 1; id <= 12; id += 1) await box.post({ update_id: id, padding });
    let most = 0;
    let now = 0;
    sign = async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
    };
    rotate('second');
    const socket = await connect();
    while (jobs(socket).length < 12) await box.say(socket, { type: 'ack', seq: jobs(socket).at(-1)?.seq });
    expect(new Set(kids(socket))).toEqual(new Set(['second']));
    expect(new Set(jobs(socket).map(({ id }) => id)).size).toBe(12);
    expect(most).toBeLessThan(4);
  });

  test('are signed anew when more comes, when some is acknowledged, and when the edge moves meanwhile', async () => {
    await post(1, 2, 3);
    rotate('second');
    const held = Promise.withResolvers<void>();
    sign = () => held.promise;
    const socket = box.connect();
    const greeted = box.say(socket, { type: 'hello', have: 0 });
    await box.clock.advance(0);
    sign = undefined;
    await post(4);
    await box.admit('https://moved.example');
    held.resolve();
    await greeted;
    expect(kids(socket)).toEqual(['second', 'second', 'second', 'second']);
    for (const frame of socket.frames)
      if (frame.type === 'job') expect(readJob(frame).claims.iss).toBe('https://moved.example');
  });

  test('and while the object dies in the middle of it, are all signed anew at the next greeting', async () => {
    const padding = 'x'.repeat(1024 * 1024 - 50);
    for (let id = 1; id <= 8; id += 1) await box.post({ update_id: id, padding });
    rotate('second');
    let left = 3;
    sign = () => (left-- > 0 ? Promise.resolve() : new Promise<void>(() => undefined));
    const socket = box.connect();
    void box.say(socket, { type: 'hello', have: 0 });
    await box.clock.advance(0);
    box.crash();
    sign = undefined;
    const next = await connect();
    while (jobs(next).length < 8) await box.say(next, { type: 'ack', seq: jobs(next).at(-1)?.seq });
    expect(new Set(kids(next))).toEqual(new Set(['second']));
  });

  test('that cannot be signed end the link, so that the device comes back for them', async () => {
    await post(1);
    rotate('second');
    sign = () => Promise.reject(new Error('no key'));
    expect((await connect()).closedWith).toBe(1011);
    sign = undefined;
    expect(kids(await connect())).toEqual(['second']);
  });
});

describe('a device that greets', () => {
  test('is told of every key that there was, oldest first, before any job, and each time', async () => {
    rotate('second');
    rotate('third');
    await post(1);
    const socket = await connect();
    expect(socket.frames.map(({ type }) => type)).toEqual(['keys', 'keys', 'job']);
    expect(told(socket)).toEqual(['second from now on', 'third from now on']);
    // Nobody says whether it was heard.
    expect(told(await connect())).toHaveLength(2);
  });

  test('may go on talking while jobs are being signed anew: it is heard in order', async () => {
    await post(1);
    rotate('second');
    const held = Promise.withResolvers<void>();
    sign = () => held.promise;
    const socket = box.connect();
    const said = [
      box.say(socket, { type: 'hello', have: 0 }),
      box.say(socket, { type: 'checkpoint', size: 1, root: 'one' }),
      box.say(socket, { type: 'checkpoint', size: 2, root: 'two' }),
    ];
    await box.clock.advance(0);
    expect(box.count('checkpoint')).toBe(0);
    held.resolve();
    await Promise.all(said);
    expect(socket.closedWith).toBeNull();
    expect(box.sqlite.prepare('select root from checkpoint').all()).toEqual([{ root: 'two' }]);
    await box.say(socket, { type: 'hello', have: 0 });
    expect(socket.closedWith).toBe(4400);
  });

  test('and is superseded while jobs are being signed anew gets none over the old socket', async () => {
    await post(1);
    rotate('second');
    const held = Promise.withResolvers<void>();
    sign = () => held.promise;
    const old = box.connect();
    const greeted = box.say(old, { type: 'hello', have: 0 });
    await box.clock.advance(0);
    const fresh = box.connect();
    held.resolve();
    await greeted;
    expect(old).toMatchObject({ frames: [{ type: 'bye', code: 'superseded' }], closedWith: 4409 });
    expect(box.wrap(old).state().phase).toBe('gone');
    await box.say(fresh, { type: 'hello', have: 0 });
    expect(kids(fresh)).toEqual(['second']);
  });
});
