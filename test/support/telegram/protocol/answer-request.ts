/** From a request on the socket to the answer on it, with the trouble that was ordered in between. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventLog } from '../control/event-log.ts';
import type { Context } from '../methods/context.ts';
import type { ApiCall } from '../types.ts';
import type { CallLog } from './call-log.ts';
import { type ApiAnswer, carryOut, fail } from './carry-out.ts';
import type { Faults, StruckBy } from './faults.ts';
import type { MethodTable } from './method-table.ts';
import type { UploadedFile } from './read-multipart.ts';
import { tooManyRequests, BotApiError } from './bot-api-error.ts';

export interface AnswerDeps {
  table: MethodTable;
  context: Context;
  calls: CallLog;
  events: EventLog;
  faults: Faults;
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface AnswerRequest {
  /** Carries out what was asked for on this connection. */
  onSocket(
    incoming: IncomingMessage,
    response: ServerResponse,
    method: string,
    asked: { params: Record<string, unknown>; files: ReadonlyMap<string, UploadedFile> },
  ): Promise<void>;
  /** Carries out the method that a webhook put into its answer; nobody learns how it ended. */
  inWebhookAnswer(method: string, params: Record<string, unknown>): void;
}

export function createAnswerRequest({ table, context, calls, events, faults, now, sleep }: AnswerDeps): AnswerRequest {
  const begin = (method: string, params: Record<string, unknown>, inWebhookAnswer: boolean): ApiCall => {
    const name = table.find(method)?.name ?? method;
    const call = calls.begin({ method: name, params, receivedAt: now(), inWebhookAnswer });
    events.emit({ type: 'call', call });
    return call;
  };

  const end = (call: ApiCall, answer: ApiAnswer | undefined): void => {
    call.answeredAt = now();
    call.status = answer?.status ?? null;
    call.ok = answer?.body.ok ?? null;
    call.result = answer?.body.result ?? null;
    call.description = answer?.body.description ?? null;
    events.emit({ type: 'answer', call });
  };

  const write = (response: ServerResponse, call: ApiCall, answer: ApiAnswer): void => {
    // Noted first: whoever acts on the answer finds it in the log.
    end(call, answer);
    writeJson(response, answer);
  };

  const destroy = (incoming: IncomingMessage, call: ApiCall): void => {
    end(call, undefined);
    incoming.socket.resetAndDestroy();
  };

  return {
    async onSocket(incoming, response, method, { params, files }) {
      const call = begin(method, params, false);
      const onGone = (listener: () => void): void => void response.on('close', listener);
      const process = (): ApiAnswer | Promise<ApiAnswer> => carryOut({ call, files, onGone }, table, context);
      const struck = faults.strike(call);
      if (struck === undefined) {
        const answer = process();
        return write(response, call, answer instanceof Promise ? await answer : answer);
      }
      call.fault = struck.fault.kind;
      const outcome = await suffer(struck, process, {
        sleep,
        hold: () => {
          events.emit({ type: 'held', faultId: struck.id, call });
          return faults.hold(struck.id);
        },
      });
      if (outcome === 'destroy') destroy(incoming, call);
      else if ('raw' in outcome) {
        end(call, { status: outcome.status, body: { ok: false } });
        response.writeHead(outcome.status, { 'content-type': outcome.contentType }).end(outcome.raw);
      } else write(response, call, outcome);
    },
    inWebhookAnswer(method, params) {
      const call = begin(method, params, true);
      const name = call.method.toLowerCase();
      const isTaken = !/^(get|setwebhook$|deletewebhook$|close$|logout$)/.test(name);
      const request = { call, files: new Map(), onGone: () => {} };
      const answer = isTaken
        ? carryOut(request, table, context)
        : fail(new BotApiError(400, 'Bad Request: method is not available in the answer to a webhook request'));
      void Promise.resolve(answer).then((done) => {
        end(call, done);
        if (!done.body.ok) context.violation('bad_webhook_answer', call, done.body.description ?? '');
      });
    },
  };
}

interface RawAnswer {
  raw: string;
  status: number;
  contentType: string;
}

/** What becomes of a request under a fault. */
async function suffer(
  { fault }: StruckBy,
  process: () => ApiAnswer | Promise<ApiAnswer>,
  { sleep, hold }: { sleep(ms: number): Promise<void>; hold(): Promise<boolean> },
): Promise<ApiAnswer | RawAnswer | 'destroy'> {
  switch (fault.kind) {
    case 'too_many_requests':
      return fail(tooManyRequests(fault.retryAfter));
    case 'error':
      return fail(new BotApiError(fault.code, fault.description, fault.parameters));
    case 'http_error':
      if (fault.processed === true) await process();
      return { raw: proxyPage(fault.status), status: fault.status, contentType: 'text/html' };
    case 'reset':
      return 'destroy';
    case 'lost_answer':
      await process();
      return 'destroy';
    case 'malformed': {
      const text = JSON.stringify((await process()).body);
      return { raw: text.slice(0, text.length / 2), status: 200, contentType: 'application/json' };
    }
    case 'delay':
      await sleep(fault.ms);
      return process();
    case 'hold': {
      const answer = fault.processed ? await process() : undefined;
      return (await hold()) ? (answer ?? process()) : 'destroy';
    }
  }
}

const reasons: Record<number, string> = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** As nginx writes it. */
function proxyPage(status: number): string {
  const title = `${status} ${reasons[status] ?? ''}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n`;
}

export function writeJson(response: ServerResponse, { status, body }: ApiAnswer): void {
  const text = JSON.stringify(body);
  const retryAfter = body.parameters?.['retry_after'];
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  if (typeof retryAfter === 'number') headers['retry-after'] = retryAfter;
  response.writeHead(status, headers);
  // As text, so that head and body leave in one write.
  response.end(text);
}
