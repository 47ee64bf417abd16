/** What an access token is: RFC 9068 in form, RFC 6749, section 10.3, RFC 9700, sections 2.2 and 2.3. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { send } from './http.ts';
import { clientId } from './wire-client.ts';
import type { World } from './world.ts';

export function describeAccessTokens(world: () => World): void {
  describe('access token', () => {
    it('RFC 9068 §2.1: it is signed, and its type is at+jwt', async () => {
      const { tokens } = await world().pair();
      expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'Ed25519' });
    });

    it('RFC 9068 §4: a key at jwks_uri verifies it, for the issuer of the metadata', async () => {
      const { tokens } = await world().pair();
      const metadata = (await send({ method: 'GET', url: `${world().origin}/.well-known/oauth-authorization-server` }))
        .body;
      const keys = (await send({ method: 'GET', url: String(metadata['jwks_uri']) })).body as unknown as JSONWebKeySet;
      const issuer = String(metadata['issuer']);
      await jwtVerify(tokens.access_token, createLocalJWKSet(keys), { issuer, audience: issuer, typ: 'at+jwt' });
    });

    it('RFC 9068 §2.2: it says iss, exp, aud, sub, client_id, iat and jti', async () => {
      const { client, tokens } = await world().pair();
      const claims = decodeJwt(tokens.access_token);
      expect(claims).toMatchObject({
        iss: world().origin,
        aud: world().origin,
        sub: client.id,
        client_id: clientId,
        iat: expect.any(Number),
        exp: expect.any(Number),
        jti: expect.any(String),
      });
      const next = await client.refresh(tokens.refresh_token);
      expect(decodeJwt(String(next.body['access_token'])).jti).not.toBe(claims.jti);
    });

    it('RFC 9068 §2.2.3: it says the scope that was asked for', async () => {
      const { tokens } = await world().pair();
      expect(decodeJwt(tokens.access_token)['scope']).toBe('device');
    });

    it('RFC 9449 §11.2: it lives fifteen minutes', async () => {
      const { tokens } = await world().pair();
      const { iat = 0, exp = 0 } = decodeJwt(tokens.access_token);
      expect(exp - iat).toBe(900);
      expect(tokens.expires_in).toBe(900);
    });

    it('RFC 9700 §2.3: it is good at one edge, for one device: the mailbox of another stays shut', async () => {
      const [first, second] = [await world().pair(), await world().pair()];
      const seen = (await first.client.get(first.tokens.access_token)).body['device_id'];
      expect(seen).toBe(first.client.id);
      expect((await second.client.get(first.tokens.access_token)).status).toBe(401);
      expect((await first.client.get(second.tokens.access_token)).status).toBe(401);
    });
  });
}
