/**
 * One request to the daemon through its socket. HTTP/1.0 by hand over node:net: importing node:http loads Node's fetch with it, which
 * takes 25 ms, as long as all the rest of `pryx status` (decision 016).
 */
import { connect } from 'node:net';
import { type ErrorCode, PryxError, codeOf, errorCodes } from '../../shared/error.ts';
import type { CliHome } from './home.ts';

interface DaemonRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  timeoutMs?: number;
}

/** Resolves to the JSON of a good answer, `undefined` when there is none (204). Throws `daemon_not_running`, `unavailable` when it does not answer, or what the daemon says. */
export async function askDaemon(home: CliHome, request: DaemonRequest): Promise<unknown> {
  const { status, body } = readAnswer(await exchange(home, writeRequest(request), request.timeoutMs ?? 5000));
  if (status >= 400) throw readError(body);
  return body;
}

/** `undefined` when it was asked of a daemon that does not run. */
export async function ifRunning<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) !== 'daemon_not_running') throw error;
    return undefined;
  }
}

function writeRequest({ method = 'GET', path, body }: DaemonRequest): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const described =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`];
  return [`${method} ${path} HTTP/1.0`, 'Host: localhost', ...described, '', text].join('\r\n');
}

function exchange(home: CliHome, request: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: home.socket, timeout: timeoutMs });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.once('end', () => resolve(answer));
    socket.once('timeout', () => {
      socket.destroy();
      reject(noAnswer());
    });
    socket.once('error', (error) => reject(explain(error, home)));
    socket.write(request);
  });
}

function readAnswer(answer: string): { status: number; body: unknown } {
  const end = answer.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1]);
  if (end === -1 || Number.isNaN(status)) throw noAnswer();
  try {
    return { status, body: status === 204 ? undefined : JSON.parse(answer.slice(end + 4)) };
  } catch (cause) {
    throw new PryxError('internal', 'The answer of the daemon cannot be read.', {
      hint: 'Restart it with `pryx restart`.',
      cause,
    });
  }
}

const noAnswer = (): PryxError =>
  new PryxError('unavailable', 'The daemon runs, but does not answer.', {
    hint: 'See what it does with `pryx logs`; end it with `pryx stop --force`.',
  });

export const notRunning = (home: CliHome): PryxError =>
  new PryxError('daemon_not_running', `Pryx is not running in ${home.folder}.`, {
    hint: 'Start it with `pryx start`.',
  });

function explain(error: Error, home: CliHome): PryxError {
  const code = codeOf(error);
  // No file, nobody listening on it, a file that is no socket, and a daemon that went away while we spoke.
  if (['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'].includes(String(code))) return notRunning(home);
  if (code === 'ECONNRESET' || code === 'EPIPE') return noAnswer();
  if (code === 'EACCES' || code === 'EPERM')
    return new PryxError('unauthorized', `The daemon in ${home.folder} belongs to somebody else.`, {
      hint: 'Use your own folder with --home.',
    });
  return new PryxError('unavailable', `The daemon in ${home.folder} cannot be reached (${String(code)}).`, {
    hint: 'Choose a shorter path with --home when it is very long; otherwise see `pryx logs`.',
    cause: error,
  });
}

/** The error that another process of Pryx told of as JSON (`errorBody`). */
export function readError(body: unknown): PryxError {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const fields: { code?: unknown; message?: unknown; hint?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const code = isCode(fields.code) ? fields.code : 'internal';
  const hint = typeof fields.hint === 'string' ? { hint: fields.hint } : {};
  return new PryxError(
    code,
    typeof fields.message === 'string' ? fields.message : 'The daemon refused without a reason.',
    hint,
  );
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorCodes, code);
