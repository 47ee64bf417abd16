import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../../../support/oauth/stand-in.ts';
import { type HurriedClock, createHurriedClock } from '../../../support/hurried-clock.ts';
import { startPairing } from '../../../../local-agent/edge-link/pairing/pair-device.ts';
import { requestWithin } from '../../../../local-agent/edge-link/request.ts';
import { systemRandom } from '../../../../local-agent/daemon/system.ts';
import { PryxError } from '../../../../shared/error.ts';
import { fingerprintWords } from '../../../../shared/pairing/fingerprint.ts';
import { generateSealingKey } from '../../../../shared/wire/seal.ts';
import { generateSigningKey, thumbprint } from '../../../../shared/wire/signature.ts';

const keys = { identity: await generateSigningKey(), sealing: await generateSealingKey() };
const deviceId = await thumbprint(keys.identity);
const tokenPath = '/token';
const metadataPath = '/.well-known/oauth-authorization-server';

let edge: StandIn;
let clock: HurriedClock;
let ending: AbortController;
beforeEach(async () => {
  clock = createHurriedClock();
  edge = await startStandIn(clock.now);
  ending = new AbortController();
});
afterEach(() => edge.close());

const start = (origin = edge.origin, timeoutMs = 5_000) =>
  startPairing({
    origin,
    keys,
    name: 'Raspberry',
    platform: 'Linux arm64',
    request: requestWithin(timeoutMs),
    clock,
    random: systemRandom,
    signal: ending.signal,
  });

describe('pairing', () => {
  it('tells the edge who asks, shows code and words, and comes back with tokens and keys to pin', async () => {
    const { code, words, approved } = await start();
    expect(edge.codes[0]?.form).toEqual({
      client_id: 'pryx-device',
      scope: 'device',
      dpop_jkt: deviceId,
      sealing_key: JSON.stringify({ kty: 'OKP', crv: 'X25519', x: keys.sealing.x }),
      device_name: 'Raspberry',
      device_platform: 'Linux arm64',
    });
    expect(code).toMatchObject({
      userCode: 'WDJB-MJHB',
      verificationUri: edge.origin.replace('127.0.0.1', 'localhost') + '/pair',
      verificationUriComplete: edge.origin.replace('127.0.0.1', 'localhost') + '/pair?user_code=WDJB-MJHB',
    });
    expect(words).toEqual(fingerprintWords(deviceId));
    edge.decide('approved');
    const approval = await approved();
    expect(approval).toMatchObject({
      origin: edge.origin,
      deviceId,
      tokenEndpoint: `${edge.origin}/token`,
      tokens: { refreshToken: edge.tokens.families[0]?.current, accessToken: edge.tokens.families[0]?.access },
    });
    expect(approval.pinnedKeys.map((jwk) => Object.keys(jwk).toSorted())).toEqual([['crv', 'kty', 'x']]);
    expect(JSON.stringify(edge.requests)).not.toContain(keys.identity.d);
    expect(JSON.stringify(edge.requests)).not.toContain(keys.sealing.d);
  });

  it('asks no sooner than it was told to, and ever more slowly once it was told to slow down', async () => {
    edge.stand.interval = 7;
    const { approved } = await start();
    edge.fault(tokenPath, 'authorization_pending', 'slow_down', 'authorization_pending', 'slow_down');
    edge.decide('approved');
    await approved();
    expect(clock.slept).toEqual([1_000, 7_000, 12_000, 12_000, 17_000]);
  });

  it('asks every five seconds when it was not told', async () => {
    edge.stand.authorization = { interval: undefined };
    const { approved } = await start();
    edge.fault(tokenPath, 'authorization_pending');
    edge.decide('approved');
    await approved();
    expect(clock.slept).toEqual([1_000, 5_000]);
  });

  it('outlives an edge that is away, busy or broken, asking more seldom, and then as before', async () => {
    edge.stand.interval = 5;
    const { approved } = await start();
    edge.fault(tokenPath, 'dead', 500, 429, 'huge', 'temporarily_unavailable', 'authorization_pending', 500);
    edge.decide('approved');
    await approved();
    expect(clock.slept).toEqual([1_000, 10_000, 20_000, 30_000, 30_000, 30_000, 5_000, 10_000]);
  });

  it('takes the nonce that the edge wants, also when that changes', async () => {
    const { approved } = await start();
    edge.fault(tokenPath, 'authorization_pending');
    const done = approved();
    while (edge.asked(tokenPath).length === 0) await new Promise((resolve) => setImmediate(resolve));
    edge.changeNonce();
    edge.decide('approved');
    await done;
    // Asked for it once, and then known.
    expect(edge.asked(tokenPath).length).toBeLessThanOrEqual(4);
  });

  it('does not ask for ever for a nonce that is never right', async () => {
    const { approved } = await start();
    edge.fault(tokenPath, ...Array.from({ length: 9 }, () => 'use_dpop_nonce'));
    await expect(approved()).rejects.toMatchObject({ code: 'edge_unreachable' });
    expect(edge.asked(tokenPath)).toHaveLength(2);
  });
});

describe('pairing ends', () => {
  it.each([
    ['denied', 'pairing_denied'],
    ['expired', 'pairing_expired'],
  ] as const)('when it was %s', async (decision, code) => {
    const { approved } = await start();
    edge.decide(decision);
    await expect(approved()).rejects.toMatchObject({ code, hint: expect.stringContaining('pryx pair') });
  });

  it('when nobody decides, also when the edge does not say so', async () => {
    edge.stand.expiresIn = 60;
    edge.stand.interval = 25;
    const { approved } = await start();
    await expect(approved()).rejects.toMatchObject({ code: 'pairing_expired' });
    expect(edge.asked(tokenPath).length).toBeGreaterThan(0);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(60_000);
  });

  it('within half an hour, however long the edge would wait', async () => {
    edge.stand.expiresIn = 10_000_000;
    expect((await start()).code.expiresAt - clock.now()).toBeLessThanOrEqual(30 * 60_000);
  });

  it('when the answer with the tokens is lost: the code is used up', async () => {
    const { approved } = await start();
    edge.decide('approved');
    edge.fault(tokenPath, 'authorization_pending', 'lost');
    await expect(approved()).rejects.toMatchObject({
      code: 'pairing_expired',
      message: expect.stringContaining('used'),
    });
  });

  it.each([
    { token_type: 'Bearer' },
    { access_token: 'two\r\nlines' },
    { access_token: 'é' },
    { access_token: 7 },
    { refresh_token: undefined },
    { refresh_token: 'a\u001b[2Jb' },
    { expires_in: -1 },
    { expires_in: '900' },
  ])('when the edge says yes in a form that is not understood, and says just that: %j', async (odd) => {
    edge.stand.given = odd;
    const { approved } = await start();
    edge.decide('approved');
    await expect(approved()).rejects.toMatchObject({
      code: 'edge_unreachable',
      message: expect.stringContaining('unknown form'),
      hint: expect.stringContaining('version'),
    });
    // The code is used up: to ask once more would only hide why.
    expect(edge.codes[0]?.decision).toBe('used');
    expect(edge.asked(tokenPath)).toHaveLength(2);
  });

  it('when what says yes is no edge at all', async () => {
    const { approved } = await start();
    edge.fault(tokenPath, 'rubbish');
    await expect(approved()).rejects.toMatchObject({ message: expect.stringContaining('unknown form') });
    expect(edge.asked(tokenPath)).toHaveLength(1);
  });

  it('when the edge refuses, naming what it said only when that is an error of OAuth', async () => {
    for (const [fault, message] of [
      ['invalid_client', /invalid_client/],
      ['\u001b[31m evil', /\(400\)/],
    ] as const) {
      const { approved } = await start();
      edge.fault(tokenPath, fault);
      await expect(approved()).rejects.toMatchObject({
        code: 'edge_unreachable',
        message: expect.stringMatching(message),
      });
    }
  });

  it('at once when it is given up, while it waits and while it asks', async () => {
    const reason = new PryxError('conflict', 'given up');
    const { approved } = await start();
    edge.fault(tokenPath, 'hang');
    const done = approved();
    while (edge.asked(tokenPath).length === 0) await new Promise((resolve) => setImmediate(resolve));
    ending.abort(reason);
    await expect(done).rejects.toBe(reason);
    await expect(start()).rejects.toBe(reason);
  });
});

describe('what is not an edge to pair with', () => {
  const refused = async (code = 'edge_unreachable') => {
    await expect(start()).rejects.toMatchObject({ code });
    expect(edge.codes).toEqual([]);
  };

  it('says that it is another', async () => {
    for (const issuer of ['https://other.example', `${edge.origin}/`, edge.origin.replace('127.0.0.1', 'localhost')]) {
      edge.stand.metadata = { issuer };
      await refused();
    }
  });

  it('sends devices elsewhere, where nobody is asked', async () => {
    const other = await startStandIn(clock.now);
    for (const [endpoint, path] of [
      ['token_endpoint', '/token'],
      ['device_authorization_endpoint', '/authorize'],
      ['jwks_uri', '/jwks'],
    ] as const) {
      edge.stand.metadata = { [endpoint]: `${other.origin}${path}` };
      await refused();
    }
    expect(edge.asked('/jwks')).toEqual([]);
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it('pairs in a way that is not known here', async () => {
    for (const metadata of [
      { grant_types_supported: ['refresh_token'] },
      { dpop_signing_alg_values_supported: ['ES256'] },
      { token_endpoint: undefined },
      { issuer: 7 },
    ]) {
      edge.stand.metadata = metadata;
      await refused();
    }
  });

  it.each(['redirect', 'huge', 'rubbish', 500, 429, 'dead', 'lost'] as const)(
    'answers %s where it describes itself',
    async (fault) => {
      edge.fault(metadataPath, fault);
      await refused();
      expect(edge.asked(metadataPath)).toHaveLength(1);
    },
  );

  it('does not answer at all', async () => {
    edge.fault(metadataPath, 'hang');
    await expect(start(edge.origin, 50)).rejects.toMatchObject({ code: 'edge_unreachable' });
    await expect(start('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'edge_unreachable' });
  });

  it('publishes no key, or one that anybody could sign for', async () => {
    edge.stand.keys = [];
    await refused();
    const smallOrder = Buffer.from([1, ...Array<number>(31).fill(0)]).toString('base64url');
    edge.stand.keys = [{ kty: 'OKP', crv: 'Ed25519', x: smallOrder, kid: 'k', alg: 'Ed25519', use: 'sig' }];
    await refused('bad_key');
  });

  it('has another time: the messages would be refused', async () => {
    edge.stand.clockOffMs = -10 * 365 * 86_400_000;
    await refused('clock_wrong');
    // A clock that was ahead and was put right is right here after a restart (decision 015).
    await expect(start()).rejects.toMatchObject({ hint: expect.stringContaining('pryx restart') });
  });

  it('sends the owner elsewhere, or shows what a terminal would obey', async () => {
    for (const authorization of [
      { verification_uri: 'https://other.example/pair' },
      { verification_uri_complete: 'https://other.example/pair' },
      { verification_uri: `http://edge@localhost:${new URL(edge.origin).port}/pair` },
      { verification_uri: `${edge.origin}/pair` },
      { verification_uri: 'javascript:alert(1)' },
      { user_code: '\u001b[2JWDJB' },
      { user_code: 'WDJB MJHT\nnow type rm' },
      { device_code: '' },
    ]) {
      edge.stand.authorization = authorization;
      await expect(start()).rejects.toMatchObject({ code: 'edge_unreachable' });
    }
    expect(edge.asked(tokenPath)).toEqual([]);
  });

  it('is asked too often', async () => {
    edge.fault('/authorize', 429);
    await refused('rate_limited');
    edge.fault('/authorize', 'invalid_request');
    await refused();
  });

  it('is a server that knows nothing of Pryx', async () => {
    const other = createServer((_, response) => response.writeHead(404).end('not here'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'edge_unreachable',
      message: expect.stringContaining('404'),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
