/**
 * One HTTP request with exactly the headers that are given: Node's fetch sets `Host` and `Sec-Fetch-Mode` itself. `localhost` is 127.0.0.1
 * here, where the edge of this machine listens; its name may also stand for ::1, and for somebody else.
 */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text as readAll } from 'node:stream/consumers';
import { PryxError } from '../../../../shared/error.ts';

export interface Answer {
  status: number;
  location: string | undefined;
  setCookie: string[];
  referrerPolicy: string;
  body: string;
}

export interface Asked {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
}

export type Send = (asked: Asked) => Promise<Answer>;

const answersWithinMs = 30_000;

export const sendHttp: Send = ({ method, url, headers, body }) =>
  new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestSecure : requestPlain;
    const unreachable = (cause: Error): void =>
      reject(
        new PryxError('edge_unreachable', `The edge at ${url.origin} cannot be reached.`, {
          hint: 'Is it running, and is the address right?',
          cause,
        }),
      );
    const asking = request(
      {
        method,
        host: url.hostname === 'localhost' ? '127.0.0.1' : url.hostname,
        port: url.port,
        path: `${url.pathname}${url.search}`,
        headers: {
          ...headers,
          host: url.host,
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        },
        timeout: answersWithinMs,
        agent: false,
      },
      (answer) => {
        readAll(answer).then(
          (text) =>
            resolve({
              status: answer.statusCode ?? 0,
              location: answer.headers.location,
              setCookie: answer.headers['set-cookie'] ?? [],
              referrerPolicy: String(answer.headers['referrer-policy'] ?? ''),
              body: text,
            }),
          unreachable,
        );
      },
    );
    asking.once('timeout', () => asking.destroy(new Error('timeout')));
    asking.once('error', unreachable);
    asking.end(body);
  });
