/** What the Worker can ask of a mailbox: the table of routes inside the Durable Object. Nobody else can reach it. */
import { type IRequest, Router } from 'itty-router';
import * as z from 'zod';
import { PryxError } from '../../shared/error.ts';
import { answerEmpty, answerError, answerJson } from '../guard/answer.ts';
import { readBoundedBody } from '../guard/bounded-body.ts';
import { secretHeader } from '../telegram/ingress.ts';
import { deviceHeader, issuedHeader, proofHeader } from './ask.ts';
import type { MailboxCore } from './compose.ts';
import type { Caller } from './device.ts';

/** Room for 256 users and a secret. */
const maxRequestBytes = 16 * 1024;

export interface MailboxRoutes {
  fetch(request: Request): Promise<Response>;
}

export function createRoutes(core: MailboxCore, acceptSocket: () => Response): MailboxRoutes {
  const router = Router({ catch: (error: unknown) => answerError(error) });
  router.post('/telegram/:bot', async (incoming: IRequest) => {
    const answer = await core.receiveTelegram({
      bot: String(incoming.params.bot),
      secret: incoming.headers.get(secretHeader),
      traceparent: incoming.headers.get('traceparent'),
      readBody: (limit) => readBoundedBody(incoming, limit),
    });
    return answer === undefined ? answerEmpty(200) : answerJson(200, answer);
  });
  router.put('/hooks/telegram/:bot', async (incoming: IRequest) => {
    const body = await readJson(incoming);
    await core.registerHook({ caller: callerOf(incoming), bot: String(incoming.params.bot), body });
    return answerEmpty(204);
  });
  router.get('/device', (incoming: IRequest) => answerJson(200, core.status(callerOf(incoming))));
  router.get('/link', (incoming: IRequest) => {
    core.takeProof(callerOf(incoming));
    return acceptSocket();
  });
  router.post('/admit', async (incoming: IRequest) => {
    const { sealing_key: sealingKey, origin } = admission.parse(await readJson(incoming));
    await core.admit({ deviceId: incoming.headers.get(deviceHeader) ?? '', origin, sealingKey });
    return answerEmpty(204);
  });
  router.post('/revoke', async (incoming: IRequest) => {
    core.revoke(revocation.parse(await readJson(incoming)));
    return answerEmpty(204);
  });
  router.post('/proof', async (incoming: IRequest) => {
    core.takeProof(caller.parse(await readJson(incoming)));
    return answerEmpty(204);
  });
  router.post('/contact', () => answerJson(200, core.contact()));
  return router;
}

const admission = z.object({ sealing_key: z.string(), origin: z.string() });
const revocation = z.object({ empty: z.boolean() });
const caller = z.object({ proofId: z.string(), issuedAt: z.number() });

const callerOf = (incoming: Request): Caller => ({
  proofId: incoming.headers.get(proofHeader) ?? '',
  issuedAt: Number(incoming.headers.get(issuedHeader)),
});

async function readJson(incoming: Request): Promise<unknown> {
  const bytes = await readBoundedBody(incoming, maxRequestBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new PryxError('bad_request', 'The body is not JSON.');
  }
}
