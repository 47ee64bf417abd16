/** An edge in real workerd with a set-up code, its owner in software, and devices that ask to be paired. */
import { createBrowser } from '../../../local-agent/cli/dev/browser/browse.ts';
import type { Page } from '../../../local-agent/cli/dev/browser/read-page.ts';
import type { Answer, Asked } from '../../../local-agent/cli/dev/browser/send.ts';
import { type OwnerState, createSoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { deviceAuthorizationResponse } from '../../../shared/api/oauth.ts';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import { generateSigningKey, thumbprint } from '../../../shared/wire/signature.ts';
import { type TestEdgeOptions, setupCode, startTestEdge } from '../support/edge.ts';

export interface Seen {
  html: string;
  /** Its main part, without style and script. */
  main: string;
  status: number;
  headers: Record<string, string>;
}
/** Told of each page that comes, by its name. */
type OnSeen = (name: string, page: Seen) => void;
type Change = (asked: Asked) => Asked;
const same: Change = (asked) => asked;

export type OwnedEdge = Awaited<ReturnType<typeof startOwnedEdge>>;

export async function startOwnedEdge(options: TestEdgeOptions = {}) {
  const edge = await startTestEdge({
    ...options,
    vars: { PRYX_EDGE_KEYS: JSON.stringify(await generateEdgeKeys()), PRYX_SETUP_CODE: setupCode, ...options.vars },
  });
  const worker = edge.server.getWorker();
  /** The last answer to anybody's browser here, as it came. */
  let last: Seen = { html: '', main: '', status: 0, headers: {} };
  /** One owner, whatever the number of browsers: passkeys count their uses. */
  let person: OwnerState = { passkey: null, recovery_codes: [] };
  const watch =
    (onSeen: OnSeen) =>
    async ({ method, url, headers, body }: Asked): Promise<Answer> => {
      const answer = await fetch(url, { method, headers, redirect: 'manual', ...(body !== undefined && { body }) });
      const html = await answer.text();
      const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? '';
      last = { html, main, status: answer.status, headers: Object.fromEntries(answer.headers) };
      const name = /data-page="([^"]*)"/.exec(last.html)?.[1];
      if (name !== undefined) onSeen(name, last);
      return {
        status: answer.status,
        location: answer.headers.get('location') ?? undefined,
        setCookie: answer.headers.getSetCookie(),
        referrerPolicy: answer.headers.get('referrer-policy') ?? '',
        body: last.html,
      };
    };

  return {
    ...edge,
    /** Of the pages. */
    pages: edge.origin.replace('127.0.0.1', 'localhost'),
    last: () => last,
    /** The owner in a browser of its own. `change`: what its requests say instead. */
    owner: (change: Change = same, onSeen: OnSeen = () => undefined) =>
      createSoftwareOwner({
        edge: edge.origin,
        setupCode,
        state: person,
        keep: (state) => {
          person = state;
        },
        send: (asked) => watch(onSeen)(change(asked)),
      }),
    person: () => person,
    /** A browser of somebody who has no passkey. */
    stranger: (change: Change = same) => createBrowser((asked) => watch(() => undefined)(change(asked))),
    /** A device asks; nobody polls for it. */
    async ask(change: Record<string, string> = {}, headers: Record<string, string> = {}) {
      const deviceId = await thumbprint(await generateSigningKey());
      const { d: _secret, ...sealing } = await generateSealingKey();
      const body = new URLSearchParams({
        client_id: 'pryx-device',
        scope: 'device',
        dpop_jkt: deviceId,
        sealing_key: JSON.stringify(sealing),
        device_name: 'laptop',
        device_platform: 'Linux 6.12, x64',
        ...change,
      });
      const answer = await edge.fetch('/oauth/device_authorization', { method: 'POST', headers, body });
      const { user_code: userCode } = deviceAuthorizationResponse.parse(await answer.json());
      return { deviceId, userCode };
    },
    /** Reads or changes what an object holds. */
    async sql(object: 'Account' | 'Desk', query: string): Promise<Record<string, unknown>[]> {
      const storage = await worker.getDurableObjectStorage(object, { name: object.toLowerCase() });
      return [...(await storage.exec(query))] as Record<string, unknown>[];
    },
  };
}

/** How much the account holds, table by table. */
export async function countRows(edge: OwnedEdge): Promise<unknown[]> {
  const tables = ['owner', 'passkey', 'session', 'recovery_code', 'spent', 'event', 'used_setup_code', 'code_entry'];
  return Promise.all(tables.map((table) => edge.sql('Account', `select count(*) as n from ${table}`)));
}

/** A page whose forms say something else than the edge wrote. */
export function tamper(page: Page, values: Record<string, string>): Page {
  const forms = page.forms.map((form) => ({
    ...form,
    controls: form.controls.map((control) => ({ ...control, value: values[control.name] ?? control.value })),
  }));
  return { ...page, forms };
}
