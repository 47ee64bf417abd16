/** Links that open Pryx: `pryx://…` from a page, a message or a QR code. Anybody can make one, so it says where to go and never does anything by itself. */
import { readConversationId } from './conversation-id.ts';
import { PryxError } from './error.ts';

export type PryxLink =
  /** Begin to pair with this edge, after a person has said yes to its address. */
  | { to: 'pair'; edge: string }
  /** The owner has decided: look how pairing stands. */
  | { to: 'pairing-done' }
  /** A conversation, to be read. */
  | { to: 'session'; id: number }
  | { to: 'settings' }
  | { to: 'devices' }
  | { to: 'status' };

export const linkScheme = 'pryx';

const maxLength = 2048;
/** Visible ASCII: nothing that hides, turns the direction of text, or ends a line. */
const plain = /^[\x21-\x7e]+$/;
const sessions = 'session/';

/** Throws `usage`; the message does not repeat the link. */
export function parseLink(text: string): PryxLink {
  if (text.length > maxLength || !plain.test(text))
    throw refusal('The link is too long, or holds what no link may hold.');
  if (!/^pryx:\/\//i.test(text) || !URL.canParse(text)) throw refusal('That is no link of Pryx.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.port !== '' || url.hash !== '')
    throw refusal('The link holds more than a place to go to.');
  const place = `${url.hostname}${url.pathname.replace(/\/$/, '')}`.toLowerCase();
  const given = [...url.searchParams.keys()];
  const expected = place === 'pair' ? ['edge'] : [];
  if (given.join() !== expected.join()) throw refusal('The link does not say what it should, or says more.');
  const id = place.startsWith(sessions) ? readConversationId(place.slice(sessions.length)) : undefined;
  if (id !== undefined) return { to: 'session', id };
  switch (place) {
    case 'pair':
      return { to: 'pair', edge: readEdge(url.searchParams.get('edge') ?? '') };
    case 'pair/done':
      return { to: 'pairing-done' };
    case 'settings':
    case 'devices':
    case 'status':
      return { to: place };
    default:
      throw refusal('This Pryx knows no such place.');
  }
}

/** An origin that is reached by TLS, and nothing beside it. */
function readEdge(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const rest = url === undefined ? '' : `${url.username}${url.password}${url.search}${url.hash}`;
  if (url?.protocol !== 'https:' || rest !== '' || url.pathname !== '/' || !plain.test(text))
    throw refusal('The link names an edge that is no plain https address.');
  return url.origin;
}

const refusal = (message: string): PryxError =>
  new PryxError('usage', message, {
    hint: 'Links look like pryx://pair?edge=https://…, pryx://session/1, pryx://settings, pryx://devices or pryx://status.',
  });
