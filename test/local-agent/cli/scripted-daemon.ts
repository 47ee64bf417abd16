/** What listens on the socket of a home and answers as a test says: so that a command can be seen in every situation. */
import { mkdirSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { findHome } from '../../../local-agent/cli/home.ts';
import type { StatusResponse } from '../../../shared/api/status.ts';

export interface AskedOfDaemon {
  /** `POST /pairing` */
  what: string;
  body: unknown;
}

export interface ScriptedDaemon {
  asked: AskedOfDaemon[];
  close(): void;
}

/** By `METHOD /path`; an answer with `error` is sent with status 400. Anything else is 404. */
export type Answers = Record<string, (body: unknown) => unknown>;

export async function scriptDaemon(folder: string, answers: Answers): Promise<ScriptedDaemon> {
  const home = findHome(folder, {});
  mkdirSync(home.runFolder, { recursive: true });
  const asked: AskedOfDaemon[] = [];
  const server: Server = createServer((request, response) => {
    void (async () => {
      const what = `${request.method} ${request.url}`;
      const body = request.headers['content-type'] === undefined ? undefined : await readJson(request);
      asked.push({ what, body });
      const answer = (await answers[what]?.(body)) ?? (what === 'GET /status' ? runningStatus(folder) : nothing);
      const failed = typeof answer === 'object' && answer !== null && 'error' in answer && !('state' in answer);
      response.writeHead(failed ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => server.listen(home.socket, resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return { asked, close };
}

const nothing = { error: { code: 'not_found', message: 'There is nothing at this address.' } };

export const runningStatus = (home: string, link: Partial<StatusResponse['link']> = {}): StatusResponse => ({
  version: '0.1.0',
  daemon: { pid: process.pid, state: 'ready', startedAt: 0, rssBytes: 1, home, port: 7717 },
  database: { state: 'ok', version: 2, bytes: 1, setAside: null },
  link: { state: 'up', edge: 'https://edge.example.com', deviceId: null, lastError: null, mailbox: null, ...link },
  channels: [],
  model: { provider: 'offline', model: null, state: 'offline', lastError: null },
  queue: { inbox: 0, turns: 0, outbox: 0, inDoubt: 0, failed: 0 },
});
