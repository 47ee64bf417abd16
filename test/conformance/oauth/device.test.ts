/** The client's side, which is the daemon's, against a stand-in that is strict about what it is sent. More of it: test/local-agent/edge-link. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showPairing } from '../../../local-agent/cli/terminal/show-pairing.ts';
import { readEdgeOrigin } from '../../../local-agent/core/edge-origin.ts';
import { systemRandom } from '../../../local-agent/daemon/system.ts';
import { createEdgeApi } from '../../../local-agent/edge-link/edge-api.ts';
import { type Approval, startPairing } from '../../../local-agent/edge-link/pairing/pair-device.ts';
import { createProver } from '../../../local-agent/edge-link/prove.ts';
import { type EdgeRequest, requestEdge } from '../../../local-agent/edge-link/request.ts';
import { pairingState } from '../../../shared/api/pairing.ts';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import { generateSigningKey, importSignKey } from '../../../shared/wire/signature.ts';
import { makeCertificate } from '../../local-agent/channels/telegram/api/make-certificate.ts';
import { type HurriedClock, createHurriedClock } from '../../support/hurried-clock.ts';
import { type StandIn, startStandIn } from '../../support/oauth/stand-in.ts';
import { deviceGrant, hashToken } from './wire-client.ts';

const keys = { identity: await generateSigningKey(), sealing: await generateSealingKey() };
let edge: StandIn;
let clock: HurriedClock;
beforeEach(async () => {
  clock = createHurriedClock();
  edge = await startStandIn(clock.now);
});
afterEach(async () => {
  await edge.close();
});

const start = (request: EdgeRequest = requestEdge) =>
  startPairing({
    origin: edge.origin,
    keys,
    name: 'Raspberry',
    platform: 'Linux arm64',
    request,
    clock,
    random: systemRandom,
    signal: new AbortController().signal,
  });

/** As if the edge had answered with other members in its JSON. */
const changing =
  (path: string, change: Record<string, unknown>): EdgeRequest =>
  async (method, url, ...rest) => {
    const answer = await requestEdge(method, url, ...rest);
    if (new URL(url).pathname !== path || answer.status !== 200) return answer;
    return { ...answer, text: JSON.stringify({ ...(JSON.parse(answer.text) as object), ...change }) };
  };

async function approveWith(request: EdgeRequest): Promise<Approval> {
  const { approved } = await start(request);
  edge.decide('approved');
  return approved();
}

const readPart = (proof: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(proof.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('the device', () => {
  it('RFC 8628 §3.1: a device speaks to https addresses alone, and to http ones of its own machine', async () => {
    expect(readEdgeOrigin('edge.example')).toBe('https://edge.example');
    for (const own of ['http://127.0.0.1:8787', 'http://localhost:8787', 'http://[::1]:8787'])
      expect(readEdgeOrigin(own)).toBe(own);
    for (const plain of [
      'http://edge.example',
      'http://127.0.0.1.edge.example',
      'ws://edge.example',
      'ftp://127.0.0.1',
    ])
      expect(readEdgeOrigin(plain), plain).toBeUndefined();
    const server = createServer(makeCertificate(), (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // A certificate that nobody vouches for.
    await expect(requestEdge('GET', `https://127.0.0.1:${port}/`, {})).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it('RFC 8628 §3.3: the owner is shown the user code and the address, and never the device code', async () => {
    const { code, words } = await start();
    const state = pairingState.parse({ ...waiting, words, user_code: code.userCode, device_code: code.deviceCode });
    if (state.state !== 'waiting') throw new Error('not waiting');
    const shown = showPairing(state, 100, plain);
    expect(shown.replaceAll(' ', '')).toContain(code.userCode);
    expect(`${JSON.stringify(state)}${shown}`).not.toContain(code.deviceCode);
  });

  it('RFC 8628 §3.3.1: beside the QR code stand the short address and the user code', () => {
    const shown = showPairing(waiting, 100, plain);
    expect(shown).toMatch(/[█▀▄]{8}/);
    expect(shown).toMatch(/https:\/\/edge\.example\/pair(?!\?)/);
    expect(shown.replaceAll(' ', '')).toContain('WDJB-MJHT');
  });

  it('RFC 8628 §3.4: every poll carries grant type, code, client and a proof of its own', async () => {
    const { code, approved } = await start();
    edge.fault('/token', 'authorization_pending', 'slow_down', 'authorization_pending');
    edge.decide('approved');
    await approved();
    const polls = edge.asked('/token');
    expect(polls.length).toBeGreaterThanOrEqual(4);
    for (const { method, form, headers } of polls) {
      expect(method).toBe('POST');
      expect(form).toEqual({ grant_type: deviceGrant, device_code: code.deviceCode, client_id: 'pryx-device' });
      expect(headers.dpop).toEqual(expect.any(String));
    }
    expect(new Set(polls.map(({ headers }) => headers.dpop)).size).toBe(polls.length);
  });

  it('RFC 8628 §3.5: any other error ends the polling at once', async () => {
    for (const error of ['access_denied', 'expired_token', 'invalid_grant', 'invalid_client', 'invalid_request', 'x']) {
      const before = edge.asked('/token').length;
      const { approved } = await start();
      const codes = edge.asked('/authorize').length;
      edge.fault('/token', error);
      await expect(approved(), error).rejects.toMatchObject({ name: 'PryxError', hint: expect.any(String) });
      expect(edge.asked('/token').length - before).toBe(1);
      expect(edge.asked('/authorize').length).toBe(codes);
    }
  });

  it('RFC 9449 §4.2: a proof of the device has what a proof must have, and another jti each time', async () => {
    await approveWith(requestEdge);
    const proofs = edge.asked('/token').map(({ headers }) => String(headers.dpop));
    for (const proof of proofs) {
      expect(readPart(proof, 0)).toEqual({
        typ: 'dpop+jwt',
        alg: 'Ed25519',
        jwk: { kty: 'OKP', crv: 'Ed25519', x: keys.identity.x },
      });
      expect(readPart(proof, 1)).toMatchObject({
        htm: 'POST',
        htu: `${edge.origin}/token`,
        iat: expect.any(Number),
        jti: expect.stringMatching(/^[A-Za-z0-9_-]{16,}$/),
      });
    }
    expect(new Set(proofs.map((proof) => readPart(proof, 1)['jti'])).size).toBe(proofs.length);
  });

  it('RFC 9449 §5: tokens of another type than DPoP are not taken', async () => {
    for (const token_type of ['Bearer', 'bearer', 'N_A', undefined])
      await expect(approveWith(changing('/token', { token_type }))).rejects.toMatchObject({ name: 'PryxError' });
  });

  it('RFC 6749 §5.1: members of an answer that the device does not know are ignored, and the type is read in any case', async () => {
    const more = { id_token: 'x', more: { a: [1] }, not_before: 0 };
    for (const request of [changing('/token', more), changing('/authorize', more)])
      expect((await approveWith(request)).tokens.accessToken).toBe(edge.tokens.families.at(-1)?.access);
    expect((await approveWith(changing('/token', { token_type: 'dpop' }))).tokens.accessToken).toEqual(
      expect.any(String),
    );
  });

  it('RFC 9068 §6: to the device an access token is a text like any other', async () => {
    const access = 'opaque~text+with/all=of.it';
    const { tokens } = await approveWith(changing('/token', { access_token: access }));
    expect(tokens.accessToken).toBe(access);
  });

  it('RFC 9449 §7: a request to the edge carries the token once, and a proof with its hash', async () => {
    const { tokens } = await approveWith(requestEdge);
    const identity = { jwk: keys.identity, key: await importSignKey(keys.identity) };
    const prove = createProver({ identity, clock, random: systemRandom });
    await createEdgeApi({ origin: edge.origin, prove, request: requestEdge, clock }).devices(tokens.accessToken);
    const [asked] = edge.asked('/devices');
    expect(asked?.headers.authorization).toBe(`DPoP ${tokens.accessToken}`);
    expect(readPart(String(asked?.headers.dpop), 1)).toMatchObject({ ath: hashToken(tokens.accessToken), htm: 'GET' });
    const where = edge.requests.map(({ path, form }) => JSON.stringify([path, form])).join('\n');
    expect(where).not.toContain(tokens.accessToken);
  });
});

const plain = (_format: unknown, text: string): string => text;

const waiting = {
  state: 'waiting' as const,
  edge: 'https://edge.example',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://edge.example/pair',
  verification_uri_complete: 'https://edge.example/pair?user_code=WDJB-MJHT',
  device_name: 'Raspberry',
  platform: 'Linux arm64',
  words: ['one', 'two', 'three', 'four'],
  expires_at: 600_000,
};
