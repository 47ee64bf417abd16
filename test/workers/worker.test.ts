/** The public face of the edge: its routes, headers, limits, and what it says of itself. */
import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateEdgeKeys } from '../../local-agent/cli/edge/generate-keys.ts';
import { healthResponse } from '../../shared/api/status.ts';
import { jwksResponse, mailboxStatus } from '../../shared/api/edge.ts';
import { generateSigningKey, importSignKey, thumbprint } from '../../shared/wire/signature.ts';
import { type TestDevice, hookSecret, openSocket, sha256 } from './support/device.ts';
import { type TestEdge, postUpdate, setupCode, startTestEdge, textUpdate } from './support/edge.ts';

const keys = await generateEdgeKeys();
const vars = { PRYX_EDGE_KEYS: JSON.stringify(keys), PRYX_SETUP_CODE: setupCode };

describe('an edge that is set up', () => {
  let edge: TestEdge;
  let device: TestDevice;
  beforeAll(async () => {
    edge = await startTestEdge({ vars });
    device = await edge.device();
  });
  afterAll(() => edge.close());

  test('says that it is well and ready', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await edge.fetch(path);
      expect(response.status).toBe(200);
      expect(healthResponse.parse(await response.json()).status).toBe('ok');
    }
    const status = await edge.fetch('/api/agents/control-plane/status');
    expect(await status.json()).toEqual({ status: 'ok', protocols: ['pryx.link.v1'], signing_keys: 1 });
  });

  test('publishes its signing keys and nothing private of them', async () => {
    const jwks = jwksResponse.parse(await (await edge.fetch('/.well-known/jwks.json')).json());
    expect(jwks.keys.map(({ x }) => x)).toEqual(keys.signing.map(({ x }) => x));
    expect(jwks.keys[0]?.kid).toBe(await thumbprint(keys.signing[0] ?? ({} as never)));
    expect(JSON.stringify(jwks)).not.toContain(keys.signing[0]?.d);
  });

  test('puts the security headers on every answer, refusals and upgrades included', async () => {
    const hook = await device.hook();
    const answers = [
      await edge.fetch('/healthz'),
      await edge.fetch('/nothing/here'),
      await edge.fetch('/device'),
      await edge.fetch('/device', { method: 'DELETE' }),
      await device.request('GET', '/device'),
      await fetch(hook),
      await postUpdate(hook, '{'),
      await postUpdate(hook, textUpdate(1)),
      await postUpdate(`${edge.origin}/telegram/x`, textUpdate(1)),
    ];
    for (const { headers } of answers) {
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('knows no other path, and no other method on those it knows', async () => {
    for (const path of [
      '/telegram',
      '/hooks/telegram',
      '/hooks/telegram/abc',
      '/.env',
      '/link/',
      '/development',
      '/development/enrol',
    ])
      expect([path, (await edge.fetch(path, { method: 'PUT' })).status]).toEqual([path, 404]);
    const methods = {
      '/healthz': 'GET',
      '/readyz': 'GET',
      '/device': 'GET',
      '/link': 'GET',
      '/.well-known/jwks.json': 'GET',
    };
    for (const [path, allowed] of Object.entries({ ...methods, '/hooks/telegram/1': 'PUT' })) {
      const response = await edge.fetch(path, { method: 'DELETE' });
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allowed]);
    }
  });

  test('answers errors with a code, a cause and a next step', async () => {
    const headers = {
      authorization: `DPoP ${device.tokens().accessToken}x`,
      dpop: await device.prove('GET', '/device'),
    };
    const response = await edge.fetch('/device', { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: { code: 'not_paired', message: expect.any(String), hint: expect.any(String) },
    });
  });

  describe('a device', () => {
    test('is told how its mailbox stands', async () => {
      const status = mailboxStatus.parse(await (await device.request('GET', '/device')).json());
      expect(status).toMatchObject({ device_id: device.id, connected: false, in_flight: 0, refused: 0 });
    });

    test('is its key: token and mailbox carry the thumbprint', async () => {
      expect(device.id).toBe(await thumbprint(device.identity));
      const claims = JSON.parse(
        Buffer.from(device.tokens().accessToken.split('.')[1] ?? '', 'base64url').toString(),
      ) as object;
      expect(claims).toMatchObject({ iss: edge.origin, aud: edge.origin, sub: device.id, cnf: { jkt: device.id } });
    });

    test('needs a token of this edge that is still good', async () => {
      const ask = async (token: string) => {
        const headers = { authorization: `DPoP ${token}`, dpop: await device.prove('GET', '/device', token) };
        return edge.fetch('/device', { headers });
      };
      expect((await ask(device.tokens().accessToken)).status).toBe(200);
      const now = Math.floor(Date.now() / 1000);
      const forge = async (key: object, change: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
        new SignJWT({
          iss: edge.origin,
          aud: edge.origin,
          sub: device.id,
          cnf: { jkt: device.id },
          iat: now,
          exp: now + 60,
          ...change,
        })
          .setProtectedHeader({
            alg: 'Ed25519',
            typ: 'at+jwt',
            kid: await thumbprint(keys.signing[0] ?? ({} as never)),
            ...header,
          })
          .sign(await importSignKey(key));
      const real = keys.signing[0] ?? {};
      expect((await ask(await forge(real))).status).toBe(200);
      const bad = [
        await forge(await generateSigningKey()),
        await forge(real, { exp: now - 1 }),
        await forge(real, { iss: 'https://another.example' }),
        await forge(real, { aud: 'https://another.example' }),
        await forge(real, { cnf: { jkt: 'x'.repeat(43) } }),
        await forge(real, {}, { typ: 'JWT' }),
        await forge(real, {}, { kid: 'unknown' }),
        'rubbish',
        '',
      ];
      for (const token of bad) {
        const response = await ask(token);
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toContain('DPoP');
      }
    });

    test('needs a fresh proof by the key of its token, for this very request', async () => {
      const { accessToken } = device.tokens();
      const ask = (dpop: string) => edge.fetch('/device', { headers: { authorization: `DPoP ${accessToken}`, dpop } });
      const stranger = await edge.device();
      const good = await device.prove('GET', '/device', accessToken);
      expect((await ask(good)).status).toBe(200);
      const bad = [
        good,
        await stranger.prove('GET', '/device', accessToken),
        await device.prove('PUT', '/device', accessToken),
        await device.prove('GET', '/link', accessToken),
        await device.prove('GET', '/device'),
        await device.prove('GET', '/device', stranger.tokens().accessToken),
        '',
      ];
      for (const proof of bad) expect((await ask(proof)).status).toBe(401);
    });

    test('cannot use a proof twice, even after the mailbox slept', async () => {
      const { accessToken } = device.tokens();
      const proof = await device.prove('GET', '/device', accessToken, randomBytes(16).toString('hex'));
      const ask = () => edge.fetch('/device', { headers: { authorization: `DPoP ${accessToken}`, dpop: proof } });
      const outcomes = await Promise.all([ask(), ask(), ask()]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
      await edge.hibernate(device);
      expect((await ask()).status).toBe(401);
    });

    test('that was never paired here is told to pair, whatever token it has', async () => {
      const identity = await generateSigningKey();
      const id = await thumbprint(identity);
      const now = Math.floor(Date.now() / 1000);
      const token = await new SignJWT({
        iss: edge.origin,
        aud: edge.origin,
        sub: id,
        cnf: { jkt: id },
        iat: now,
        exp: now + 60,
      })
        .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', kid: await thumbprint(keys.signing[0] ?? ({} as never)) })
        .sign(await importSignKey(keys.signing[0]));
      const { createProof } = await import('../../shared/dpop.ts');
      const { d: _private, ...jwk } = identity;
      const proof = await createProof(await importSignKey(identity), jwk, {
        method: 'GET',
        url: `${edge.origin}/link`,
        accessToken: token,
        now: Date.now(),
        id: randomBytes(16).toString('hex'),
      });
      await expect(openSocket(edge.origin, { authorization: `DPoP ${token}`, dpop: proof })).rejects.toThrow(
        'status 401',
      );
    });
  });

  describe('a hook', () => {
    test('keeps its address when it is registered again, and takes the new secret', async () => {
      const first = await device.hook('777');
      expect(await device.hook('777')).toBe(first);
      await device.request('PUT', '/hooks/telegram/777', { secret_sha256: sha256('another'), answered_users: [] });
      expect((await postUpdate(first, textUpdate(1))).status).toBe(401);
      const headers = { 'x-telegram-bot-api-secret-token': 'another' };
      expect((await postUpdate(first, textUpdate(1), headers)).status).toBe(200);
    });

    test('needs a well-formed request', async () => {
      const put = async (body: unknown, bot = '123') =>
        (await device.request('PUT', `/hooks/telegram/${bot}`, body)).status;
      const good = { secret_sha256: sha256(hookSecret), answered_users: [1] };
      expect(await put(good)).toBe(200);
      expect(await put({ ...good, secret_sha256: 'short' })).toBe(400);
      expect(await put({ ...good, answered_users: ['1'] })).toBe(400);
      expect(await put({ ...good, answered_users: Array.from({ length: 257 }, (_, index) => index) })).toBe(400);
      expect(await put({ ...good, extra: 1 })).toBe(400);
      expect(await put({ ...good, secret: 'x'.repeat(20_000) })).toBe(413);
      for (const bot of ['0', '01', '-1', '12345678901234567', 'bot']) expect(await put(good, bot)).toBe(404);
    });

    test('is one of sixteen at most', async () => {
      const other = await edge.device();
      const put = async (bot: number) =>
        (await other.request('PUT', `/hooks/telegram/${bot}`, { secret_sha256: sha256('x'), answered_users: [] }))
          .status;
      for (let bot = 1; bot <= 16; bot += 1) expect(await put(bot)).toBe(200);
      expect(await put(17)).toBe(409);
      expect(await put(16)).toBe(200);
    });
  });

  test('keeps what is queued when a device is paired again', async () => {
    const again = await edge.device();
    await postUpdate(await again.hook(), textUpdate(5));
    await again.pair();
    expect(await edge.jobsOf(again)).toBe(1);
  });
});

describe('an edge that is not set up', () => {
  const broken: [string, Record<string, string>, string][] = [
    ['without keys', {}, 'is not set'],
    ['with keys that are none', { PRYX_EDGE_KEYS: 'a-secret-in-the-wrong-place' }, 'is not the JSON'],
  ];
  for (const [title, given, message] of broken) {
    test(`${title} says so at /readyz, and serves nothing`, async () => {
      const edge = await startTestEdge({ vars: given });
      try {
        const ready = await (await edge.fetch('/readyz')).text();
        expect(ready).toContain(message);
        expect(ready).not.toContain('a-secret');
        for (const path of ['/readyz', '/healthz', '/device', '/telegram/x', '/link', '/nothing']) {
          const response = await edge.fetch(path);
          expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '60']);
        }
      } finally {
        await edge.close();
      }
    });
  }

  test('with an origin that is none says so at /readyz', async () => {
    const edge = await startTestEdge({ vars: { ...vars, PRYX_EDGE_ORIGIN: 'edge.example.com' } });
    try {
      const response = await edge.fetch('/readyz');
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('is not an origin');
      expect((await edge.fetch('/device')).status).toBe(503);
    } finally {
      await edge.close();
    }
  });
});

describe('limits', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge({ vars, hookLimit: 5, publicLimit: 20 });
  });
  afterAll(() => edge.close());

  /** Counts begin anew with each minute, so how many it takes depends on when it is tried. */
  async function untilLimited(ask: () => Promise<Response>): Promise<{ before: number[]; refused: Response }> {
    const before: number[] = [];
    for (;;) {
      const response = await ask();
      if (response.status === 429) return { before, refused: response };
      before.push(response.status);
    }
  }

  test('a hook that is asked too much is told to wait, and another goes on', async () => {
    const device = await edge.device();
    const hook = await device.hook();
    const other = await device.hook('999');
    let id = 0;
    const { before, refused } = await untilLimited(() => postUpdate(hook, textUpdate((id += 1))));
    expect(new Set(before)).toEqual(new Set([200]));
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await postUpdate(other, textUpdate(1))).status).toBe(200);
    expect(await edge.jobsOf(device)).toBe(before.length + 1);
  });

  test('a client that guesses, or asks too much, is told to wait on every public route', async () => {
    const { before } = await untilLimited(() => edge.fetch('/telegram/made-up'));
    expect(new Set(before)).toEqual(new Set([404]));
    for (const path of ['/healthz', '/readyz', '/device', '/link', '/nothing', '/.well-known/jwks.json'])
      await untilLimited(() => edge.fetch(path));
  });
});
