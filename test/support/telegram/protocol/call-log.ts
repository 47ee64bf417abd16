/** Every request that reached the bot's methods, as far as it is remembered. */
import type { ApiCall, Violation } from '../types.ts';

export interface CallLog {
  begin(call: Pick<ApiCall, 'method' | 'params' | 'receivedAt' | 'inWebhookAnswer'>): ApiCall;
  calls(filter?: { method?: string; after?: number }): ApiCall[];
  addViolation(violation: Violation): void;
  violations(kind?: Violation['kind']): Violation[];
}

export function createCallLog(history: number): CallLog {
  let calls: ApiCall[] = [];
  let lastId = 0;
  const violations: Violation[] = [];
  return {
    begin({ method, params, receivedAt, inWebhookAnswer }) {
      lastId += 1;
      const call: ApiCall = {
        id: lastId,
        method,
        params,
        receivedAt,
        answeredAt: null,
        status: null,
        ok: null,
        result: null,
        description: null,
        processed: false,
        fault: null,
        inWebhookAnswer,
      };
      calls.push(call);
      if (calls.length > history * 2) calls = calls.slice(-history);
      return call;
    },
    calls: ({ method, after = 0 } = {}) =>
      calls.filter((call) => call.id > after && (method === undefined || call.method === method)),
    addViolation(violation) {
      if (violations.length < history) violations.push(violation);
    },
    violations: (kind) => violations.filter((each) => kind === undefined || each.kind === kind),
  };
}
