/** From an HTTP request to a method and its raw parameters (https://core.telegram.org/bots/api#making-requests). */
import type { IncomingMessage } from 'node:http';
import { badRequest, BotApiError } from './bot-api-error.ts';
import { readMultipart, type UploadedFile } from './read-multipart.ts';

export interface RawRequest {
  token: string;
  method: string;
  params: Record<string, unknown>;
  files: Map<string, UploadedFile>;
}

export interface RequestTarget {
  token: string;
  method: string;
  query: string;
}

const noFiles: Map<string, UploadedFile> = new Map();
const maxBodyBytes = 64 * 1024 * 1024;

/** `/bot<token>/<method>?…`; undefined for any other path. */
export function readTarget(url: string): RequestTarget | undefined {
  if (!url.startsWith('/bot')) return undefined;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const slash = path.indexOf('/', 1);
  if (slash < 0) return undefined;
  // Some clients escape the colon of the token.
  const token = path.slice(4, slash).replace(/%3a/i, ':');
  return { token, method: path.slice(slash + 1), query: mark < 0 ? '' : url.slice(mark + 1) };
}

/** The body to its end. Throws 413, and when the caller hangs up before. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBodyBytes) chunks.push(chunk);
      else reject(new BotApiError(413, 'Request Entity Too Large'));
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** Parameters of query and body together; the body wins. Used for requests and for answers of a webhook. */
export function readParams(
  query: string,
  body: Buffer,
  contentType = '',
): { params: Record<string, unknown>; files: Map<string, UploadedFile> } {
  const params: Record<string, unknown> = query === '' ? {} : Object.fromEntries(new URLSearchParams(query));
  if (body.length === 0) return { params, files: noFiles };
  if (contentType.startsWith('application/json')) return { params: { ...params, ...readJson(body) }, files: noFiles };
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return { params: { ...params, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) }, files: noFiles };
  if (contentType.startsWith('multipart/form-data')) {
    const multipart = readMultipart(body, contentType);
    return { params: { ...params, ...multipart.params }, files: multipart.files };
  }
  return { params, files: noFiles };
}

function readJson(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest("can't parse JSON object");
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('JSON object expected');
  return value as Record<string, unknown>;
}
