/** What comes to a mailbox as a request: the table of routes inside the Durable Object. Nobody but the Worker can reach it. */
import { type IRequest, Router } from 'itty-router';
import { answerEmpty, answerError, answerJson } from '../guard/answer.ts';
import { readBoundedBody } from '../guard/bounded-body.ts';
import { secretHeader } from '../telegram/ingress.ts';
import { readCaller } from './ask.ts';
import type { MailboxCore } from './compose.ts';

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
  router.get('/link', (incoming: IRequest) => {
    core.takeProof(readCaller(incoming.headers));
    return acceptSocket();
  });
  return router;
}
