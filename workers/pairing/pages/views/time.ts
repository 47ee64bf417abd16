/** Times as people say them: near ones by their distance, far ones by their date. Always UTC, since the edge does not know where its reader is. */
import { html } from 'hono/html';
import type { Html } from './view.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const count = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'}`;

function distance(ms: number): string | undefined {
  if (ms < minuteMs) return 'less than a minute';
  if (ms < hourMs) return count(Math.floor(ms / minuteMs), 'minute');
  if (ms < dayMs) return count(Math.floor(ms / hourMs), 'hour');
  if (ms < 7 * dayMs) return count(Math.floor(ms / dayMs), 'day');
  return undefined;
}

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** `5 minutes ago`, or `on 3 Nov 2026`. */
export function ago(at: number, now: number): Html {
  const near = now - at < minuteMs ? 'just now' : distance(now - at);
  const text = near === undefined ? `on ${date.format(at)}` : near === 'just now' ? near : `${near} ago`;
  return html`<time datetime="${new Date(at).toISOString()}" title="${full.format(at)} UTC">${text}</time>`;
}

/** `7 minutes` from now, to the nearest whole one. */
export function until(at: number, now: number): string {
  const ms = Math.max(0, at - now);
  return distance(ms + (ms < hourMs ? minuteMs : hourMs) / 2) ?? `until ${date.format(at)}`;
}
