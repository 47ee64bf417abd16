/** How the stateless Worker reaches the mailbox of one device. */
import type { Remote } from '../durable/answer.ts';
import type { Env } from '../environment.ts';
import type { Caller } from './device.ts';
import type { MailboxApi } from './mailbox-api.ts';

export function askMailbox(env: Pick<Env, 'MAILBOX'>, deviceId: string): Remote<MailboxApi> {
  return env.MAILBOX.getByName(deviceId) as unknown as Remote<MailboxApi>;
}

/** For what only a request can carry: a body that the mailbox reads itself, and a socket. */
export function fetchMailbox(env: Env, deviceId: string, path: string, init: RequestInit): Promise<Response> {
  return env.MAILBOX.getByName(deviceId).fetch(`https://mailbox${path}`, init);
}

/** Headers by which the Worker hands on what it has checked of a request. Nothing but the Worker can reach a mailbox. */
const proofHeader = 'x-pryx-proof';
const issuedHeader = 'x-pryx-issued';

export const callerHeaders = ({ proofId, issuedAt }: Caller): Record<string, string> => ({
  [proofHeader]: proofId,
  [issuedHeader]: String(issuedAt),
});

export const readCaller = (headers: Headers): Caller => ({
  proofId: headers.get(proofHeader) ?? '',
  issuedAt: Number(headers.get(issuedHeader)),
});
