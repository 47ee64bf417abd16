/** The revocation endpoint: RFC 7009. */
import { describe, expect, it } from 'vitest';
import { expectError, expectErrorForm } from './expect-error.ts';
import { encodeForm, formType, send } from './http.ts';
import { clientId } from './wire-client.ts';
import type { Paired, World } from './world.ts';

export function describeRevoking(world: () => World): void {
  async function expectDead({ client, tokens }: Paired): Promise<void> {
    expect((await client.get(tokens.access_token)).status).toBe(401);
    expectError(await client.refresh(tokens.refresh_token), 'invalid_grant');
  }
  async function expectAlive({ client, tokens }: Paired): Promise<void> {
    expect((await client.get(tokens.access_token)).status).toBe(200);
  }

  describe('revocation endpoint', () => {
    it('RFC 7009 §2: a refresh token is revoked at once, and its access tokens with it (§2.1)', async () => {
      const paired = await world().pair();
      const answer = await paired.client.revoke({ token: paired.tokens.refresh_token, client_id: clientId });
      expect(answer.status).toBe(200);
      await expectDead(paired);
    });

    it('RFC 7009 §2: an access token is revoked at once, and its refresh token with it (§2.1)', async () => {
      const paired = await world().pair();
      const answer = await paired.client.revoke({ token: paired.tokens.access_token, client_id: clientId });
      expect(answer.status).toBe(200);
      await expectDead(paired);
    });

    it('RFC 7009 §2.1: a hint that is wrong, or of no known type, changes nothing', async () => {
      for (const [kind, hint] of [
        ['refresh_token', 'access_token'],
        ['access_token', 'refresh_token'],
        ['refresh_token', 'of_no_known_type'],
        ['access_token', ''],
      ] as const) {
        const paired = await world().pair();
        const fields = { token: paired.tokens[kind], token_type_hint: hint, client_id: clientId };
        expect((await paired.client.revoke(fields)).status).toBe(200);
        await expectDead(paired);
      }
    });

    it('RFC 7009 §2.2: a token that is not good is 200 all the same, as is one that was revoked before', async () => {
      const { client, tokens } = await world().pair();
      const untouched = await world().pair();
      const [head, body, signature = ''] = tokens.access_token.split('.');
      const forged = `${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`;
      for (const token of ['made-up', `pryx_rt_${'A'.repeat(43)}`, forged, 'x'.repeat(1000), 'ü'])
        expect((await client.revoke({ token, client_id: clientId })).status).toBe(200);
      await expectAlive({ client, tokens });
      for (let times = 0; times < 2; times += 1)
        expect((await client.revoke({ token: tokens.refresh_token, client_id: clientId })).status).toBe(200);
      await expectDead({ client, tokens });
      await expectAlive(untouched);
    });

    it('RFC 7009 §2.1: who asks says who it is; another client cannot revoke', async () => {
      const paired = await world().pair();
      const token = paired.tokens.refresh_token;
      expectError(await paired.client.revoke({ token }), 'invalid_request');
      const other = await paired.client.revoke({ token, client_id: 'other' });
      expect([400, 401]).toContain(other.status);
      expect(other.body['error']).toBe('invalid_client');
      expectErrorForm(other);
      await expectAlive(paired);
    });

    it('RFC 7009 §2.1: token must be there, once, in the form in the body', async () => {
      const paired = await world().pair();
      const token = paired.tokens.refresh_token;
      expectError(await paired.client.revoke({ client_id: clientId }), 'invalid_request');
      expectError(await paired.client.revoke({ client_id: clientId, token: '' }), 'invalid_request');
      const twice: [string, string][] = [
        ['client_id', clientId],
        ['token', token],
        ['token', token],
      ];
      expectError(await paired.client.revoke(twice), 'invalid_request');
      const url = `${world().origin}/oauth/revoke?${encodeForm({ client_id: clientId, token })}`;
      expectError(
        await send({ method: 'POST', url, headers: { 'content-type': formType }, body: '' }),
        'invalid_request',
      );
      await expectAlive(paired);
    });

    it('RFC 7009 §2: a device that revoked itself is gone for its owner too, and may be paired again', async () => {
      const { client, tokens } = await world().pair();
      await client.revoke({ token: tokens.refresh_token, client_id: clientId });
      await nextSecond();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      const again = await client.redeem(code);
      expect((await client.get(again.access_token)).status).toBe(200);
      expect((await client.get(tokens.access_token)).status).toBe(401);
    });
  });
}

/** `iat` counts in whole seconds: two pairings within one are not told apart by it. */
const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
