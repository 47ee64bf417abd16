/** A protected resource, `GET /device`: RFC 9449, section 7; RFC 6750, section 3; RFC 9068, section 4. */
import { SignJWT, decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, importSignKey } from '../../../shared/wire/signature.ts';
import { type Answer, send } from './http.ts';
import type { World } from './world.ts';
import { brokenProofs, wrongProofs } from './wrong-proofs.ts';

/** One challenge of the DPoP scheme, its parameters by name. */
function readChallenge({ headers }: Answer): Record<string, string> {
  const [, scheme, rest = ''] = /^(\S+)(?: (.*))?$/.exec(headers['www-authenticate'] ?? '') ?? [];
  expect(scheme).toBe('DPoP');
  return Object.fromEntries(
    [...rest.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

function expectRefused(answer: Answer, error: string, about: string): void {
  expect({ about, status: answer.status, error: readChallenge(answer)['error'] }).toEqual({
    about,
    status: 401,
    error,
  });
  expect(readChallenge(answer)['algs']).toBe('Ed25519');
}

export function describeProtectedResource(world: () => World): void {
  describe('protected resource', () => {
    it('RFC 9449 §7.1: a token with a proof by its key opens the resource, whatever the case of the scheme', async () => {
      const { client, tokens } = await world().pair();
      expect((await client.get(tokens.access_token)).status).toBe(200);
      for (const scheme of ['dpop ', 'DPOP ', 'DPoP  '])
        expect(
          (await client.get(tokens.access_token, { headers: { authorization: `${scheme}${tokens.access_token}` } }))
            .status,
        ).toBe(200);
    });

    it('RFC 9449 §4.3: a proof with anything wrong in it is refused at a resource, with a challenge that says so', async () => {
      const { client, tokens } = await world().pair();
      const url = `${world().origin}/device`;
      for (const { check, change } of wrongProofs({ jwk: client.signer.jwk, url })) {
        expectRefused(await client.get(tokens.access_token, { proof: change }), 'invalid_dpop_proof', check);
      }
      const make = (): Promise<string> => client.prove({ method: 'GET', url, accessToken: tokens.access_token });
      for (const [check, dpop] of Object.entries(brokenProofs(await make(), await make())))
        expectRefused(await client.get(tokens.access_token, { dpop }), 'invalid_dpop_proof', check);
      expect((await client.get(tokens.access_token)).status).toBe(200);
    });

    it('RFC 9449 §7.1: no access without a proof, without ath, with the ath of another token, or by another key', async () => {
      const { client, tokens } = await world().pair();
      const thief = await world().client();
      const access = tokens.access_token;
      expectRefused(await client.get(access, { dpop: null }), 'invalid_dpop_proof', 'no proof');
      expectRefused(
        await client.get(access, { proof: { claims: { ath: undefined } } }),
        'invalid_dpop_proof',
        'no ath',
      );
      expectRefused(
        await client.get(access, { proof: { claims: { ath: 'x'.repeat(43) } } }),
        'invalid_dpop_proof',
        'ath',
      );
      expect((await thief.get(access)).status).toBe(401);
    });

    it('RFC 9449 §7.2: a bound token is not taken as a bearer token, nor from form or address (RFC 6750 §2)', async () => {
      const { client, tokens } = await world().pair();
      const url = `${world().origin}/device`;
      const dpop = await client.prove({ method: 'GET', url, accessToken: tokens.access_token });
      const bearer = { authorization: `Bearer ${tokens.access_token}` };
      expect((await send({ method: 'GET', url, headers: bearer })).status).toBe(401);
      expect((await send({ method: 'GET', url, headers: { ...bearer, dpop } })).status).toBe(401);
      const inAddress = await send({
        method: 'GET',
        url: `${url}?access_token=${tokens.access_token}`,
        headers: { dpop },
      });
      expect(inAddress.status).toBe(401);
    });

    it('RFC 9449 §11.1: a proof is taken once at a resource', async () => {
      const { client, tokens } = await world().pair();
      const url = `${world().origin}/device`;
      const dpop = await client.prove({ method: 'GET', url, accessToken: tokens.access_token });
      expect((await client.get(tokens.access_token, { dpop })).status).toBe(200);
      expectRefused(await client.get(tokens.access_token, { dpop }), 'invalid_dpop_proof', 'again');
    });

    it('RFC 6750 §3.1: who shows nothing is challenged without an error code; who shows a token that is not good is told invalid_token', async () => {
      const { client, tokens } = await world().pair();
      const url = `${world().origin}/device`;
      const nothing = await send({ method: 'GET', url });
      expect({ status: nothing.status, ...readChallenge(nothing) }).toEqual({ status: 401, algs: 'Ed25519' });
      expectRefused(await client.get('made.up.token'), 'invalid_token', 'made up');
      const [head, body, signature = ''] = tokens.access_token.split('.');
      expectRefused(await client.get(`${head}.${body}.${signature.slice(0, -8)}AAAAAAAA`), 'invalid_token', 'changed');
    });

    it('RFC 9068 §4: a token is refused when its type, issuer, audience, signature, algorithm or time is not right', async () => {
      const { client, tokens } = await world().pair();
      const claims = decodeJwt(tokens.access_token);
      const { kid } = decodeProtectedHeader(tokens.access_token);
      const foreign = await importSignKey(await generateSigningKey());
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', ...(kid !== undefined && { kid }) })
        .sign(foreign);
      expectRefused(await client.get(forged), 'invalid_token', 'another key');
      const { signWithEdge } = world();
      const wrong: [string, string][] = [
        ['typ', await signWithEdge(claims, { typ: 'JWT' })],
        ['no typ', await signWithEdge(claims, { typ: undefined })],
        ['a job', await signWithEdge(claims, { typ: 'pryx-job+jws' })],
        ['iss', await signWithEdge({ ...claims, iss: 'https://edge.example' }, {})],
        ['aud', await signWithEdge({ ...claims, aud: 'https://edge.example' }, {})],
        ['no aud', await signWithEdge({ ...claims, aud: undefined }, {})],
        ['exp', await signWithEdge({ ...claims, exp: 1 }, {})],
        ['no exp', await signWithEdge({ ...claims, exp: undefined }, {})],
        ['sub', await signWithEdge({ ...claims, sub: 'x'.repeat(43) }, {})],
        [
          'none',
          `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${tokens.access_token.split('.')[1]}.`,
        ],
      ];
      for (const [about, token] of wrong) expectRefused(await client.get(token), 'invalid_token', about);
      expect((await client.get(await signWithEdge(claims, {}))).status).toBe(200);
      expect((await client.get(await signWithEdge(claims, { typ: 'application/at+jwt' }))).status).toBe(200);
    });

    it('RFC 9110 §11.6.1: every 401 of the edge carries a challenge', async () => {
      for (const [method, path] of [
        ['GET', '/device'],
        ['GET', '/devices'],
        ['PATCH', '/devices/x'],
        ['DELETE', '/devices/x'],
        ['PUT', '/hooks/telegram/1'],
      ] as const) {
        const answer = await send({ method, url: `${world().origin}${path}` });
        expect({ path, status: answer.status, challenge: readChallenge(answer) }).toEqual({
          path,
          status: 401,
          challenge: { algs: 'Ed25519' },
        });
      }
    });
  });
}
