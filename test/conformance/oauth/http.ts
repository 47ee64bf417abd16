/** HTTP as it stands on the wire: header fields that come twice, any `Host`, bodies of any type. A client library would tidy them up. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { text as readAll } from 'node:stream/consumers';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Name and value of each header line, in turn. */
  lines: string[];
  text: string;
  /** The JSON object of the body; empty when it is none. */
  body: Record<string, unknown>;
}

export interface Asked {
  method: string;
  url: string;
  headers?: Record<string, string | readonly string[]>;
  body?: string;
}

/** Names and values; a name may come twice, and `undefined` leaves one out. */
export type Fields = Record<string, string | undefined> | [string, string][];

export const formType = 'application/x-www-form-urlencoded';

export function encodeForm(fields: Fields): string {
  const pairs = Array.isArray(fields)
    ? fields
    : Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(pairs).toString();
}

export function postForm(
  url: string,
  fields: Fields,
  headers: Record<string, string | readonly string[]> = {},
): Promise<Answer> {
  return send({ method: 'POST', url, headers: { 'content-type': formType, ...headers }, body: encodeForm(fields) });
}

export function send({ method, url, headers = {}, body }: Asked): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const lines = Object.entries({
    host,
    ...headers,
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
  }).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
  return new Promise((resolve, reject) => {
    const asking = request(
      // The pages are at `localhost`, and the edge listens on 127.0.0.1.
      {
        method,
        host: hostname === 'localhost' ? '127.0.0.1' : hostname,
        port,
        path: `${pathname}${search}`,
        headers: lines,
        agent: false,
      },
      (answer) => {
        readAll(answer).then(
          (text) =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              lines: answer.rawHeaders,
              text,
              body: readObject(text),
            }),
          reject,
        );
      },
    );
    asking.once('error', reject);
    asking.end(body);
  });
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
