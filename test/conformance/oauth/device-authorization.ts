/** The device authorization endpoint: RFC 8628, sections 3.1, 3.2, 5 and 6. */
import { describe, expect, it } from 'vitest';
import { codeAlphabet, userCodeLength } from '../../../shared/pairing/user-code.ts';
import { expectError, expectErrorForm, expectSecretJson } from './expect-error.ts';
import { encodeForm, formType, send } from './http.ts';
import type { World } from './world.ts';

export function describeDeviceAuthorization(world: () => World): void {
  describe('device authorization endpoint', () => {
    it('RFC 8628 §3.2: codes come as JSON with 200, with every member that must be there, and are not cached', async () => {
      const answer = await (await world().client()).authorize();
      expectSecretJson(answer);
      expect(answer.body).toEqual({
        device_code: expect.any(String),
        user_code: expect.any(String),
        verification_uri: expect.any(String),
        verification_uri_complete: expect.any(String),
        expires_in: expect.any(Number),
        interval: expect.any(Number),
      });
    });

    it('RFC 8628 §3.2: codes are unique, and valid for a limited time', async () => {
      const client = await world().client();
      const [first, second] = [await client.codes(), await client.codes()];
      expect(first.device_code).not.toBe(second.device_code);
      expect(first.user_code).not.toBe(second.user_code);
      expect(first.expires_in).toBe(600);
      expect(first.interval).toBeGreaterThan(0);
    });

    it('RFC 8628 §3.2: the verification URI is short, and without a code in it (§3.3); the complete one has the code', async () => {
      const codes = await (await world().client()).codes();
      expect(codes.verification_uri).toBe(`${world().pages}/pair`);
      expect(codes.verification_uri).not.toContain(codes.user_code);
      const complete = new URL(codes.verification_uri_complete);
      expect(`${complete.origin}${complete.pathname}`).toBe(codes.verification_uri);
      expect([...complete.searchParams]).toEqual([['user_code', codes.user_code]]);
      expect(codes.verification_uri_complete).not.toContain(codes.device_code);
    });

    it('RFC 8628 §6.1: a user code is of letters alone, without case, vowels or look-alikes, in groups', async () => {
      const { user_code: code } = await (await world().client()).codes();
      expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    });

    it('RFC 8628 §5.1: guessing a user code in five tries succeeds once in 2^32 times', () => {
      expect(codeAlphabet.length ** userCodeLength / 5).toBeGreaterThan(2 ** 32);
    });

    it('RFC 8628 §5.2: a device code is at least 160 random bits (RFC 6749 §10.10)', async () => {
      const client = await world().client();
      const codes = await Promise.all([client.codes(), client.codes(), client.codes()]);
      for (const { device_code: code } of codes) expect(randomBits(code)).toBeGreaterThanOrEqual(160);
      expect(new Set(codes.map(({ device_code }) => device_code)).size).toBe(3);
    });

    it('RFC 8628 §3.1: a public client says who it is by client_id; without one it is an invalid request, a stranger an invalid client', async () => {
      const client = await world().client();
      expectError(await client.authorize(client.authorization({ client_id: undefined })), 'invalid_request');
      const stranger = await client.authorize(client.authorization({ client_id: 'stranger' }));
      expect([400, 401]).toContain(stranger.status);
      expect(stranger.body['error']).toBe('invalid_client');
    });

    it('RFC 8628 §3.1: a parameter without a value counts as left out', async () => {
      const client = await world().client();
      expectError(await client.authorize(client.authorization({ client_id: '' })), 'invalid_request');
      expect((await client.authorize(client.authorization({ scope: '' }))).status).toBe(200);
    });

    it('RFC 8628 §3.1: parameters that nobody knows are ignored', async () => {
      const client = await world().client();
      expect((await client.authorize(client.authorization({ prompt: 'login', audience: 'x' }))).status).toBe(200);
    });

    it('RFC 8628 §3.1: a parameter that comes twice is refused', async () => {
      const client = await world().client();
      const once = Object.entries(client.authorization()) as [string, string][];
      for (const [name, value] of once) {
        const answer = await client.authorize([...once, [name, value]]);
        expect({ name, error: answer.body['error'] }).toEqual({ name, error: 'invalid_request' });
      }
    });

    it('RFC 8628 §3.1: parameters are read from a form in the body, not from the address, and not from JSON', async () => {
      const client = await world().client();
      const url = `${world().origin}/oauth/device_authorization`;
      const query = encodeForm(client.authorization());
      const inAddress = await send({
        method: 'POST',
        url: `${url}?${query}`,
        headers: { 'content-type': formType },
        body: '',
      });
      expectError(inAddress, 'invalid_request');
      const body = JSON.stringify(client.authorization());
      const inJson = await send({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body });
      expect(inJson.status).toBeGreaterThanOrEqual(400);
      expect(inJson.body['error']).toBe('invalid_request');
    });

    it('RFC 8628 §3.1: the body is UTF-8, with or without saying so', async () => {
      const client = await world().client();
      const fields = client.authorization({ device_name: 'Küche 🦝' });
      for (const type of [formType, `${formType};charset=UTF-8`, `${formType}; charset=utf-8`])
        expect((await client.authorize(fields, { 'content-type': type })).status).toBe(200);
    });

    it('RFC 8628 §3.1: without a scope the one that there is is meant (RFC 6749 §3.3), and another one is refused', async () => {
      const client = await world().client();
      expect((await client.authorize(client.authorization({ scope: undefined }))).status).toBe(200);
      for (const scope of ['admin', 'device admin', 'DEVICE'])
        expectError(await client.authorize(client.authorization({ scope })), 'invalid_scope');
    });

    it('RFC 8628 §3.2: an error is answered as at the token endpoint', async () => {
      const client = await world().client();
      const wrong = [
        { dpop_jkt: undefined },
        { dpop_jkt: 'short' },
        { sealing_key: undefined },
        { sealing_key: '{"kty":"RSA"}' },
        { sealing_key: 'not json' },
        { device_name: undefined },
        { device_name: '\u0000' },
        { device_platform: undefined },
      ];
      for (const change of wrong) {
        const answer = await client.authorize(client.authorization(change));
        expect({ change, status: answer.status, error: answer.body['error'] }).toEqual({
          change,
          status: 400,
          error: 'invalid_request',
        });
        expectErrorForm(answer);
      }
    });

    it('RFC 6749 §5.2: no error repeats what was sent', async () => {
      const client = await world().client();
      const marker = 'a-marker-that-comes-back';
      for (const name of ['client_id', 'scope', 'dpop_jkt', 'sealing_key'])
        expect((await client.authorize(client.authorization({ [name]: marker }))).text).not.toContain(marker);
    });
  });
}

/** Upper bound of what a text of base64url, after a prefix, can hold. */
const randomBits = (code: string): number => (/[A-Za-z0-9_-]*$/.exec(code)?.[0].length ?? 0) * 6;
