/** What went wrong, and what to do next. */
import { html } from 'hono/html';
import type { PryxError } from '../../../../shared/error.ts';
import type { View } from './view.ts';

const titles: Partial<Record<PryxError['code'], string>> = {
  not_found: 'There is nothing here',
  rate_limited: 'A little slower, please',
  unauthorized: 'That is not allowed',
  unavailable: 'Not ready yet',
  conflict: 'That cannot be done',
};

export function viewError(error: PryxError, next: { path: string; label: string }): View {
  const title = titles[error.code] ?? 'That did not work';
  return {
    page: 'error',
    code: error.code,
    title,
    body: html`
<h1>${title}</h1>
<p class="lead">${error.message}</p>
${error.hint === undefined ? '' : html`<p>${error.hint}</p>`}
<p class="actions"><a class="button" href="${next.path}">${next.label}</a></p>`,
  };
}
