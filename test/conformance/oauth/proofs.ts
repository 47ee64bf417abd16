/** DPoP at the token endpoint: RFC 9449, sections 4, 5, 8 and 11. */
import { base64url } from 'jose';
import { describe, expect, it } from 'vitest';
import { expectError } from './expect-error.ts';
import type { Answer } from './http.ts';
import { type ProofChange, clientId, deviceGrant } from './wire-client.ts';
import type { World } from './world.ts';
import { brokenProofs, wrongProofs } from './wrong-proofs.ts';

export function describeProofs(world: () => World): void {
  const url = (): string => `${world().origin}/oauth/token`;
  const linesNamed = ({ lines }: Answer, name: string): string[] =>
    lines.filter((_line, index) => index % 2 === 1 && lines[index - 1]?.toLowerCase() === name);

  /** A poll that would be `authorization_pending`, were it not for the proof. */
  async function pollWith(change: ProofChange): Promise<Answer> {
    const client = await world().client();
    return client.poll((await client.codes()).device_code, {}, { proof: change });
  }

  describe('token endpoint, proofs', () => {
    it('RFC 9449 §4.3: a proof with anything wrong in it is invalid_dpop_proof at the token endpoint', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      await client.greet();
      for (const { check, change } of wrongProofs({ jwk: client.signer.jwk, url: url() })) {
        const answer = await client.poll(code, {}, { proof: change });
        expect({ check, status: answer.status, error: answer.body['error'] }).toEqual({
          check,
          status: 400,
          error: 'invalid_dpop_proof',
        });
      }
      expectError(await client.poll(code), 'authorization_pending');
    });

    it('RFC 9449 §4.3: the token endpoint takes one proof, which is one well-formed JWT', async () => {
      const client = await world().client();
      const { device_code: code } = await client.codes();
      await client.greet();
      const [proof, other] = [
        await client.prove({ method: 'POST', url: url() }),
        await client.prove({ method: 'POST', url: url() }),
      ];
      for (const [check, dpop] of Object.entries(brokenProofs(proof, other))) {
        const answer = await client.poll(code, {}, { dpop });
        expect({ check, status: answer.status, error: answer.body['error'] }).toEqual({
          check,
          status: 400,
          error: 'invalid_dpop_proof',
        });
      }
    });

    it('RFC 9449 §5: without a proof there is no token', async () => {
      const client = await world().client();
      const { device_code: code, user_code: userCode } = await client.codes();
      await world().owner.approve({ userCode });
      expectError(await client.poll(code, {}, { dpop: null }), 'invalid_dpop_proof');
    });

    it('RFC 9449 §4.3: the address of a proof is compared without query and fragment, and normalised', async () => {
      const { host } = new URL(url());
      const same = [
        `${url()}?a=1#b`,
        `HTTP://${host}/oauth/token`,
        `http://${host}/oauth/./token`,
        `http://${host}/x/../oauth/token`,
        `http://${host}/%6Fauth/token`,
        `http://${host}/oauth/toke%6e`,
      ];
      for (const htu of same) {
        const answer = await pollWith({ claims: { htu } });
        expect({ htu, error: answer.body['error'] }).toEqual({ htu, error: 'authorization_pending' });
      }
      for (const htu of [`http://${host}/oauth/token/`, `http://${host}/oauth%2Ftoken`, `http://${host}/OAuth/token`]) {
        const answer = await pollWith({ claims: { htu } });
        expect({ htu, error: answer.body['error'] }).toEqual({ htu, error: 'invalid_dpop_proof' });
      }
    });

    it('RFC 9449 §4.2: a proof may have claims that the edge does not know', async () => {
      const answer = await pollWith({ claims: { aud: 'x', more: { a: 1 } } });
      expectError(answer, 'authorization_pending');
    });

    it('RFC 9449 §11.1: clocks may lie some minutes apart', async () => {
      const now = Math.floor(Date.now() / 1000);
      for (const iat of [now - 240, now + 240])
        expectError(await pollWith({ claims: { iat } }), 'authorization_pending');
    });

    it('RFC 9449 §11.1: a proof that gave a token is not taken again', async () => {
      const { client, tokens } = await world().pair();
      const dpop = await client.prove({ method: 'POST', url: url() });
      const first = await client.refresh(tokens.refresh_token, {}, { dpop });
      expect(first.status).toBe(200);
      const next = String(first.body['refresh_token']);
      expectError(await client.refresh(next, {}, { dpop }), 'invalid_dpop_proof');
      expect((await client.refresh(next)).status).toBe(200);
    });

    it('RFC 9449 §8: without a nonce: 400 use_dpop_nonce, and one DPoP-Nonce header field that says which', async () => {
      const client = await world().client();
      const { device_code } = await client.codes();
      const answer = await client.ask({ grant_type: deviceGrant, client_id: clientId, device_code });
      expectError(answer, 'use_dpop_nonce');
      expect(linesNamed(answer, 'dpop-nonce')).toHaveLength(1);
      expect(answer.headers['dpop-nonce']).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
    });

    it('RFC 9449 §8: a nonce that the edge did not give is refused, and the one to use comes with it', async () => {
      const client = await world().client();
      const nonce = await client.greet();
      const wrong = ['made-up', '', nonce.slice(0, -1), `${nonce}A`, flip(nonce)];
      for (const claim of wrong) {
        const answer = await pollWith({ claims: { nonce: claim } });
        expectError(answer, 'use_dpop_nonce');
        expect(answer.headers['dpop-nonce']).toEqual(expect.any(String));
      }
    });

    it('RFC 9449 §11.3: once a nonce was given, no proof without one is taken', async () => {
      const { client, tokens } = await world().pair();
      expectError(
        await client.refresh(tokens.refresh_token, {}, { proof: { claims: { nonce: undefined } } }),
        'use_dpop_nonce',
      );
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    });

    it('RFC 9449 §8: a nonce cannot be told beforehand: it is no clock, and another edge does not take it', async () => {
      const nonce = await (await world().client()).greet();
      const bytes = /^[A-Za-z0-9_-]+$/.test(nonce) ? base64url.decode(nonce).length : nonce.length;
      expect(bytes).toBeGreaterThanOrEqual(16);
      expect(nonce).not.toContain(String(Date.now()).slice(0, 6));
    });

    it('RFC 9449 §8.2: an answer with tokens brings the nonce for the next request, and is not cached', async () => {
      const { client, tokens } = await world().pair();
      const answer = await client.refresh(tokens.refresh_token);
      expect(answer.status).toBe(200);
      expect(linesNamed(answer, 'dpop-nonce')).toHaveLength(1);
      expect(answer.headers['cache-control']).toContain('no-store');
    });

    it('RFC 9449 §5: token_type is DPoP, and the token is bound to the key of the proof by its thumbprint (§6.1)', async () => {
      const { client, tokens } = await world().pair();
      expect(tokens.token_type).toBe('DPoP');
      const claims = JSON.parse(
        Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString(),
      ) as unknown;
      expect(claims).toMatchObject({ cnf: { jkt: client.id } });
    });
  });
}

/** The first character another one. */
const flip = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
