/** One request to a daemon, by its socket file or its port. */
import { request } from 'node:http';

export interface Answer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

export const askSocket = (socketPath: string, path: string, method = 'GET', body?: unknown): Promise<Answer> =>
  ask({ socketPath, path, method }, body === undefined ? undefined : JSON.stringify(body));

export function ask(options: object, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: text === '' ? null : (JSON.parse(text) as unknown),
        }),
      );
    });
    sent.once('error', reject).end(body);
  });
}
