/** The devices of an owner, as one of them lists, renames and revokes them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devicesResponse } from '../../../shared/api/devices.ts';
import { fingerprintWords } from '../../../shared/pairing/fingerprint.ts';
import { type Answer, send } from '../../conformance/oauth/http.ts';
import { type Paired, type World, openWorld } from '../../conformance/oauth/world.ts';
import { openSocket } from '../support/device.ts';

let world: World;
let laptop: Paired;
let pi: Paired;
beforeAll(async () => {
  world = await openWorld();
  [laptop, pi] = [await world.pair(), await world.pair()];
});
afterAll(() => world?.close());

async function ask(by: Paired, method: string, path: string, body?: unknown): Promise<Answer> {
  const url = `${world.origin}${path}`;
  const accessToken = by.tokens.access_token;
  return send({
    method,
    url,
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: await by.client.prove({ method, url, accessToken }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

const list = async (by: Paired) => devicesResponse.parse((await ask(by, 'GET', '/devices')).body).devices;
const entryOf = async (device: Paired, by = laptop) =>
  (await list(by)).find(({ device_id }) => device_id === device.client.id);

async function openLink(device: Paired) {
  const url = `${world.origin}/link`;
  const accessToken = device.tokens.access_token;
  const link = await openSocket(world.origin, {
    authorization: `DPoP ${accessToken}`,
    dpop: await device.client.prove({ method: 'GET', url, accessToken }),
  });
  link.send({ type: 'hello', have: 0 });
  await link.settle();
  return link;
}

describe('a device', () => {
  test('sees all of them: itself, which are connected, and the words of each key', async () => {
    const link = await openLink(pi);
    const devices = await list(laptop);
    expect(devices.map(({ device_id, current, connected }) => [device_id, current, connected])).toEqual([
      [pi.client.id, false, true],
      [laptop.client.id, true, false],
    ]);
    expect(devices[0]).toEqual({
      device_id: pi.client.id,
      name: 'Conformance',
      platform: 'linux x64',
      words: fingerprintWords(pi.client.id),
      current: false,
      state: 'paired',
      revoked_because: null,
      connected: true,
      paired_at: expect.any(Number),
      last_contact: expect.any(Number),
    });
    link.close();
    await link.closed;
  });

  test('renames any of them, itself included, within the rules for names', async () => {
    for (const device of [pi, laptop]) {
      const answer = await ask(laptop, 'PATCH', `/devices/${device.client.id}`, { name: ' the\u202E one\n' });
      expect(answer.status).toBe(204);
      expect((await entryOf(device))?.name).toBe('the one');
    }
    for (const body of [{ name: '' }, { name: '\u200B' }, { name: 1 }, {}, { name: 'x', more: 1 }, 'no JSON', '', []])
      expect((await ask(laptop, 'PATCH', `/devices/${pi.client.id}`, body)).status).toBe(400);
    expect((await ask(laptop, 'PATCH', `/devices/${pi.client.id}`, { name: 'x'.repeat(9000) })).status).toBe(413);
    expect((await entryOf(pi))?.name).toBe('the one');
  });

  test('finds none that is not there', async () => {
    const ids = ['x'.repeat(43), 'A'.repeat(43), 'x', '__proto__', `${pi.client.id}A`];
    for (const id of ids) {
      expect([id, (await ask(laptop, 'PATCH', `/devices/${id}`, { name: 'x' })).status]).toEqual([id, 404]);
      expect([id, (await ask(laptop, 'DELETE', `/devices/${id}`)).status]).toEqual([id, 404]);
    }
  });

  test('needs a new proof for each request', async () => {
    const url = `${world.origin}/devices`;
    const accessToken = laptop.tokens.access_token;
    const dpop = await laptop.client.prove({ method: 'GET', url, accessToken });
    const headers = { authorization: `DPoP ${accessToken}`, dpop };
    const statuses: number[] = [];
    for (let time = 0; time < 2; time += 1) statuses.push((await send({ method: 'GET', url, headers })).status);
    expect(statuses).toEqual([200, 401]);
    const other = await pi.client.prove({ method: 'GET', url, accessToken });
    expect((await send({ method: 'GET', url, headers: { ...headers, dpop: other } })).status).toBe(401);
  });

  test('asks by the methods that there are', async () => {
    expect((await ask(laptop, 'POST', '/devices')).headers.allow).toBe('GET');
    const answer = await ask(laptop, 'GET', `/devices/${pi.client.id}`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'PATCH, DELETE']);
  });
});

describe('a revocation', () => {
  test('drops the link, kills the tokens, and is told by whom', async () => {
    const lost = await world.pair();
    const link = await openLink(lost);
    expect((await ask(laptop, 'DELETE', `/devices/${lost.client.id}`)).status).toBe(204);
    expect(await link.nextFrame()).toEqual({ type: 'bye', code: 'revoked' });
    expect((await link.closed).code).toBe(4403);
    const answer = await ask(lost, 'GET', '/devices');
    expect([answer.status, answer.body['error']]).toEqual([401, expect.objectContaining({ code: 'revoked' })]);
    expect((await lost.client.refresh(lost.tokens.refresh_token)).body['error']).toBe('invalid_grant');
    expect(await entryOf(lost)).toMatchObject({ state: 'revoked', revoked_because: 'owner', connected: false });
    expect((await ask(laptop, 'DELETE', `/devices/${lost.client.id}`)).status).toBe(204);
  });

  test('of oneself is a device’s own doing', async () => {
    const leaving = await world.pair();
    expect((await ask(leaving, 'DELETE', `/devices/${leaving.client.id}`)).status).toBe(204);
    expect((await entryOf(leaving))?.revoked_because).toBe('device');
    expect((await ask(leaving, 'DELETE', `/devices/${pi.client.id}`)).status).toBe(401);
    expect((await entryOf(pi))?.state).toBe('paired');
  });

  test('by a refresh token that came twice drops the link of whoever has it', async () => {
    const copied = await world.pair();
    const link = await openLink(copied);
    const { refresh_token: first } = copied.tokens;
    const second = String((await copied.client.refresh(first)).body['refresh_token']);
    await copied.client.refresh(second);
    expect((await copied.client.refresh(first)).body['error']).toBe('invalid_grant');
    expect(await link.nextFrame()).toEqual({ type: 'bye', code: 'revoked' });
    expect((await link.closed).code).toBe(4403);
    expect((await entryOf(copied))?.revoked_because).toBe('token_reuse');
  });

  test('that was cut short is gone on with as soon as the account wakes: the link drops', async () => {
    const cut = await world.pair();
    const link = await openLink(cut);
    const worker = world.edge.server.getWorker();
    const account = await worker.getDurableObjectStorage('Account', { name: 'account' });
    // As it is after the account's transaction, and before its call to the mailbox.
    await account.exec(
      `update device set state = 'revoked', revoked_because = 'owner', mailbox_pending = 'empty' where id = '${cut.client.id}'`,
    );
    await worker.evictDurableObject('Account', { name: 'account' });
    await list(laptop);
    expect(await link.nextFrame()).toEqual({ type: 'bye', code: 'revoked' });
    expect((await link.closed).code).toBe(4403);
  });

  test('ends when the owner pairs the device again, and it is the same one', async () => {
    const back = await world.pair();
    await ask(laptop, 'DELETE', `/devices/${back.client.id}`);
    const codes = await back.client.codes();
    await world.owner.approve({ userCode: codes.user_code });
    const again: Paired = { client: back.client, tokens: await back.client.redeem(codes.device_code) };
    expect((await ask(back, 'GET', '/devices')).status).toBe(401);
    const link = await openLink(again);
    expect(await entryOf(back)).toMatchObject({ state: 'paired', revoked_because: null, connected: true });
    link.close();
    await link.closed;
  });
});
