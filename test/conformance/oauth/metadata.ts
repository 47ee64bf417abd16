/** RFC 8414, and what the other documents want to be said there. */
import { describe, expect, it } from 'vitest';
import { type Answer, send } from './http.ts';
import { deviceGrant } from './wire-client.ts';
import type { World } from './world.ts';

const path = '/.well-known/oauth-authorization-server';

export function describeMetadata(world: () => World): void {
  const ask = (): Promise<Answer> => send({ method: 'GET', url: `${world().origin}${path}` });
  const member = async (name: string): Promise<unknown> => (await ask()).body[name];

  describe('metadata', () => {
    it('RFC 8414 §3: it is a JSON object at /.well-known/oauth-authorization-server, by GET, with 200', async () => {
      const answer = await ask();
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
      expect(Object.keys(answer.body)).not.toEqual([]);
    });

    it('RFC 8414 §3.3: the issuer is, character for character, what the well-known path was put behind', async () => {
      expect(await member('issuer')).toBe(world().origin);
    });

    it('RFC 8414 §2: the issuer has neither query nor fragment, and every endpoint is of the same origin, without a fragment', async () => {
      const { body } = await ask();
      const endpoints = ['token_endpoint', 'device_authorization_endpoint', 'revocation_endpoint', 'jwks_uri'];
      expect(String(body['issuer'])).not.toMatch(/[?#]/);
      for (const name of endpoints) {
        const url = new URL(String(body[name]));
        expect({ name, origin: url.origin, hash: url.hash }).toEqual({ name, origin: world().origin, hash: '' });
      }
    });

    it('RFC 8414 §2: response_types_supported is there', async () => {
      expect(Array.isArray(await member('response_types_supported'))).toBe(true);
    });

    it('RFC 8414 §2: scopes_supported names the one scope', async () => {
      expect(await member('scopes_supported')).toEqual(['device']);
    });

    it('RFC 8414 §2: what differs from the defaults is said: grants, and that there are no client secrets', async () => {
      const { body } = await ask();
      expect(body['grant_types_supported']).toEqual(expect.arrayContaining([deviceGrant, 'refresh_token']));
      expect(body['token_endpoint_auth_methods_supported']).toEqual(['none']);
      expect(body['revocation_endpoint_auth_methods_supported']).toEqual(['none']);
    });

    it('RFC 8414 §3.2: no member but the one that must be there is an empty list', async () => {
      const empty = Object.entries((await ask()).body).filter(
        ([, value]) => Array.isArray(value) && value.length === 0,
      );
      expect(empty.map(([name]) => name).filter((name) => name !== 'response_types_supported')).toEqual([]);
    });

    it('RFC 8628 §4: the grant type and the device authorization endpoint are announced', async () => {
      const { body } = await ask();
      expect(body['grant_types_supported']).toContain(deviceGrant);
      expect(body['device_authorization_endpoint']).toBe(`${world().origin}/oauth/device_authorization`);
    });

    it('RFC 9449 §5.1: the algorithms of proofs are announced, all of them asymmetric', async () => {
      expect(await member('dpop_signing_alg_values_supported')).toEqual(['Ed25519']);
    });

    it('RFC 9700 §2.4: neither the password grant nor the implicit grant is there', async () => {
      const { body } = await ask();
      expect(body['grant_types_supported']).toEqual([deviceGrant, 'refresh_token']);
      expect(body['authorization_endpoint']).toBeUndefined();
    });

    it('RFC 9110 §15.5.6: a method that an endpoint does not take is 405, with those that it takes', async () => {
      const taken = {
        [path]: 'GET',
        '/.well-known/jwks.json': 'GET',
        '/oauth/device_authorization': 'POST',
        '/oauth/token': 'POST',
        '/oauth/revoke': 'POST',
      };
      for (const [endpoint, allowed] of Object.entries(taken)) {
        const method = allowed === 'GET' ? 'POST' : 'GET';
        const answer = await send({
          method,
          url: `${world().origin}${endpoint}`,
          ...(method === 'POST' && { body: '' }),
        });
        expect({ endpoint, status: answer.status }).toEqual({ endpoint, status: 405 });
        expect(answer.headers.allow).toContain(allowed);
      }
    });

    it('RFC 6749 §3.2: without TLS nobody is served but this machine itself', async () => {
      const headers = { host: 'edge.example', 'content-type': 'application/x-www-form-urlencoded' };
      for (const [method, endpoint] of [
        ['GET', path],
        ['POST', '/oauth/token'],
        ['POST', '/oauth/device_authorization'],
        ['POST', '/oauth/revoke'],
      ] as const) {
        const answer = await send({
          method,
          url: `${world().origin}${endpoint}`,
          headers,
          ...(method === 'POST' && { body: 'client_id=pryx-device&token=x' }),
        });
        expect({ endpoint, served: answer.status === 200, named: answer.text.includes('http://edge.example') }).toEqual(
          {
            endpoint,
            served: false,
            named: false,
          },
        );
      }
    });
  });
}
