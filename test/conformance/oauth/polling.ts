/** The token endpoint with a device code: RFC 8628, sections 3.4 and 3.5, and RFC 6749, sections 3.2, 5.1 and 5.2. */
import { describe, expect, it } from 'vitest';
import { expectError, expectErrorForm, expectSecretJson } from './expect-error.ts';
import { encodeForm, formType, send } from './http.ts';
import { clientId, deviceGrant } from './wire-client.ts';
import type { World } from './world.ts';

export function describePolling(world: () => World): void {
  describe('token endpoint, device code', () => {
    it('RFC 8628 §3.5: authorization_pending while the owner has not decided, then slow_down for who does not wait', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      expectError(await client.poll(code), 'authorization_pending');
      expectError(await client.poll(code), 'slow_down');
    });

    it('RFC 8628 §3.5: a poll that is refused for its nonce does not count against the interval', async () => {
      const client = await world().client();
      const { device_code } = await client.codes();
      const fields = { grant_type: deviceGrant, client_id: clientId, device_code };
      expectError(await client.ask(fields), 'use_dpop_nonce');
      expectError(await client.ask(fields), 'authorization_pending');
    });

    it('RFC 8628 §3.5: access_denied once the owner refused, and never a token after it', async () => {
      const client = await world().client();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.deny({ userCode });
      expectError(await client.poll(code), 'access_denied');
      const again = await client.poll(code);
      expect(again.status).toBe(400);
      expect(['access_denied', 'invalid_grant', 'expired_token']).toContain(again.body['error']);
    });

    it('RFC 8628 §3.5: tokens once the owner approved, in the form of RFC 6749 §5.1', async () => {
      const client = await world().client();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      const answer = await client.poll(code);
      expectSecretJson(answer);
      expect(answer.headers.pragma).toBe('no-cache');
      expect(answer.body).toMatchObject({
        access_token: expect.any(String),
        token_type: 'DPoP',
        expires_in: 900,
        refresh_token: expect.any(String),
      });
      expect(answer.body['scope'] ?? 'device').toBe('device');
    });

    it('RFC 8628 §3.4: a device code is good for one set of tokens', async () => {
      const client = await world().client();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      await client.redeem(code);
      expectError(await client.poll(code), 'invalid_grant');
    });

    it('RFC 8628 §3.4: of two redemptions at once one gets tokens', async () => {
      const client = await world().client();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      await client.greet();
      const answers = await Promise.all([client.poll(code), client.poll(code), client.poll(code)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, body } of answers)
        if (status !== 200) expect(['invalid_grant', 'slow_down']).toContain(body['error']);
    });

    it('RFC 8628 §3.4: an approved code is of no use to another key (RFC 9449 §10), nor to another client, and stays good for its own', async () => {
      const [client, thief] = [await world().client(), await world().client()];
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      const stolen = await thief.poll(code);
      expect(stolen.status).toBe(400);
      expect(['invalid_grant', 'invalid_dpop_proof']).toContain(stolen.body['error']);
      const other = await client.poll(code, { client_id: 'other' });
      expect([400, 401]).toContain(other.status);
      expect(other.body['error']).toBe('invalid_client');
      expect((await client.redeem(code)).token_type).toBe('DPoP');
    });

    it('RFC 8628 §3.4: client_id, device_code and grant_type must be there', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      for (const name of ['client_id', 'device_code', 'grant_type']) {
        expectError(await client.poll(code, { [name]: undefined }), 'invalid_request');
        expectError(await client.poll(code, { [name]: '' }), 'invalid_request');
      }
    });

    it('RFC 6749 §5.2: a code that was never given is an invalid grant', async () => {
      const client = await world().client();
      for (const code of ['made-up', 'x'.repeat(43), 'ü', '\u0000'])
        expectError(await client.poll(code), 'invalid_grant');
    });

    it('RFC 6749 §5.2: every other grant is unsupported_grant_type', async () => {
      const client = await world().client();
      for (const grant of ['authorization_code', 'password', 'client_credentials', 'implicit', 'device_code', 'x']) {
        const answer = await client.token({
          grant_type: grant,
          client_id: clientId,
          code: 'x',
          username: 'x',
          password: 'x',
        });
        expectError(answer, 'unsupported_grant_type');
      }
    });

    it('RFC 6749 §3.2: a parameter that comes twice is refused, one that nobody knows is ignored', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      const once: [string, string][] = [
        ['grant_type', deviceGrant],
        ['client_id', clientId],
        ['device_code', code],
      ];
      for (const pair of once) expectError(await client.token([...once, pair]), 'invalid_request');
      expectError(await client.token([...once, ['x', '1'], ['audience', 'y']]), 'authorization_pending');
    });

    it('RFC 6749 §3.2: parameters are taken from the body alone', async () => {
      const client = await world().client();
      const { device_code } = await client.codes();
      await client.greet();
      const url = `${world().origin}/oauth/token`;
      const query = encodeForm({ grant_type: deviceGrant, client_id: clientId, device_code });
      const answer = await send({
        method: 'POST',
        url: `${url}?${query}`,
        headers: { 'content-type': formType, dpop: await client.prove({ method: 'POST', url }) },
        body: '',
      });
      expectError(answer, 'invalid_request');
    });

    it('RFC 6749 §5.2: who tries to authenticate by the Authorization header gets 401 with a challenge of that scheme', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      const headers = { authorization: `Basic ${Buffer.from(`${clientId}:secret`).toString('base64')}` };
      const answer = await client.poll(code, {}, { headers });
      expectError(answer, 'invalid_client', 401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic\b/);
    });

    it('RFC 6749 §2.3: a client secret is refused: there is none', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      const answer = await client.poll(code, { client_secret: 'secret' });
      expect([400, 401]).toContain(answer.status);
      expect(['invalid_client', 'invalid_request']).toContain(answer.body['error']);
    });

    it('RFC 6749 §5.2: an error is JSON of allowed characters, not cached, and repeats nothing that was sent', async () => {
      const client = await world().client();
      const marker = 'a-marker-"\\-that-comes-back';
      const answers = [
        await client.poll(marker),
        await client.poll('x', { client_id: marker }),
        await client.poll('x', { grant_type: marker }),
        await client.refresh(marker),
        await client.poll('x', {}, { dpop: marker.replace(/[^a-z-]/g, '') }),
      ];
      for (const answer of answers) {
        expectErrorForm(answer);
        expect(answer.headers.pragma).toBe('no-cache');
        expect(answer.text).not.toContain('that-comes-back');
      }
    });
  });
}
