import { beforeEach, describe, expect, it } from 'vitest';
import { loadTrust } from '../../../local-agent/edge-link/verify-job.ts';
import { createKeyFollower } from '../../../local-agent/edge-link/follow-edge.ts';
import { type Db, openDatabase } from '../../../local-agent/store/database.ts';
import { pinEdge, readEdge } from '../../../local-agent/store/device-keys.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { signKeyStatement } from '../../../shared/wire/key-statement.ts';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import { checkSigningJwk, generateSigningKey, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const origin = 'https://edge.example';
const [first, second, stranger] = [await generateSigningKey(), await generateSigningKey(), await generateSigningKey()];
const sealing = await generateSealingKey();
type Key = typeof first;

let db: Db;
beforeEach(() => {
  db = openDatabase({ path: ':memory:' }).db;
  pinEdge(db, { origin, deviceId: 'device', pinnedKeys: [first] }, 1);
});

const follow = async () => {
  const pinnedKeys = readEdge(db, origin)?.pinnedKeys ?? [];
  const deps = { db, clock: createVirtualClock(), log: createKeptLog(), origin, reload: () => undefined };
  return createKeyFollower(deps, await loadTrust({ origin, deviceId: 'device', pinnedKeys, sealing }));
};
const statement = async (n: number, signer: Key, ...keys: Key[]) =>
  signKeyStatement(await importSignKey(signer), await thumbprint(signer), {
    n,
    iat: 1,
    keys: keys.map(checkSigningJwk),
  });
const audited = () =>
  db
    .select()
    .from(audit)
    .all()
    .map(({ event, detail }) => [event, detail]);

describe('an edge that changes its keys', () => {
  it('is followed: the new ones are pinned before they count, and it is in the audit', async () => {
    const keys = await follow();
    const trust = keys.accept(await statement(1, first, second, first));
    expect([...(trust?.pinned.keys() ?? [])]).toEqual([await thumbprint(second), await thumbprint(first)]);
    expect(keys.trust()).toBe(trust);
    expect(readEdge(db, origin)).toMatchObject({
      pinnedKeys: [checkSigningJwk(second), checkSigningJwk(first)],
      statement: 1,
    });
    keys.accept(await statement(2, second, second));
    expect(readEdge(db, origin)).toMatchObject({ pinnedKeys: [checkSigningJwk(second)], statement: 2 });
    expect(audited()).toEqual([
      ['edge.keys_changed', { n: 1 }],
      ['edge.keys_changed', { n: 2 }],
    ]);
  });

  it('and says it again at each greeting is not noted again, also after a restart', async () => {
    const said = await statement(1, first, second);
    expect((await follow()).accept(said)).toBeDefined();
    const later = await follow();
    expect(later.accept(said)).toBeUndefined();
    expect([...later.trust().pinned.keys()]).toEqual([await thumbprint(second)]);
    expect(audited()).toHaveLength(1);
  });

  it('by a key that is not pinned is refused and audited, once however often it tries', async () => {
    const keys = await follow();
    const forged = await statement(1, stranger, stranger);
    for (let time = 0; time < 3; time++) expect(keys.accept(forged)).toBeUndefined();
    expect(readEdge(db, origin)).toMatchObject({ pinnedKeys: [checkSigningJwk(first)], statement: 0 });
    expect(audited()).toEqual([['edge.keys_refused', { why: 'unknown_key' }]]);
    for (let n = 2; n < 100; n++) keys.accept(await statement(n, stranger, stranger));
    expect(audited().length).toBeLessThan(50);
  });

  it('and cannot be kept is not followed', async () => {
    const keys = await follow();
    db.$client.exec("create trigger refuse before insert on audit begin select raise(abort, 'no room'); end");
    const said = await statement(1, first, second);
    expect(() => keys.accept(said)).toThrow('no room');
    expect([...keys.trust().pinned.keys()]).toEqual([await thumbprint(first)]);
    expect(readEdge(db, origin)).toMatchObject({ pinnedKeys: [checkSigningJwk(first)], statement: 0 });
  });
});
