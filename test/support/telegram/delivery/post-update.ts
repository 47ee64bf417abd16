/** One request to the webhook (https://core.telegram.org/bots/api#setwebhook). Never throws. */
import { type Agent, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { unzipSync } from 'node:zlib';

export interface PostResult {
  /** HTTP status, or null when there was no answer. */
  status: number | null;
  /** What `getWebhookInfo` shows, or null when all is well. */
  error: string | null;
  retryAfterMs: number;
  body: Buffer;
  contentType: string;
}

const phrases: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EPIPE: 'Connection reset by peer',
  ETIMEDOUT: 'Connection timed out',
  ENOTFOUND: 'Failed to resolve host: Name or service not known',
};

export interface PostOptions {
  agent: Agent;
  secret: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

export function postUpdate(
  url: URL,
  body: Buffer,
  { agent, secret, timeoutMs, signal }: PostOptions,
): Promise<PostResult> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      resolve({
        status: null,
        error: phrases[error.code ?? ''] ?? error.message,
        retryAfterMs: 0,
        body: Buffer.alloc(0),
        contentType: '',
      });
    const send = url.protocol === 'https:' ? secureRequest : request;
    const outgoing = send(url, {
      method: 'POST',
      agent,
      signal,
      timeout: timeoutMs,
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        'accept-encoding': 'gzip, deflate',
        ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('Read timeout expired')));
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const isFine = status >= 200 && status <= 299;
        resolve({
          status,
          error: isFine ? null : `Wrong response from the webhook: ${status} ${response.statusMessage ?? ''}`.trim(),
          retryAfterMs: Number(response.headers['retry-after'] ?? 0) * 1000 || 0,
          body: unpack(Buffer.concat(chunks), response.headers['content-encoding']),
          contentType: response.headers['content-type'] ?? '',
        });
      });
    });
    outgoing.end(body);
  });
}

/** Telegram says that it takes gzip and deflate, so a webhook may use them. */
function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || body.length === 0) return body;
  try {
    return unzipSync(body);
  } catch {
    return body;
  }
}
