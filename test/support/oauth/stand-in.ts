/**
 * A small edge for the device's side of pairing: the OAuth endpoints (RFC 8628, RFC 9449), devices and the link, over a real socket. Strict
 * about what a device sends: it complains when it is closed. Told to misbehave by `faults`, which count for one request each.
 */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { deviceCodeGrant, oauthPaths } from '../../../shared/api/oauth.ts';
import { verifyProof } from '../../../shared/dpop.ts';
import { generateSigningKey, thumbprint } from '../../../shared/wire/signature.ts';
import { type Family, createTokens } from './tokens.ts';

/**
 * `lost`: done, and the connection cut before the answer. `dead`: cut before anything is done. `hang`: no answer at all. `redirect`, `huge`,
 * `rubbish`, 500, 429: instead of doing it. Any other text: that OAuth error.
 */
export type Fault = 'lost' | 'dead' | 'hang' | 'redirect' | 'huge' | 'rubbish' | 500 | 429 | (string & {});

export interface SeenRequest {
  method: string;
  path: string;
  form: Record<string, string>;
  headers: IncomingMessage['headers'];
  at: number;
}

interface Code {
  deviceCode: string;
  userCode: string;
  deviceId: string;
  form: Record<string, string>;
  decision?: 'approved' | 'denied' | 'expired' | 'used';
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

/** `now`: the time that it and the device have in common. */
export async function startStandIn(now: () => number = Date.now) {
  const key = await generateSigningKey();
  const { d: _, ...jwk } = key;
  const requests: SeenRequest[] = [];
  const complaints: string[] = [];
  const faults: { path: string; fault: Fault }[] = [];
  const codes: Code[] = [];
  const links: { socket: WebSocket; deviceId: string }[] = [];
  const usedProofs = new Set<string>();
  const stand = {
    /** What a device must prove with; changed by `changeNonce`. */
    nonce: randomBytes(8).toString('hex'),
    interval: 1,
    expiresIn: 600,
    accessSeconds: 900,
    /** How wrong the clock of the edge is. */
    clockOffMs: 0,
    metadata: {} as Record<string, unknown>,
    keys: [{ ...jwk, kid: await thumbprint(key), alg: 'Ed25519', use: 'sig' }] as unknown[],
    statement: 0,
    authorization: {} as Record<string, unknown>,
    /** Said in the place of what belongs into an answer with tokens. */
    given: {} as Record<string, unknown>,
    /** Answers of the token endpoint wait for this, done as they are by then. */
    tokenAnswers: Promise.resolve(),
    /** What the resource endpoints say to a good token; `undefined`: they serve. */
    refuse: undefined as string | undefined,
  };
  const tokens = createTokens(() => stand.accessSeconds);

  const server = createServer((request, response) => {
    void read(request, now()).then(
      (seen) => serve(seen, request, response),
      () => response.destroy(),
    );
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
  server.on('upgrade', (request, socket, head) => {
    void authenticate(request).then((verdict) => {
      requests.push({ method: 'GET', path: '/link', form: {}, headers: request.headers, at: now() });
      if (typeof verdict === 'string') {
        const body = JSON.stringify({ error: { code: verdict, message: 'No.' } });
        socket.end(`HTTP/1.1 401 Unauthorized\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (link) => {
        links.push({ socket: link, deviceId: verdict.deviceId });
        link.on('message', (data) => {
          if (String(data) === 'ping') link.send('pong');
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  async function serve(seen: SeenRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(seen);
    response.setHeader('date', new Date(now() + stand.clockOffMs).toUTCString());
    if (seen.path === '/token') response.setHeader('dpop-nonce', stand.nonce);
    const index = faults.findIndex(({ path }) => path === seen.path);
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
    if (fault === 'hang') return;
    if (fault === 'dead') return void response.destroy();
    if (fault === 'redirect') return void response.writeHead(302, { location: `${origin}${seen.path}?again` }).end();
    if (fault === 'huge') return void response.end(' '.repeat(10_000_000));
    if (fault === 'rubbish') return void response.end('<html>');
    if (fault === 500 || fault === 429) return void response.writeHead(fault).end('{}');
    const [status, body] =
      fault === undefined || fault === 'lost' ? await answer(seen, request) : [400, { error: fault }];
    if (seen.path === '/token') await stand.tokenAnswers;
    if (fault === 'lost') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  }

  async function answer(seen: SeenRequest, request: IncomingMessage): Promise<[number, unknown]> {
    const route = `${seen.method} ${seen.path}`;
    if (route === `GET ${oauthPaths.metadata}`) return [200, { ...describe(origin), ...stand.metadata }];
    if (route === 'GET /jwks') return [200, { keys: stand.keys, statement: stand.statement }];
    if (route === 'POST /authorize') return [200, openCode(seen.form)];
    if (route === 'POST /token') return giveTokens(seen);
    const verdict = await authenticate(request);
    if (typeof verdict === 'string') return [401, { error: { code: verdict, message: 'No.' } }];
    if (seen.path.startsWith('/hooks/telegram/')) return [200, { url: `${origin}/telegram/hook` }];
    if (route === 'GET /devices') return [200, { devices: [] }];
    if (seen.path.startsWith('/devices/') && seen.method !== 'GET')
      return seen.path.endsWith(verdict.deviceId) ? [200, {}] : [404, { error: { code: 'not_found', message: 'x' } }];
    return [404, { error: { code: 'not_found', message: 'x' } }];
  }

  function openCode(form: Record<string, string>): unknown {
    const code: Code = {
      deviceCode: randomBytes(32).toString('base64url'),
      userCode: `WDJB-MJH${'BCDFGHJKLMNP'[codes.length % 12]}`,
      deviceId: form['dpop_jkt'] ?? '',
      form,
    };
    codes.push(code);
    const page = `http://localhost:${port}/pair`;
    return {
      device_code: code.deviceCode,
      user_code: code.userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${code.userCode}`,
      expires_in: stand.expiresIn,
      interval: stand.interval,
      ...stand.authorization,
    };
  }

  async function giveTokens({ form, headers }: SeenRequest): Promise<[number, unknown]> {
    const failed = (error: string): [number, unknown] => [400, { error, error_description: 'as asked' }];
    const text = String(headers.dpop ?? '');
    let proof: { thumbprint: string; id: string };
    try {
      const request = { method: 'POST', url: `${origin}/token`, now: now() + stand.clockOffMs };
      proof = await verifyProof(text, request);
    } catch {
      return failed('invalid_dpop_proof');
    }
    if (usedProofs.has(proof.id)) complaints.push('a proof came twice');
    usedProofs.add(proof.id);
    if (readNonce(text) !== stand.nonce) return failed('use_dpop_nonce');
    if (form['client_id'] !== 'pryx-device') complaints.push('a token request without client_id');
    if (form['grant_type'] === 'refresh_token') {
      const given = tokens.refresh(form['refresh_token'] ?? '', proof.thumbprint);
      return given === undefined ? failed('invalid_grant') : [200, { ...given, ...stand.given }];
    }
    if (form['grant_type'] !== deviceCodeGrant) return failed('unsupported_grant_type');
    const code = codes.find(({ deviceCode }) => deviceCode === form['device_code']);
    if (code === undefined || code.decision === 'used' || code.deviceId !== proof.thumbprint)
      return failed('invalid_grant');
    if (code.decision === undefined) return failed('authorization_pending');
    if (code.decision === 'denied') return failed('access_denied');
    if (code.decision === 'expired') return failed('expired_token');
    code.decision = 'used';
    return [200, { ...tokens.begin(code.deviceId), ...stand.given }];
  }

  /** The device, or the code to refuse it with. */
  async function authenticate(request: IncomingMessage): Promise<Family | string> {
    const token = /^DPoP (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const family = tokens.accessOf(token);
    try {
      const url = `${origin}${request.url}`;
      const proof = await verifyProof(String(request.headers.dpop ?? ''), {
        method: request.method ?? '',
        url,
        accessToken: token,
        now: now() + stand.clockOffMs,
      });
      if (usedProofs.has(proof.id)) complaints.push('a proof came twice');
      usedProofs.add(proof.id);
    } catch {
      return 'bad_proof';
    }
    return stand.refuse ?? family ?? 'not_paired';
  }

  return {
    /** How it behaves; may be changed at any time. */
    stand,
    origin,
    requests,
    codes,
    tokens,
    links: () => links.filter(({ socket }) => socket.readyState === socket.OPEN),
    /** At the next request for `path`; several for several requests. */
    fault(path: string, ...more: Fault[]): void {
      for (const fault of more) faults.push({ path, fault });
    },
    decide(decision: 'approved' | 'denied' | 'expired'): void {
      const code = codes.at(-1);
      if (code !== undefined) code.decision = decision;
    },
    changeNonce(): void {
      stand.nonce = randomBytes(8).toString('hex');
    },
    /** The owner takes the device's access away. */
    revoke(): void {
      tokens.revokeAll();
      for (const { socket } of links) {
        socket.send(JSON.stringify({ type: 'bye', code: 'revoked' }));
        socket.close(4403, 'revoked');
      }
    },
    /** Links break, and who calls again is told `code`. */
    hangUp(code: string): void {
      stand.refuse = code;
      for (const { socket } of links) socket.close(1012, 'restart');
    },
    asked: (path: string): SeenRequest[] => requests.filter((request) => request.path === path),
    /** Throws when a device did what it must not. */
    async close(): Promise<void> {
      for (const { socket } of links) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (complaints.length > 0) throw new Error(complaints.join('; '));
    },
  };
}

const describe = (origin: string) => ({
  issuer: origin,
  token_endpoint: `${origin}/token`,
  device_authorization_endpoint: `${origin}/authorize`,
  revocation_endpoint: `${origin}/revoke`,
  jwks_uri: `${origin}/jwks`,
  grant_types_supported: [deviceCodeGrant, 'refresh_token'],
  dpop_signing_alg_values_supported: ['Ed25519'],
});

async function read(request: IncomingMessage, at: number): Promise<SeenRequest> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += String(piece);
  const path = new URL(request.url ?? '/', 'http://edge').pathname;
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
  const form = isForm ? Object.fromEntries(new URLSearchParams(body)) : {};
  return { method: request.method ?? '', path, form, headers: request.headers, at };
}

function readNonce(proof: string): unknown {
  const claims = JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  return claims['nonce'];
}
