/** What a paired device asks of its edge over HTTPS: each call carries the access token and a proof (RFC 9449, section 7). */
import * as z from 'zod';
import { type DevicesResponse, devicesResponse } from '../../shared/api/devices.ts';
import { type MailboxStatus, mailboxStatus, putTelegramHookResponse } from '../../shared/api/edge.ts';
import { type ErrorCode, PryxError } from '../../shared/error.ts';
import { readJson } from '../../shared/read-json.ts';
import type { Clock } from '../core/clock.ts';
import { askEdge, checkClock, unknownForm } from './ask-edge.ts';
import type { Prove } from './prove.ts';
import type { EdgeAnswer, EdgeRequest } from './request.ts';
import { notPaired, revoked } from './session.ts';

export interface EdgeApiDeps {
  origin: string;
  prove: Prove;
  request: EdgeRequest;
  clock: Clock;
}

export type EdgeApi = ReturnType<typeof createEdgeApi>;

export function createEdgeApi({ origin, prove, request, clock }: EdgeApiDeps) {
  async function authorised(method: string, path: string, accessToken: string): Promise<Record<string, string>> {
    return {
      authorization: `DPoP ${accessToken}`,
      dpop: await prove(method, `${origin}${path}`, { accessToken }),
    };
  }

  /** Throws `not_paired`, `revoked`, `edge_unreachable`, `clock_wrong`, and what `explain` makes of the edge's own codes. */
  async function call<T>(
    schema: z.ZodType<T>,
    accessToken: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const headers = await authorised(method, path, accessToken);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const content = body === undefined ? undefined : JSON.stringify(body);
    const answer = await askEdge(request, [method, `${origin}${path}`, { ...headers, ...type }, content]);
    checkClock(clock, answer);
    if (answer.status < 200 || answer.status > 299) throw explain(answer, method, path);
    const parsed = schema.safeParse(readJson(answer.text));
    if (!parsed.success) throw unknownForm();
    return parsed.data;
  }

  function explain(answer: EdgeAnswer, method: string, path: string): PryxError {
    const code = readErrorCode(answer.text);
    if (code === 'revoked') return revoked(origin);
    if (code === 'bad_proof')
      return new PryxError('bad_proof', 'The edge did not accept the proof of this device.', {
        hint: 'Try again; if it stays, run the same version of Pryx on both sides.',
      });
    if (answer.status === 401) return notPaired(origin);
    const known = code === undefined ? undefined : sentences[code];
    if (code !== undefined && known !== undefined) return new PryxError(code, known);
    return new PryxError(
      'edge_unreachable',
      `The edge answered ${answer.status} to ${method} ${path.split('/', 2).join('/')}.`,
      { hint: 'Do the edge and this machine run the same version of Pryx?' },
    );
  }

  return {
    authorised,
    async putTelegramHook(
      accessToken: string,
      bot: string,
      hook: { secret_sha256: string; answered_users: number[] },
    ): Promise<string> {
      return (await call(putTelegramHookResponse, accessToken, 'PUT', `/hooks/telegram/${bot}`, hook)).url;
    },
    mailbox: (accessToken: string): Promise<MailboxStatus> => call(mailboxStatus, accessToken, 'GET', '/device'),
    devices: (accessToken: string): Promise<DevicesResponse> => call(devicesResponse, accessToken, 'GET', '/devices'),
    async renameDevice(accessToken: string, deviceId: string, name: string): Promise<void> {
      await call(z.unknown(), accessToken, 'PATCH', `/devices/${encodeURIComponent(deviceId)}`, { name });
    },
    async revokeDevice(accessToken: string, deviceId: string): Promise<void> {
      await call(z.unknown(), accessToken, 'DELETE', `/devices/${encodeURIComponent(deviceId)}`);
    },
  };
}

/** Said in our own words: what another machine writes is not for the terminal. */
const sentences: Partial<Record<ErrorCode, string>> = {
  bad_request: 'The edge could not read that.',
  not_found: 'The edge knows no such device.',
  conflict: 'The edge is doing that already.',
  rate_limited: 'The edge was asked too often. Wait a minute and try again.',
};

const errorAnswer = z.object({ error: z.object({ code: z.string() }) });

/** Of an answer that is an error of Pryx (`errorBody`). */
export function readErrorCode(text: string): ErrorCode | undefined {
  const parsed = errorAnswer.safeParse(readJson(text));
  return parsed.success ? codes.find((code) => code === parsed.data.error.code) : undefined;
}

const codes = ['bad_request', 'not_found', 'conflict', 'rate_limited', 'revoked', 'bad_proof', 'not_paired'] as const;
