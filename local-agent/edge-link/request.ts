/** One small HTTPS request to the edge over `node:http(s)`: Node's own `fetch` would cost 5 MB and 10 ms for three requests an hour. */
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';

export interface EdgeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Rejects when there is no whole answer in time, or when it is too long. Follows no redirect. */
export type EdgeRequest = (
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
) => Promise<EdgeAnswer>;

const timeoutMs = 10_000;
const longestAnswer = 64 * 1024;

export const requestEdge: EdgeRequest = (method, url, headers, body) =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { method, headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') }, signal };
    const outgoing = url.startsWith('https:') ? https.request(url, options) : http.request(url, options);
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > longestAnswer) response.destroy(new Error('the answer is too long'));
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.end(body);
  });
