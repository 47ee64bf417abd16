/** One call of a method: find it, check its parameters, do it. */
import { type Context, readAnswer, type Request } from '../methods/context.ts';
import { methods } from '../methods/methods.ts';
import { badRequest, BotApiError } from './bot-api-error.ts';
import { checkParams } from './check-params.ts';
import type { MethodTable } from './method-table.ts';

/** The answer as Telegram writes it. */
export interface ApiAnswer {
  status: number;
  body: {
    ok: boolean;
    result?: unknown;
    error_code?: number;
    description?: string;
    parameters?: Record<string, unknown>;
  };
}

/** Never throws; gives a promise only when the method has to wait. */
export function carryOut(request: Request, table: MethodTable, context: Context): ApiAnswer | Promise<ApiAnswer> {
  const succeed = (answer: unknown): ApiAnswer => {
    request.call.processed = true;
    const { result, description } = readAnswer(answer);
    return { status: 200, body: { ok: true, result, ...(description === undefined ? {} : { description }) } };
  };
  try {
    const answer = run(request, table, context);
    return answer instanceof Promise ? answer.then(succeed, fail) : succeed(answer);
  } catch (error) {
    return fail(error);
  }
}

function run(request: Request, table: MethodTable, context: Context): unknown {
  const { call, files } = request;
  const found = table.find(call.method);
  // So says Client.cpp; `Not Found` alone is what a path beside the methods gets.
  if (found === undefined) throw new BotApiError(404, 'Not Found: method not found');
  if (context.session.loggedOut) throw new BotApiError(400, 'Logged out');
  if (found.name !== 'close') context.session.closed = false;
  call.params = checkParams(table, found.fields, call.params, files, (detail) =>
    context.violation('unknown_parameter', call, detail),
  );
  const method = methods[found.name];
  if (method !== undefined) return method(call.params as never, context, request);
  context.violation('unsupported_method', call, found.name);
  throw badRequest('method is not supported by the stand-in');
}

/** What is no refusal is a fault of the stand-in itself, and must not look like Telegram's. */
export function fail(error: unknown): ApiAnswer {
  const { code, message, parameters } =
    error instanceof BotApiError ? error : new BotApiError(500, `Internal Server Error: ${String(error)}`);
  const body = {
    ok: false,
    error_code: code,
    description: message,
    ...(parameters === undefined ? {} : { parameters }),
  };
  return { status: code, body };
}
