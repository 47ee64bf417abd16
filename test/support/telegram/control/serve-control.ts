/** `/control/…` for a stand-in that runs as a process of its own: POST `/control/<verb>` with the arguments as a JSON array; GET `/control/events` as lines of JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../bot.ts';
import { readBody } from '../protocol/read-request.ts';
import type { Control, StandInEvent } from '../types.ts';
import type { EventLog } from './event-log.ts';

export function serveControl(
  control: Control,
  events: EventLog,
  identity: Identity,
): (incoming: IncomingMessage, response: ServerResponse) => Promise<void> {
  const verbs = control as unknown as Record<string, (...args: unknown[]) => unknown>;
  return async (incoming, response) => {
    const [verb = '', query] = (incoming.url ?? '').slice('/control/'.length).split('?');
    if (verb === 'events') return streamEvents(events, Number(new URLSearchParams(query).get('after') ?? 0), response);
    let answer: { result?: unknown; error?: string };
    try {
      if (verb === 'identity') answer = { result: identity };
      else {
        const args = JSON.parse((await readBody(incoming)).toString('utf8')) as unknown[];
        if (!Object.hasOwn(verbs, verb)) throw new Error(`There is no "${verb}" to control.`);
        answer = { result: verbs[verb]?.(...args) ?? null };
      }
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    response.writeHead(answer.error === undefined ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  };
}

function streamEvents(events: EventLog, after: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (event: StandInEvent): void => void response.write(`${JSON.stringify(event)}\n`);
  response.write(`${JSON.stringify({ seq: events.now() })}\n`);
  for (const event of events.after(after)) write(event);
  response.on('close', events.on(write));
}
