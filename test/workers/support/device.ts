/** A device as an edge sees it: keys of its own, requests with proofs, and a link over a real socket. */
import { createHash, randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { putTelegramHookResponse } from '../../../shared/api/edge.ts';
import { oauthPaths } from '../../../shared/api/oauth.ts';
import { createProof } from '../../../shared/dpop.ts';
import { generateSealingKey, importOpenKey, open } from '../../../shared/wire/seal.ts';
import { type JobClaims, verifyJob } from '../../../shared/wire/job.ts';
import {
  type SigningKey,
  checkSigningJwk,
  generateSigningKey,
  importSignKey,
  importVerifyKey,
  thumbprint,
} from '../../../shared/wire/signature.ts';
import { linkProtocol } from '../../../shared/wire/version.ts';
import { type Approver, type Tokens, askTokens, pairDevice } from './pair-device.ts';

export const hookSecret = 'a-secret-of-the-bot';

export type TestDevice = Awaited<ReturnType<typeof createTestDevice>>;
export type TestLink = Awaited<ReturnType<TestDevice['link']>>;

/** A paired device. `origin` is where the edge answers. */
export async function createTestDevice(origin: string, owner: Approver) {
  const identity = await generateSigningKey();
  const key = await importSignKey(identity);
  const sealing = await generateSealingKey();
  const openKey = await importOpenKey(sealing);
  const { d: _secret, ...sealingPublic } = sealing;
  const id = await thumbprint(checkSigningJwk(identity));

  function prove(method: string, path: string, accessToken?: string, proofId = newId()) {
    const url = `${origin}${path}`;
    const request = accessToken === undefined ? { method, url } : { method, url, accessToken };
    return createProof(key, checkSigningJwk(identity), { ...request, now: Date.now(), id: proofId });
  }

  /** For the token endpoint. */
  const proveKey = (nonce?: string): Promise<string> =>
    createProof(key, checkSigningJwk(identity), {
      method: 'POST',
      url: `${origin}${oauthPaths.token}`,
      now: Date.now(),
      id: newId(),
      ...(nonce !== undefined && { nonce }),
    });

  let tokens: Tokens;
  /** Once more, too: the device it is stays the same. */
  async function pair(): Promise<void> {
    tokens = await pairDevice(origin, owner, { id, sealingKey: JSON.stringify(sealingPublic), prove: proveKey });
  }
  await pair();

  /** Takes other tokens for the ones it has; or presents one that it had. */
  async function refresh(refreshToken = tokens.refreshToken): Promise<void> {
    const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
    tokens = await askTokens(origin, { prove: proveKey }, grant);
  }

  async function headers(method: string, path: string): Promise<Record<string, string>> {
    const { accessToken } = tokens;
    return { authorization: `DPoP ${accessToken}`, dpop: await prove(method, path, accessToken) };
  }

  async function request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${origin}${path}`, {
      method,
      headers: await headers(method, path),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function hook(bot = '123456', answeredUsers: number[] = []): Promise<string> {
    const body = { secret_sha256: sha256(hookSecret), answered_users: answeredUsers };
    const response = await request('PUT', `/hooks/telegram/${bot}`, body);
    return putTelegramHookResponse.parse(await response.json()).url;
  }

  let keys: ReturnType<typeof edgeKeysAt> | undefined;

  /** The claims and the opened body of a job, as the device's own checks let it through. */
  async function take(frame: { seq: number; jws: string }): Promise<{ claims: JobClaims; body: string }> {
    keys ??= edgeKeysAt(origin);
    const known = await keys;
    const verdict = await verifyJob(frame.jws, frame.seq, {
      issuer: origin,
      audience: id,
      now: Date.now(),
      findKey: (kid) => known.get(kid),
    });
    if (!verdict.ok) throw new Error(`refused: ${verdict.code}`);
    const body = Buffer.from(await open(openKey, verdict.claims.body)).toString();
    return { claims: verdict.claims, body };
  }

  async function link(have = 0) {
    const socket = await openSocket(origin, await headers('GET', '/link'));
    socket.send({ type: 'hello', have });
    return socket;
  }

  return {
    id,
    identity,
    sealing,
    openKey,
    tokens: () => tokens,
    prove,
    pair,
    refresh,
    headers,
    request,
    hook,
    take,
    link,
  };
}

const newId = (): string => randomBytes(16).toString('hex');

/** What came over a link, one at a time and in order; `closed` resolves with code and reason. */
export async function openSocket(origin: string, headers: Record<string, string>, protocol: string = linkProtocol) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/link`, protocol, { headers, perMessageDeflate: false });
  const arrived: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.on('message', (data) => {
    const text = String(data);
    const next = waiting.shift();
    if (next === undefined) arrived.push(text);
    else next(text);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => reject(new Error(`status ${response.statusCode}`)));
  });
  const next = () =>
    new Promise<string>((resolve) => {
      const text = arrived.shift();
      if (text === undefined) waiting.push(resolve);
      else resolve(text);
    });
  return {
    closed,
    next,
    /** Frames that have come and that nobody took yet. */
    untaken: () => arrived.length,
    nextFrame: async () => JSON.parse(await next()) as { type: string; seq: number; jws: string; code: string },
    send: (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    sendBytes: (bytes: Uint8Array) => socket.send(bytes),
    /** Resolves when the edge has seen everything sent before: it answers in order. */
    async settle() {
      socket.send('ping');
      for (;;) {
        const text = await next();
        if (text === 'pong') return;
        throw new Error(`unexpected ${text.slice(0, 80)}`);
      }
    },
    close: () => socket.close(),
    terminate: () => socket.terminate(),
  };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

async function edgeKeysAt(origin: string): Promise<Map<string, SigningKey>> {
  const { keys } = (await (await fetch(`${origin}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return new Map(await Promise.all(keys.map(async (jwk) => [jwk.kid, await importVerifyKey(jwk)] as const)));
}
