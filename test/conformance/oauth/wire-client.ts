/** An OAuth client that writes every parameter, header and claim by hand, so that a test can get each of them wrong. Shares no code with the device. */
import { createHash, randomBytes } from 'node:crypto';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import { type Signer, createSigner } from '../../shared/wire/craft.ts';
import { type Answer, type Fields, postForm, send } from './http.ts';

export const clientId = 'pryx-device';
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

export interface Codes {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}
export interface Tokens {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  scope?: string;
}

/** What differs from an honest proof: members of header and claims, `undefined` to leave one out. */
export interface ProofChange {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}
export interface Sending {
  proof?: ProofChange;
  /** Instead of an honest proof: this header, several, or none. */
  dpop?: string | readonly string[] | null;
  headers?: Record<string, string>;
}

export type WireClient = Awaited<ReturnType<typeof createWireClient>>;

/** `known`: the key of a client that there is already. */
export async function createWireClient(origin: string, known?: Signer) {
  const signer = known ?? (await createSigner());
  const { kty, crv, x } = signer.jwk;
  const { d: _secret, ...sealing } = await generateSealingKey();
  /** The one that the edge gave last: a client keeps one (RFC 9449, section 8). */
  let nonce: string | undefined;

  function prove(
    request: { method: string; url: string; accessToken?: string },
    { header, claims }: ProofChange = {},
  ): Promise<string> {
    return signer.sign(
      JSON.stringify({ typ: 'dpop+jwt', alg: 'Ed25519', jwk: { kty, crv, x }, ...header }),
      JSON.stringify({
        jti: randomBytes(16).toString('base64url'),
        htm: request.method,
        htu: request.url,
        iat: Math.floor(Date.now() / 1000),
        ...(request.accessToken === undefined ? { nonce } : { ath: hashToken(request.accessToken) }),
        ...claims,
      }),
    );
  }

  /** The parameters of an honest request for codes, changed. */
  const authorization = (change: Record<string, string | undefined> = {}): Fields => ({
    client_id: clientId,
    scope: 'device',
    dpop_jkt: signer.kid,
    sealing_key: JSON.stringify(sealing),
    device_name: 'Conformance',
    device_platform: 'linux x64',
    ...change,
  });

  /** From an address of its own each time: five pairings under way from one network are as many as there may be. */
  const authorize = (fields: Fields = authorization(), headers: Record<string, string> = {}): Promise<Answer> =>
    postForm(`${origin}/oauth/device_authorization`, fields, { 'cf-connecting-ip': someAddress(), ...headers });

  async function codes(): Promise<Codes> {
    const answer = await authorize();
    if (answer.status !== 200) throw new Error(`no codes: ${answer.status} ${answer.text}`);
    return answer.body as unknown as Codes;
  }

  /** One request to the token endpoint with a proof and, from the second on, a nonce. */
  async function ask(fields: Fields, sending: Sending = {}): Promise<Answer> {
    const url = `${origin}/oauth/token`;
    const dpop = sending.dpop === undefined ? await prove({ method: 'POST', url }, sending.proof) : sending.dpop;
    const answer = await postForm(url, fields, { ...sending.headers, ...(dpop !== null && { dpop }) });
    nonce = answer.headers['dpop-nonce']?.toString() ?? nonce;
    return answer;
  }

  /** The same after the nonce is known, so that what is answered is about the rest. */
  async function token(fields: Fields, sending: Sending = {}): Promise<Answer> {
    await greet();
    return ask(fields, sending);
  }

  /** Fetches a nonce, when there is none yet. */
  async function greet(): Promise<string> {
    if (nonce === undefined) await ask({ grant_type: deviceGrant, client_id: clientId, device_code: 'none' });
    if (nonce === undefined) throw new Error('the edge gave no nonce');
    return nonce;
  }

  const poll = (deviceCode: string, change: Record<string, string | undefined> = {}, sending?: Sending) =>
    token({ grant_type: deviceGrant, client_id: clientId, device_code: deviceCode, ...change }, sending);
  const refresh = (refreshToken: string, change: Record<string, string | undefined> = {}, sending?: Sending) =>
    token({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken, ...change }, sending);

  async function redeem(deviceCode: string): Promise<Tokens> {
    const answer = await poll(deviceCode);
    if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
    return answer.body as unknown as Tokens;
  }

  const revoke = (fields: Fields, headers: Record<string, string> = {}): Promise<Answer> =>
    postForm(`${origin}/oauth/revoke`, fields, headers);

  /** A request for a protected resource, `GET /device` unless told otherwise. */
  async function get(accessToken: string, sending: Sending & { path?: string } = {}): Promise<Answer> {
    const url = `${origin}${sending.path ?? '/device'}`;
    const dpop =
      sending.dpop === undefined ? await prove({ method: 'GET', url, accessToken }, sending.proof) : sending.dpop;
    return send({
      method: 'GET',
      url,
      headers: { authorization: `DPoP ${accessToken}`, ...(dpop !== null && { dpop }), ...sending.headers },
    });
  }

  return {
    /** RFC 7638 thumbprint of its key. */
    id: signer.kid,
    signer,
    prove,
    authorization,
    authorize,
    codes,
    ask,
    token,
    greet,
    poll,
    refresh,
    redeem,
    revoke,
    get,
  };
}

/** Of the range for measurements (RFC 2544). */
const someAddress = (): string => `198.18.${[...randomBytes(2)].join('.')}`;

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
