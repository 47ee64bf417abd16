/** Guessing, on an edge of its own: who guesses is held up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './http.ts';
import { clientId } from './wire-client.ts';
import { type World, openWorld } from './world.ts';

const guesses = 20;
let world: World;
beforeAll(async () => {
  world = await openWorld({ pairingLimit: guesses });
});
afterAll(() => world?.close());

/** How many were answered before the first 429. */
async function guessUntilHeldUp(guess: () => Promise<Answer>): Promise<number> {
  for (let made = 0; made <= 2 * guesses; made += 1) {
    const answer = await guess();
    if (answer.status !== 429) continue;
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    return made;
  }
  return expect.fail('nobody stopped it');
}

describe('who guesses', () => {
  it('RFC 8628 §5.1: after five wrong codes no more are tried for a while, not even the right one', async () => {
    const { user_code: code } = await (await world.client()).codes();
    const type = async (typed: string) =>
      world.owner.submit(await world.owner.open('/pair'), 'enter-code', { user_code: typed });
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await type(`BCDF-GHJ${'KLMNP'[tries]}`);
      expect(answer.forms.map(({ id }) => id)).not.toContain('decide');
    }
    const held = await type(code);
    expect(held.forms.map(({ id }) => id)).not.toContain('decide');
    expect(held.status).toBe(429);
  });

  it('RFC 7009 §5: guesses at tokens are limited where they are revoked as where they are used', async () => {
    const client = await world.client();
    const from = (address: string): Record<string, string> => ({ 'cf-connecting-ip': address });
    const made = (count: number): string => `pryx_rt_${String(count).padStart(63, 'A')}`;
    let count = 0;
    const revoking = await guessUntilHeldUp(() =>
      client.revoke({ token: made((count += 1)), client_id: clientId }, from('192.0.2.1')),
    );
    const refreshing = await guessUntilHeldUp(() =>
      client.refresh(made((count += 1)), {}, { headers: from('192.0.2.2') }),
    );
    const polling = await guessUntilHeldUp(() => client.poll(made((count += 1)), {}, { headers: from('192.0.2.3') }));
    const begun = await guessUntilHeldUp(() =>
      client.authorize(client.authorization({ dpop_jkt: 'x' }), from('192.0.2.4')),
    );
    for (const before of [revoking, refreshing, polling, begun]) expect(before).toBeLessThanOrEqual(guesses);
  });
});
