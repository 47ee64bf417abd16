/** setWebhook, deleteWebhook, getWebhookInfo (https://core.telegram.org/bots/api#setwebhook; Client.cpp of the Bot API server). */
import { isIP } from 'node:net';
import { badRequest, BotApiError } from '../protocol/bot-api-error.ts';
import type { WebhookView } from '../types.ts';
import { type Context, describe, type Request, unixTime } from './context.ts';

interface SetWebhookParams {
  url: string;
  certificate?: string;
  ip_address?: string;
  max_connections?: number;
  allowed_updates?: string[];
  drop_pending_updates?: boolean;
  secret_token?: string;
}

const maxCertificateBytes = 3 << 20;

export function setWebhook(params: SetWebhookParams, context: Context, request: Request): unknown {
  const { queue, webhook, longPoll, events, localMode } = context;
  if (params.url === '') return deleteWebhook(params, context);
  const certificate = request.files.get((params.certificate ?? 'certificate').replace('attach://', ''));
  const settings = {
    url: readUrl(params.url).href,
    secret: params.secret_token,
    maxConnections: clamp(params.max_connections ?? (localMode ? 100 : 40), 1, localMode ? 100_000 : 100),
    ipAddress: params.ip_address,
    hasCertificate: certificate !== undefined,
  };
  const before = webhook.settings();
  const isSame = JSON.stringify(before) === JSON.stringify(settings) && !settings.hasCertificate;
  if (isSame && params.drop_pending_updates !== true) {
    queue.allow(params.allowed_updates);
    return describe(true, 'Webhook is already set');
  }
  checkSecret(params.secret_token ?? '');
  if ((certificate?.bytes.length ?? 0) > maxCertificateBytes)
    throw badRequest(`certificate size is too big (${certificate?.bytes.length} bytes)`);
  if (params.drop_pending_updates === true) queue.clear();
  checkReachable(new URL(settings.url), params.ip_address, localMode);
  longPoll.terminate('terminated by setWebhook request');
  queue.allow(params.allowed_updates);
  webhook.set(settings);
  events.emit({ type: 'webhook', url: settings.url });
  return describe(true, 'Webhook was set');
}

export function deleteWebhook(params: { drop_pending_updates?: boolean }, context: Context): unknown {
  const { queue, webhook, events } = context;
  if (params.drop_pending_updates === true) queue.clear();
  if (webhook.settings() === undefined) return describe(true, 'Webhook is already deleted');
  webhook.set(undefined);
  events.emit({ type: 'webhook', url: '' });
  return describe(true, 'Webhook was deleted');
}

/** Everything but the secret. */
export function getWebhookInfo(_: unknown, { queue, webhook }: Context): WebhookView {
  const settings = webhook.settings();
  const error = webhook.lastError();
  const allowed = queue.allowed();
  return {
    url: settings?.url ?? '',
    has_custom_certificate: settings?.hasCertificate ?? false,
    pending_update_count: queue.pending().length,
    ...(error === undefined ? {} : { last_error_date: unixTime(error.at), last_error_message: error.message }),
    ...(settings === undefined
      ? {}
      : { max_connections: settings.maxConnections, ip_address: settings.ipAddress ?? addressOf(settings.url) }),
    ...(allowed === undefined ? {} : { allowed_updates: allowed }),
  };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** A URL without a scheme is taken for HTTPS. */
function readUrl(text: string): URL {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw badRequest('invalid webhook URL specified');
  return url;
}

function checkSecret(secret: string): void {
  if (secret.length > 256) throw badRequest('secret token is too long');
  if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters');
}

/** `.invalid` never resolves (RFC 6761). What Telegram's own servers refuse besides is refused outside local mode. */
function checkReachable(url: URL, ipAddress: string | undefined, localMode: boolean): void {
  const bad = (reason: string): BotApiError => new BotApiError(400, `Bad Request: bad webhook: ${reason}`);
  if (url.hostname.endsWith('.invalid')) throw bad('Failed to resolve host: Name or service not known');
  if (localMode) return;
  if (url.protocol !== 'https:') throw bad('An HTTPS URL must be provided for webhook');
  if (!['', '443', '88', '80', '8443'].includes(url.port))
    throw bad('Webhook can be set up only on ports 80, 88, 443 or 8443');
  const address = ipAddress ?? addressOf(url.href);
  if (/^(127|10|0|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(address))
    throw bad(`IP address ${address} is reserved`);
}

function addressOf(url: string): string {
  const { hostname } = new URL(url);
  if (hostname === 'localhost') return '127.0.0.1';
  return isIP(hostname) === 0 ? '<unknown>' : hostname;
}
