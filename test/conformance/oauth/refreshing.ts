/** Refresh tokens: RFC 6749, sections 6 and 10.4; RFC 9700, section 4.14; RFC 9449, section 5. */
import { describe, expect, it } from 'vitest';
import { expectError, expectSecretJson } from './expect-error.ts';
import { clientId, type Tokens } from './wire-client.ts';
import type { World } from './world.ts';

export function describeRefreshing(world: () => World): void {
  describe('token endpoint, refresh token', () => {
    it('RFC 6749 §6: a refresh token gives an access token and a refresh token that takes its place, of the same scope', async () => {
      const { client, tokens } = await world().pair();
      const answer = await client.refresh(tokens.refresh_token);
      expectSecretJson(answer);
      expect(answer.headers.pragma).toBe('no-cache');
      const next = answer.body as unknown as Tokens;
      expect(next).toMatchObject({ token_type: 'DPoP', expires_in: 900 });
      expect(next.scope ?? 'device').toBe('device');
      expect(next.refresh_token).not.toBe(tokens.refresh_token);
      expect(next.access_token).not.toBe(tokens.access_token);
      expect((await client.get(next.access_token)).status).toBe(200);
    });

    it('RFC 9700 §4.14.2: a refresh token that comes back after its successor was used ends them all', async () => {
      const { client, tokens } = await world().pair();
      const second = (await client.refresh(tokens.refresh_token)).body as unknown as Tokens;
      const third = (await client.refresh(second.refresh_token)).body as unknown as Tokens;
      expectError(await client.refresh(tokens.refresh_token), 'invalid_grant');
      expectError(await client.refresh(third.refresh_token), 'invalid_grant');
      expect((await client.get(third.access_token)).status).toBe(401);
    });

    it('RFC 9700 §4.14.2: a refresh token whose successor was never used is taken again: its answer was lost on the way', async () => {
      const { client, tokens } = await world().pair();
      const lost = (await client.refresh(tokens.refresh_token)).body as unknown as Tokens;
      const found = await client.refresh(tokens.refresh_token);
      expect(found.status).toBe(200);
      const next = found.body as unknown as Tokens;
      expect((await client.refresh(next.refresh_token)).status).toBe(200);
      expectError(await client.refresh(lost.refresh_token), 'invalid_grant');
    });

    it('RFC 9449 §5: a refresh token is of no use to another key, and trying it harms nobody', async () => {
      const { client, tokens } = await world().pair();
      const thief = await world().client();
      const stolen = await thief.refresh(tokens.refresh_token);
      expect(stolen.status).toBe(400);
      expect(['invalid_grant', 'invalid_dpop_proof']).toContain(stolen.body['error']);
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    });

    it('RFC 9449 §5: a refresh token needs a proof at each use', async () => {
      const { client, tokens } = await world().pair();
      expectError(await client.refresh(tokens.refresh_token, {}, { dpop: null }), 'invalid_dpop_proof');
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    });

    it('RFC 6749 §6: a refresh token is bound to the client that it was given to', async () => {
      const { client, tokens } = await world().pair();
      const answer = await client.refresh(tokens.refresh_token, { client_id: 'other' });
      expect([400, 401]).toContain(answer.status);
      expect(['invalid_client', 'invalid_grant']).toContain(answer.body['error']);
      expectError(await client.refresh(tokens.refresh_token, { client_id: undefined }), 'invalid_request');
    });

    it('RFC 6749 §6: the scope may be left out or repeated, and cannot grow', async () => {
      const { client, tokens } = await world().pair();
      expectError(await client.refresh(tokens.refresh_token, { scope: 'device admin' }), 'invalid_scope');
      expectError(await client.refresh(tokens.refresh_token, { scope: 'admin' }), 'invalid_scope');
      expect((await client.refresh(tokens.refresh_token, { scope: 'device' })).status).toBe(200);
    });

    it('RFC 6749 §6: without a refresh token it is an invalid request, with a made-up or a cut one an invalid grant', async () => {
      const { client, tokens } = await world().pair();
      expectError(await client.token({ grant_type: 'refresh_token', client_id: clientId }), 'invalid_request');
      expectError(await client.refresh(''), 'invalid_request');
      const own = tokens.refresh_token;
      for (const wrong of ['made-up', own.slice(0, -1), `${own}A`, own.toUpperCase(), tokens.access_token])
        expectError(await client.refresh(wrong), 'invalid_grant');
      expect((await client.refresh(own)).status).toBe(200);
    });

    it('RFC 6749 §10.10: a refresh token is at least 160 random bits', async () => {
      const { client, tokens } = await world().pair();
      const next = String((await client.refresh(tokens.refresh_token)).body['refresh_token']);
      const same = [...next].findIndex((character, index) => character !== tokens.refresh_token[index]);
      expect(next.slice(same)).toMatch(/^[A-Za-z0-9_-]{27,}$/);
    });

    it('RFC 6749 §10.4: refresh tokens are not at rest at the edge', async () => {
      const { client, tokens } = await world().pair();
      const next = (await client.refresh(tokens.refresh_token)).body as unknown as Tokens;
      const atRest = await world().atRest();
      expect(atRest).toContain(client.id);
      for (const secret of [tokens.refresh_token, next.refresh_token, tokens.access_token, next.access_token]) {
        expect(atRest).not.toContain(secret);
        // Nor the end of it, which is where a token's own secret stands, as bytes.
        expect(atRest).not.toContain(secret.slice(-43));
        const bytes = Buffer.from(secret.slice(-43), 'base64url').toString('latin1');
        expect(atRest).not.toContain(JSON.stringify(bytes).slice(1, -1));
      }
    });
  });
}
