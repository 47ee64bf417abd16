/** One small HTTPS request to the edge over `node:http(s)`: Node's own `fetch` would cost 5 MB and 10 ms for three requests an hour. */
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';

export interface EdgeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Rejects when there is no whole answer in time, when it is too long, or when `signal` aborts. Follows no redirect. */
export type EdgeRequest = (
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
  signal?: AbortSignal,
) => Promise<EdgeAnswer>;

const longestAnswer = 64 * 1024;

export const requestWithin =
  (timeoutMs: number): EdgeRequest =>
  (method, url, headers, body, stop) =>
    new Promise((resolve, reject) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
      const options = { method, headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') }, signal };
      const outgoing = url.startsWith('https:') ? https.request(url, options) : http.request(url, options);
      outgoing.on('error', reject);
      // Without a listener Node closes the connection, and says so to nobody.
      outgoing.once('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new Error('the server speaks another protocol'));
      });
      outgoing.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          if (text.length > longestAnswer) response.destroy(new Error('the answer is too long'));
        });
        response.on('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      outgoing.end(body);
    });

export const requestEdge: EdgeRequest = requestWithin(10_000);
