/** What the device asks of its edge over HTTPS. Every call but enrolment carries the access token and a proof (RFC 9449). */
import { base64url } from 'jose';
import type * as z from 'zod';
import {
  type EnrolResponse,
  type JwksResponse,
  type MailboxStatus,
  enrolResponse,
  jwksResponse,
  mailboxStatus,
  putTelegramHookResponse,
} from '../../shared/api/edge.ts';
import { createProof } from '../../shared/dpop.ts';
import { PryxError } from '../../shared/error.ts';
import { clockSkewMs } from '../../shared/wire/limits.ts';
import type { SealingJwk } from '../../shared/wire/seal.ts';
import type { SigningJwk, SigningKey } from '../../shared/wire/signature.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Secret } from '../core/settings.ts';
import type { EdgeRequest } from './request.ts';

export interface EdgeApiDeps {
  origin: string;
  identity: { jwk: SigningJwk; key: SigningKey };
  request: EdgeRequest;
  clock: Clock;
  random: Random;
}

export type EdgeApi = ReturnType<typeof createEdgeApi>;

export function createEdgeApi({ origin, identity, request, clock, random }: EdgeApiDeps) {
  /** A fresh proof for one request. `GET /link` takes one as well. */
  function prove(method: string, path: string, accessToken?: string): Promise<string> {
    return createProof(identity.key, identity.jwk, {
      method,
      url: `${origin}${path}`,
      now: clock.now(),
      id: base64url.encode(random.bytes(16)),
      ...(accessToken === undefined ? {} : { accessToken }),
    });
  }

  async function call<T>(
    schema: z.ZodType<T>,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<T> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const type = content === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await request(method, `${origin}${path}`, { ...headers, ...type }, content).catch(
      (cause: unknown) => {
        throw new PryxError('edge_unreachable', `The edge at ${origin} cannot be reached.`, {
          hint: 'Check PRYX_EDGE_URL and the network.',
          cause,
        });
      },
    );
    checkClock(answer.headers.date);
    if (answer.status === 401)
      throw new PryxError('not_paired', 'The edge does not accept this device.', { hint: 'Pair it again.' });
    if (answer.status !== 200)
      throw new PryxError(
        'edge_unreachable',
        `The edge answered ${answer.status} to ${method} ${path.split('/', 2).join('/')}.`,
      );
    const parsed = schema.safeParse(parseJson(answer.text));
    if (!parsed.success)
      throw new PryxError('edge_unreachable', 'The edge gave an answer of an unknown form.', {
        hint: 'Is PRYX_EDGE_URL a Pryx edge?',
      });
    return parsed.data;
  }

  /** A wrong clock would refuse every job as expired: better not to connect until it is set. */
  function checkClock(date: string | undefined): void {
    const apart = Math.abs(Date.parse(date ?? '') - clock.now());
    if (Number.isNaN(apart) || apart <= clockSkewMs) return;
    throw new PryxError(
      'clock_wrong',
      `The clocks of this machine and the edge lie ${Math.round(apart / 1000)} s apart.`,
      {
        hint: 'Set the time of this machine (timedatectl set-ntp true). Messages wait at the edge for a day.',
      },
    );
  }

  async function authorised(method: string, path: string, accessToken: string): Promise<Record<string, string>> {
    return { authorization: `DPoP ${accessToken}`, dpop: await prove(method, path, accessToken) };
  }

  return {
    authorised,
    keys: (): Promise<JwksResponse> => call(jwksResponse, 'GET', '/.well-known/jwks.json', {}),
    async enrol(developmentToken: Secret, sealing: SealingJwk): Promise<EnrolResponse> {
      const path = '/development/enrol';
      const headers = { authorization: `Bearer ${developmentToken.reveal()}`, dpop: await prove('POST', path) };
      return call(enrolResponse, 'POST', path, headers, { sealing_key: sealing });
    },
    async putTelegramHook(
      accessToken: string,
      bot: string,
      hook: { secret_sha256: string; answered_users: number[] },
    ): Promise<string> {
      const path = `/hooks/telegram/${bot}`;
      return (await call(putTelegramHookResponse, 'PUT', path, await authorised('PUT', path, accessToken), hook)).url;
    },
    async mailbox(accessToken: string): Promise<MailboxStatus> {
      return call(mailboxStatus, 'GET', '/device', await authorised('GET', '/device', accessToken));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
