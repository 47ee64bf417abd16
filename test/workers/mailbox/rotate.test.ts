/** The signing keys of an edge change under devices that are paired: the whole of it, from the secret to the job on the device. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { rotateKeys } from '../../../local-agent/cli/edge/rotate-keys.ts';
import { type RunningEdge, startEdge } from '../../../local-agent/cli/edge/workerd.ts';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { checkSigningJwk, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import { signKeyStatement } from '../../../shared/wire/key-statement.ts';
import { bundleWorker } from '../support/bundle-worker.ts';
import { postUpdate, setupCode, textUpdate } from '../support/edge.ts';
import { type LiveDevice, createLiveDevice } from '../support/live-device.ts';
import { oneAtATime } from '../support/pair-device.ts';

let built: Awaited<ReturnType<typeof bundleWorker>>;
let edge: RunningEdge;
let keys: EdgeKeys;
let owner: ReturnType<typeof oneAtATime>;
let device: LiveDevice;
let hook: string;
let stores = 0;
let storage: string;
let port: number;

beforeAll(async () => {
  built = await bundleWorker();
});
afterAll(() => built.remove());

beforeEach(async () => {
  storage = join(built.folder, `storage-${(stores += 1)}`);
  port = 0;
  keys = await generateEdgeKeys();
  await start();
  owner = oneAtATime(createSoftwareOwner({ edge: edge.url, setupCode }));
  device = await createLiveDevice(edge.url, owner);
  hook = await device.hook();
});
afterEach(async () => {
  await device.stop();
  await edge.stop();
});

async function start(used: EdgeKeys = keys): Promise<void> {
  edge = await startEdge({ bundle: built.bundle, host: '127.0.0.1', port, storage, keys: used, setupCode });
  port = Number(new URL(edge.url).port);
}
/** What `wrangler secret put` does: the same edge, with other keys. */
async function deploy(used: EdgeKeys): Promise<void> {
  await edge.stop();
  await start(used);
}
async function rotate(retire = false): Promise<void> {
  ({ keys } = await rotateKeys(keys, { retire, now: Date.now() }));
  await deploy(keys);
}
let nextId = 0;
async function post(text: string): Promise<void> {
  expect((await postUpdate(hook, textUpdate((nextId += 1), text))).status).toBe(200);
}
const kidsOf = ({ signing }: EdgeKeys) => Promise.all(signing.map((key) => thumbprint(checkSigningJwk(key))));
const heard = (...texts: string[]) => expect.poll(() => device.texts, { timeout: 20_000 }).toEqual(texts);
const kept = () => device.pinned();
const alarms = () => device.audited().filter(({ event }) => event.startsWith('edge.keys') || event === 'job.refused');

describe('a paired device', () => {
  test('that is connected follows a new key without a hand laid on it, and the old ones to their end', async () => {
    await device.start();
    await post('one');
    await heard('one');
    await rotate();
    await post('two');
    await heard('one', 'two');
    expect(await kept()).toEqual(await kidsOf(keys));
    expect(await kept()).toHaveLength(2);
    await rotate(true);
    await post('three');
    await heard('one', 'two', 'three');
    expect(await kept()).toEqual(await kidsOf(keys));
    expect(await kept()).toHaveLength(1);
    expect(alarms()).toEqual([
      { event: 'edge.keys_changed', n: expect.any(Number) },
      { event: 'edge.keys_changed', n: expect.any(Number) },
    ]);
  });

  test.each([false, true])('gets what was queued under the old key; retired: %s', async (retire) => {
    await post('queued');
    await rotate(retire);
    await post('after');
    await device.start();
    await heard('queued', 'after');
    expect(await kept()).toEqual(await kidsOf(keys));
  });

  test('that was away for three rotations, with messages between them, gets all of them', async () => {
    await post('zero');
    for (const [round, retire] of [false, true, false].entries()) {
      await rotate(retire);
      await post(`after ${round + 1}`);
    }
    await device.start();
    await heard('zero', 'after 1', 'after 2', 'after 3');
    expect(await kept()).toEqual(await kidsOf(keys));
    expect(alarms().map(({ event }) => event)).toEqual(Array.from({ length: 3 }, () => 'edge.keys_changed'));
    // Begun anew, it still knows, and hears nothing new in what it is told again.
    await device.stop();
    await device.start();
    await post('and on');
    await heard('zero', 'after 1', 'after 2', 'after 3', 'and on');
    expect(alarms()).toHaveLength(3);
  });

  test('that was paired after rotations takes what is published, and goes on from there without an alarm', async () => {
    await rotate();
    await rotate(true);
    await device.stop();
    device = await createLiveDevice(edge.url, owner);
    hook = await device.hook();
    await device.start();
    await post('one');
    await heard('one');
    await rotate();
    await post('two');
    await heard('one', 'two');
    expect(alarms()).toEqual([{ event: 'edge.keys_changed', n: expect.any(Number) }]);
  });
});

describe('an attacker who has the address of the edge, and none of its keys', () => {
  /** Keys of their own over the storage of the edge, and whatever they like to state. */
  async function attack(statements: (attacker: EdgeKeys) => Promise<string[]>): Promise<void> {
    const attacker = { ...(await generateEdgeKeys()), hook: keys.hook };
    await deploy({ ...attacker, statements: await statements(attacker) });
  }
  const state = async (signer: EdgeKeys, named: EdgeKeys, n: number, introduced: EdgeKeys[]) => {
    const [key] = signer.signing;
    if (key === undefined) throw new Error('no key');
    return signKeyStatement(await importSignKey(key), (await kidsOf(named))[0] ?? '', {
      n,
      iat: Date.now() / 1000,
      keys: introduced.flatMap(({ signing }) => signing.map(checkSigningJwk)),
    });
  };

  const attacks: [string, string, (attacker: EdgeKeys) => Promise<string[]>][] = [
    ['their own key', 'unknown_key', async (own) => [await state(own, own, 1, [own])]],
    ['their own key beside the real one', 'unknown_key', async (own) => [await state(own, own, 9, [own, keys])]],
    ['their own key in the name of the real one', 'bad_signature', async (own) => [await state(own, keys, 1, [own])]],
  ];
  test.each(attacks)(
    'introduces %s: it is refused, and none of their jobs is taken',
    async (_what, why, statements) => {
      await device.start();
      await post('before');
      await heard('before');
      const pinned = await kept();
      await attack(statements);
      await post('meanwhile');
      await expect.poll(() => device.state()?.lastError?.code, { timeout: 20_000 }).toBe('bad_job');
      expect(alarms()).toContainEqual({ event: 'edge.keys_refused', why });
      expect(device.texts).toEqual(['before']);
      expect(await kept()).toEqual(pinned);
      await deploy(keys);
      await post('real again');
      // What people wrote while somebody else ran the edge is signed anew by the real one.
      await heard('before', 'meanwhile', 'real again');
    },
  );

  test('who has a key that was retired introduces nothing any more', async () => {
    const [old] = keys.signing;
    if (old === undefined) throw new Error('no key');
    await device.start();
    await rotate(true);
    await post('one');
    await heard('one');
    const pinned = await kept();
    const leaked = { signing: [old], hook: keys.hook };
    await deploy({ ...leaked, statements: [await state(leaked, leaked, 2 ** 40, [leaked])] });
    await post('meanwhile');
    await expect.poll(alarms, { timeout: 20_000 }).toContainEqual({ event: 'edge.keys_refused', why: 'unknown_key' });
    expect(await kept()).toEqual(pinned);
    await deploy(keys);
    await post('two');
    await heard('one', 'meanwhile', 'two');
  });
});

describe('a device that is revoked', () => {
  test('hears it at once over its link, forgets its tokens, and does not call again', async () => {
    await device.start();
    await post('one');
    await heard('one');
    await owner.revoke(device.id);
    await expect
      .poll(() => device.state(), { timeout: 20_000 })
      .toMatchObject({
        state: 'down',
        lastError: { code: 'revoked', hint: expect.stringContaining('pryx pair') },
      });
    expect(device.reloads()).toBe(1);
    expect(device.audited()).toContainEqual(expect.objectContaining({ event: 'edge.revoked' }));
    expect((await postUpdate(hook, textUpdate((nextId += 1), 'two'))).status).toBe(404);
  });

  test('while it was away hears it when it knocks', async () => {
    await owner.revoke(device.id);
    await device.start();
    await expect.poll(() => device.state(), { timeout: 20_000 }).toMatchObject({ lastError: { code: 'revoked' } });
    expect(device.reloads()).toBe(1);
  });
});
