/** What Telegram, and whoever poses as it, meets at `/telegram/<hook>`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maxBodyBytes } from '../../../shared/wire/limits.ts';
import type { TestDevice } from '../support/device.ts';
import { type TestEdge, postUpdate, startTestEdge, textUpdate } from '../support/edge.ts';

let edge: TestEdge;
let device: TestDevice;
let hook: string;

beforeAll(async () => {
  edge = await startTestEdge();
  device = await edge.device();
  hook = await device.hook();
});
afterAll(() => edge.close());

let nextId = 1000;
const fresh = () => (nextId += 1);

describe('a webhook of Telegram', () => {
  test('is answered 200 once its update is stored, sealed and signed for the device', async () => {
    const update = textUpdate(fresh(), 'the first one');
    expect((await postUpdate(hook, update)).status).toBe(200);
    const link = await device.link();
    const { claims, body } = await device.take(await link.nextFrame());
    expect(JSON.parse(body)).toEqual(update);
    expect(claims).toMatchObject({ jti: `tg:123456:${update.update_id}`, kind: 'telegram.update', aud: device.id });
    expect(claims.exp - claims.iat).toBeCloseTo(24 * 60 * 60, 3);
    link.send({ type: 'ack', seq: claims.seq });
    link.close();
    await link.closed;
  });

  test('reaches the device byte for byte, whatever its spelling', async () => {
    const text = `{ "update_id" : ${fresh()},\n\t"message":{"text":"\\u00e4 ä 😀", "date":1e3} }`;
    const link = await device.link();
    await postUpdate(hook, text);
    const frame = await link.nextFrame();
    expect((await device.take(frame)).body).toBe(text);
    link.send({ type: 'ack', seq: frame.seq });
    link.close();
    await link.closed;
  });

  test('is a job whatever kind of update it brings, known or not', async () => {
    const link = await device.link();
    for (const kind of ['poll_answer', 'message_reaction', 'business_connection', 'a_kind_of_next_year']) {
      await postUpdate(hook, { update_id: fresh(), [kind]: { anything: true } });
      const frame = await link.nextFrame();
      expect(JSON.parse((await device.take(frame)).body)).toHaveProperty(kind);
      link.send({ type: 'ack', seq: frame.seq });
    }
    link.close();
    await link.closed;
  });

  test('continues the trace of its sender, and begins one without', async () => {
    const link = await device.link();
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const traceOf = async (headers: Record<string, string>) => {
      await postUpdate(hook, textUpdate(fresh()), headers);
      const frame = await link.nextFrame();
      link.send({ type: 'ack', seq: frame.seq });
      return (await device.take(frame)).claims.traceparent;
    };
    expect(await traceOf({ traceparent: `00-${trace}-b7ad6b7169203331-01` })).toMatch(
      new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
    );
    for (const bad of ['rubbish', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff-${trace}-b7ad6b7169203331-01`])
      expect(await traceOf({ traceparent: bad })).toMatch(
        new RegExp(`^00-(?!${trace}|0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$`),
      );
    link.close();
    await link.closed;
  });
});

describe('bad input', () => {
  let device: TestDevice;
  let hook: string;
  beforeAll(async () => {
    device = await edge.device();
    hook = await device.hook();
  });

  const stored = () => edge.jobsOf(device);
  const rejected = async (status: number, response: Promise<Response> | Response) => {
    const answer = await response;
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('not to be echoed');
    expect(await stored()).toBe(0);
  };

  test('a made-up or altered address is 404 and wakes no mailbox', async () => {
    const address = hook.slice(hook.lastIndexOf('/') + 1);
    const swapped = `${address.startsWith('A') ? 'B' : 'A'}${address.slice(1)}`;
    for (const other of ['x', 'A'.repeat(75), swapped, `${address}A`, address.slice(0, -1), `${address}/more`, ''])
      await rejected(404, postUpdate(`${edge.origin}/telegram/${other}`, textUpdate(1)));
    expect(await edge.server.getWorker().listDurableObjectIds('Mailbox')).toHaveLength(2);
  });

  test('another method is 405, and says which one there is', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await fetch(hook, { method });
      expect(response.headers.get('allow')).toBe('POST');
      await rejected(405, response);
    }
  });

  test('another content type is 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
      await rejected(415, postUpdate(hook, textUpdate(1), { 'content-type': type }));
  });

  test('a content type with parameters is fine', async () => {
    const update = textUpdate(fresh());
    const response = await postUpdate(hook, update, { 'content-type': 'Application/JSON; charset=utf-8' });
    expect(response.status).toBe(200);
    const link = await device.link();
    link.send({ type: 'ack', seq: (await link.nextFrame()).seq });
    await link.settle();
    link.close();
    await expect.poll(stored, { timeout: 10_000 }).toBe(0);
  });

  test('a wrong, empty or missing secret is 401, before the body is looked at', async () => {
    const broken = '{"not to be echoed';
    for (const secret of ['wrong', '', 'a-secret-of-the-bo', 'a-secret-of-the-bott'])
      await rejected(401, postUpdate(hook, broken, { 'x-telegram-bot-api-secret-token': secret }));
    const headers = { 'content-type': 'application/json' };
    await rejected(401, fetch(hook, { method: 'POST', headers, body: broken }));
  });

  test('a body that is not an update is 400', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"not to be echoed"',
      '{}',
      '{"update_id":"1"}',
      '{"update_id":1.5}',
      '{"update_id":null}',
      '{"update_id":9007199254740993}',
      '{"update_id":1e400}',
      '\uFEFF{"update_id":1}',
      '['.repeat(200_000),
    ];
    for (const body of bodies) await rejected(400, postUpdate(hook, body));
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'a-secret-of-the-bot' };
    await rejected(400, fetch(hook, { method: 'POST', headers, body: new Uint8Array([0x22, 0xff, 0x22]) }));
  });

  test('one byte above a megabyte is 413, announced or not', async () => {
    const tooLarge = paddedUpdate(fresh(), maxBodyBytes + 1);
    await rejected(413, postUpdate(hook, tooLarge));
    // Announced, it does not even come to the secret.
    await rejected(413, postUpdate(hook, tooLarge, { 'x-telegram-bot-api-secret-token': 'wrong' }));
    const init = { method: 'POST', body: new Blob([tooLarge]).stream(), duplex: 'half' } as const;
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'a-secret-of-the-bot' };
    await rejected(413, fetch(hook, { ...init, headers }));
  });

  test('a megabyte to the byte arrives whole, announced or not', async () => {
    const link = await device.link();
    const body = paddedUpdate(fresh(), maxBodyBytes);
    expect((await postUpdate(hook, body)).status).toBe(200);
    const first = await link.nextFrame();
    expect((await device.take(first)).body).toBe(body);
    link.send({ type: 'ack', seq: first.seq });

    const unannounced = paddedUpdate(fresh(), maxBodyBytes);
    const response = await fetch(hook, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'a-secret-of-the-bot' },
      body: new Blob([unannounced]).stream(),
      duplex: 'half',
    });
    expect(response.status).toBe(200);
    const second = await link.nextFrame();
    expect((await device.take(second)).body).toBe(unannounced);
    link.send({ type: 'ack', seq: second.seq });
    link.close();
    await link.closed;
  });
});

function paddedUpdate(id: number, bytes: number): string {
  const frame = JSON.stringify({ update_id: id, padding: '' });
  return JSON.stringify({ update_id: id, padding: 'x'.repeat(bytes - frame.length) });
}
