/** The link at its real end: a `ws` client against workerd, sleeps of the mailbox included. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { maxInFlight } from '../../../shared/wire/limits.ts';
import { deviceClientId, oauthPaths } from '../../../shared/api/oauth.ts';
import { linkProtocol } from '../../../shared/wire/version.ts';
import { type TestDevice, type TestLink, openSocket } from '../support/device.ts';
import { postForm } from '../support/pair-device.ts';
import { type TestEdge, postUpdate, startTestEdge, textUpdate } from '../support/edge.ts';

let edge: TestEdge;
let device: TestDevice;
let hook: string;

beforeAll(async () => {
  edge = await startTestEdge();
});
beforeEach(async () => {
  device = await edge.device();
  hook = await device.hook();
});
afterAll(() => edge.close());

let nextId = 1;
const fresh = () => (nextId += 1);

/** Posts so many updates, one after the other; gives their texts. */
async function post(count: number): Promise<string[]> {
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const text = `text ${fresh()}`;
    texts.push(text);
    expect((await postUpdate(hook, textUpdate(nextId, text))).status).toBe(200);
  }
  return texts;
}

async function receive(link: TestLink, count: number) {
  const frames: { seq: number; text: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const frame = await link.nextFrame();
    expect(frame.type).toBe('job');
    const { body } = await device.take(frame);
    frames.push({ seq: frame.seq, text: (JSON.parse(body) as ReturnType<typeof textUpdate>).message.text });
  }
  return frames;
}

const texts = (frames: { text: string }[]) => frames.map(({ text }) => text);

interface Status {
  connected: boolean;
  queued: { jobs: number; bytes: number };
  in_flight: number;
  last_sequence: number;
  refused: number;
  last_contact: number | null;
}
const status = async () => (await (await device.request('GET', '/device')).json()) as Status;

describe('jobs over the link', () => {
  test('come at once while it is up, and are forgotten once acknowledged', async () => {
    const link = await device.link();
    const posted = await post(3);
    const frames = await receive(link, 3);
    expect(texts(frames)).toEqual(posted);
    expect(await status()).toMatchObject({ connected: true, queued: { jobs: 3 }, in_flight: 3 });
    link.send({ type: 'ack', seq: frames[2]?.seq });
    await expect.poll(status).toMatchObject({ queued: { jobs: 0, bytes: 0 }, in_flight: 0 });
    await expect.poll(() => edge.jobsOf(device), { timeout: 10_000 }).toBe(0);
    link.close();
  });

  test('wait for the device, and come in order with sequences that only grow', async () => {
    const posted = await post(5);
    expect(await status()).toMatchObject({ connected: false, queued: { jobs: 5 }, in_flight: 0 });
    const link = await device.link();
    const frames = await receive(link, 5);
    expect(texts(frames)).toEqual(posted);
    for (const [index, { seq }] of frames.entries()) expect(seq).toBe((frames[0]?.seq ?? 0) + index);
    link.close();
  });

  test('come again after a break, from the first that the device does not have', async () => {
    const link = await device.link();
    const posted = await post(4);
    const frames = await receive(link, 4);
    link.terminate();
    const again = await device.link(frames[1]?.seq);
    expect(texts(await receive(again, 2))).toEqual(posted.slice(2));
    expect(await status()).toMatchObject({ queued: { jobs: 2 } });
    again.close();
  });

  test(`go out ${maxInFlight} at a time; each acknowledgement lets the next ones go`, async () => {
    const posted = await post(maxInFlight + 6);
    const link = await device.link();
    const first = await receive(link, maxInFlight);
    await link.settle();
    expect(await status()).toMatchObject({ in_flight: maxInFlight, queued: { jobs: maxInFlight + 6 } });
    link.send({ type: 'ack', seq: first[3]?.seq });
    const more = await receive(link, 4);
    await link.settle();
    link.send({ type: 'ack', seq: more[3]?.seq });
    const rest = await receive(link, 2);
    expect(texts([...first, ...more, ...rest])).toEqual(posted);
    link.close();
  });

  test('survive a sleep of the mailbox in the middle: none is sent twice, none is lost', async () => {
    const posted = await post(maxInFlight + 2);
    const link = await device.link();
    const first = await receive(link, maxInFlight);
    await edge.hibernate(device);
    link.send({ type: 'ack', seq: first[0]?.seq });
    const more = await receive(link, 1);
    await edge.hibernate(device);
    posted.push(...(await post(1)));
    await edge.hibernate(device);
    link.send({ type: 'ack', seq: more[0]?.seq });
    const rest = await receive(link, 2);
    await link.settle();
    expect(link.untaken()).toBe(0);
    expect(texts([...first, ...more, ...rest])).toEqual(posted);
    link.close();
  });

  test('survive a deploy, which cuts the link and empties memory', async () => {
    const link = await device.link();
    const posted = await post(3);
    const frames = await receive(link, 3);
    link.send({ type: 'ack', seq: frames[0]?.seq });
    await expect.poll(status).toMatchObject({ queued: { jobs: 2 } });
    await edge.evict(device);
    await link.closed;
    posted.push(...(await post(1)));
    const again = await device.link(frames[0]?.seq);
    expect(texts(await receive(again, 3))).toEqual(posted.slice(1));
    again.close();
  });

  test('are taken out of the queue when the device refuses them, and counted', async () => {
    const posted = await post(3);
    const link = await device.link();
    const frames = await receive(link, 3);
    link.send({ type: 'refuse', seq: frames[1]?.seq, code: 'unopenable' });
    link.send({ type: 'refuse', seq: frames[1]?.seq, code: 'unopenable' });
    await link.settle();
    expect(await status()).toMatchObject({ refused: 1, queued: { jobs: 2 }, in_flight: 2 });
    expect(await edge.rows(device, 'select * from refusal')).toEqual([{ code: 'unopenable', count: 1 }]);
    link.terminate();
    const again = await device.link();
    expect(texts(await receive(again, 2))).toEqual([posted[0], posted[2]]);
    again.close();
  });
});

describe('repetitions', () => {
  const outcome = async (update: object) => (await postUpdate(hook, update)).status;

  test('at once, later, reordered and after the acknowledgement make one job each', async () => {
    const updates = Array.from({ length: 12 }, () => textUpdate(fresh(), 'said once'));
    const rounds = [updates, updates.toReversed(), updates].flat();
    expect(await Promise.all(rounds.map(outcome))).toEqual(rounds.map(() => 200));
    const link = await device.link();
    const frames = await receive(link, 12);
    link.send({ type: 'ack', seq: frames[11]?.seq });
    expect(await Promise.all(updates.map(outcome))).toEqual(updates.map(() => 200));
    await edge.hibernate(device);
    expect(await outcome(updates[0] ?? {})).toBe(200);
    await link.settle();
    expect(link.untaken()).toBe(0);
    expect(await status()).toMatchObject({ queued: { jobs: 0 } });
    link.close();
  });

  test('one update of two bots is two jobs', async () => {
    const other = await device.hook('654321');
    const update = textUpdate(fresh());
    await postUpdate(hook, update);
    await postUpdate(other, update);
    expect(await status()).toMatchObject({ queued: { jobs: 2 } });
  });
});

describe('frames that make no sense', () => {
  const frames: [string, unknown, number][] = [
    ['no JSON', 'hello', 4400],
    ['an unknown type', { type: 'subscribe' }, 4400],
    ['a member too many', { type: 'ack', seq: 1, more: true }, 4400],
    ['a negative sequence', { type: 'ack', seq: -1 }, 4400],
    ['an unknown refusal', { type: 'refuse', seq: 1, code: 'because' }, 4400],
    ['a frame of the other direction', { type: 'job', seq: 1, jws: 'x' }, 4400],
    ['a second hello', { type: 'hello', have: 0 }, 4400],
    ['an acknowledgement of what was never sent', { type: 'ack', seq: 2 ** 40 * 1000 }, 4400],
    ['a refusal of what was never sent', { type: 'refuse', seq: 2 ** 40 * 1000, code: 'replayed' }, 4400],
    ['more than a frame may hold', 'x'.repeat(2 * 1024 * 1024 + 1), 4413],
  ];
  for (const [title, frame, code] of frames) {
    test(`${title}: bye, and ${code}`, async () => {
      await post(1);
      const link = await device.link();
      await receive(link, 1);
      link.send(frame);
      expect(await link.nextFrame()).toEqual({ type: 'bye', code: 'protocol_error' });
      expect((await link.closed).code).toBe(code);
      expect(await status()).toMatchObject({ connected: false, queued: { jobs: 1 } });
    });
  }

  test('bytes instead of text: bye, and 4400', async () => {
    const link = await device.link();
    link.sendBytes(randomBytes(8));
    expect((await link.closed).code).toBe(4400);
  });

  test('anything before hello: bye, and 4400', async () => {
    await post(1);
    const link = await openSocket(edge.origin, await device.headers('GET', '/link'));
    link.send({ type: 'ack', seq: 0 });
    expect(await link.nextFrame()).toEqual({ type: 'bye', code: 'protocol_error' });
    expect((await link.closed).code).toBe(4400);
    expect(await status()).toMatchObject({ queued: { jobs: 1 } });
  });

  test('a hello from beyond all sequences: bye, and 4400', async () => {
    const link = await device.link(2 ** 53 - 1);
    expect((await link.closed).code).toBe(4400);
  });
});

describe('the socket', () => {
  test('answers a heartbeat, which counts as a word from the device', async () => {
    const link = await device.link();
    await edge.hibernate(device);
    const before = Date.now();
    await link.settle();
    expect((await status()).last_contact).toBeGreaterThanOrEqual(before - 1);
    link.close();
  });

  test('is superseded by a newer one of the same device', async () => {
    const first = await device.link();
    await first.settle();
    const second = await device.link();
    expect(await first.nextFrame()).toEqual({ type: 'bye', code: 'superseded' });
    expect((await first.closed).code).toBe(4409);
    await post(1);
    await receive(second, 1);
    expect(await status()).toMatchObject({ connected: true });
    second.close();
  });

  test('leaves no trace of itself when it closes', async () => {
    const link = await device.link();
    await link.settle();
    link.close();
    await link.closed;
    await expect.poll(status).toMatchObject({ connected: false, last_contact: expect.any(Number) });
  });

  test('keeps the latest audit checkpoint of the device, and no older one', async () => {
    const link = await device.link();
    link.send({ type: 'checkpoint', size: 7, root: 'seven' });
    link.send({ type: 'checkpoint', size: 5, root: 'five' });
    await link.settle();
    expect(await edge.rows(device, 'select size, root from checkpoint')).toEqual([{ size: 7, root: 'seven' }]);
    link.close();
  });

  test('is not to be had without an upgrade, the subprotocol, a token and a proof of its own', async () => {
    const headers = () => device.headers('GET', '/link');
    expect((await edge.fetch('/link', { headers: await headers() })).status).toBe(426);
    await expect(openSocket(edge.origin, await headers(), 'pryx.link.v0')).rejects.toThrow('status 400');
    await expect(openSocket(edge.origin, {})).rejects.toThrow('status 401');
    const used = await headers();
    const link = await openSocket(edge.origin, used, linkProtocol);
    await expect(openSocket(edge.origin, used)).rejects.toThrow('status 401');
    link.close();
  });
});

describe('a device that is revoked', () => {
  const farewell = { type: 'bye', code: 'revoked' };
  const ways: [string, () => Promise<unknown>][] = [
    ['by its owner', () => edge.owner.revoke(device.id)],
    ['by itself', () => device.request('DELETE', `/devices/${device.id}`)],
  ];
  test.each(ways)('%s: its link drops, its tokens are dead, its mailbox is empty', async (_by, revoke) => {
    await post(2);
    const link = await device.link();
    await receive(link, 2);
    await revoke();
    expect(await link.nextFrame()).toEqual(farewell);
    expect((await link.closed).code).toBe(4403);
    const answer = await device.request('GET', '/device');
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'revoked', hint: expect.any(String) } });
    await expect(device.link()).rejects.toThrow('status 401');
    await expect(device.refresh()).rejects.toThrow('invalid_grant');
    for (const table of ['job', 'settled', 'telegram_hook', 'told', 'checkpoint'])
      expect([table, await edge.rows(device, `select * from ${table}`)]).toEqual([table, []]);
    // What a bot is told that nobody registered.
    const stranger = await postUpdate(hook, textUpdate(fresh()));
    expect(stranger.status).toBe(404);
    expect(await stranger.text()).toBe(
      await (await postUpdate(`${edge.origin}/telegram/made-up`, textUpdate(1))).text(),
    );
  });

  test('while its mailbox sleeps hears it all the same', async () => {
    const link = await device.link();
    await link.settle();
    await edge.hibernate(device);
    await edge.owner.revoke(device.id);
    expect(await link.nextFrame()).toEqual(farewell);
    expect((await link.closed).code).toBe(4403);
  });

  test('is refused with its next frame, should nobody have hung up', async () => {
    await post(1);
    const link = await device.link();
    const [job] = await receive(link, 1);
    // As an end right behind the write leaves it: the object wakes with the socket open.
    await edge.rows(device, 'update device set revoked_at = 1');
    await edge.hibernate(device);
    link.send({ type: 'ack', seq: job?.seq });
    expect(await link.nextFrame()).toEqual(farewell);
    expect((await link.closed).code).toBe(4403);
    expect(await edge.jobsOf(device)).toBe(1);
  });

  const shutOut: [string, () => Promise<unknown>][] = [
    [
      'because a refresh token came twice',
      async () => {
        const stolen = { ...device.tokens() };
        await device.refresh();
        await device.request('GET', '/device');
        await device.refresh();
        await expect(device.refresh(stolen.refreshToken)).rejects.toThrow('invalid_grant');
      },
    ],
    [
      'because somebody who had its token gave it up',
      () =>
        postForm(edge.origin, oauthPaths.revocation, { client_id: deviceClientId, token: device.tokens().accessToken }),
    ],
  ];
  test.each(shutOut)('%s keeps its messages, and those that come, until it is paired again', async (_why, shut) => {
    const posted = await post(1);
    const link = await device.link();
    await receive(link, 1);
    await shut();
    expect(await link.nextFrame()).toEqual(farewell);
    posted.push(...(await post(1)));
    const old = await device.headers('GET', '/device');
    // Tokens tell their age in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await device.pair();
    expect((await edge.fetch('/device', { headers: old })).status).toBe(401);
    const again = await device.link();
    expect(texts(await receive(again, 2))).toEqual(posted);
    again.close();
  });

  test('and paired again begins with an empty mailbox, and with what comes from then on', async () => {
    await post(2);
    await edge.owner.revoke(device.id);
    await device.pair();
    expect((await postUpdate(hook, textUpdate(fresh()))).status).toBe(404);
    expect(await device.hook()).toBe(hook);
    const posted = await post(1);
    const link = await device.link();
    expect(texts(await receive(link, 1))).toEqual(posted);
    link.close();
  });

  test('in the middle of a flood: nothing that was on its way lands in the emptied mailbox', async () => {
    const link = await device.link();
    const updates = Array.from({ length: 120 }, () => textUpdate(fresh(), 'on its way'));
    const answers = updates.map((update) => postUpdate(hook, update));
    await Promise.race(answers);
    await edge.owner.revoke(device.id);
    const codes = new Set((await Promise.all(answers)).map(({ status: code }) => code));
    for (const code of codes) expect([200, 404]).toContain(code);
    expect((await link.closed).code).toBe(4403);
    expect(await edge.jobsOf(device)).toBe(0);
    expect(await edge.rows(device, 'select * from settled')).toEqual([]);
  });
});

test('fifty devices at once each get their own jobs, in order', async () => {
  const each = 8;
  // An edge of their own: one has 64 devices at most.
  const crowded = await startTestEdge();
  onTestFinished(() => crowded.close());
  const devices = await Promise.all(Array.from({ length: 50 }, () => crowded.device()));
  await Promise.all(
    devices.map(async (one, index) => {
      const address = await one.hook();
      const link = await one.link();
      const updates = Array.from({ length: each }, (_, n) => textUpdate(index * 100 + n, `device ${index}, text ${n}`));
      for (const update of updates) expect((await postUpdate(address, update)).status).toBe(200);
      for (const update of updates) {
        const frame = await link.nextFrame();
        expect(JSON.parse((await one.take(frame)).body)).toEqual(update);
        link.send({ type: 'ack', seq: frame.seq });
      }
      link.close();
    }),
  );
});

test('a flood at one hook is all stored, in the order in which it was stored', async () => {
  const updates = Array.from({ length: 300 }, () => textUpdate(fresh(), `flood ${nextId}`));
  const link = await device.link();
  const answers = Promise.all(updates.map((update) => postUpdate(hook, update)));
  const seen = new Set<string>();
  let last = 0;
  while (seen.size < updates.length) {
    const frame = await link.nextFrame();
    expect(frame.seq).toBeGreaterThan(last);
    last = frame.seq;
    seen.add((await device.take(frame)).claims.jti);
    link.send({ type: 'ack', seq: frame.seq });
  }
  for (const { status: code } of await answers) expect(code).toBe(200);
  link.close();
});

test('nothing readable of a message is at rest at the edge', async () => {
  const owner = 77_001_122;
  hook = await device.hook('123456', [owner]);
  const secretText = 'the surgeon said tuesday';
  expect((await postUpdate(hook, textUpdate(fresh(), secretText, owner))).status).toBe(200);
  const link = await device.link();
  await receive(link, 1);
  const held = await edge.everythingOf(device);
  expect(held).toContain('tg:123456:');
  const variants = (text: string) => [
    text,
    Buffer.from(text).toString('hex'),
    ...[0, 1, 2].map((shift) => inBase64(text, shift)),
  ];
  for (const word of [secretText, 'surgeon', 'testusername', String(owner), 'a-secret-of-the-bot'])
    for (const variant of variants(word)) expect(held).not.toContain(variant);
  // The scan would see it, were it there.
  expect(variants('pryx-job+jws').some((variant) => held.includes(variant))).toBe(true);
  link.close();
});

/** What a text looks like within longer base64url, at one of the three places where it can begin. */
function inBase64(text: string, shift: number): string {
  return Buffer.from(`${'\0'.repeat(shift)}${text}`)
    .toString('base64url')
    .slice(shift === 0 ? 0 : shift + 1, -3);
}
