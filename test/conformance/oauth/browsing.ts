/** How the owner's software browser sends, with every answer kept whole: what a page says in its headers is part of what is tested. */
import type { Asked, Send } from '../../../local-agent/cli/dev/browser/send.ts';
import { type Answer, send } from './http.ts';

export interface Seen extends Answer {
  method: string;
  url: string;
  cookie: string | undefined;
}

/** What is sent instead of the body that the browser made. */
export type Meddle = (asked: Asked) => string | undefined;

export function createKeepingSend(seen: Seen[], meddling: () => Meddle | undefined): Send {
  return async (asked) => {
    const { method, url, headers } = asked;
    const body = meddling()?.(asked) ?? asked.body;
    const answer = await send({ method, url: url.href, headers, ...(body !== undefined && { body }) });
    seen.push({ ...answer, method, url: url.href, cookie: headers['cookie'] });
    return {
      status: answer.status,
      location: answer.headers.location,
      setCookie: answer.headers['set-cookie'] ?? [],
      referrerPolicy: String(answer.headers['referrer-policy'] ?? ''),
      body: answer.text,
    };
  };
}
