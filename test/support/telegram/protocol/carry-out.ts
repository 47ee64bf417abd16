/** One call of a method: find it, check its parameters, do it. */
import { type Context, readAnswer, type Request } from '../methods/context.ts';
import { methods } from '../methods/methods.ts';
import type { ApiCall } from '../types.ts';
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
  try {
    const answer = call(request, table, context);
    return answer instanceof Promise ? answer.then(succeed, fail) : succeed(answer);
  } catch (error) {
    return fail(error);
  }
}

function call(request: Request, table: MethodTable, context: Context): unknown {
  const { call } = request;
  const found = table.find(call.method);
  // Client.cpp; the brief form `Not Found` is what a path beside the methods gets.
  if (found === undefined) throw new BotApiError(404, 'Not Found: method not found');
  call.method = found.name;
  if (context.session.loggedOut) throw new BotApiError(400, 'Logged out');
  if (found.name !== 'close') context.session.closed = false;
  const params = checkParams(table, found.fields, call.params, request.files, (detail) =>
    context.violation('unknown_parameter', call, detail),
  );
  call.params = params;
  const method = methods[found.name];
  if (method === undefined) {
    context.violation('unsupported_method', call, found.name);
    throw badRequest('method is not supported by the stand-in');
  }
  call.processed = true;
  return method(params as never, context, request);
}

function succeed(answer: unknown): ApiAnswer {
  const { result, description } = readAnswer(answer);
  return { status: 200, body: { ok: true, result, ...(description === undefined ? {} : { description }) } };
}

export function fail(error: unknown): ApiAnswer {
  if (!(error instanceof BotApiError)) throw error;
  const { code, message, parameters } = error;
  const body = { ok: false, error_code: code, description: message, ...(parameters === undefined ? {} : { parameters }) };
  return { status: code, body };
}

/** Notes in the log how a call ended. */
export function noteAnswer(call: ApiCall, answer: ApiAnswer, answeredAt: number): void {
  call.answeredAt = answeredAt;
  call.status = answer.status;
  call.ok = answer.body.ok;
  call.result = answer.body.result ?? null;
  call.description = answer.body.description ?? null;
}
